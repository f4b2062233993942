"""What a customer shares and what stays hidden: monitors or one window, and where their parts lie. Pure.

A share of several monitors is one picture: the rectangle around them, with everything in it that is no shared monitor
covered. Areas are pixels of the whole screen, but for those of a `Layout`, which are pixels of the picture.
"""

import itertools
from collections.abc import Sequence
from typing import Annotated, Final

from msgspec import Meta, Struct

from shared.rules.coordinates import Area

MAX_MONITORS: Final = 16
MAX_HIDDEN: Final = 64
MAX_PICTURE_WIDTH: Final = 7680
MAX_PICTURE_HEIGHT: Final = 4320

MonitorId = Annotated[str, Meta(max_length=200)]
WindowId = Annotated[int, Meta(gt=0, lt=2**62)]


class SharedMonitors(Struct, frozen=True, tag="monitors"):
    """These monitors; one that is unplugged leaves the others."""

    ids: Annotated[tuple[MonitorId, ...], Meta(min_length=1, max_length=MAX_MONITORS)]


class SharedWindow(Struct, frozen=True, tag="window"):
    """One window by its native id, whatever lies over it."""

    id: WindowId


Share = SharedMonitors | SharedWindow


class HiddenWindow(Struct, frozen=True):
    """A window that is blank in every picture; `area`: where it is, for systems where a window cannot be followed."""

    id: WindowId
    area: Area | None = None


class Hidden(Struct, frozen=True):
    """Everything that is blank in every picture."""

    windows: Annotated[tuple[HiddenWindow, ...], Meta(max_length=MAX_HIDDEN)] = ()
    areas: Annotated[tuple[Area, ...], Meta(max_length=MAX_HIDDEN)] = ()


class Pane(Struct, frozen=True):
    """A part of what is shared: one monitor, or the window."""

    id: Annotated[str, Meta(max_length=200)]
    name: Annotated[str, Meta(max_length=200)]
    area: Area


def bounding(areas: Sequence[Area]) -> Area:
    """The smallest rectangle around all of `areas` (at least one)."""
    x, y = min(each.x for each in areas), min(each.y for each in areas)
    return Area(x, y, max(each.right for each in areas) - x, max(each.bottom for each in areas) - y)


def gaps(bounds: Area, areas: Sequence[Area]) -> tuple[Area, ...]:
    """What of `bounds` lies in none of `areas`, as rectangles that do not overlap."""
    edges = sorted({bounds.y, bounds.bottom, *_inside(bounds.y, bounds.bottom, [(a.y, a.bottom) for a in areas])})
    found: list[Area] = []
    for top, bottom in itertools.pairwise(edges):
        here = sorted((area.x, area.right) for area in areas if area.y <= top and area.bottom >= bottom)
        at = bounds.x
        for left, right in [*here, (bounds.right, bounds.right)]:
            if min(left, bounds.right) > at:
                found.append(Area(at, top, min(left, bounds.right) - at, bottom - top))
            at = max(at, right)
    return tuple(found)


def _inside(low: int, high: int, spans: Sequence[tuple[int, int]]) -> list[int]:
    return [edge for span in spans for edge in span if low < edge < high]


class Ground(Struct, frozen=True):
    """Where remote input may land: where the picture lies on the screen, its shared parts, and which window it is of.

    `window` 0: whatever is on the shared monitors.
    """

    bounds: Area
    areas: tuple[Area, ...]
    window: int = 0

    def holds(self, x: int, y: int) -> bool:
        """Whether the pixel is in a shared part."""
        return any(area.holds(x, y) for area in self.areas)
