"""Taking content out of the record, within transactions: the rows at once, the bodies of events in small steps after.

An erasure appends `ContentErased`, so every fold shows the result at once, and opens a row for each stream; while that
row is open the store lets bodies be replaced. A step works on a bounded number of events and may be done by any node:
the row says where the next one begins, and everything runs on the one writer. `finish` closes rows whose bodies are
done, which only happens after the store's files were cleared of what was overwritten.
"""

from typing import Final, Literal, get_args

from relay_server.admin.rules import WHAT
from relay_server.conversations import store as conversations
from relay_server.conversations.store import Conversation
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Rows
from relay_server.files import store as files
from relay_server.tickets import store as tickets
from relay_server.tickets.store import Ticket
from shared.protocol import frames as f
from shared.protocol.messages.base import EventBody, snake
from shared.protocol.messages.conversations import ContentErased, internal_stream, public_stream
from shared.protocol.messages.tickets import ticket_stream
from shared.rules import erasure
from shared.rules.erasure import DEPTH, What

STEP: Final = 200
"""Events rewritten in one unit of work at most."""
Why = Literal["retention", "asked"]
_TYPED: Final[dict[str, type[EventBody]]] = {snake(kind.__name__): kind for kind in get_args(f.EventBody)}


def erase_conversation(tx: Transaction, found: Conversation, what: What, why: Why) -> None:
    """Its rows lose their content now, its events in the steps that follow. Nothing happens twice."""
    public, internal = public_stream(found.conversation_id), internal_stream(found.conversation_id)
    if depth_of(tx.rows, public) >= DEPTH[what]:
        return
    files.discard(tx, found.key)
    if DEPTH[what] >= DEPTH["words"]:
        _erase_words(tx, found.key)
    if DEPTH[what] >= DEPTH["everything"]:
        _erase_names(tx, found)
    tx.append(public, ContentErased(what=what, why=why))
    for stream in (public, internal):
        _begin(tx, stream, what, why)


def erase_ticket(tx: Transaction, ticket: Ticket, why: Why) -> None:
    """The ticket's row and log lose what was typed and the customer's name."""
    stream = ticket_stream(ticket.ticket_id)
    if depth_of(tx.rows, stream) >= DEPTH["everything"]:
        return
    customer = erasure.nameless(conversations.person_of(ticket.customer))
    tickets.erase(tx, ticket.ticket_id, customer)
    _begin(tx, stream, "everything", why)


def depth_of(rows: Rows, stream: str) -> int:
    """How much of a stream was erased, or is being; 0: nothing."""
    found = rows("SELECT e.depth FROM erasures e JOIN streams s ON s.id = e.stream_id WHERE s.name = ?", (stream,))
    return found[0][0] if found else 0


def step(tx: Transaction, limit: int = STEP) -> int:
    """Rewrites the next bodies of one open erasure; how many events it looked at, 0: there is nothing to do."""
    open_one = tx.row(
        "SELECT stream_id, depth, next_seq, until_seq FROM erasures WHERE done_ms = 0 AND next_seq <= until_seq LIMIT 1"
    )
    if open_one is None:
        return 0
    stream_id, depth, next_seq, until_seq = open_one
    found = tx.rows(
        "SELECT position, seq, kind, body FROM events WHERE stream_id = ? AND seq >= ? AND seq <= ?"
        " ORDER BY seq LIMIT ?",
        (stream_id, next_seq, until_seq, limit),
    )
    for position, _, kind, body in found:
        _rewrite(tx, position, kind, body, WHAT[depth])
    reached = found[-1][1] + 1 if found else until_seq + 1
    tx.run("UPDATE erasures SET next_seq = ? WHERE stream_id = ?", (reached, stream_id))
    return len(found) or 1


def written(rows: Rows) -> bool:
    """Whether bodies were rewritten of which older copies may lie in the store's files."""
    return bool(rows("SELECT 1 FROM erasures WHERE done_ms = 0 AND next_seq > until_seq LIMIT 1", ()))


def finish(tx: Transaction) -> int:
    """Closes what is rewritten; how many streams."""
    return tx.run("UPDATE erasures SET done_ms = ? WHERE done_ms = 0 AND next_seq > until_seq", (tx.now_ms,))


def _begin(tx: Transaction, stream: str, what: What, why: Why) -> None:
    head = tx.head(stream)
    found = tx.row("SELECT id FROM streams WHERE name = ?", (stream,))
    if found is None or head == 0:
        return
    tx.run(
        "INSERT INTO erasures (stream_id, depth, why, next_seq, until_seq, asked_ms, done_ms) VALUES (?,?,?,1,?,?,0)"
        " ON CONFLICT (stream_id) DO UPDATE SET depth = excluded.depth, why = excluded.why, next_seq = 1,"
        " until_seq = excluded.until_seq, asked_ms = excluded.asked_ms, done_ms = 0",
        (found[0], DEPTH[what], why, head, tx.now_ms),
    )


def _rewrite(tx: Transaction, position: int, kind: str, body: str, what: What) -> None:
    known = _TYPED.get(kind)
    if known is None or (known in erasure.NOTHING_TYPED and what != "everything"):
        return
    left = erasure.erased_body(known, body, what)
    if left != body:
        tx.run("UPDATE events SET body = ? WHERE position = ?", (left, position))


def _erase_words(tx: Transaction, key: int) -> None:
    tx.run("UPDATE conversations SET last_text = '' WHERE key = ?", (key,))
    tx.run("UPDATE intakes SET answers = '{}', system = '{}' WHERE conversation_key = ?", (key,))
    tx.run("UPDATE ratings SET comment = '' WHERE conversation_key = ?", (key,))


def _erase_names(tx: Transaction, found: Conversation) -> None:
    customer = erasure.nameless(found.customer)
    tx.run("UPDATE conversations SET subject = '', customer_name = ? WHERE key = ?", (customer.name, found.key))
    tx.run(
        "UPDATE participants SET person = ? WHERE conversation_key = ? AND person_id = ?",
        (conversations.person_json(customer), found.key, customer.id),
    )
    tx.run("DELETE FROM receipts WHERE conversation_key = ?", (found.key,))
