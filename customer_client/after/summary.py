"""The receipt in plain words: what was seen, controlled, and what did not happen."""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from customer_client.desk.words import capability_words, local, name_of
from shared.protocol.messages.remote import Receipt, ReceiptEntry
from shared.protocol.types import Capability, PersonRef
from shared.strings import clock, day_name, duration, size, text


class Line(Struct, frozen=True):
    """One kind of thing that may have happened, with times and counts below it."""

    icon: str
    title: str
    detail: str = ""
    happened: bool = False


class Span(Struct, frozen=True):
    """A capability that an engineer had, from grant to end."""

    agent: PersonRef | None
    capability: Capability
    from_ms: int
    to_ms: int
    first_ms: int = 0
    last_ms: int = 0
    count: int = 0
    refused: int = 0


def spans(entries: Iterable[ReceiptEntry]) -> tuple[Span, ...]:
    """Grants with what was done under them, in the order in which they ended."""
    granted: dict[tuple[str, str], ReceiptEntry] = {}
    used: dict[tuple[str, str], ReceiptEntry] = {}
    made: list[Span] = []
    for entry in entries:
        if entry.capability is None:
            continue
        key = (entry.agent.id if entry.agent else "", entry.capability)
        match entry.what:
            case "granted":
                granted.setdefault(key, entry)
            case "used":
                used[key] = entry
            case "ended" if key in granted:
                made.append(_span(granted.pop(key), used.pop(key, None), entry))
            case _:
                pass
    return tuple(made)


def lines(receipts: Iterable[Receipt]) -> tuple[Line, ...]:
    """Every kind of thing, also what did not happen."""
    entries = [entry for receipt in receipts for entry in receipt.entries]
    found = spans(entries)
    numbers = {entry.params["number"] for entry in entries if entry.what == "source" and "number" in entry.params}
    sources = [entry.params for entry in entries if entry.what == "source"]
    windows = list(dict.fromkeys(params["window"] for params in sources if "window" in params))
    monitors = [text("consent.monitor", number=number) for number in sorted(numbers)] + windows
    seen = [span for span in found if span.capability == "view" and span.count]
    worked = [span for span in found if span.capability == "control" and span.count]
    return (
        _seen(seen, monitors),
        *_pointed([span for span in found if span.capability == "point" and span.count]),
        _controlled(worked),
        _recorded([span for span in found if span.capability == "record"]),
        *_facts([span for span in found if span.capability == "sysinfo" and span.count]),
        _files([entry for entry in entries if entry.what == "file"]),
        _clipboard([span for span in found if span.capability in ("clipboard.read", "clipboard.write") and span.count]),
        Line("terminal", text("after.commands_none")),
    )


def document(receipt: Receipt, company: str, digest: str, raw_json: str) -> str:
    """The receipt as a text file: words first, then the signed record itself, which any copy can be checked by."""
    head = [
        text("after.file_title", company=company),
        text("after.file_request", number=receipt.ticket_number),
        "",
    ]
    summary = [f"- {line.title}{f' ({line.detail})' if line.detail else ''}" for line in lines((receipt,))]
    log = [_entry(entry) for entry in receipt.entries]
    signed = ["", text("after.file_signed", digest=digest), "", raw_json, ""]
    return "\n".join([*head, *summary, "", text("after.file_log"), *log, *signed])


_SHORT_HASH: Final = 16
_COUNTED: Final = ("count", "refused", "first_ms", "last_ms")


def _span(granted: ReceiptEntry, used: ReceiptEntry | None, ended: ReceiptEntry) -> Span:
    count, refused, first, last = (int((used.params if used else {}).get(key, "0")) for key in _COUNTED)
    capability = granted.capability or "view"
    return Span(granted.agent, capability, granted.at_ms, ended.at_ms, first, last, count, refused)


def _seen(seen: list[Span], monitors: list[str]) -> Line:
    if not seen:
        return Line("eye", text("after.seen_none"))
    title = text("after.seen", what=text("after.joint").join(monitors) or text("after.screen"))
    return Line("eye", title, _times(seen), happened=True)


def _recorded(found: list[Span]) -> Line:
    """What was granted: whether every second of it was used, the customer's machine cannot know."""
    if not found:
        return Line("record", text("after.recorded_none"))
    return Line("record", text("after.recorded"), _times(found), happened=True)


def _controlled(worked: list[Span]) -> Line:
    if not worked:
        return Line("mouse", text("after.controlled_none"))
    return Line("mouse", text("after.controlled"), _times(worked), happened=True)


def _pointed(pointed: list[Span]) -> tuple[Line, ...]:
    return (Line("pencil", text("after.pointed"), _times(pointed), happened=True),) if pointed else ()


def _files(moved: list[ReceiptEntry]) -> Line:
    """Which came and which went; the whole SHA-256 is in the receipt."""
    if not moved:
        return Line("folder", text("after.files_none"))
    came = sum(1 for entry in moved if entry.capability == "files.send")
    title = text("after.files", came=came, went=len(moved) - came)
    return Line("folder", title, "\n".join(_file(entry) for entry in moved), happened=True)


def _clipboard(used: list[Span]) -> Line:
    if not used:
        return Line("clipboard", text("after.clipboard_none"))
    went = sum(span.count for span in used if span.capability == "clipboard.read")
    came = sum(span.count for span in used if span.capability == "clipboard.write")
    return Line("clipboard", text("after.clipboard", went=went, came=came), _times(used), happened=True)


def _file(entry: ReceiptEntry) -> str:
    key = "after.file_came" if entry.capability == "files.send" else "after.file_went"
    facts = entry.params
    count = facts.get("size", "")
    return text(
        key,
        name=facts.get("name", ""),
        size=size(int(count)) if count.isdecimal() else "",
        digest=facts.get("sha256", "")[:_SHORT_HASH],
    )


def _facts(sent: list[Span]) -> tuple[Line, ...]:
    if not sent:
        return ()
    count = sum(span.count for span in sent)
    title = text("after.facts_once") if count == 1 else text("after.facts", count=count)
    return (Line("gauge", title, _times(sent), happened=True),)


def _times(found: list[Span]) -> str:
    first = min(span.first_ms or span.from_ms for span in found)
    last = max(span.last_ms or span.to_ms for span in found)
    who = text("after.joint").join(dict.fromkeys(name_of(span.agent)() for span in found if span.agent))
    return text(
        "after.times",
        start=clock(local(first)),
        end=clock(local(last)),
        length=duration(max(1, (last - first) / 1000)),
        who=who,
    )


def _entry(entry: ReceiptEntry) -> str:
    at = local(entry.at_ms)
    when = f"{at.date().isoformat()} {at:%H:%M:%S}"
    who = name_of(entry.agent)() if entry.agent else ""
    what = text(f"after.entry_{entry.what}")
    capability = capability_words(entry.capability)() if entry.capability else ""
    rest = ", ".join(f"{key}={value}" for key, value in sorted(entry.params.items()))
    return "  ".join(part for part in (when, what, who, capability, rest) if part)


def day_of(at_ms: int, now_ms: int) -> str:
    """`Today`, `Yesterday`, `Tuesday 24 November`."""
    return day_name(local(at_ms).date(), local(now_ms).date())
