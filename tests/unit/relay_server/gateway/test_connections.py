"""Fan-out: each follower gets each event once and in order, each audience only what is its own."""

import asyncio

import msgspec
import pytest

from relay_server.engine.bus import Committed, ToGroupAgents, ToPerson, ToStream
from relay_server.engine.bus_local import LocalBus
from relay_server.gateway.connection import RESYNC, SIGNED_OUT
from relay_server.gateway.connections import Connections
from relay_server.identity.actors import AgentActor
from shared.protocol.codec import encode_event, kind_of
from shared.protocol.frames import Refused
from shared.protocol.messages.conversations import EventRecord, NoteAdded, PresenceChanged, StreamPage, TypingNow
from shared.protocol.messages.identity import AgentProfile
from shared.protocol.messages.routing import QueueChanged
from shared.protocol.types import PersonRef
from tests.relay_store import chat
from tests.unit.relay_server.gateway.ends import End, customer, read_frames

PUBLIC, INTERNAL = "c/one/public", "c/one/internal"


def agent(name: str = "bob", family: str = "f", group: str = "g") -> AgentActor:
    person = PersonRef(id=name, name=name, kind="agent")
    return AgentActor(AgentProfile(person=person, username=name, group_ids=(group,), tier=1, branch=""), family)


def record(seq: int, stream: str = PUBLIC) -> EventRecord:
    event = chat("m") if stream == PUBLIC else NoteAdded(client_id="n", author=customer().person, text="x")
    return EventRecord(stream=stream, seq=seq, order=seq, at_ms=1, kind=kind_of(event), body=encode_event(event))


def page(stream: str, *records: EventRecord, more: bool = False) -> StreamPage:
    return StreamPage(stream=stream, events=records, head=records[-1].seq if records else 0, more=more)


@pytest.fixture
def connections() -> Connections:
    return Connections(LocalBus())


async def follow(connections: Connections, end: End, answer: StreamPage | Refused) -> None:
    async def fetch() -> StreamPage | Refused:
        return answer

    connections.add(end.link)
    stream = answer.stream if isinstance(answer, StreamPage) else PUBLIC
    got = await connections.follow(end.link, stream, fetch)
    if isinstance(got, StreamPage):
        connections.release(end.link, got)


def seqs(frames: list[dict[str, object]]) -> list[object]:
    return [msgspec.convert(frame["record"], EventRecord).seq for frame in frames]


async def test_followers_get_events_others_do_not(connections: Connections) -> None:
    follower, other = End(customer()), End(customer("eve"))
    await follow(connections, follower, page(PUBLIC))
    connections.add(other.link)
    connections.hear(Committed(events=(record(1), record(2))))
    assert seqs(await follower.sent()) == [1, 2]
    assert await other.sent() == []


async def test_internal_events_reach_agents_as_such(connections: Connections) -> None:
    end = End(agent())
    await follow(connections, end, page(INTERNAL))
    connections.hear(Committed(events=(record(1, INTERNAL),)))
    assert [frame["f"] for frame in await end.sent()] == ["internal"]


async def test_no_customer_follows_an_internal_stream_whatever_the_services_say(connections: Connections) -> None:
    end = End(customer())
    await follow(connections, end, page(INTERNAL))
    connections.hear(Committed(events=(record(1, INTERNAL),)))
    assert await end.sent() == []


async def test_what_is_committed_while_the_page_is_read_comes_after_it_once(connections: Connections) -> None:
    end = End(customer())
    connections.add(end.link)

    async def fetch() -> StreamPage:
        connections.hear(Committed(events=(record(2), record(3))))
        return page(PUBLIC, record(1), record(2))

    got = await connections.follow(end.link, PUBLIC, fetch)
    assert isinstance(got, StreamPage)
    connections.release(end.link, got)
    connections.hear(Committed(events=(record(4),)))
    assert seqs(await end.sent()) == [3, 4]


async def test_only_the_last_page_makes_a_follower(connections: Connections) -> None:
    end = End(customer())
    await follow(connections, end, page(PUBLIC, record(1), more=True))
    connections.hear(Committed(events=(record(2),)))
    assert await end.sent() == []


