"""The blobs' rows."""

from dataclasses import dataclass

from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Rows
from shared.protocol.types import Attachment


@dataclass(frozen=True, slots=True)
class BlobRow:
    """A stored file. `shown` is what messages carry of it."""

    shown: Attachment
    uploader_id: str


def by_id(rows: Rows, blob_id: str) -> BlobRow | None:
    """The blob of that id."""
    found = rows(
        "SELECT id, name, media_type, size_bytes, width_px, height_px, uploader_id FROM blobs WHERE id = ?", (blob_id,)
    )
    if not found:
        return None
    blob_id, name, media_type, size_bytes, width_px, height_px, uploader_id = found[0]
    shown = Attachment(
        blob_id=blob_id, name=name, media_type=media_type, size_bytes=size_bytes, width_px=width_px, height_px=height_px
    )
    return BlobRow(shown, uploader_id)


def attachment(rows: Rows, blob_id: str, uploader_id: str) -> Attachment | None:
    """What messages carry of a person's own upload."""
    found = by_id(rows, blob_id)
    return found.shown if found and found.uploader_id == uploader_id else None


def insert(tx: Transaction, shown: Attachment, uploader_id: str, sha256: str) -> None:
    """Adds a blob whose file is in place."""
    tx.run(
        "INSERT INTO blobs (id, uploader_id, name, media_type, size_bytes, sha256, width_px, height_px, stored_ms)"
        " VALUES (?,?,?,?,?,?,?,?,?)",
        (
            shown.blob_id,
            uploader_id,
            shown.name,
            shown.media_type,
            shown.size_bytes,
            sha256,
            shown.width_px,
            shown.height_px,
            tx.now_ms,
        ),
    )


def use(tx: Transaction, blob_id: str, conversation_key: int) -> None:
    """A conversation shows the blob: who may read the one may read the other."""
    tx.run(
        "INSERT INTO blob_uses (blob_id, conversation_key) VALUES (?,?) ON CONFLICT DO NOTHING",
        (blob_id, conversation_key),
    )


def uses(rows: Rows, blob_id: str) -> tuple[int, ...]:
    """The keys of the conversations that show the blob."""
    return tuple(row[0] for row in rows("SELECT conversation_key FROM blob_uses WHERE blob_id = ?", (blob_id,)))


def discard(tx: Transaction, conversation_key: int) -> None:
    """A conversation shows its files no more; those that nobody else shows go, their files once this is durable."""
    shown = tx.rows("SELECT blob_id FROM blob_uses WHERE conversation_key = ?", (conversation_key,))
    tx.run("DELETE FROM blob_uses WHERE conversation_key = ?", (conversation_key,))
    for (blob_id,) in shown:
        if not uses(tx.rows, blob_id):
            _remove(tx, blob_id)


def discard_unused(tx: Transaction, before_ms: int, limit: int) -> int:
    """Uploads that no conversation ever showed; how many there were."""
    found = tx.rows(
        "SELECT b.id FROM blobs b WHERE b.stored_ms < ?"
        " AND NOT EXISTS (SELECT 1 FROM blob_uses u WHERE u.blob_id = b.id)"
        " AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.customer_id = b.uploader_id) LIMIT ?",
        (before_ms, limit),
    )
    for (blob_id,) in found:
        _remove(tx, blob_id)
    return len(found)


def discard_uploads(tx: Transaction, uploader_id: str) -> None:
    """Everything that a person brought, shown or not."""
    for (blob_id,) in tx.rows("SELECT id FROM blobs WHERE uploader_id = ?", (uploader_id,)):
        tx.run("DELETE FROM blob_uses WHERE blob_id = ?", (blob_id,))
        _remove(tx, blob_id)


def to_remove(rows: Rows, limit: int) -> tuple[str, ...]:
    """Blobs whose rows are gone and whose files may still be there."""
    return tuple(row[0] for row in rows("SELECT blob_id FROM removals ORDER BY at_ms LIMIT ?", (limit,)))


def removed(tx: Transaction, blob_id: str) -> None:
    """The file is gone as well."""
    tx.run("DELETE FROM removals WHERE blob_id = ?", (blob_id,))


def _remove(tx: Transaction, blob_id: str) -> None:
    tx.run("DELETE FROM blobs WHERE id = ?", (blob_id,))
    tx.run("INSERT INTO removals (blob_id, at_ms) VALUES (?,?) ON CONFLICT DO NOTHING", (blob_id, tx.now_ms))
