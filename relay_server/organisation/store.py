"""The organisation's rows."""

from dataclasses import dataclass
from typing import Literal

import msgspec
from sqlalchemy import Connection

from relay_server.engine.journal import Row, Transaction
from relay_server.engine.raw import Rows, rows_of
from relay_server.identity import recording_keys, seats
from relay_server.identity.agents import Membership
from relay_server.organisation import plain
from relay_server.organisation.rules import Hours, Policy
from shared.protocol.messages.identity import OrganisationView, RecordingTerms
from shared.protocol.messages.organisation import FormChoice, FormField, GroupView, IntakeForm, Notice, Texts
from shared.protocol.types import PersonRef, Tier


class Form(msgspec.Struct, frozen=True):
    """A group's questions as they are kept."""

    fields: tuple[FormField, ...]
    message_fields: tuple[FormField, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A team as the relay knows it. `priority` 0 to 9: how much earlier than others its work is offered."""

    group_id: str
    name: str
    tier: Tier
    branch: str
    public: bool
    priority: int
    overflow_id: str
    hours: Hours

    def view(self) -> GroupView:
        """As others see it."""
        return GroupView(group_id=self.group_id, name=self.name, tier=self.tier, branch=self.branch, public=self.public)


_GROUP = (
    "SELECT g.id, g.name, g.tier, b.name, g.public, g.priority, coalesce(g.overflow_id, ''), g.hours FROM groups g"
    " JOIN branches b ON b.id = g.branch_id "
)
_hours = msgspec.json.Decoder(Hours)
_form = msgspec.json.Decoder(Form)
_texts = msgspec.json.Decoder(Texts)
_policy = msgspec.json.Decoder(Policy)
Kept = Literal["recording", "file", "message", "conversation", "ticket", "audit"]
"""What is kept for a number of days; `<kind>_days` of the policy."""


def view(rows: Rows) -> OrganisationView:
    """Whom customers deal with; a relay without one set up says so by its product name."""
    found = rows("SELECT name, sample, accent FROM organisation", ())
    if not found:
        return OrganisationView(name="Threeline")
    name, sample, accent = found[0]
    return OrganisationView(name=name, sample=bool(sample), accent=accent, recording=recording_terms(rows))


def recording_terms(rows: Rows) -> RecordingTerms | None:
    """What recordings are encrypted to now: the newest key; None: there is none, so nothing can be recorded."""
    key = recording_keys.newest(rows)
    if key is None:
        return None
    return RecordingTerms(key=key.key, keep_days=policy(rows).recording_days, signature=key.signature)


def set_days(tx: Transaction, kind: Kept, days: int) -> None:
    """For how long something is kept; recordings that were made under fewer days keep those."""
    changed = msgspec.structs.replace(policy(tx.rows), **{f"{kind}_days": days})
    tx.run("UPDATE organisation SET policy = ?", (_json(changed),))


def set_totp_required(tx: Transaction, *, required: bool) -> None:
    """Whether agents need a second factor, from their next sign-in on."""
    changed = msgspec.structs.replace(policy(tx.rows), totp_required=required)
    tx.run("UPDATE organisation SET policy = ?", (_json(changed),))


def policy(rows: Rows) -> Policy:
    """What was decided for all groups, or the defaults."""
    found = rows("SELECT policy FROM organisation", ())
    return _policy.decode(found[0][0]) if found else Policy()


def groups(rows: Rows) -> tuple[Group, ...]:
    """Every group in its order."""
    return tuple(_group(row) for row in rows(_GROUP + "ORDER BY g.place, g.id", ()))


def group(rows: Rows, group_id: str) -> Group | None:
    """One group."""
    found = rows(_GROUP + "WHERE g.id = ?", (group_id,))
    return _group(found[0]) if found else None


def form(rows: Rows, group_id: str) -> Form:
    """A group's questions; none for an unknown group."""
    found = rows("SELECT form FROM groups WHERE id = ?", (group_id,))
    return _form.decode(found[0][0]) if found else Form((), ())


def forms(rows: Rows) -> tuple[IntakeForm, ...]:
    """Every group's questions."""
    found = rows("SELECT id, form FROM groups ORDER BY place, id", ())
    return tuple(_intake(group_id, _form.decode(text)) for group_id, text in found)


def categories(rows: Rows) -> tuple[FormChoice, ...]:
    """What work can be filed under."""
    found = rows("SELECT value, label FROM categories ORDER BY place, value", ())
    return tuple(FormChoice(value=value, label=_texts.decode(label)) for value, label in found)


def notices(rows: Rows) -> tuple[Notice, ...]:
    """Lines for the first page."""
    found = rows("SELECT id, words FROM notices ORDER BY place, id", ())
    return tuple(Notice(notice_id=notice_id, text=_texts.decode(words)) for notice_id, words in found)


def members(rows: Rows, group_id: str) -> tuple[str, ...]:
    """The ids of a group's agents."""
    return tuple(row[0] for row in rows("SELECT agent_id FROM group_members WHERE group_id = ?", (group_id,)))


def colleagues(rows: Rows, agent_id: str) -> tuple[PersonRef, ...]:
    """The agents who share a group with this one, by name."""
    found = rows(
        "SELECT a.id, a.name, a.tier, min(g.name) FROM group_members mine"
        " JOIN group_members theirs ON theirs.group_id = mine.group_id JOIN agents a ON a.id = theirs.agent_id"
        " JOIN groups g ON g.id = theirs.group_id"
        " WHERE mine.agent_id = ? AND a.id <> ? AND a.disabled_ms IS NULL GROUP BY a.id ORDER BY a.name",
        (agent_id, agent_id),
    )
    return tuple(PersonRef(id=i, name=name, kind="agent", tier=tier, group=team) for i, name, tier, team in found)


def membership(sql: Connection, agent_id: str) -> Membership:
    """Where an agent belongs; the first group is the one they are shown under."""
    found = rows_of(sql)(
        "SELECT g.id, g.name, b.name FROM group_members m JOIN groups g ON g.id = m.group_id"
        " JOIN branches b ON b.id = g.branch_id WHERE m.agent_id = ? ORDER BY m.place, g.place, g.id",
        (agent_id,),
    )
    if not found:
        return Membership()
    return Membership(group_ids=tuple(row[0] for row in found), group_name=found[0][1], branch=found[0][2])


def create(tx: Transaction, name: str) -> None:
    """An organisation to begin with: one branch, one group that customers may ask, the plainest forms."""
    tx.run("INSERT INTO organisation (id, name, sample, accent, policy) VALUES (1,?,0,'',?)", (name, _json(Policy())))
    insert_branch(tx, plain.BRANCH_ID, None, name)
    desk = Group(plain.GROUP_ID, plain.GROUP_NAME, 1, name, True, 1, "", Hours())
    insert_group(tx, desk, plain.BRANCH_ID, Form(plain.QUESTIONS, plain.MESSAGE), 0)
    for place, (value, label) in enumerate(plain.CATEGORIES):
        insert_category(tx, value, label, place)


def insert_branch(tx: Transaction, branch_id: str, parent_id: str | None, name: str) -> None:
    """A node of the tree; its parent must be there."""
    tx.run("INSERT INTO branches (id, parent_id, name) VALUES (?,?,?)", (branch_id, parent_id, name))


def insert_group(tx: Transaction, new: Group, branch_id: str, form: Form, place: int) -> None:
    """A team; its branch and its overflow group must be there."""
    tx.run(
        "INSERT INTO groups (id, branch_id, name, tier, public, priority, overflow_id, hours, form, place)"
        " VALUES (?,?,?,?,?,?,?,?,?,?)",
        (
            new.group_id,
            branch_id,
            new.name,
            new.tier,
            int(new.public),
            new.priority,
            new.overflow_id or None,
            _json(new.hours),
            _json(form),
            place,
        ),
    )


def insert_category(tx: Transaction, value: str, label: Texts, place: int) -> None:
    """Something to file work under."""
    tx.run("INSERT INTO categories (value, label, place) VALUES (?,?,?)", (value, _json(label), place))


def join_group(tx: Transaction, group_id: str, agent_id: str) -> None:
    """Makes an agent a member; the first group joined is the one they are shown under."""
    tx.run(
        "INSERT INTO group_members (group_id, agent_id, place)"
        " VALUES (?, ?, (SELECT count(*) FROM group_members WHERE agent_id = ?)) ON CONFLICT DO NOTHING",
        (group_id, agent_id, agent_id),
    )
    seats.refresh(tx, agent_id)


def leave_group(tx: Transaction, group_id: str, agent_id: str) -> bool:
    """Whether they were a member."""
    gone = tx.run("DELETE FROM group_members WHERE group_id = ? AND agent_id = ?", (group_id, agent_id))
    seats.refresh(tx, agent_id)
    return bool(gone)


def _group(row: Row) -> Group:
    group_id, name, tier, branch, public, priority, overflow_id, hours = row
    return Group(group_id, name, tier, branch, bool(public), priority, overflow_id, _hours.decode(hours))


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _intake(group_id: str, form: Form) -> IntakeForm:
    return IntakeForm(group_id=group_id, fields=form.fields, message_fields=form.message_fields)
