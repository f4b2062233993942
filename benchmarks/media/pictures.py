"""What the pattern shows, as BGRX pixels: pages of text-like glyphs, pages of real words, a film, a window."""

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

CELL = (8, 16)
"""What one glyph takes, width and height."""
STRIPE = (255, 0, 255)
"""Of the wallpaper; blue, green, red. Nothing else has it."""
_COLOURS = ((0, 0, 0), (150, 0, 0), (0, 0, 170), (0, 100, 0))
_FONTS = ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",)
_FONT_PX = 16
_LINE_PX = 26
_MARGIN_PX = 60
_LINES = 26
_WORDS_A_LINE = 12
_TITLE_PX = 28

_VOCABULARY = """
about account after again always answer before begin behind button change check clear click close computer copy
customer delete desktop detail download drive during email empty engine error every export field file filter find
folder following format found frame garden general green group happen heading height help history house however image
import inside install keyboard language large later letter light line list local machine manager margin market measure
memory menu message minute monitor morning mouse network never notice number office often open option order other
output page paper pause people picture place please point power press print problem product program project question
quick quiet range reason record remote remove repair report result return right river router school screen scroll
search second select server service session setting share short simple slow small sound source space speed start still
stone stop street student study summer support switch system table thing thread through ticket today together travel
under update upload usual value version video visit volume wait water weather week white window winter without woman
wonder word world write yellow young
"""
WORDS = tuple(_VOCABULARY.split())

Pixels = npt.NDArray[np.uint8]


def text_page(width: int, height: int, seed: int = 1) -> Pixels:
    """Dark glyphs of random strokes in words on white: harder than letters, and the same on every machine."""
    random = np.random.default_rng(seed)
    glyphs = random.random((64, 11, 6)) < 0.42
    page = np.full((height, width, 4), 255, np.uint8)
    for top in range(2, height - CELL[1], 2 * CELL[1]):
        for left in range(width // 6, width * 5 // 6, CELL[0]):
            if random.random() < 0.17:
                continue
            colour = _COLOURS[int(random.integers(len(_COLOURS)))]
            page[top : top + 11, left : left + 6, :3][glyphs[int(random.integers(64))]] = colour[::-1]
    return page


def page_words(seed: int) -> tuple[tuple[str, ...], ...]:
    """What `word_page` says, line by line."""
    random = np.random.default_rng(seed)
    return tuple(
        tuple(WORDS[int(each)] for each in random.integers(len(WORDS), size=_WORDS_A_LINE)) for _ in range(_LINES)
    )


def word_page(width: int, height: int, seed: int) -> Pixels:
    """Black words on white, as a text program shows them."""
    image = Image.new("RGB", (width, height), "white")
    drawing, font = ImageDraw.Draw(image), _font()
    for row, line in enumerate(page_words(seed)):
        drawing.text((_MARGIN_PX, _MARGIN_PX + row * _LINE_PX), " ".join(line), fill="black", font=font)
    return _bgrx(image)


def window(width: int, height: int) -> Pixels:
    """A window with a title bar and text, to be dragged."""
    page = text_page(width, height, seed=2)
    page[:_TITLE_PX] = (150, 90, 40, 255)
    for edge in (page[:2], page[-2:], page[:, :2], page[:, -2:]):
        edge[:] = (60, 60, 60, 255)
    return page


def video(width: int, height: int, frames: int) -> list[Pixels]:
    """A film without end: soft colours that drift, with a little noise as cameras have it."""
    random = np.random.default_rng(3)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    film: list[Pixels] = []
    for number in range(frames):
        turn = 2 * np.pi * number / frames
        waves = (np.sin(x / 37 + turn), np.sin(y / 29 - turn), np.sin((x + y) / 53 + 2 * turn))
        noise = random.normal(0, 3, (height, width)).astype(np.float32)
        picture = np.full((height, width, 4), 255, np.uint8)
        for channel, wave in enumerate(waves):
            picture[..., channel] = np.clip(128 + 90 * wave + noise, 0, 255).astype(np.uint8)
        film.append(picture)
    return film


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    for path in _FONTS:
        if Path(path).exists():
            return ImageFont.truetype(path, _FONT_PX)
    return ImageFont.load_default(_FONT_PX)


def _bgrx(image: Image.Image) -> Pixels:
    pixels = np.full((image.height, image.width, 4), 255, np.uint8)
    pixels[..., :3] = np.asarray(image)[..., ::-1]
    return pixels
