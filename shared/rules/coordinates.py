"""Where a point of the agent's view is on the customer's screen, and back, exact to the pixel.

Everything is in whole device pixels. A picture lies in the view as a `Placement`; outside of it is the letterbox.
A pixel of the view belongs to the one picture pixel that covers its centre, so where the picture is shown at its own
size or larger, picture -> view -> picture gives the same pixel; where it is smaller, view -> picture -> view does.
"""

from dataclasses import dataclass, replace

from msgspec import Struct


class Area(Struct, frozen=True, array_like=True):
    """A rectangle of pixels: on the customer's whole screen (the root window) unless its user says otherwise."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first column beyond it."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The first row below it."""
        return self.y + self.height

    def holds(self, x: int, y: int) -> bool:
        """Whether the pixel is inside."""
        return self.x <= x < self.right and self.y <= y < self.bottom

    def encloses(self, other: "Area") -> bool:
        """Whether all of `other` is inside."""
        return self.x <= other.x and self.y <= other.y and self.right >= other.right and self.bottom >= other.bottom

    def clipped(self, bounds: "Area") -> "Area | None":
        """The part inside `bounds`; None where there is none."""
        x, y = max(self.x, bounds.x), max(self.y, bounds.y)
        right, bottom = min(self.right, bounds.right), min(self.bottom, bounds.bottom)
        return Area(x, y, right - x, bottom - y) if right > x and bottom > y else None

    def moved(self, dx: int, dy: int) -> "Area":
        """The same, elsewhere."""
        return Area(self.x + dx, self.y + dy, self.width, self.height)


@dataclass(frozen=True, slots=True)
class Point:
    """A pixel."""

    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Placement:
    """Where in the view a part of the picture is drawn: `picture_width` x `picture_height` from (`left`, `top`) on.

    The part is the whole picture unless one monitor of several is shown alone; sizes are at least 1.
    """

    x: int
    y: int
    width: int
    height: int
    picture_width: int
    picture_height: int
    left: int = 0
    top: int = 0
    whole: tuple[int, int] | None = None
    """Width and height of the picture that the part is of."""

    @property
    def picture_size(self) -> tuple[int, int]:
        """Width and height of the whole picture, which positions in it are told with."""
        return self.whole or (self.picture_width, self.picture_height)

    def of_part(self, part: "Area", whole: tuple[int, int]) -> "Placement":
        """The same place for this part of a picture: made for a picture of the part's size."""
        return replace(self, left=part.x, top=part.y, whole=whole)


def fit(view_width: int, view_height: int, picture_width: int, picture_height: int) -> Placement:
    """The largest placement of the same shape, in the middle."""
    if view_width * picture_height <= view_height * picture_width:
        width, height = view_width, view_width * picture_height // picture_width
    else:
        width, height = view_height * picture_width // picture_height, view_height
    width, height = max(1, width), max(1, height)
    left, top = (view_width - width) // 2, (view_height - height) // 2
    return Placement(left, top, width, height, picture_width, picture_height)


def scaled(left: int, top: int, picture_width: int, picture_height: int, percent: int = 100) -> Placement:
    """A placement at a fixed scale with its corner at (`left`, `top`): negative when the view is scrolled."""
    width, height = max(1, picture_width * percent // 100), max(1, picture_height * percent // 100)
    return Placement(left, top, width, height, picture_width, picture_height)


def to_picture(placement: Placement, x: int, y: int) -> Point | None:
    """The picture pixel under a pixel of the view; None in the letterbox."""
    if not (0 <= x - placement.x < placement.width and 0 <= y - placement.y < placement.height):
        return None
    return to_nearest(placement, x, y)


def to_nearest(placement: Placement, x: int, y: int) -> Point:
    """Like `to_picture`, but the nearest picture pixel from the letterbox: what a drag wants."""
    return Point(
        placement.left + _across(x - placement.x, placement.width, placement.picture_width),
        placement.top + _across(y - placement.y, placement.height, placement.picture_height),
    )


def to_view(placement: Placement, x: int, y: int) -> Point:
    """The pixel of the view in the middle of a picture pixel."""
    return Point(
        placement.x + _across(x - placement.left, placement.picture_width, placement.width),
        placement.y + _across(y - placement.top, placement.picture_height, placement.height),
    )


def to_screen(monitor: Area, picture_width: int, picture_height: int, x: int, y: int) -> Point:
    """The screen pixel for a pixel of a picture of `monitor`, which may have been scaled on the way."""
    return Point(
        monitor.x + _across(x, picture_width, monitor.width),
        monitor.y + _across(y, picture_height, monitor.height),
    )


def _across(at: int, size: int, other: int) -> int:
    """The cell of `other` equal cells that covers the centre of cell `at` of `size`, held inside."""
    return min(max((2 * at + 1) * other // (2 * size), 0), other - 1)
