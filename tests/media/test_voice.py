"""Talk over a real loopback connection, with sound cards of wood: a tone at one end is heard at the other, by leave."""

import math
import threading
from collections.abc import Callable

import numpy as np
import pytest

from shared.media.mixing import QUIET_DB, level_db, mixed
from shared.media.sound import (
    PIECE_BYTES,
    PIECE_SAMPLES,
    RATE_HZ,
    SILENCE,
    OpenSound,
    SoundCard,
    SoundDevice,
    SoundDevices,
    SoundFault,
)
from shared.media.voice import Levels, Voice, VoiceState
from tests.media.conftest import Stage, Watcher, until

Card = Callable[[], SoundCard]


def tone(hz: float, at: int, loudness: float = 0.3) -> bytes:
    """One piece of a sine, `at` pieces after its beginning."""
    samples = np.arange(at * PIECE_SAMPLES, (at + 1) * PIECE_SAMPLES)
    return (np.sin(samples * 2 * math.pi * hz / RATE_HZ) * 32767 * loudness).astype(np.int16).tobytes()


def pitch_hz(pieces: list[bytes]) -> float:
    """The strongest pitch in what was played."""
    samples = np.frombuffer(b"".join(pieces), np.int16).astype(np.float64)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum)) * RATE_HZ / len(samples)


class WoodenCard:
    """A microphone that hears a tone, a loudspeaker that keeps what it says; both keep real time in a thread."""

    def __init__(self, hz: float) -> None:
        self.hz = hz
        self.played: list[bytes] = []
        self.opened: list[tuple[str, str]] = []
        self._done = threading.Event()

    def devices(self) -> SoundDevices:
        return SoundDevices((SoundDevice("mic", "Mic"),), (SoundDevice("speaker", "Speaker"),))

    def open(
        self, input_id: str, output_id: str, captured: Callable[[bytes], None], wanted: Callable[[], bytes]
    ) -> OpenSound:
        self.opened.append((input_id, output_id))
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(captured, wanted, self._done), name="wooden card")
        self._thread.start()
        return self

    def _run(self, captured: Callable[[bytes], None], wanted: Callable[[], bytes], done: threading.Event) -> None:
        at = 0
        while not done.wait(PIECE_SAMPLES / RATE_HZ):
            self.played.append(wanted())
            captured(tone(self.hz, at) if self.hz else SILENCE)
            at += 1

    def close(self) -> None:
        self._done.set()
        self._thread.join(5)

    def heard(self) -> list[bytes]:
        """The last pieces that were no silence."""
        return [piece for piece in self.played if level_db(piece) > -45][-20:]


class End:
    """One end's voice."""

    def __init__(self, card: Card) -> None:
        self.states: list[VoiceState] = []
        self.levels: list[Levels] = []
        self.voice = Voice(card, self.states.append, self.levels.append)

    async def __aenter__(self) -> "End":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.voice.close()


async def joined(stage: Stage, here: End, there: End) -> Watcher:
    stage.line = here.voice.line
    agent = await stage.join(voice=there.voice.line("customer"))
    assert await until(lambda: agent.viewer.state == "playing")
    return agent


async def test_each_hears_the_other_only_by_leave(stage: Stage) -> None:
    low, high = WoodenCard(440.0), WoodenCard(1760.0)
    async with End(lambda: low) as here, End(lambda: high) as there:
        await joined(stage, here, there)
        await talk(here, there, low, high)


async def talk(here: End, there: End, low: WoodenCard, high: WoodenCard) -> None:
    """Closed, open one side, open both, muted, closed again."""
    assert low.opened == high.opened == []
    await there.voice.let(frozenset({"customer"}))
    assert await until(lambda: len(high.played) > 10)
    assert all(piece == SILENCE for piece in high.played)

    await here.voice.let(frozenset({"agent"}))
    assert await until(lambda: len(low.heard()) == 20 and len(high.heard()) == 20)
    assert pitch_hz(low.heard()) == pytest.approx(1760, abs=30)
    assert pitch_hz(high.heard()) == pytest.approx(440, abs=30)
    assert await until(lambda: here.levels[-1].here_db > -20 and here.levels[-1].there_db > -25)

    here.voice.muted = True
    assert await until(lambda: here.levels[-1].here_db == QUIET_DB)
    assert await until(lambda: all(piece == SILENCE for piece in high.played[-5:]))
    here.voice.muted = False
    assert await until(lambda: level_db(high.played[-1]) > -45)

    await here.voice.let(frozenset())
    assert here.states == [VoiceState(True), VoiceState(False)]
    assert await until(lambda: all(piece == SILENCE for piece in high.played[-5:]))


async def test_without_a_device_there_is_a_word_and_all_else_goes_on(stage: Stage) -> None:
    def nothing() -> SoundCard:
        raise SoundFault("sound.no_library")

    here, there = End(nothing), End(nothing)
    agent = await joined(stage, here, there)
    await here.voice.let(frozenset({"agent"}))
    assert here.states == [VoiceState(False, "sound.no_library")]
    with pytest.raises(SoundFault):
        await there.voice.devices()
    assert agent.viewer.state == "playing"
    await here.voice.close()


async def test_other_devices_are_opened_while_talking() -> None:
    card = WoodenCard(0)
    end = End(lambda: card)
    await end.voice.let(frozenset({"agent"}))
    await end.voice.choose("mic", "speaker")
    await end.voice.choose("mic", "speaker")
    assert card.opened == [("", ""), ("mic", "speaker")]
    await end.voice.close()


def test_sound_adds_up_and_is_cut_off_where_it_is_too_much() -> None:
    loud = (np.ones(PIECE_SAMPLES) * 30000).astype(np.int16).tobytes()
    assert mixed([]) == SILENCE
    assert mixed([loud]) == loud
    assert set(np.frombuffer(mixed([loud, loud]), np.int16)) == {32767}
    assert level_db(SILENCE) == QUIET_DB
    assert level_db(loud) == pytest.approx(-0.77, abs=0.01)
    assert len(SILENCE) == PIECE_BYTES
