"""Opening a recording: the key, the audit's question, the bytes, and what the player is told. And bringing one."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from agent_app.recordings.bringer import Bringer
from agent_app.recordings.library import Library
from shared.common.errors import LinkLost
from shared.common.sealed.container import Sealer, content_key
from shared.common.sealed.heads import LAST
from shared.common.sealed.keyfile import lock, make_pair
from shared.protocol.frames import Refused
from shared.protocol.messages import recordings as r
from shared.session import recording_messages as m
from tests.agent_fakes import World
from tests.recording_fakes import ABOUT, DATA, PAIR, ROW, SEALER, Player, Shelf


async def until(done: Callable[[], object]) -> None:
    for _ in range(1000):
        if done():
            return
        await asyncio.sleep(0.005)
    raise AssertionError(done)


async def unlocked(library: Library, world: World, tmp_path: Path, *, wrong: bool = False) -> str:
    path, said = tmp_path / "key.json", list[str]()
    path.write_bytes(lock(PAIR, "right", scrypt_n=2**10))
    library.unlock(path, "wrong" if wrong else "right", said.append)
    await world.works.settle()
    return said[-1]


@pytest.fixture
def world() -> World:
    made = World()
    made.relay.answers[r.ListRecordings] = r.Recordings(rows=(ROW,), may_play=True)
    made.relay.answers[r.OpenRecording] = r.RecordingOpened(opening_id="O1", row=ROW)
    return made


async def test_a_wrong_passphrase_opens_nothing(world: World, tmp_path: Path) -> None:
    library = Library(world.relay, Shelf(), Player().start, world.works.spawn)
    assert await unlocked(library, world, tmp_path, wrong=True) == "recording.key_file_wrong"
    assert not library.has_key(ROW)
    library.unlock(tmp_path / "nowhere", "right", lambda code: None)
    await world.works.settle()
    assert not library.has_key(ROW)


async def test_it_is_asked_for_fetched_and_played_with_its_own_key(world: World, tmp_path: Path) -> None:
    player = Player()
    library = Library(world.relay, Shelf(), player.start, world.works.spawn)
    library.show("k1")
    await world.works.settle()
    assert library.view.value.found == world.relay.answers[r.ListRecordings]
    assert await unlocked(library, world, tmp_path) == ""
    playing = library.play(ROW)
    await until(lambda: player.file)
    assert player.file == DATA
    opened = player.orders[0]
    assert isinstance(opened, m.OpenPlayer)
    assert opened.key == content_key(SEALER.opening, PAIR)
    assert PAIR.private not in repr(player.orders).encode()
    assert [type(each) for each in world.relay.asked] == [r.ListRecordings, r.OpenRecording]
    player.report(m.PlayerChanged(state="resting", at_ms=0, length_ms=9_000, whole="whole"))
    playing.toggle()
    playing.seek(10**9)
    playing.set_speed(4.0)
    player.report(m.PlayerChanged(state="playing", at_ms=5, length_ms=9_000, whole="whole"))
    playing.toggle()
    playing.close()
    await world.works.settle()
    assert player.orders[-5:] == [
        m.FileGrew(all_there=True),
        m.Play(speed=1.0),
        m.SeekTo(at_ms=ROW.length_ms),
        m.Rest(),
        m.StopPlaying(),
    ]
    assert not await asyncio.to_thread(Path(opened.path).exists)
    library.forget()
    assert not library.has_key(ROW)


async def test_who_may_not_open_it_is_told(world: World, tmp_path: Path) -> None:
    world.relay.answers[r.OpenRecording] = Refused(code="not_allowed")
    player = Player()
    library = Library(world.relay, Shelf(), player.start, world.works.spawn)
    await unlocked(library, world, tmp_path)
    playing = library.play(ROW)
    await until(lambda: playing.view.value.problem)
    playing.close()
    await world.works.settle()
    assert player.orders == []


class Relay(Shelf):
    """Takes chunks as the relay does; `away` while it cannot be reached."""

    def __init__(self) -> None:
        self.there: list[bytes] = []
        self.closed = 0
        self.away = False

    async def put_chunk(self, recording_id: str, sequence: int, chunk: bytes, /) -> r.RecordingStored | Refused:
        if self.away:
            raise LinkLost("away")
        if sequence == len(self.there):
            self.there.append(chunk)
        elif sequence > len(self.there):
            return Refused(code="recording_gap", params={"expected": str(len(self.there))})
        return r.RecordingStored(chunks=len(self.there), size_bytes=len(b"".join(self.there)), state="open")

    async def close_recording(self, recording_id: str, /) -> r.RecordingStored:
        self.closed += 1
        return r.RecordingStored(chunks=len(self.there), size_bytes=0, state="cut")


def sealed(count: int, *, last: bool) -> list[bytes]:
    sealer = Sealer(ABOUT, make_pair().public)
    flags = [LAST if last and at == count - 1 else 0 for at in range(count)]
    return [sealer.opening, *(sealer.seal(b"p" * 99, from_ms=0, until_ms=1, flags=each) for each in flags)]


async def test_it_is_brought_as_it_grows_and_through_a_break(tmp_path: Path) -> None:
    relay, path, chunks = Relay(), tmp_path / "R1.tlr", sealed(4, last=True)
    bringer = Bringer(relay, lambda: tmp_path)
    bringer.grows("R1")
    path.write_bytes(b"".join(chunks[:2]) + chunks[2][:30])
    await bringer.bring_all()
    assert relay.there == chunks[:2]
    relay.away = True
    path.write_bytes(b"".join(chunks))
    with pytest.raises(LinkLost):
        await bringer.bring_all()
    relay.away = False
    again = Bringer(relay, lambda: tmp_path)  # another run of the program
    await again.bring_all()
    assert relay.there == chunks
    assert relay.closed == 0
    assert not path.exists()


async def test_what_a_killed_process_left_is_brought_and_closed(tmp_path: Path) -> None:
    relay, path, chunks = Relay(), tmp_path / "R1.tlr", sealed(3, last=False)
    path.write_bytes(b"".join(chunks) + chunks[1][:50])
    await Bringer(relay, lambda: tmp_path).bring_all()
    assert (relay.there, relay.closed, path.exists()) == (chunks, 1, False)


async def test_what_grows_is_not_closed(tmp_path: Path) -> None:
    relay, path, chunks = Relay(), tmp_path / "R1.tlr", sealed(2, last=False)
    bringer = Bringer(relay, lambda: tmp_path)
    bringer.grows("R1")
    path.write_bytes(b"".join(chunks))
    await bringer.bring_all()
    assert (relay.there, relay.closed, path.exists()) == (chunks, 0, True)
    bringer.ended("R1")
    await bringer.bring_all()
    assert (relay.closed, path.exists()) == (1, False)


async def test_a_gap_at_the_relay_begins_again(tmp_path: Path) -> None:
    relay, path, chunks = Relay(), tmp_path / "R1.tlr", sealed(3, last=False)
    bringer = Bringer(relay, lambda: tmp_path)
    bringer.grows("R1")
    path.write_bytes(b"".join(chunks[:3]))
    await bringer.bring_all()
    relay.there.clear()
    path.write_bytes(b"".join(chunks))
    await bringer.bring_all()
    assert relay.there == chunks


async def test_what_is_refused_for_good_is_kept_aside(tmp_path: Path) -> None:
    path = tmp_path / "R1.tlr"
    path.write_bytes(b"".join(sealed(2, last=True)))
    await Bringer(Shelf(), lambda: tmp_path).bring_all()
    assert os.listdir(tmp_path) == ["R1.refused"]
