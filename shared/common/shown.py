"""Values that somebody shows: presenters set them, widgets and other presenters watch them. No Qt, no loop."""

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")
Forget = Callable[[], None]


class Heard(Generic[T]):
    """Things that happen and are not kept: whoever watches now is told."""

    def __init__(self) -> None:
        self._watchers: list[Callable[[T], None]] = []

    def watch(self, tell: Callable[[T], None]) -> Forget:
        """Be told of each from now on; the returned function ends that."""
        self._watchers.append(tell)

        def forget() -> None:
            if tell in self._watchers:
                self._watchers.remove(tell)

        return forget

    def tell(self, what: T) -> None:
        """Tell everybody, in the order in which they began to watch."""
        for watcher in tuple(self._watchers):
            watcher(what)


class Shown(Generic[T]):
    """A frozen value and those who show it. Setting an equal value tells nobody."""

    def __init__(self, value: T) -> None:
        self._value = value
        self._changed = Heard[T]()

    @property
    def value(self) -> T:
        """As it stands now."""
        return self._value

    def set(self, value: T) -> None:
        """Replace it and tell the watchers."""
        if value is not self._value and value != self._value:
            self._value = value
            self._changed.tell(value)

    def watch(self, show: Callable[[T], None]) -> Forget:
        """Show it now and after each change; the returned function ends that."""
        forget = self._changed.watch(show)
        show(self._value)
        return forget

    def on_change(self, tell: Callable[[], None]) -> Forget:
        """Be told after each change that there is one; the returned function ends that."""
        return self._changed.watch(lambda _: tell())


class Changing(Protocol):
    """Whatever it holds, it says when that changes."""

    def on_change(self, tell: Callable[[], None]) -> Forget:
        """Be told after each change."""
        ...


def watch_all(tell: Callable[[], None], *shown: Changing) -> Forget:
    """Be told after each change of any of these; the returned function ends that."""
    forgets = [each.on_change(tell) for each in shown]

    def forget() -> None:
        for each in forgets:
            each()

    return forget
