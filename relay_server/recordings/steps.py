"""What happens to a recording, within a transaction: rows, the public event, and the audit."""

from typing import Literal

from relay_server.conversations import access
from relay_server.conversations import store as conversations
from relay_server.customers import store as customers
from relay_server.engine import audit
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Rows
from relay_server.identity import recording_keys
from relay_server.identity.actors import Actor, AgentActor
from relay_server.identity.permissions import Action
from relay_server.organisation import store as organisation
from relay_server.recordings import rules, store
from relay_server.recordings.rules import Standing
from relay_server.recordings.store import Recording
from relay_server.remote import store as remote
from shared.common.ids import new_id
from shared.common.sealed.heads import About, Head
from shared.protocol.frames import Refused
from shared.protocol.messages import recordings as r
from shared.protocol.messages.base import EventBody
from shared.protocol.messages.conversations import Done, public_stream
from shared.protocol.types import PersonRef

RELAY = PersonRef(id="relay", name="Threeline", kind="system")


def judge_begin(rows: Rows, actor: Actor, recording_id: str, about: About) -> Refused | None:
    """Whether the actor may begin this recording. Refused: `not_found`, `not_allowed`, `recording_damaged`."""
    session = remote.session(rows, about.session_id)
    found = conversations.by_key(rows, session.conversation_key) if session else None
    if found is None or found.conversation_id != about.conversation_id:
        return Refused(code="not_found")
    if refused := access.check(rows, actor, found, "recording.store"):
        return refused
    if store.was_deleted(rows, recording_id) or not recording_keys.known(rows, about.key_id):
        return Refused(code="not_found")
    granted = store.granted(rows, about.session_id, actor.id)
    return rules.judge_opening(about, recording_id, actor.id, granted)


def begin(tx: Transaction, actor: AgentActor, about: About, head: Head) -> r.RecordingStored | Refused:
    """Chunk 0 is on the disk: the recording is, and the customer can see that."""
    if refused := judge_begin(tx.rows, actor, about.recording_id, about):
        return refused
    session = remote.session(tx.rows, about.session_id)
    granted = store.granted(tx.rows, about.session_id, actor.id)
    if session is None or granted is None:
        return Refused(code="not_allowed")
    days = organisation.policy(tx.rows).recording_days
    store.insert(tx, about, session.conversation_key, actor.person, granted.request_id, days)
    audit.record(tx, actor.id, "recording_started", about.recording_id)
    event = r.RecordingStarted(
        recording_id=about.recording_id, session_id=about.session_id, agent=actor.person, keep_days=days
    )
    tx.append(public_stream(about.conversation_id), event)
    return _stored(tx, about.recording_id, rules.after(Standing(0, 0, "open"), head), 0)


def add(tx: Transaction, recording_id: str, before: Standing, head: Head) -> r.RecordingStored | Refused:
    """A chunk is on the disk. Refused: `recording_gap` when another one was quicker."""
    found = store.by_id(tx.rows, recording_id)
    if found is None:
        return Refused(code="not_found")
    if found.standing != before:
        return Refused(code="recording_gap", params={"expected": str(found.chunks)})
    stored = _stored(tx, recording_id, rules.after(before, head), head.until_ms)
    if stored.state == "whole":
        _ended(tx, found, max(found.length_ms, head.until_ms), whole=True)
    return stored


def close_cut(tx: Transaction, found: Recording) -> None:
    """Nothing more comes."""
    if found.state == "open":
        store.set_cut(tx, found.recording_id)
        _ended(tx, found, found.length_ms, whole=False)


def open_one(tx: Transaction, actor: AgentActor, command: r.OpenRecording) -> r.RecordingOpened | Refused:
    """Somebody is to look: on record before the first byte."""
    action: Action = "recording.play" if command.purpose == "play" else "recording.export"
    found = find(tx.rows, actor, command.recording_id, action)
    if isinstance(found, Refused):
        return found
    opening_id = new_id()
    store.insert_opening(tx, opening_id, found.recording_id, actor.id, command.purpose)
    audit.record(tx, actor.id, f"recording_opened_to_{command.purpose}", found.recording_id, opening_id)
    return r.RecordingOpened(opening_id=opening_id, row=row_of(tx.rows, found))


