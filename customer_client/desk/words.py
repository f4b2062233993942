"""Words that several rooms use: the organisation's own in both languages, people, and moments."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct

from shared.protocol.messages.organisation import Texts
from shared.protocol.types import Capability, PersonRef
from shared.strings import Phrase, clock, day_name, duration_range, language, long_date, phrase, render, text
from shared.ui.chat.view import PersonTone


def local_text(texts: Texts) -> str:
    """An organisation's words in the language shown, else in English, else in whatever there is."""
    return texts.get(language()) or texts.get("en") or next(iter(texts.values()), "")


class Localised(Struct, frozen=True):
    """An organisation's words, looked up when shown."""

    texts: Texts

    def __call__(self) -> str:
        return local_text(self.texts)


class Wait(Struct, frozen=True):
    """An expected wait in words, as a range; in a sentence where `key` names one with `{wait}`."""

    low_s: int
    high_s: int
    key: str = ""
    params: tuple[tuple[str, str], ...] = ()

    def __call__(self) -> str:
        wait = duration_range(self.low_s, self.high_s)
        return text(self.key, wait=wait, **dict(self.params)) if self.key else wait


class At(Struct, frozen=True):
    """A moment in words: the clock today, else day and clock; in a sentence where `key` names one with `{time}`."""

    at_ms: int
    now_ms: int
    key: str = ""

    def __call__(self) -> str:
        at, now = local(self.at_ms), local(self.now_ms)
        time = clock(at) if at.date() == now.date() else f"{day_name(at.date(), now.date())}, {clock(at)}"
        return text(self.key, time=time) if self.key else time


class Until(Struct, frozen=True):
    """A sentence with a date in it, at `{date}`."""

    at_ms: int
    key: str

    def __call__(self) -> str:
        return text(self.key, date=long_date(local(self.at_ms).date()))


class Reading(Struct, frozen=True):
    """What kind of article, and how long it takes."""

    category: str | Localised
    minutes: int

    def __call__(self) -> str:
        return text("home.reading", category=render(self.category), count=self.minutes)


class Named(Struct, frozen=True):
    """A sentence about somebody, named with their tier at `{who}`."""

    key: str
    who: PersonRef
    params: tuple[tuple[str, str], ...] = ()

    def __call__(self) -> str:
        return text(self.key, who=name_of(self.who)(), **dict(self.params))


_TONES: Final[Mapping[int, PersonTone]] = {1: "tier1", 2: "tier2", 3: "tier3"}
Words = str | Phrase | Localised | Wait | At | Until | Named
"""What a view state holds for a person to read; a `str` is data."""


class Person(Struct, frozen=True):
    """Somebody's name with their tier, looked up when shown."""

    ref: PersonRef

    def __call__(self) -> str:
        return name_of(self.ref)()


def name_of(person: PersonRef) -> Phrase:
    """`Lin Wei (Tier 2)`; a customer's name alone."""
    if person.tier:
        return phrase(f"common.name_tier_{person.tier}", name=person.name)
    return phrase("client.name", name=person.name)


def capability_words(capability: Capability) -> Phrase:
    """What a capability lets somebody do, as a short noun."""
    name = capability.replace(".", "_")
    return phrase(f"consent.short_{name}")


def tone_of(person: PersonRef) -> PersonTone:
    """The tint says the tier."""
    return _TONES.get(person.tier, "customer")


def local(at_ms: int) -> datetime:
    """A moment in this computer's time zone."""
    return datetime.fromtimestamp(at_ms / 1000).astimezone()
