"""Lines that go in together: the same answers and the same store as one after the other, and no line harms another."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import pytest

from relay_server.conversations import posting
from relay_server.conversations.lines import Answer, Line, post_all
from relay_server.engine.journal import Transaction
from relay_server.identity.actors import Actor
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from tests.relay_house import House, open_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[House]:
    async with open_house(tmp_path / "relay.db") as opened:
        yield opened


def say(conversation_id: str, client_id: str, text: str = "hello") -> c.SendChat:
    return c.SendChat(conversation_id=conversation_id, client_id=client_id, text=text)


async def post(house: House, *said: tuple[Actor, c.SendChat]) -> list[Answer]:
    """All of them before any is answered."""
    answers: list[Answer] = []
    done = asyncio.Event()

    def answered(answer: Answer) -> None:
        answers.append(answer)
        if len(answers) == len(said):
            done.set()

    for actor, command in said:
        house.conversations.post_chat(actor, command, answered)
    await done.wait()
    return answers


async def test_together_is_as_one_after_the_other(tmp_path: Path) -> None:
    found: list[object] = []
    for together in (True, False):
        async with open_house(tmp_path / f"{together}.db") as house:
            li, eve = await house.customer(), await house.customer("Eve")
            lin = await house.served(li, "C1")
            said: list[tuple[Actor, c.SendChat]] = [
                (li, say("C1", "m1")),
                (eve, say("C1", "m1", "not mine")),
                (lin, say("C1", "m1", "what happens?")),
                (li, say("C1", "m1", "sent again")),
                (li, say("nowhere", "m2")),
                (li, say("C1", "m3", "  the last   words ")),
            ]
            if together:
                answers = await post(house, *said)
            else:
                answers = [await house.conversations.send_chat(actor, command) for actor, command in said]
            events = [(record.seq, event) for record, event in await house.events("c/C1/public")]
            row = house.told(lin.id, c.ConversationChanged)[-1].row
            lines = [(seq, event.text, event.author.name) for seq, event in events if isinstance(event, c.ChatPosted)]
            found.append((answers, lines, row.last_text, row.unread))
    assert found[0] == found[1]


async def test_the_owner_is_told_once_how_it_stands(house: House) -> None:
    li = await house.customer()
    lin = await house.served(li, "C1")
    before = len(house.told(lin.id, c.ConversationChanged))
    await post(house, *((li, say("C1", f"m{number}")) for number in range(40)))
    told = house.told(lin.id, c.ConversationChanged)[before:]
    assert len(told) < 40
    assert told[-1].row.unread == 40


async def test_a_line_that_cannot_be_written_harms_no_other(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    li = await house.customer()
    await house.served(li, "C1")

    def fragile(tx: Transaction, lines: Sequence[Line]) -> list[Answer]:
        if any(line.command.text == "poison" for line in lines):
            post_all(tx, lines)
            raise LookupError("cannot")
        return post_all(tx, lines)

    monkeypatch.setattr(posting, "post_all", fragile)
    answers = await post(house, (li, say("C1", "a")), (li, say("C1", "b", "poison")), (li, say("C1", "c")))
    assert [isinstance(each, c.ChatAccepted) for each in answers] == [True, False, True]
    assert answers[1] == Refused(code="internal")
    lines = [event for _, event in await house.events("c/C1/public") if isinstance(event, c.ChatPosted)]
    assert [line.client_id for line in lines] == ["a", "c"]


async def test_more_than_may_wait_are_refused_as_busy(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    li = await house.customer()
    await house.served(li, "C1")
    monkeypatch.setattr(posting, "WAITING", 3)
    answers = await post(house, *((li, say("C1", f"m{number}")) for number in range(5)))
    assert answers[:2] == [Refused(code="busy")] * 2
    assert all(isinstance(each, c.ChatAccepted) for each in answers[2:])


async def test_a_full_batch_is_followed_by_another(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    li = await house.customer()
    await house.served(li, "C1")
    monkeypatch.setattr(posting, "BATCH", 4)
    answers = await post(house, *((li, say("C1", f"m{number}")) for number in range(11)))
    seqs = [each.seq for each in answers if isinstance(each, c.ChatAccepted)]
    assert seqs == list(range(seqs[0], seqs[0] + 11))
