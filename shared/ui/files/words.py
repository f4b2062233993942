"""A transfer in words."""

from typing import Final

from shared.control.files.view import Shown, TransferView
from shared.strings import Phrase, phrase, size, text
from shared.ui.theme import Tone

TONES: Final[dict[Shown, Tone]] = {"done": "ok", "failed": "danger", "stalled": "warn", "asks": "warn", "waits": "warn"}


def percent(file: TransferView) -> int:
    """How much of it is there; 100 only when it is whole."""
    if file.shown == "done":
        return 100
    return min(99, file.done * 100 // file.size) if file.size else 0


def state_words(file: TransferView) -> Phrase:
    """Two words at the right."""
    return phrase(f"files.{file.shown}", **({"percent": percent(file)} if file.shown == "moving" else {}))


def detail(file: TransferView, who: str) -> str:
    """The line below: whose, how much, how fast, or what went wrong."""
    parts = [text("files.from" if file.incoming else "files.to", who=who)] if who else []
    if file.shown == "failed":
        parts = [text(f"files.fault_{file.why or 'cancelled'}")]
    elif file.shown == "done":
        parts += [size(file.size), text("files.checked")]
    elif file.done:
        parts += [text("files.part", part=size(file.done), whole=size(file.size))]
    else:
        parts += [size(file.size)]
    if file.rate:
        parts.append(text("files.rate", size=size(file.rate)))
    if file.shown in ("stalled", "unfinished"):
        parts.append(text(f"files.{file.shown}_why"))
    return text("files.joint").join(parts)
