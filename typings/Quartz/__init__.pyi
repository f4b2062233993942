"""The part of pyobjc's Quartz that is used; comes with pynput on macOS."""

from collections.abc import Mapping, Sequence

kCGNullWindowID: int
kCGWindowListOptionOnScreenOnly: int

def CGSessionCopyCurrentDictionary() -> Mapping[str, object] | None: ...
def CGWindowListCopyWindowInfo(option: int, relative_to: int, /) -> Sequence[Mapping[str, object]]: ...
