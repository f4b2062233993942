"""Recordings on the relay: taken in order, handed out to who may, on record, gone when their time is over."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from relay_server.engine.journal import Row
from relay_server.engine.raw import rows_of
from relay_server.identity import recording_keys
from relay_server.identity.actors import AgentActor, CustomerActor
from relay_server.organisation import store as organisation
from relay_server.recordings import rules
from shared.common.sealed.container import Sealer
from shared.common.sealed.heads import KEY, LAST, About
from shared.common.sealed.keyfile import make_pair
from shared.common.sealed.keys import in_text, key_id
from shared.protocol.frames import Refused
from shared.protocol.messages import recordings as r
from shared.protocol.messages import remote as x
from shared.protocol.messages.trust import RecordingKey
from shared.protocol.types import Grant
from tests.relay_house import House, ok, open_house

PAIR = make_pair()
NOT_ALLOWED, NOT_FOUND = Refused(code="not_allowed"), Refused(code="not_found")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[House]:
    async with open_house(tmp_path / "relay.db") as opened:
        key = in_text(PAIR.public)
        ok(await opened.journal.write(lambda tx: recording_keys.add(tx, key_id(PAIR.public), RecordingKey(key=key))))
        yield opened


async def granted(house: House) -> tuple[CustomerActor, AgentActor, str]:
    """A customer who lets Lin record; the session's id."""
    li = await house.customer()
    lin = await house.served(li, "C1")
    ask = x.AskCapabilities(conversation_id="C1", request_id="Q1", capabilities=("view", "record"), reason="to keep it")
    ok(await house.remote.ask_capabilities(lin, ask))
    until_ms = house.clock.at_ms + 600_000
    grants = tuple(Grant(capability=each, agent_id=lin.id, until_ms=until_ms) for each in ask.capabilities)
    ok(await house.remote.answer_consent(li, x.AnswerConsent(conversation_id="C1", request_id="Q1", grants=grants)))
    asked = [event for _, event in await house.events("c/C1/public") if isinstance(event, x.CapabilityAsked)]
    return li, lin, asked[0].session_id


def chunks(house: House, agent: AgentActor, session_id: str, count: int = 3, recording_id: str = "R1") -> list[bytes]:
    about = About(
        recording_id=recording_id,
        session_id=session_id,
        conversation_id="C1",
        agent_id=agent.id,
        started_ms=house.clock.at_ms,
        key_id="0" * 16,
    )
    sealer = Sealer(about, PAIR.public)
    made = [sealer.opening]
    for at in range(count):
        flags = KEY | (LAST if at == count - 1 else 0)
        made.append(sealer.seal(b"x" * 50, from_ms=at * 1000, until_ms=at * 1000 + 900, flags=flags))
    return made


async def brought(house: House, agent: AgentActor, all_of: list[bytes], recording_id: str = "R1") -> r.RecordingStored:
    for sequence, chunk in enumerate(all_of):
        stored = ok(await house.recordings.put_chunk(agent, recording_id, sequence, chunk))
    return stored


async def audit_of(house: House) -> list[tuple[str, str]]:
    def look(rows: list[Row]) -> list[tuple[str, str]]:
        return [(row[0], row[1]) for row in rows]

    return await house.journal.read(lambda sql: look(rows_of(sql)("SELECT actor, action FROM audit ORDER BY id", ())))


async def test_brought_opened_and_read_as_it_was(house: House) -> None:
    _, lin, session_id = await granted(house)
    made = chunks(house, lin, session_id)
    stored = await brought(house, lin, made)
    assert stored == r.RecordingStored(chunks=4, size_bytes=len(b"".join(made)), state="whole")
    await house.fold()
    listed = ok(await house.recordings.list_recordings(lin, r.ListRecordings(conversation_id="C1")))
    assert (listed.may_play, listed.may_export, listed.may_manage) == (True, False, False)
    (row,) = listed.rows
    assert (row.state, row.length_ms, row.key_id) == ("whole", 2900, key_id(PAIR.public))
    assert row.delete_ms == house.clock.at_ms + 30 * 86_400_000
    opening = ok(await house.recordings.open_recording(lin, r.OpenRecording(recording_id="R1")))
    data = b""
    while part := ok(await house.recordings.read(lin, "R1", opening.opening_id, len(data))):
        data += part
    assert data == b"".join(made)
    said = [record.kind for record, _ in await house.events("c/C1/public")]
    assert said[-2:] == ["recording_started", "recording_ended"]
    assert (await audit_of(house))[-3:] == [
        (lin.id, "recording_started"),
        (lin.id, "recordings_listed"),
        (lin.id, "recording_opened_to_play"),
    ]


