"""Words that several rooms use: the organisation's own in both languages, and lists of capabilities."""

from collections.abc import Callable

from msgspec import Struct

from shared.protocol.messages.organisation import FormField, Texts
from shared.strings import Phrase, language, phrase, render, text


def local_text(texts: Texts) -> str:
    """An organisation's words in the language shown, else in English, else in whatever there is."""
    return texts.get(language()) or texts.get("en") or next(iter(texts.values()), "")


class Localised(Struct, frozen=True):
    """An organisation's words, looked up when shown."""

    texts: Texts

    def __call__(self) -> str:
        return local_text(self.texts)


class Listed(Struct, frozen=True):
    """A phrase with a list in it: `{list}` becomes the parts, joined as the language joins them."""

    key: str
    parts: tuple["str | Phrase | Localised", ...]
    params: tuple[tuple[str, str], ...] = ()

    def __call__(self) -> str:
        joined = text("desk.list_joint").join(render(part) for part in self.parts)
        return text(self.key, list=joined, **dict(self.params))


Words = str | Phrase | Localised | Listed
"""What a view state holds for a person to read; a `str` is data."""


class Fact(Struct, frozen=True):
    """A question and its answer."""

    label: Words
    value: Words


Name = str | Phrase | Localised
"""A word or two that goes into a list."""
CategoryName = Callable[[str], Name]
"""A category's words, by its value."""


def capability(name: str) -> Phrase:
    """What a capability lets an agent do, as a short noun."""
    key = name.replace(".", "_")
    return phrase(f"desk.cap_{key}")


def listed_capabilities(key: str, names: tuple[str, ...], **params: str) -> Listed:
    """A phrase that names capabilities in its `{list}`."""
    return Listed(key, tuple(capability(name) for name in names), tuple(sorted(params.items())))


def facts(fields: tuple[FormField, ...], answers: dict[str, str]) -> tuple[Fact, ...]:
    """Answers under their questions, in the form's order, then those without a question."""
    known = {each.key: each for each in fields}
    keys = [key for key in known if answers.get(key)] + [key for key in answers if key not in known]
    return tuple(Fact(_label(known.get(key), key), _value(known.get(key), answers[key])) for key in keys)


def system_facts(system: dict[str, str]) -> tuple[Fact, ...]:
    """Lines of the system summary, in the order in which the customer's program gave them."""
    return tuple(Fact(_system_label(key), value) for key, value in system.items() if value)


_SYSTEM_KEYS = frozenset({"system", "release", "machine", "screens", "language", "client", "hostname", "cpu", "memory"})


def _system_label(key: str) -> Words:
    return phrase(f"desk.system_{key}") if key in _SYSTEM_KEYS else key


def _label(question: FormField | None, key: str) -> Words:
    return Localised(question.label) if question else key


def _value(question: FormField | None, answer: str) -> Words:
    choices = question.choices if question else ()
    return next((Localised(choice.label) for choice in choices if choice.value == answer), answer)
