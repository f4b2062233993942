"""Pictures of a screen, as a person sees it."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops, ImageGrab

from tests.e2e.driver.geometry import Point, Rect
from tests.e2e.driver.waiting import wait_for

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Eyes:
    """Sees one display. The pointer is not in the pictures."""

    display: str

    def picture(self, rect: Rect | None = None) -> Image.Image:
        """The screen, or a part of it, as RGB."""
        whole = ImageGrab.grab(xdisplay=self.display).convert("RGB")
        return whole if rect is None else whole.crop(rect.box)

    def save(self, path: Path, rect: Rect | None = None) -> Path:
        """Keep a picture as PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.picture(rect).save(path)
        return path

    def colour(self, point: Point) -> Colour:
        return colour_at(self.picture(Rect(point.x, point.y, 1, 1)), Point(0, 0))

    def wait_colour(self, point: Point, wanted: Colour, timeout_s: float = 10.0, off_by: int = 0) -> None:
        """Wait until a pixel has a colour, within `off_by` of 255 in each channel."""

        def close() -> bool:
            return all(abs(a - b) <= off_by for a, b in zip(self.colour(point), wanted, strict=True))

        wait_for(close, f"colour {wanted} at {point}", timeout_s)

    def wait_still(self, rect: Rect | None = None, timeout_s: float = 10.0) -> Image.Image:
        """Wait until four looks in a row are the same; return the last."""
        looks: list[Image.Image] = [self.picture(rect)]

        def still() -> bool:
            looks.append(self.picture(rect))
            return len(looks) >= 4 and all(not differs(looks[-1], look) for look in looks[-4:-1])

        wait_for(still, "the screen to stand still", timeout_s, poll_s=0.05)
        return looks[-1]


def colour_at(picture: Image.Image, point: Point) -> Colour:
    value = picture.getpixel((point.x, point.y))
    if not isinstance(value, tuple) or len(value) != 3:
        raise TypeError(f"the picture is {picture.mode}, not RGB")
    return (int(value[0]), int(value[1]), int(value[2]))


def differs(one: Image.Image, other: Image.Image) -> bool:
    """Is any pixel different? Pictures of different size always are."""
    return one.size != other.size or ImageChops.difference(one, other).getbbox() is not None


def largest_difference(one: Image.Image, other: Image.Image) -> int:
    """The largest difference of any channel of any pixel (0 to 255) between two pictures of one size."""
    if one.size != other.size:
        raise ValueError(f"sizes differ: {one.size} and {other.size}")
    extremes = ImageChops.difference(one.convert("RGB"), other.convert("RGB")).getextrema()
    return max(int(high) for band in extremes if isinstance(band, tuple) for high in band)
