"""Microphone and loudspeaker by PortAudio, through sounddevice: ALSA and PulseAudio, WASAPI, Core Audio."""

import contextlib
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, cast

from shared.media.sound import (
    MAX_DEVICES,
    PIECE_BYTES,
    PIECE_SAMPLES,
    RATE_HZ,
    OpenSound,
    SoundDevice,
    SoundDevices,
    SoundFault,
)

logger = logging.getLogger(__name__)

_MAX_NAME: Final = 120
Direction = Literal["input", "output"]


class PortAudioCard:
    """The system's sound. Raises SoundFault ``sound.no_library`` when PortAudio is not installed."""

    def __init__(self) -> None:
        try:
            import sounddevice
        except (ImportError, OSError) as error:  # OSError: the package is there, PortAudio's library is not
            raise SoundFault("sound.no_library") from error
        self._library: Any = sounddevice

    def devices(self) -> SoundDevices:
        return SoundDevices(self._of("input"), self._of("output"))

    def open(
        self, input_id: str, output_id: str, captured: Callable[[bytes], None], wanted: Callable[[], bytes]
    ) -> OpenSound:
        def hear(data: Any, frames: int, time: Any, status: Any) -> None:
            del frames, time, status
            captured(bytes(data))

        def speak(data: Any, frames: int, time: Any, status: Any) -> None:
            del frames, time, status
            data[:] = wanted()[:PIECE_BYTES].ljust(PIECE_BYTES, b"\0")

        streams = [
            stream
            for stream in (self._start("input", input_id, hear), self._start("output", output_id, speak))
            if stream is not None
        ]
        if not streams:
            raise SoundFault("sound.no_device")
        return _Streams(streams)

    def _of(self, direction: Direction) -> tuple[SoundDevice, ...]:
        first = self._default(direction)
        found = [each for each in self._named(direction).items() if each[1] == first]
        found += [each for each in self._named(direction).items() if each[1] != first]
        return tuple(SoundDevice(name, name) for name, _ in found[:MAX_DEVICES])

    def _named(self, direction: Direction) -> dict[str, int]:
        """Places in the library's list by the name that is kept; the list changes, names do not."""
        found: dict[str, int] = {}
        with self._faults():
            listed = cast(list[Mapping[str, Any]], list(self._library.query_devices()))
            interfaces = cast(list[Mapping[str, Any]], list(self._library.query_hostapis()))
            for place, each in enumerate(listed):
                if each[f"max_{direction}_channels"] > 0:
                    name = f"{each['name']} ({interfaces[each['hostapi']]['name']})"
                    found.setdefault(name[:_MAX_NAME], place)
        return found

    def _default(self, direction: Direction) -> int:
        with contextlib.suppress(self._library.PortAudioError, ValueError):
            return int(self._library.query_devices(kind=direction)["index"])
        return -1

    def _start(self, direction: Direction, device_id: str, callback: Callable[..., None]) -> Any:
        make = self._library.RawInputStream if direction == "input" else self._library.RawOutputStream
        place = self._named(direction).get(device_id)
        try:
            stream = make(
                samplerate=RATE_HZ, blocksize=PIECE_SAMPLES, device=place, channels=1, dtype="int16", callback=callback
            )
            stream.start()
        except (self._library.PortAudioError, ValueError) as error:
            logger.info("no %s device: %s", direction, error)
            return None
        return stream

    @contextlib.contextmanager
    def _faults(self) -> Any:
        try:
            yield
        except self._library.PortAudioError as error:
            raise SoundFault("sound.device_failed") from error


class _Streams:
    def __init__(self, streams: list[Any]) -> None:
        self._streams = streams

    def close(self) -> None:
        while self._streams:
            self._streams.pop().close(ignore_errors=True)
