"""Where the store holds something about a customer: every table is listed here, one way or the other."""

from typing import Final

from sqlalchemy import BindParameter, ColumnElement, Table, Text, bindparam, or_, select

from relay_server.engine.schema import conversations as c
from relay_server.engine.schema import (
    customers,
    erasures,
    events,
    files,
    insight,
    nodes,
    recordings,
    remote,
    routing,
    tickets,
)

CUSTOMER: Final = "customer"
_ID: Final[BindParameter[str]] = bindparam(CUSTOMER, type_=Text())
_ENDS: Final = ("/public", "/internal")
_MINE: Final = select(c.conversations.c.key).where(c.conversations.c.customer_id == _ID)
_MY_IDS: Final = select(c.conversations.c.id).where(c.conversations.c.customer_id == _ID)
_SESSIONS: Final = select(remote.remote_sessions.c.id).where(remote.remote_sessions.c.conversation_key.in_(_MINE))
_RECORDINGS: Final = select(recordings.recordings.c.id).where(recordings.recordings.c.conversation_key.in_(_MINE))
_SHOWN: Final = select(files.blob_uses.c.blob_id).where(files.blob_uses.c.conversation_key.in_(_MINE))
_MY_TICKETS: Final = or_(
    tickets.tickets.c.conversation_key.in_(_MINE), tickets.tickets.c.customer.contains('"id":"' + _ID + '"')
)
_TICKET_IDS: Final = select(tickets.tickets.c.id).where(_MY_TICKETS)
_OWN_STREAMS: Final = (
    *(select("c/" + c.conversations.c.id + end).where(c.conversations.c.customer_id == _ID) for end in _ENDS),
    select("t/" + tickets.tickets.c.id).where(_MY_TICKETS),
)
_STREAMS: Final = select(events.streams.c.id).where(or_(*(events.streams.c.name.in_(each) for each in _OWN_STREAMS)))

HELD: Final[dict[Table, ColumnElement[bool]]] = {
    customers.customers: customers.customers.c.id == _ID,
    customers.device_keys: customers.device_keys.c.customer_id == _ID,
    erasures.holds: erasures.holds.c.customer_id == _ID,
    c.conversations: c.conversations.c.customer_id == _ID,
    c.intakes: c.intakes.c.conversation_key.in_(_MINE),
    c.participants: c.participants.c.conversation_key.in_(_MINE),
    c.chats: c.chats.c.conversation_key.in_(_MINE),
    c.marks: c.marks.c.conversation_key.in_(_MINE),
    files.blobs: or_(files.blobs.c.uploader_id == _ID, files.blobs.c.id.in_(_SHOWN)),
    files.blob_uses: files.blob_uses.c.conversation_key.in_(_MINE),
    insight.ratings: insight.ratings.c.conversation_key.in_(_MINE),
    routing.decisions: routing.decisions.c.conversation_key.in_(_MINE),
    routing.offer_refusals: routing.offer_refusals.c.conversation_key.in_(_MINE),
    tickets.tickets: _MY_TICKETS,
    nodes.presences: nodes.presences.c.person_id == _ID,
    remote.remote_sessions: remote.remote_sessions.c.conversation_key.in_(_MINE),
    remote.remote_asks: remote.remote_asks.c.conversation_key.in_(_MINE),
    remote.remote_grants: remote.remote_grants.c.session_id.in_(_SESSIONS),
    remote.receipts: remote.receipts.c.conversation_key.in_(_MINE),
    recordings.recordings: recordings.recordings.c.conversation_key.in_(_MINE),
    recordings.recording_openings: recordings.recording_openings.c.recording_id.in_(_RECORDINGS),
    events.streams: events.streams.c.id.in_(_STREAMS),
    events.events: events.events.c.stream_id.in_(_STREAMS),
    erasures.erasures: erasures.erasures.c.stream_id.in_(_STREAMS),
    events.audit: or_(
        events.audit.c.subject == _ID,
        events.audit.c.subject.in_(_MY_IDS),
        events.audit.c.subject.in_(_TICKET_IDS),
        events.audit.c.subject.in_(_RECORDINGS),
    ),
}
"""Each table that holds rows about customers, with the condition that finds those of the one called `CUSTOMER`."""

OTHERS: Final[frozenset[str]] = frozenset(
    {
        "accepts",
        "agent_keys",
        "agent_states",
        "agents",
        "api_answers",
        "api_keys",
        "api_secrets",
        "article_words",
        "articles",
        "audit_cuts",
        "branches",
        "categories",
        "due_groups",
        "fold_cursors",
        "fold_failures",
        "group_members",
        "groups",
        "nodes",
        "notices",
        "organisation",
        "organisation_keys",
        "recording_keys",
        "recovery_codes",
        "removals",
        "revocations",
        "rights_changes",
        "seats",
        "second_factors",
        "setup",
        "sign_in_failures",
        "spent_states",
        "subjects",
        "ticket_numbers",
        "token_families",
        "tokens",
        "webhook_attempts",
        "webhook_deliveries",
        "webhooks",
    }
)
"""Tables in which no row is about a customer. `api_answers` repeats for a day what was answered: erasing empties it."""
