"""Customers as other programs keep them: one document a customer, listed, made, changed, taken in from elsewhere."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from relay_server.customers import store
from relay_server.customers.rules import NAME_MAX, CustomerRecord, plain_line
from relay_server.engine import audit
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Rows
from relay_server.identity.actors import KeyActor
from relay_server.identity.permissions import refuse
from shared.common.ids import new_id
from shared.protocol.frames import Refused
from shared.protocol.types import Id, Line, Millis, Name, PersonRef

VipLevel = Annotated[int, Meta(ge=0, le=9)]


class CustomerDocument(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A customer. E-mail and phone are what was said; nobody has checked them."""

    customer_id: Id
    name: Name
    email: Line = ""
    phone: Line = ""
    organisation: Line = ""
    vip_level: VipLevel = 0
    first_seen_ms: Millis = 0


class NewCustomer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What it takes to make one who has no device yet."""

    name: Name
    email: Line = ""
    phone: Line = ""
    organisation: Line = ""
    vip_level: VipLevel = 0


class CustomerChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays."""

    name: Name | None = None
    email: Line | None = None
    phone: Line | None = None
    organisation: Line | None = None
    vip_level: VipLevel | None = None


def document_of(record: CustomerRecord) -> CustomerDocument:
    """A row as others read it."""
    return CustomerDocument(
        customer_id=record.person.id,
        name=record.person.name,
        email=record.email,
        phone=record.phone,
        organisation=record.organisation,
        vip_level=record.vip_level,
        first_seen_ms=record.first_seen_ms,
    )


def listed(tx: Transaction, actor: KeyActor, after: str, limit: int) -> list[CustomerDocument] | Refused:
    """By id, after one; that they were listed is an audit row."""
    if refused := refuse(actor, "customer.read"):
        return refused
    audit.record(tx, actor.id, "customers_listed", after)
    return page(tx.rows, after, limit)


def page(rows: Rows, after: str, limit: int) -> list[CustomerDocument]:
    """By id, after one."""
    return [document_of(each) for each in store.after(rows, after, limit)]


def read(tx: Transaction, actor: KeyActor, customer_id: str) -> CustomerDocument | Refused:
    """That somebody looked is an audit row. Refused: `not_allowed`, `not_found`."""
    if refused := refuse(actor, "customer.read"):
        return refused
    found = store.by_id(tx.rows, customer_id)
    if found is None:
        return Refused(code="not_found")
    audit.record(tx, actor.id, "customer_read", customer_id)
    return document_of(found)


def create(tx: Transaction, actor: KeyActor, new: NewCustomer) -> CustomerDocument | Refused:
    """Refused: `not_allowed`, `form_incomplete` (a name of nothing but blanks)."""
    if refused := refuse(actor, "customer.write"):
        return refused
    made = CustomerDocument(customer_id=new_id(), first_seen_ms=tx.now_ms, **msgspec.structs.asdict(new))
    kept = plain(made)
    if isinstance(kept, Refused):
        return kept
    store.insert_known(tx, _record(kept))
    audit.record(tx, actor.id, "customer_created", kept.customer_id)
    return kept


def change(
    tx: Transaction, actor: KeyActor, known: CustomerDocument, wanted: CustomerChange
) -> CustomerDocument | Refused:
    """Refused: `not_allowed`, `form_incomplete`."""
    if refused := refuse(actor, "customer.write"):
        return refused
    said = {name: value for name, value in msgspec.structs.asdict(wanted).items() if value is not None}
    kept = plain(msgspec.structs.replace(known, **said))
    if isinstance(kept, Refused) or kept == known:
        return kept
    store.replace(tx, _record(kept))
    audit.record(tx, actor.id, "customer_changed", kept.customer_id, " ".join(sorted(said)))
    return kept


def put(tx: Transaction, document: CustomerDocument) -> str | Refused:
    """Takes one in from elsewhere: `created`, `changed` or `same`. Refused: `form_incomplete`, `form_invalid` (erased
    here: an old export brings nobody back)."""
    kept = plain(document)
    if isinstance(kept, Refused):
        return kept
    found = store.by_id(tx.rows, kept.customer_id)
    if found is None and store.is_erased(tx.rows, kept.customer_id):
        return Refused(code="form_invalid", params={"fields": "customer_id"})
    if found is None:
        store.insert_known(tx, _record(kept))
        return "created"
    if document_of(found) == kept:
        return "same"
    store.replace(tx, _record(kept))
    return "changed"


def plain(document: CustomerDocument) -> CustomerDocument | Refused:
    """Lines without what writes over their neighbours. Refused: `form_incomplete`."""
    kept = msgspec.structs.replace(
        document,
        name=plain_line(document.name, NAME_MAX),
        email=plain_line(document.email),
        phone=plain_line(document.phone),
        organisation=plain_line(document.organisation),
    )
    return kept if kept.name else Refused(code="form_incomplete", params={"fields": "name"})


def _record(document: CustomerDocument) -> CustomerRecord:
    return CustomerRecord(
        person=PersonRef(id=document.customer_id, name=document.name, kind="customer"),
        email=document.email,
        phone=document.phone,
        vip_level=document.vip_level,
        organisation=document.organisation,
        first_seen_ms=document.first_seen_ms,
    )
