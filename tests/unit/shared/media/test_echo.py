"""The echo canceller against an echo: what the loudspeaker said is gone from the microphone, a voice stays."""

import numpy as np

from shared.media.echo import NoCanceller, SpeexCanceller, open_canceller
from shared.media.mixing import level_db
from shared.media.sound import PIECE_SAMPLES

DELAY = 2


def test_an_echo_is_taken_out_and_a_voice_is_left_in() -> None:
    canceller = open_canceller()
    assert isinstance(canceller, SpeexCanceller)
    noise = np.random.default_rng(7)
    played = [(noise.normal(0, 3000, PIECE_SAMPLES)).astype(np.int16).tobytes() for _ in range(200)]
    echoed, cleaned = b"", b""
    for at, piece in enumerate(played):
        before = np.frombuffer(played[at - DELAY], np.int16) if at >= DELAY else np.zeros(PIECE_SAMPLES)
        echoed = (before * 0.5).astype(np.int16).tobytes()
        cleaned = canceller.clean(echoed, piece)
    assert level_db(cleaned) < level_db(echoed) - 15
    voice = (np.sin(np.arange(PIECE_SAMPLES) * 0.05) * 8000).astype(np.int16).tobytes()
    silence = bytes(len(voice))
    for _ in range(10):
        cleaned = canceller.clean(voice, silence)
    assert level_db(cleaned) > level_db(voice) - 3
    canceller.close()
    canceller.close()


def test_without_the_library_sound_passes_as_it_is() -> None:
    assert NoCanceller().clean(b"ab", b"cd") == b"ab"
