"""Speech as Opus: mono at 24 kbit/s with in-band correction; silence is not sent at all."""

from fractions import Fraction
from typing import Final, cast

import av
import msgspec
import numpy as np

from shared.media.avtypes import SpeechCodec
from shared.media.sound import PIECE_SAMPLES, RATE_HZ

BITS_PER_SECOND: Final = 24_000
NOTHING_SAID: Final = 10
"""A packet of no more bytes holds no speech (Opus' discontinuous transmission)."""
TIME_BASE: Final = Fraction(1, RATE_HZ)
_OPTIONS: Final = {"application": "voip", "frame_duration": "20", "fec": "1", "packet_loss": "10", "dtx": "1"}


class Speech(msgspec.Struct, frozen=True):
    """20 ms of speech; ``at`` counts samples from the beginning of the stream."""

    at: int
    data: bytes


class SpeechEncoder:
    """One stream of pieces. Used by one thread."""

    def __init__(self) -> None:
        codec = av.CodecContext.create("libopus", "w")
        codec.bit_rate = BITS_PER_SECOND
        codec.format = av.AudioFormat("s16")
        codec.layout = av.AudioLayout("mono")
        codec.sample_rate = RATE_HZ
        codec.time_base = TIME_BASE
        codec.options = dict(_OPTIONS)
        self._codec = cast(SpeechCodec, codec)
        self._at = 0

    def encode(self, piece: bytes) -> tuple[Speech, ...]:
        """What carries a piece; nothing when nothing was said."""
        frame = av.AudioFrame.from_ndarray(np.frombuffer(piece, np.int16).reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = RATE_HZ, TIME_BASE, self._at
        self._at += PIECE_SAMPLES
        found = [bytes(packet) for packet in self._codec.encode(frame)]
        return tuple(Speech(self._at, data) for data in found if len(data) > NOTHING_SAID)
