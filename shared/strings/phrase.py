"""Looking words up, and phrases that are looked up each time they are shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from shared.strings import en, zh_cn
from shared.strings.language import LanguageCode, language

Param = str | int | float
Words = str | Callable[[], str]
"""What is shown: a `str` is data (a name, a number) and stays; a `Phrase` or other callable follows the language."""

_WORDS: Final[Mapping[LanguageCode, Mapping[str, str]]] = {"en": en.WORDS, "zh_CN": zh_cn.WORDS}


def text(key: str, /, **params: Param) -> str:
    """The words for `key` in the current language. Raises KeyError for a key or a placeholder that is not there."""
    return text_in(language(), key, **params)


def text_in(code: LanguageCode, key: str, /, **params: Param) -> str:
    """As `text`, in a language of the caller's choice."""
    return _WORDS[code][key].format(**params)


def error_text(code: str, params: Mapping[str, Param] | None = None) -> str:
    """What happened, what was kept and what to do next, for a refusal's code.

    A code that this version does not know (a newer server's) gives the general sentence with the code in it.
    """
    key = f"error.{code}"
    if key not in _WORDS[language()]:
        return text("error.unknown", code=code)
    return text(key, **(params or {}))


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words chosen now and looked up when shown, so that they follow the language. Compares by value."""

    key: str
    params: tuple[tuple[str, Param], ...] = ()

    def __call__(self) -> str:
        return text(self.key, **dict(self.params))

    def __str__(self) -> str:
        return self()


def phrase(key: str, /, **params: Param) -> Phrase:
    """A `Phrase`; frozen view states hold these rather than finished text."""
    return Phrase(key, tuple(sorted(params.items())))


def render(words: Words) -> str:
    """The words now."""
    return words if isinstance(words, str) else words()


def tier_phrase(tier: int) -> Phrase:
    """`Tier 2`; `tier` is 1, 2 or 3."""
    return phrase(f"common.tier_{tier}")


def name_with_tier(name: str, tier: int) -> Phrase:
    """`Lin Wei (Tier 2)`; `tier` is 1, 2 or 3."""
    return phrase(f"common.name_tier_{tier}", name=name)
