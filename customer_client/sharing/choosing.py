"""What the customer chooses to be seen and what stays blank, in the consent sheet and while sharing. No Qt."""

from collections.abc import Callable
from typing import Final

from msgspec import Struct, structs

from shared.common.shown import Shown
from shared.rules.coordinates import Area
from shared.rules.sharing import MAX_MONITORS, Pane, Share, SharedMonitors, SharedWindow
from shared.session.channel import CustomerOrder, Hide, SourcesFound
from shared.session.scene_messages import MonitorSeen, WindowSeen
from shared.strings import Phrase, Words, phrase, render, text

MAX_AREAS: Final = 16
MAX_WINDOWS: Final = 24
_LEAST_PX: Final = 8


class HiddenArea(Struct, frozen=True):
    """An area of the screen that stays blank, under the number it is called by."""

    number: int
    area: Area


class Choice(Struct, frozen=True):
    """What there is, what of it is to be seen (None: nothing chosen yet), and what is blank."""

    monitors: tuple[MonitorSeen, ...] = ()
    windows: tuple[WindowSeen, ...] = ()
    fault: str = ""
    share: Share | None = None
    hidden: tuple[WindowSeen, ...] = ()
    areas: tuple[HiddenArea, ...] = ()

    def shows(self, source: MonitorSeen | WindowSeen) -> bool:
        """Whether this is chosen."""
        match self.share:
            case SharedMonitors(ids):
                return isinstance(source, MonitorSeen) and source.id in ids
            case SharedWindow(window):
                return isinstance(source, WindowSeen) and source.id == window
            case None:
                return False

    def hides(self, window: WindowSeen) -> bool:
        """Whether this window stays blank."""
        return any(each.id == window.id for each in self.hidden)


class Choosing:
    """Remembered until the session is over; `order` reaches the session process."""

    def __init__(self, order: Callable[[CustomerOrder], None]) -> None:
        self._order = order
        self._numbers = 0
        self.view = Shown(Choice())

    def found(self, found: SourcesFound) -> None:
        """What there is now. The only monitor there is is chosen; what is gone is chosen no more."""
        choice = structs.replace(self.view.value, monitors=found.monitors, windows=found.windows, fault=found.fault)
        share = _still(choice)
        if share is None and len(found.monitors) == 1 and choice.share is None:
            share = SharedMonitors((found.monitors[0].id,))
        hidden = tuple(next((now for now in found.windows if now.id == each.id), each) for each in choice.hidden)
        self.view.set(structs.replace(choice, share=share, hidden=hidden))

    def toggle_monitor(self, monitor_id: str) -> None:
        """This monitor too, or no more; a single window gives way to it."""
        choice = self.view.value
        if all(monitor.id != monitor_id for monitor in choice.monitors):
            return
        before = choice.share.ids if isinstance(choice.share, SharedMonitors) else ()
        wanted = set(before) ^ {monitor_id}
        if len(choice.monitors) == 1:
            wanted = {monitor_id}
        ids = tuple(monitor.id for monitor in choice.monitors if monitor.id in wanted)[:MAX_MONITORS]
        self.choose(SharedMonitors(ids) if ids else None)

    def choose_window(self, window_id: int) -> None:
        """This window alone."""
        if any(window.id == window_id for window in self.view.value.windows):
            self.choose(SharedWindow(window_id))

    def choose(self, share: Share | None) -> None:
        """Just this."""
        self.view.set(structs.replace(self.view.value, share=share))

    def hide_window(self, window_id: int, on: bool) -> None:
        """Blank from now on, or no more."""
        choice = self.view.value
        rest = tuple(each for each in choice.hidden if each.id != window_id)
        fresh = tuple(each for each in choice.windows if on and each.id == window_id)
        self._hide(structs.replace(choice, hidden=(*rest, *fresh)[:MAX_WINDOWS]))

    def add_area(self, area: Area) -> None:
        """Blank from now on; one of hardly a pixel is a slip of the hand."""
        choice = self.view.value
        if min(area.width, area.height) >= _LEAST_PX and len(choice.areas) < MAX_AREAS:
            self._numbers += 1
            self._hide(structs.replace(choice, areas=(*choice.areas, HiddenArea(self._numbers, area))))

    def drop_area(self, number: int) -> None:
        """Blank no more."""
        choice = self.view.value
        self._hide(structs.replace(choice, areas=tuple(each for each in choice.areas if each.number != number)))

    def still(self, share: Share) -> Share | None:
        """What of it there is now."""
        return _still(structs.replace(self.view.value, share=share))

    def tell(self) -> None:
        """A session process is new: it must know what is hidden before it looks."""
        choice = self.view.value
        if choice.hidden or choice.areas:
            self._hide(choice)

    def forget(self) -> None:
        """The session is over: the next one begins with nothing chosen and nothing hidden."""
        self._numbers = 0
        self.view.set(Choice())

    def _hide(self, choice: Choice) -> None:
        self.view.set(choice)
        windows = tuple(window.id for window in choice.hidden)
        self._order(Hide(windows=windows, areas=tuple(each.area for each in choice.areas)))


def _still(choice: Choice) -> Share | None:
    match choice.share:
        case SharedMonitors(ids):
            left = tuple(monitor.id for monitor in choice.monitors if monitor.id in ids)
            return SharedMonitors(left) if left else None
        case SharedWindow(window):
            return choice.share if any(each.id == window for each in choice.windows) else None
        case None:
            return None


def named(choice: Choice, share: Share) -> Words:
    """What a person calls it: "Monitor 1, Monitor 2", or the window's title."""
    if isinstance(share, SharedWindow):
        return next((window.title for window in choice.windows if window.id == share.id), str(share.id))
    numbers = numbers_of(choice, share)
    if len(numbers) == 1:
        return phrase("consent.monitor", number=numbers[0])
    return lambda: text("sharing.joint").join(render(phrase("consent.monitor", number=each)) for each in numbers)


def numbers_of(choice: Choice, share: SharedMonitors) -> list[int]:
    """The numbers of these monitors, as they are shown."""
    return [place for place, monitor in enumerate(choice.monitors, 1) if monitor.id in share.ids]


def hidden_words(choice: Choice) -> Phrase:
    """How much stays blank."""
    if not choice.hidden and not choice.areas:
        return phrase("cover.nothing")
    return phrase("cover.count", windows=len(choice.hidden), areas=len(choice.areas))


def source_of(choice: Choice, share: Share) -> str:
    """What the record calls it: the system's names."""
    if isinstance(share, SharedWindow):
        return next((window.title for window in choice.windows if window.id == share.id), str(share.id))
    return ", ".join(monitor.name for monitor in choice.monitors if monitor.id in share.ids) or ", ".join(share.ids)


def areas_of(choice: Choice, share: Share) -> tuple[Pane, ...]:
    """Where it was when it was looked at; the session process says where it is."""
    if isinstance(share, SharedWindow):
        return tuple(Pane(str(each.id), each.title, each.area) for each in choice.windows if each.id == share.id)
    return tuple(Pane(each.id, each.name, each.area) for each in choice.monitors if each.id in share.ids)
