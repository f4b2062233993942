"""Who looked is on record: an administrator with no part in a conversation, and every agent who reads receipts."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from msgspec import structs

from relay_server.identity.actors import AgentActor
from shared.protocol.messages import conversations as c
from shared.protocol.messages import tickets as t
from tests.relay_house import House, ok, open_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[House]:
    async with open_house(tmp_path / "relay.sqlite3") as opened:
        yield opened


def administrator(house: House) -> AgentActor:
    """An agent of another group, who is an administrator besides."""
    wu = house.agents["wu"]
    return AgentActor(structs.replace(wu.profile, roles=("admin",), group_ids=()))


async def looks(house: House) -> list[tuple[str, str, str]]:
    found = await house.journal.read(
        lambda sql: sql.exec_driver_sql("SELECT actor, action, subject FROM audit WHERE action LIKE '%read%'").all()
    )
    return [(row[0], row[1], row[2]) for row in found]


async def test_an_administrator_with_no_part_leaves_a_row_and_who_takes_part_leaves_none(house: House) -> None:
    customer = await house.customer()
    lin = await house.served(customer, "C1")
    admin = administrator(house)
    stream = c.Follow(stream=c.public_stream("C1"))
    for reader in (customer, lin):
        ok(await house.conversations.follow(reader, stream))
    assert await looks(house) == []
    ok(await house.conversations.follow(admin, stream))
    ok(await house.conversations.follow(admin, c.Follow(stream=c.internal_stream("C1"))))
    assert await looks(house) == [(admin.id, "conversation_read", "C1")] * 2


async def test_tickets_likewise(house: House) -> None:
    lin = await house.served(await house.customer(), "C1")
    ticket = ok(await house.tickets.list_tickets(lin, t.ListTickets())).rows[0]
    ok(await house.tickets.open_ticket(lin, t.OpenTicket(ticket_id=ticket.ticket_id)))
    assert await looks(house) == []
    admin = administrator(house)
    ok(await house.tickets.open_ticket(admin, t.OpenTicket(ticket_id=ticket.ticket_id)))
    ok(await house.tickets.follow(admin, c.Follow(stream=t.ticket_stream(ticket.ticket_id))))
    assert await looks(house) == [(admin.id, "ticket_read", ticket.ticket_id)] * 2
