"""Customers: made at their device's first proof, changed by what they say about themselves."""

from relay_server.customers import store
from relay_server.customers.rules import CustomerRecord, newcomer, updated
from relay_server.engine.journal import Journal, Transaction
from relay_server.engine.raw import rows_of
from relay_server.identity.actors import CustomerActor
from relay_server.identity.permissions import refuse
from shared.common.ids import new_id
from shared.protocol.frames import Refused
from shared.protocol.messages.conversations import Done
from shared.protocol.messages.identity import UpdateProfile


class Customers:
    """Who asks for help."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def customer_for_device(
        self, device_key: str, name: str = "", email: str = "", phone: str = ""
    ) -> CustomerRecord | Refused:
        """The customer whose device proved this key; made at the first time. Words change only that customer."""
        known = await self._journal.read(lambda sql: store.by_device(rows_of(sql), device_key))
        if known is not None and updated(known, name, email, phone) == known:
            return known
        customer_id = new_id()

        def work(tx: Transaction) -> CustomerRecord:
            found = store.by_device(tx.rows, device_key)
            record = updated(found or newcomer(customer_id, device_key, tx.now_ms), name, email, phone)
            if found is None:
                store.insert(tx, record, device_key)
            else:
                store.change(tx, record)
            return record

        return await self._journal.write(work)

    async def update_profile(self, actor: CustomerActor, command: UpdateProfile) -> Done | Refused:
        """What the customer says about themselves; opens nothing by itself."""
        if refused := refuse(actor, "profile.change"):
            return refused

        def work(tx: Transaction) -> Done | Refused:
            found = store.by_id(tx.rows, actor.id)
            if found is None:
                return Refused(code="not_found")
            store.change(tx, updated(found, command.name, command.email, command.phone))
            return Done()

        return await self._journal.write(work)
