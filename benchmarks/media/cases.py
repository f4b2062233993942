"""What is measured, on which screens, over which network: the default, its quick part, and the grid."""

from dataclasses import dataclass, replace

from benchmarks.media.scene import Screens
from benchmarks.media.shaper import Path

PLAIN = Path()
"""As the cable is."""
FULL_HD = Screens()


@dataclass(frozen=True)
class Case:
    """`mode` is the pattern's, at `rate` frames a second. `read` has the text on the last frame read."""

    name: str
    mode: str
    rate: float
    path: Path = PLAIN
    read: bool = False

    def over(self, name: str, path: Path) -> "Case":
        """The same through a network; `name` goes behind its own."""
        return replace(self, name=f"{self.name}-{name}", path=path)


@dataclass(frozen=True)
class Setting:
    """Cases of one opened system; `first_over` is the network while its first picture is awaited."""

    name: str
    cases: tuple[Case, ...]
    screens: Screens = FULL_HD
    viewers: int = 1
    first_over: Path = PLAIN

    @property
    def first(self) -> str:
        """The name under which its first picture is told."""
        return "first" if self.name == "default" else f"first-{self.name}"


SCROLL, TYPING = Case("scroll", "scroll", 30), Case("typing", "type", 10)
MOVING = (SCROLL, TYPING, Case("video", "video", 30), Case("drag", "drag", 30), Case("mixed", "mixed", 30))
STILL = Case("still", "still", 2)
PAGE = Case("page", "page", 0.5, read=True)
LOSS_1 = Path(loss=0.01, delay_s=0.02)
THIN = Path(rate_bps=300_000)

QUICK = Setting("default", (SCROLL, TYPING, STILL))
DEFAULT = Setting(
    "default",
    (
        *MOVING,
        STILL,
        *(case.over("loss1", LOSS_1) for case in (SCROLL, TYPING)),
        *(case.over("300k", THIN) for case in (SCROLL, TYPING, PAGE)),
    ),
)

_SIZES = {"720p": Screens(1280, 720), "1440p": Screens(2560, 1440), "4k": Screens(3840, 2160)}
_LOSSES = (0.01, 0.03, 0.05)
_DELAYS_MS = (0, 20, 50, 100, 200)
_CAPS = {"1M": 1_000_000, "2M": 2_000_000, "5M": 5_000_000, "20M": 20_000_000}


def _networks() -> dict[str, Path]:
    alone = {f"delay{delay}": Path(delay_s=delay / 1000) for delay in _DELAYS_MS if delay}
    lossy = {
        f"loss{loss * 100:.0f}-delay{delay}": Path(loss=loss, delay_s=delay / 1000)
        for loss in _LOSSES
        for delay in _DELAYS_MS
    }
    capped = {name: Path(rate_bps=cap) for name, cap in _CAPS.items()}
    far = {f"{name}-delay20": Path(rate_bps=cap, delay_s=0.02) for name, cap in {"300k": 300_000, **_CAPS}.items()}
    return {**alone, **lossy, **capped, **far}


GRID = (
    DEFAULT,
    Setting(
        "networks", tuple(case.over(name, path) for name, path in _networks().items() for case in (SCROLL, TYPING))
    ),
    *(Setting(name, tuple(case.over(name, PLAIN) for case in MOVING), screens) for name, screens in _SIZES.items()),
    Setting("3viewers", tuple(case.over("3viewers", PLAIN) for case in (SCROLL, TYPING)), viewers=3),
    Setting("20M", (), first_over=Path(rate_bps=20_000_000)),
    Setting("300k", (), first_over=THIN),
)


def chosen(settings: tuple[Setting, ...], names: tuple[str, ...]) -> tuple[Setting, ...]:
    """Only the cases with these names; all when none is given. Raises ValueError for one that there is not."""
    if not names:
        return settings
    known = {setting.first: None for setting in settings}
    known |= {case.name: None for setting in settings for case in setting.cases}
    if unknown := set(names) - set(known):
        raise ValueError(f"no such case: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    picked = [replace(each, cases=tuple(case for case in each.cases if case.name in names)) for each in settings]
    return tuple(setting for setting in picked if setting.cases or setting.first in names)