def list_all(tx: Transaction, actor: AgentActor, command: r.ListRecordings) -> r.Recordings | Refused:
    """A conversation's recordings; that somebody saw that they exist is on record too."""
    found = access.find(tx.rows, actor, command.conversation_id, "recording.list")
    if isinstance(found, Refused):
        return found
    rows = tuple(row_of(tx.rows, each) for each in store.of_conversation(tx.rows, found.key))
    if rows:
        audit.record(tx, actor.id, "recordings_listed", found.conversation_id)

    def may(action: Action) -> bool:
        return access.check(tx.rows, actor, found, action) is None

    return r.Recordings(
        rows=rows,
        may_play=may("recording.play"),
        may_export=may("recording.export"),
        may_manage=may("recording.manage"),
    )


def hold(tx: Transaction, actor: AgentActor, command: r.HoldRecording) -> Done | Refused:
    """Kept beyond its time, or no longer."""
    found = find(tx.rows, actor, command.recording_id, "recording.manage")
    if isinstance(found, Refused):
        return found
    if found.held != command.held:
        store.set_held(tx, found.recording_id, command.held)
        audit.record(tx, actor.id, "recording_held" if command.held else "recording_let_go", found.recording_id)
    return Done()


def delete_by_hand(tx: Transaction, actor: AgentActor, command: r.DeleteRecording) -> Done | Refused:
    """Refused: `recording_held`."""
    found = find(tx.rows, actor, command.recording_id, "recording.manage")
    if isinstance(found, Refused):
        return found
    conversation = conversations.by_key(tx.rows, found.conversation_key)
    if found.held or (conversation and customers.is_held(tx.rows, conversation.customer_id)):
        return Refused(code="recording_held")
    delete(tx, found, actor.person, "by_hand")
    return Done()


def delete(tx: Transaction, found: Recording, by: PersonRef, why: Literal["retention", "by_hand"]) -> None:
    """The row says so; the file follows once this is durable."""
    store.set_deleted(tx, found.recording_id)
    audit.record(tx, by.id, "recording_deleted", found.recording_id, why)
    event = r.RecordingDeleted(recording_id=found.recording_id, session_id=found.session_id, by=by, why=why)
    _say(tx, found, event)


def find(rows: Rows, actor: Actor, recording_id: str, action: Action) -> Recording | Refused:
    """The recording, when the actor may do this to it. Refused: `not_found`, `not_allowed`."""
    found = store.by_id(rows, recording_id)
    conversation = conversations.by_key(rows, found.conversation_key) if found else None
    if found is None or conversation is None:
        return Refused(code="not_found")
    return access.check(rows, actor, conversation, action) or found


def row_of(rows: Rows, found: Recording) -> r.RecordingRow:
    """What agents are told of it."""
    conversation = conversations.by_key(rows, found.conversation_key)
    policy_days = organisation.policy(rows).recording_days
    return r.RecordingRow(
        recording_id=found.recording_id,
        session_id=found.session_id,
        conversation_id=conversation.conversation_id if conversation else "-",
        agent=found.agent,
        key_id=found.key_id,
        started_ms=found.started_ms,
        length_ms=found.length_ms,
        size_bytes=found.size_bytes,
        chunks=found.chunks,
        state=found.state,
        held=found.held,
        delete_ms=rules.delete_ms(found.updated_ms, found.keep_days, policy_days, held=found.held),
    )


def _stored(tx: Transaction, recording_id: str, new: Standing, until_ms: int) -> r.RecordingStored:
    store.set_standing(tx, recording_id, new, until_ms)
    return r.RecordingStored(chunks=new.chunks, size_bytes=new.size_bytes, state=new.state)


def _ended(tx: Transaction, found: Recording, length_ms: int, *, whole: bool) -> None:
    event = r.RecordingEnded(
        recording_id=found.recording_id,
        session_id=found.session_id,
        agent=found.agent,
        length_ms=length_ms,
        whole=whole,
    )
    _say(tx, found, event)


def _say(tx: Transaction, found: Recording, event: EventBody) -> None:
    conversation = conversations.by_key(tx.rows, found.conversation_key)
    if conversation is not None:
        tx.append(public_stream(conversation.conversation_id), event)
