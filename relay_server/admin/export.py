"""A person's own record as one zip: every row about them as JSON, the talks as a page to read, and their files.

Rows are read from one snapshot and written as they come, so memory does not grow with the record.
"""

import html
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Table, select

from relay_server.admin.holdings import CUSTOMER, HELD
from relay_server.engine.schema import conversations as c
from relay_server.engine.schema import customers, files, recordings
from relay_server.engine.schema import events as e
from shared.protocol.messages.conversations import public_stream
from shared.strings import language
from shared.strings import text as words

_PART: Final = 1024 * 1024
_HEAD: Final = (
    '<!doctype html>\n<html lang="{language}"><meta charset="utf-8"><title>{title}</title>\n'
    "<style>body{{font:15px sans-serif;max-width:50em;margin:2em auto}}td{{vertical-align:top;padding:2px 8px}}"
    "</style>\n<h1>{title}</h1>\n<p>{explained}</p>\n"
)


def exists(sql: Connection, customer_id: str) -> bool:
    """Whether there is, or was, such a customer."""
    return sql.execute(select(customers.customers).where(customers.customers.c.id == customer_id)).first() is not None


def write(target: Path, sql: Connection, customer_id: str, blobs: Path, sealed: Path) -> int:
    """Writes the zip; how many rows are in it. Recordings are in it as they lie here: sealed to the organisation's
    recording key."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        count = _write_rows(archive, sql, customer_id)
        with archive.open("record.html", "w", force_zip64=True) as page:
            for part in _page(sql, customer_id):
                page.write(part.encode())
        for row in _rows(sql, files.blobs, customer_id):
            _add(archive, blobs / row["id"], f"files/{row['id']}-{row['name']}")
        for row in _rows(sql, recordings.recordings, customer_id):
            _add(archive, sealed / f"{row['id']}.tlr", f"recordings/{row['id']}.tlr")
    return count


def _write_rows(archive: zipfile.ZipFile, sql: Connection, customer_id: str) -> int:
    count = 0
    with archive.open("person.json", "w", force_zip64=True) as target:
        target.write(b"{")
        for number, table in enumerate(HELD):
            target.write(f"{',' if number else ''}\n{json.dumps(table.name)}: [".encode())
            for place, row in enumerate(_rows(sql, table, customer_id)):
                target.write(f"{',' if place else ''}\n {json.dumps(row, ensure_ascii=False)}".encode())
                count += 1
            target.write(b"]")
        target.write(b"\n}\n")
    return count


def _page(sql: Connection, customer_id: str) -> Iterator[str]:
    yield _HEAD.format(
        language=language(), title=words("relay.person_title"), explained=words("relay.person_explained")
    )
    for row in _rows(sql, customers.customers, customer_id):
        yield _table((name, str(value)) for name, value in row.items())
    for row in _rows(sql, c.conversations, customer_id):
        subject = html.escape(row["subject"] or row["id"])
        yield f"<h2>{_moment(row['opened_ms'])} {subject}</h2>\n"
        yield _table(_said(sql, row["id"]))


def _said(sql: Connection, conversation_id: str) -> Iterator[tuple[str, str]]:
    found = sql.execute(
        select(e.events.c.at_ms, e.events.c.kind, e.events.c.body)
        .join(e.streams, e.streams.c.id == e.events.c.stream_id)
        .where(e.streams.c.name == public_stream(conversation_id))
        .order_by(e.events.c.seq)
    )
    for at_ms, kind, body in found:
        told = {name: value for name, value in json.loads(body).items() if name != "kind"}
        author = told.get("author")
        if kind == "chat_posted" and isinstance(author, dict):
            yield f"{_moment(at_ms)} {author['name']}", str(told.get("text", ""))
        else:
            yield f"{_moment(at_ms)} {kind}", json.dumps(told, ensure_ascii=False)


def _table(lines: Iterator[tuple[str, str]]) -> str:
    rows = "".join(f"<tr><td>{html.escape(left)}<td>{html.escape(right)}\n" for left, right in lines)
    return f"<table>\n{rows}</table>\n"


def _moment(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _add(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    if path.is_file():
        with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as target:
            while part := source.read(_PART):
                target.write(part)


def _rows(sql: Connection, table: Table, customer_id: str) -> Iterator[dict[str, Any]]:
    query = select(table).where(HELD[table]).order_by(*table.primary_key.columns)
    return (dict(row) for row in sql.execute(query, {CUSTOMER: customer_id}).mappings())
