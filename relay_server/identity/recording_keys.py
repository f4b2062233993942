"""The keys that recordings are encrypted to: public halves, and the organisation's signature under each."""

from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Rows
from shared.protocol.messages.trust import RecordingKey


def newest(rows: Rows) -> RecordingKey | None:
    """What recordings are encrypted to now; None: there is none, so nothing can be recorded."""
    found = rows("SELECT public, signature FROM recording_keys ORDER BY added_ms DESC, id LIMIT 1", ())
    return RecordingKey(key=found[0][0], signature=found[0][1]) if found else None


def all_keys(rows: Rows) -> tuple[RecordingKey, ...]:
    """All that are, or were, the organisation's."""
    found = rows("SELECT public, signature FROM recording_keys ORDER BY added_ms, id", ())
    return tuple(RecordingKey(key=public, signature=signature) for public, signature in found)


def known(rows: Rows, key_id: str) -> bool:
    """Whether that key is, or was, the organisation's."""
    return bool(rows("SELECT 1 FROM recording_keys WHERE id = ?", (key_id,)))


def add(tx: Transaction, key_id: str, key: RecordingKey) -> None:
    """What is recorded from now on is encrypted to this key; recordings under older ones keep theirs."""
    tx.run(
        "INSERT INTO recording_keys (id, public, signature, added_ms) VALUES (?,?,?,?)"
        " ON CONFLICT (id) DO UPDATE SET added_ms = excluded.added_ms",
        (key_id, key.key, key.signature, tx.now_ms),
    )


def sign(tx: Transaction, key: RecordingKey) -> bool:
    """Keeps the organisation's signature; False: that key was never made known here."""
    return tx.run("UPDATE recording_keys SET signature = ? WHERE public = ?", (key.signature, key.key)) == 1