async def test_a_refused_follow_follows_nothing(connections: Connections) -> None:
    end = End(customer())
    await follow(connections, end, Refused(code="not_allowed"))
    connections.hear(Committed(events=(record(1),)))
    assert await end.sent() == []


async def test_unfollowing_and_leaving_end_it(connections: Connections) -> None:
    gone, done = End(customer()), End(customer("eve"))
    for end in (gone, done):
        await follow(connections, end, page(PUBLIC))
    connections.unfollow(done.link, PUBLIC)
    connections.remove(gone.link)
    connections.hear(Committed(events=(record(1),)))
    assert await gone.sent() == await done.sent() == []
    assert not connections.online("amy")
    assert connections.online("eve")


async def test_pushes_find_people_groups_and_streams(connections: Connections) -> None:
    amy, bob, cid = End(customer()), End(agent()), End(agent("cid", group="other"))
    for end in (amy, bob):
        await follow(connections, end, page(PUBLIC))
    connections.add(cid.link)
    typing = TypingNow(conversation_id="one", person=customer().person)
    online = PresenceChanged(conversation_id="one", person=customer().person, online=True)
    notes = (
        ToStream(PUBLIC, typing, but_not="amy"),
        ToGroupAgents("g", QueueChanged(rows=())),
        ToPerson("cid", online),
    )
    connections.hear(Committed(notes=notes))
    bodies = [
        [msgspec.convert(frame["body"], dict[str, object]) for frame in await end.sent()] for end in (amy, bob, cid)
    ]
    said = [[body["now"] for body in each] for each in bodies]
    assert said == [[], ["typing_now", "queue_changed"], ["presence_changed"]]


async def test_a_push_for_the_wrong_audience_is_dropped(
    connections: Connections, caplog: pytest.LogCaptureFixture
) -> None:
    end = End(customer())
    connections.add(end.link)
    connections.hear(Committed(notes=(ToPerson("amy", QueueChanged(rows=())),)))
    assert await end.sent() == []
    assert "wrong audience" in caplog.text


async def test_a_link_that_cannot_keep_up_is_ended_for_a_resync(connections: Connections) -> None:
    slow, quick = End(customer(), room_bytes=600), End(customer("eve"))
    for end in (slow, quick):
        await follow(connections, end, page(PUBLIC))
    connections.hear(Committed(events=tuple(record(n) for n in range(1, 11))))
    assert slow.link.close_code == RESYNC
    assert seqs(await quick.sent()) == list(range(1, 11))
    assert await slow.sent() == []
    assert slow.socket.closed_with == RESYNC


async def test_what_was_queued_is_sent_before_the_end_in_one_write() -> None:
    end = End(customer())
    end.link.send(b'{"f":"x"}')
    end.link.send(b'{"f":"y"}')
    end.link.end(1001)
    end.link.send(b'{"f":"late"}')
    await end.socket.gone.wait()
    assert read_frames(end.wire.written) == [{"f": "x"}, {"f": "y"}]
    assert end.wire.writes == 1
    assert end.socket.closed_with == 1001


async def test_long_frames_have_long_headers() -> None:
    end = End(customer(), room_bytes=1_000_000)
    texts = ["a" * 10, "b" * 300, "c" * 70_000]
    for text in texts:
        end.link.send(msgspec.json.encode({"text": text}))
    assert [frame["text"] for frame in await end.sent()] == texts


async def test_a_peer_that_takes_nothing_is_waited_for() -> None:
    end = End(customer())
    end.wire.backlog = 1_000_000
    end.link.send(b'{"f":"x"}')
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert end.wire.writes == 0
    end.wire.backlog = 0
    assert await end.sent() == [{"f": "x"}]


async def test_a_link_that_signs_out_is_told_the_answers_first() -> None:
    end = End(agent())
    end.link.lines += 2
    end.link.end_politely(SIGNED_OUT)
    end.link.line_answered()
    assert end.link.close_code == 0
    end.link.line_answered()
    assert end.link.close_code == SIGNED_OUT


async def test_who_is_ahead_waits_until_there_is_room() -> None:
    link = End(customer()).link
    link.lines = 3
    waiting = asyncio.create_task(link.lines_below(2))
    await asyncio.sleep(0)
    link.line_answered()
    await asyncio.sleep(0)
    assert not waiting.done()
    link.line_answered()
    await waiting
