"""Pixels to planes to H.264 and back."""

import numpy as np
import pytest

from shared.media.capture.cover import PlainPicture
from shared.media.capture.source import Rect, whole
from shared.media.colour import Chroma, Converter, SwscaleConverter, converter, on_samples
from shared.media.decoder import BrokenUnit, Decoder
from shared.media.encoder import Encoder

WIDTH, HEIGHT = 96, 66
CONVERTERS = [converter(), SwscaleConverter()]


def blocks(seed: int = 1) -> PlainPicture:
    """Blocks of 6 x 6 random colours: every chroma sample of 4:2:0 lies in one colour."""
    colours = np.random.default_rng(seed).integers(0, 256, (HEIGHT // 6, WIDTH // 6, 4), np.uint8)
    colours[..., 3] = 255
    return PlainPicture(WIDTH, HEIGHT, bytearray(colours.repeat(6, 0).repeat(6, 1).tobytes()))


def rgb(raw: bytes | bytearray) -> np.ndarray:
    return np.frombuffer(raw, np.uint8).reshape(HEIGHT, WIDTH, 4)[..., :3].astype(int)


def shown(decoder: Decoder, data: bytes, convert: Converter) -> np.ndarray:
    frame = decoder.decode(data)
    assert frame is not None
    out = bytearray(WIDTH * HEIGHT * 4)
    convert.to_pixels(frame, memoryview(out), WIDTH * 4, whole(frame.width, frame.height))
    return rgb(out)


@pytest.mark.parametrize("convert", CONVERTERS, ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("chroma", list(Chroma))
def test_a_picture_survives_encoding(convert: Converter, chroma: Chroma) -> None:
    picture = blocks()
    encoder = Encoder(WIDTH, HEIGHT, target_bps=20_000_000, chroma=chroma)
    encoder._converter = convert
    everything = (whole(WIDTH, HEIGHT),)
    decoder = Decoder()
    for index in range(3):
        encoder.steer(20_000_000, 1.0, 0.3)
        encoder.convert(picture, everything)
        seen = shown(decoder, encoder.encode(1000 + index, key=index == 0)[0], convert)
    assert abs(seen - rgb(picture.pixels)).mean() < 2.5


def test_only_what_changed_is_converted() -> None:
    before, after = blocks(1), blocks(2)
    encoder = Encoder(WIDTH, HEIGHT, target_bps=20_000_000)
    encoder.steer(20_000_000, 1.0, 0.3)
    encoder.convert(before, (whole(WIDTH, HEIGHT),))
    encoder.convert(after, (Rect(12, 6, 24, 12), Rect(-5, 60, 11, 50)))
    seen = shown(Decoder(), encoder.encode(1, key=True)[0], converter())
    assert abs(seen[6:18, 12:36] - rgb(after.pixels)[6:18, 12:36]).mean() < 3
    assert abs(seen[60:, :6] - rgb(after.pixels)[60:, :6]).mean() < 3
    assert abs(seen[24:54] - rgb(before.pixels)[24:54]).mean() < 3


def test_key_frames_come_when_asked_for_only() -> None:
    encoder = Encoder(WIDTH, HEIGHT, target_bps=8_000_000)
    picture = blocks()
    encoder.convert(picture, (whole(WIDTH, HEIGHT),))
    keys = [encoder.encode(i, key=i in (0, 20))[1] for i in range(40)]
    assert [index for index, key in enumerate(keys) if key] == [0, 20]


def test_a_rate_limit_bounds_a_frame() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (480, 640, 4), np.uint8)
    picture = PlainPicture(640, 480, bytearray(noise.tobytes()))
    sizes = []
    for target in (1_000_000, 20_000_000):
        encoder = Encoder(640, 480, target_bps=target)
        encoder.convert(picture, (whole(640, 480),))
        sizes.append(len(encoder.encode(1, key=True)[0]))
    assert sizes[0] < 80_000 < sizes[1]


def test_odd_sizes_are_encoded_whole_in_full_chroma() -> None:
    encoder = Encoder(33, 17, target_bps=8_000_000)
    frame = Decoder().decode(encoder.encode(1, key=True)[0])
    assert frame is not None
    assert (frame.width, frame.height) == (33, 17)


def test_garbage_is_a_broken_unit() -> None:
    decoder = Decoder()
    with pytest.raises(BrokenUnit):
        decoder.decode(b"\x00\x00\x00\x01\x67garbage\x00\x00\x00\x01\x65more")


@pytest.mark.parametrize(
    ("rect", "step", "expected"),
    [
        (Rect(3, 5, 4, 4), 1, Rect(3, 5, 4, 4)),
        (Rect(3, 5, 4, 4), 2, Rect(2, 4, 6, 6)),
        (Rect(9, 9, 2, 2), 2, Rect(8, 8, 3, 3)),
    ],
)
def test_areas_widen_to_chroma_samples(rect: Rect, step: int, expected: Rect) -> None:
    assert on_samples(rect, step, 11, 11) == expected
