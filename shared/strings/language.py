"""Which language is shown, and who wants to know when that changes. No Qt: observers are plain callbacks."""

import locale
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

LanguageCode = Literal["en", "zh_CN"]

LANGUAGES: Final[tuple[LanguageCode, ...]] = get_args(LanguageCode)
"""Every language, in the order a person chooses from."""

NATIVE_NAMES: Final[Mapping[LanguageCode, str]] = {"en": "English", "zh_CN": "简体中文"}
"""Each language's name in itself, the same whatever language is shown."""


@dataclass
class _Current:
    code: LanguageCode = "en"
    observers: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])


_current = _Current()


def language() -> LanguageCode:
    """The language shown now."""
    return _current.code


def set_language(code: LanguageCode) -> None:
    """Show another language and tell every observer. Nothing happens if it is shown already."""
    if code == _current.code:
        return
    _current.code = code
    for observer in tuple(_current.observers):
        observer()


def observe_language(observer: Callable[[], None]) -> Callable[[], None]:
    """Call `observer` after each change of language. Returns what ends that."""
    _current.observers.append(observer)

    def forget() -> None:
        if observer in _current.observers:
            _current.observers.remove(observer)

    return forget


def system_language(environ: Mapping[str, str]) -> LanguageCode:
    """The language to start with: from the environment as POSIX orders it, else from the system's own setting."""
    named = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), None)
    return language_of_locale(named if named is not None else locale.getlocale()[0] or "")


def language_of_locale(name: str) -> LanguageCode:
    """The language we have that is nearest to a locale name such as `zh_CN.UTF-8`, `zh-Hans` or `Chinese_China`."""
    return "zh_CN" if name.lower().startswith(("zh", "chinese")) else "en"
