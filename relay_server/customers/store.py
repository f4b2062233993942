"""The customers' rows."""

from relay_server.customers.rules import CustomerRecord
from relay_server.engine.journal import Row, Transaction
from relay_server.engine.raw import Rows
from shared.protocol.types import PersonRef

_SELECT = "SELECT c.id, c.name, c.email, c.phone, c.vip_level, c.organisation, c.first_seen_ms FROM customers c "


def by_id(rows: Rows, customer_id: str) -> CustomerRecord | None:
    """The customer of that id; None too for one whose record was erased."""
    return _one(rows, _SELECT + "WHERE c.id = ? AND c.erased_ms = 0", customer_id)


def by_device(rows: Rows, device_key: str) -> CustomerRecord | None:
    """The customer whose device has that key."""
    return _one(rows, _SELECT + "JOIN device_keys d ON d.customer_id = c.id WHERE d.device_key = ?", device_key)


def device_keys(rows: Rows, customer_id: str) -> tuple[str, ...]:
    """The keys of a customer's devices."""
    return tuple(row[0] for row in rows("SELECT device_key FROM device_keys WHERE customer_id = ?", (customer_id,)))


def after(rows: Rows, customer_id: str, limit: int) -> list[CustomerRecord]:
    """Customers by id, after one."""
    found = rows(_SELECT + "WHERE c.id > ? AND c.erased_ms = 0 ORDER BY c.id LIMIT ?", (customer_id, limit))
    return [_record(row) for row in found]


def is_erased(rows: Rows, customer_id: str) -> bool:
    """Whether there was such a customer, who has been erased."""
    return bool(rows("SELECT 1 FROM customers WHERE id = ? AND erased_ms > 0", (customer_id,)))


def insert(tx: Transaction, record: CustomerRecord, device_key: str) -> None:
    """Adds a customer with their first device."""
    insert_known(tx, record)
    tx.run(
        "INSERT INTO device_keys (device_key, customer_id, added_ms) VALUES (?,?,?)",
        (device_key, record.person.id, tx.now_ms),
    )


def insert_known(tx: Transaction, record: CustomerRecord) -> None:
    """Adds a customer whom the organisation knows from elsewhere; no device proves them yet."""
    tx.run(
        "INSERT INTO customers (id, name, email, phone, organisation, vip_level, first_seen_ms) VALUES (?,?,?,?,?,?,?)",
        (
            record.person.id,
            record.person.name,
            record.email,
            record.phone,
            record.organisation,
            record.vip_level,
            record.first_seen_ms,
        ),
    )


def replace(tx: Transaction, record: CustomerRecord) -> None:
    """Writes everything the organisation keeps of a customer."""
    tx.run(
        "UPDATE customers SET name = ?, email = ?, phone = ?, organisation = ?, vip_level = ?, first_seen_ms = ?"
        " WHERE id = ?",
        (
            record.person.name,
            record.email,
            record.phone,
            record.organisation,
            record.vip_level,
            record.first_seen_ms,
            record.person.id,
        ),
    )


def change(tx: Transaction, record: CustomerRecord) -> None:
    """Writes what a customer said about themselves."""
    tx.run(
        "UPDATE customers SET name = ?, email = ?, phone = ? WHERE id = ?",
        (record.person.name, record.email, record.phone, record.person.id),
    )


def erase(tx: Transaction, customer_id: str, name: str) -> None:
    """Nothing of who they are is left but an id that nobody else knows; their devices are strangers from now on."""
    tx.run("DELETE FROM device_keys WHERE customer_id = ?", (customer_id,))
    tx.run(
        "UPDATE customers SET name = ?, email = '', phone = '', organisation = '', vip_level = 0, erased_ms = ?"
        " WHERE id = ?",
        (name, tx.now_ms, customer_id),
    )


def hold(tx: Transaction, customer_id: str, reason: str) -> None:
    """Nothing of this customer is erased from now on, by whatever rule."""
    tx.run(
        "INSERT INTO holds (customer_id, at_ms, reason) VALUES (?,?,?)"
        " ON CONFLICT (customer_id) DO UPDATE SET reason = excluded.reason",
        (customer_id, tx.now_ms, reason),
    )


def release(tx: Transaction, customer_id: str) -> bool:
    """The hold is over; False when there was none."""
    return tx.run("DELETE FROM holds WHERE customer_id = ?", (customer_id,)) > 0


def is_held(rows: Rows, customer_id: str) -> bool:
    """Whether nothing of this customer may be erased."""
    return bool(rows("SELECT 1 FROM holds WHERE customer_id = ?", (customer_id,)))


def _one(rows: Rows, statement: str, key: str) -> CustomerRecord | None:
    found = rows(statement, (key,))
    return _record(found[0]) if found else None


def _record(row: Row) -> CustomerRecord:
    customer_id, name, email, phone, vip_level, organisation, first_seen_ms = row
    person = PersonRef(id=customer_id, name=name, kind="customer")
    return CustomerRecord(person, email, phone, vip_level, organisation, first_seen_ms)