async def test_again_is_no_harm_and_a_gap_says_what_is_missing(house: House) -> None:
    _, lin, session_id = await granted(house)
    made = chunks(house, lin, session_id)
    assert await house.recordings.put_chunk(lin, "R1", 1, made[1]) == NOT_FOUND
    first = await brought(house, lin, made[:2])
    assert await brought(house, lin, made[:2]) == first
    gap = Refused(code="recording_gap", params={"expected": "2"})
    assert await house.recordings.put_chunk(lin, "R1", 3, made[3]) == gap
    assert await house.recordings.put_chunk(lin, "R1", 2, made[3]) == Refused(code="recording_damaged")
    assert await house.recordings.put_chunk(lin, "R1", 2, made[2][:-1]) == Refused(code="recording_damaged")
    assert (await brought(house, lin, made)).state == "whole"
    assert (ok(await house.recordings.put_chunk(lin, "R1", 1, made[1]))).state == "whole"


async def test_what_a_crash_left_in_the_file_is_written_over(house: House, tmp_path: Path) -> None:
    _, lin, session_id = await granted(house)
    made = chunks(house, lin, session_id)
    await brought(house, lin, made[:2])
    with (tmp_path / "recordings" / "R1.tlr").open("ab") as file:
        file.write(b"half a chunk")
    await brought(house, lin, made)
    assert (tmp_path / "recordings" / "R1.tlr").read_bytes() == b"".join(made)


async def test_only_who_was_granted_it_records(house: House) -> None:
    li, lin, session_id = await granted(house)
    chen = house.agents["chen"]
    assert await house.recordings.put_chunk(chen, "R1", 0, chunks(house, chen, session_id)[0]) in (
        NOT_ALLOWED,
        NOT_FOUND,
    )
    assert await house.recordings.put_chunk(li, "R1", 0, chunks(house, lin, session_id)[0]) == NOT_ALLOWED
    over = x.ReportGrantEnded(
        conversation_id="C1", session_id=session_id, agent_id=lin.id, capability="record", why="revoked"
    )
    ok(await house.remote.report_grant_ended(li, over))
    house.clock.at_ms += 60_000
    assert await house.recordings.put_chunk(lin, "R1", 0, chunks(house, lin, session_id)[0]) == NOT_ALLOWED


async def test_nobody_reads_without_having_opened_it_themselves(house: House) -> None:
    li, lin, session_id = await granted(house)
    await brought(house, lin, chunks(house, lin, session_id))
    opening = ok(await house.recordings.open_recording(lin, r.OpenRecording(recording_id="R1"))).opening_id
    assert await house.recordings.read(lin, "R1", "guessed", 0) == NOT_ALLOWED
    assert isinstance(await house.recordings.read(li, "R1", opening, 0), Refused)
    assert isinstance(await house.recordings.read(house.agents["chen"], "R1", opening, 0), Refused)
    assert await house.recordings.open_recording(lin, r.OpenRecording(recording_id="R1", purpose="export")) == (
        NOT_ALLOWED
    )
    house.clock.at_ms += rules.OPENING_MS + 1
    assert await house.recordings.read(lin, "R1", opening, 0) == NOT_ALLOWED


async def test_its_time_over_it_is_gone_and_held_it_stays(house: House, tmp_path: Path) -> None:
    _, lin, session_id = await granted(house)
    await brought(house, lin, chunks(house, lin, session_id))
    await brought(house, lin, chunks(house, lin, session_id, recording_id="R2"), "R2")
    boss = AgentActor(
        house.agents["han"].profile.__class__(
            person=house.agents["han"].profile.person,
            username="han",
            group_ids=(),
            tier=3,
            branch="",
            roles=("admin",),
        )
    )
    ok(await house.recordings.hold_recording(boss, r.HoldRecording(recording_id="R2", held=True)))
    held = Refused(code="recording_held")
    assert await house.recordings.delete_recording(boss, r.DeleteRecording(recording_id="R2")) == held
    assert await house.recordings.delete_recording(lin, r.DeleteRecording(recording_id="R1")) == NOT_ALLOWED
    ok(await house.journal.write(lambda tx: organisation.set_days(tx, "recording", 300)))
    house.clock.at_ms += 31 * 86_400_000
    await house.recordings.sweep()
    assert [path.stem for path in (tmp_path / "recordings").iterdir()] == ["R2"]
    deleted = [event for _, event in await house.events("c/C1/public") if isinstance(event, r.RecordingDeleted)]
    assert [(event.recording_id, event.why) for event in deleted] == [("R1", "retention")]
    assert ("relay", "recording_deleted") in await audit_of(house)


async def test_a_recording_that_nobody_ends_was_cut_off(house: House) -> None:
    _, lin, session_id = await granted(house)
    await brought(house, lin, chunks(house, lin, session_id)[:2])
    house.clock.at_ms += rules.QUIET_MS + 1
    await house.recordings.sweep()
    ended = [event for _, event in await house.events("c/C1/public") if isinstance(event, r.RecordingEnded)]
    assert [(event.whole, event.length_ms) for event in ended] == [(False, 900)]
