"""Lines of a timeline as rows of the chat panel. No Qt."""

from collections.abc import Callable, Sequence
from datetime import date

from agent_app.conversation.lines import ChatLine
from agent_app.conversation.pictures import State
from agent_app.desk.moments import local
from shared.protocol.types import Attachment, PersonRef
from shared.strings import name_with_tier, phrase
from shared.ui.chat.view import ChatRow, EventRow, File, MessageRow, NoteRow, Person, PersonTone, Picture, arranged

PictureState = Callable[[str], State]
Row = MessageRow | NoteRow | EventRow


def chat_rows(lines: Sequence[ChatLine], state: PictureState, today: date, *, vip: bool) -> tuple[ChatRow, ...]:
    """The rows, with days between them. `state` says how a picture stands."""
    rows: list[Row] = []
    for line in lines:
        rows.extend(_rows(line, state, vip))
    return arranged(rows, today)


def _rows(line: ChatLine, state: PictureState, vip: bool) -> list[Row]:
    time = local(line.at_ms)
    if line.kind == "event":
        return [EventRow(line.key, line.words, time, line.icon or "info")]
    person = _person(line.author, vip)
    if line.kind == "note":
        return [NoteRow(line.key, person, line.text, time)]
    mark = line.mark or "none"
    first, *more = (*line.attachments, None) if line.attachments else (None, None)
    rows: list[Row] = [
        MessageRow(line.key, person, line.mine, line.text, time, mark, _picture(first, state), _file(first))
    ]
    for attached in more:
        if attached is not None:
            key = f"{line.key}/{attached.blob_id}"
            rows.append(MessageRow(key, person, line.mine, "", time, mark, _picture(attached, state), _file(attached)))
    return rows


def _person(author: PersonRef | None, vip: bool) -> Person:
    if author is None:
        return Person("", phrase("chat.you"), "self")
    if author.kind == "customer":
        return Person(author.name, author.name, "vip" if vip else "customer")
    tones: dict[int, PersonTone] = {1: "tier1", 2: "tier2", 3: "tier3"}
    title = name_with_tier(author.name, author.tier)
    return Person(author.name, title, tones.get(author.tier, "tier1"))


def _picture(attached: Attachment | None, state: PictureState) -> Picture | None:
    if attached is None or not attached.media_type.startswith("image/"):
        return None
    return Picture(attached.blob_id, attached.name, state(attached.blob_id))


def _file(attached: Attachment | None) -> File | None:
    if attached is None or attached.media_type.startswith("image/"):
        return None
    return File(attached.blob_id, attached.name, attached.size_bytes)
