"""Every triple of role, action and relation: what is not written down is forbidden."""

import itertools

import pytest

from relay_server.identity.actors import AgentActor, CustomerActor, KeyActor
from relay_server.identity.permissions import ACTIONS, ALLOWED, RELATIONS, ROLES, Action, may, refuse
from relay_server.identity.scopes import SCOPES
from shared.protocol.frames import Refused
from shared.protocol.messages.identity import AgentProfile
from shared.protocol.types import PersonRef

PERSON = PersonRef(id="x", name="X", kind="agent")
PROFILE = AgentProfile(person=PERSON, username="x", group_ids=(), tier=1, branch="")
AGENTS_OWN: tuple[Action, ...] = (
    "conversation.note",
    "conversation.read_internal",
    "conversation.end",
    "conversation.close",
    "ticket.change",
    "ticket.read",
    "remote.ask",
    "queue.take",
    "customer.read",
)
CUSTOMERS_OWN: tuple[Action, ...] = (
    "remote.answer",
    "receipt.store",
    "conversation.rate",
    "conversation.cancel",
    "conversation.reopen",
)


MATRIX = """
home.read                   customer: any
desk.read                   agent: any
article.read                customer: any; agent: any
profile.change              customer: any
account.manage              agent: any
state.set                   agent: any
customer.read               agent: owner collaborator offered served; admin: any
conversation.open           customer: any
conversation.read_public    customer: customer_of; agent: owner collaborator group offered served; admin: any
conversation.read_internal  agent: owner collaborator group offered served; admin: any
conversation.chat           customer: customer_of; agent: owner collaborator
conversation.mark           customer: customer_of; agent: owner collaborator
conversation.note           agent: owner collaborator group
conversation.cancel         customer: customer_of
conversation.leave_message  customer: customer_of
conversation.reopen         customer: customer_of
conversation.end            agent: owner
conversation.close          agent: owner
conversation.rate           customer: customer_of
queue.take                  agent: group
offer.answer                agent: offered
remote.ask                  agent: owner collaborator
remote.answer               customer: customer_of
remote.report               customer: customer_of
remote.signal               customer: customer_of; agent: owner collaborator
remote.end                  customer: customer_of; agent: owner collaborator
receipt.store               customer: customer_of
receipt.read                customer: customer_of; agent: owner collaborator group served; admin: any
recording.store             agent: owner collaborator served
recording.list              agent: owner collaborator group served; admin: any
recording.play              agent: owner served; admin: any
recording.export            admin: any
recording.manage            admin: any
ticket.list                 agent: any
ticket.read                 agent: owner collaborator group offered served; admin: any
ticket.change               agent: owner collaborator group
blob.upload                 customer: any; agent: any
blob.read                   customer: customer_of uploader; agent: owner collaborator group offered served uploader
customer.write
ticket.create
article.write
figures.read
organisation.read
servers.read
webhook.manage
"""
"""Who may do what, by action: written down once more, so that a slip in the table is no slip here."""
PEOPLE = ("customer", "agent", "admin")


def written() -> dict[str, set[tuple[str, str]]]:
    """(role, relation) by action, of people; keys of the outside interface are tested by scope."""
    found: dict[str, set[tuple[str, str]]] = {}
    for line in MATRIX.strip().splitlines():
        action, _, rest = line.partition(" ")
        found[action] = {
            (role.strip(), relation)
            for part in rest.split(";")
            if part.strip()
            for role, _, relations in [part.partition(":")]
            for relation in relations.split()
        }
    return found


def test_the_table_is_what_is_written_down_for_every_role_action_and_relation() -> None:
    matrix = written()
    assert set(matrix) == set(ACTIONS)
    for role, action, relation in itertools.product(PEOPLE, ACTIONS, RELATIONS):
        allowed = {(role, "any"), (role, relation)} & matrix[action]
        assert may([role], action, [relation]) == bool(allowed), (role, action, relation)
    for role, action in itertools.product(PEOPLE, ACTIONS):
        assert may([role], action) == ((role, "any") in matrix[action]), (role, action)


@pytest.mark.parametrize(("role", "action"), list(itertools.product(ROLES, ACTIONS)))
def test_every_pair(role: str, action: Action) -> None:
    by_nothing = (role, action, "any") in ALLOWED
    for relation in RELATIONS:
        assert may([role], action, [relation]) == (by_nothing or (role, action, relation) in ALLOWED)
    assert may([role], action) == by_nothing
    assert not may([], action, RELATIONS)
    assert not may(["stranger"], action, RELATIONS)


@pytest.mark.parametrize("action", AGENTS_OWN)
def test_no_tie_lets_a_customer_do_what_is_the_agents(action: Action) -> None:
    assert not may(["customer"], action, RELATIONS)


@pytest.mark.parametrize("action", CUSTOMERS_OWN)
def test_no_tie_lets_an_agent_or_administrator_answer_for_the_customer(action: Action) -> None:
    assert not may(["agent", "admin"], action, RELATIONS)


@pytest.mark.parametrize(
    ("action", "scopes"),
    [
        ("conversation.read_public", {"read:conversations"}),
        ("conversation.read_internal", {"read:notes"}),
        ("ticket.read", {"read:tickets", "write:tickets"}),
        ("customer.read", {"read:customers", "write:customers"}),
    ],
)
def test_without_a_tie_only_administrators_and_keys_made_for_it_read(action: Action, scopes: set[str]) -> None:
    assert {role for role in ROLES if may([role], action)} == {"admin", *scopes}


def test_a_scope_of_a_key_is_a_role_that_needs_no_tie_and_gains_nothing_by_one() -> None:
    for scope in SCOPES:
        allowed = {action for action in ACTIONS if may([scope], action)}
        assert allowed, scope
        assert allowed == {action for action in ACTIONS if may([scope], action, RELATIONS)}
        forbidden = ("conversation.chat", "remote.ask", "remote.answer", "recording.play", "blob.read", "queue.take")
        assert not allowed.intersection(forbidden)


def test_a_key_has_the_roles_of_its_scopes() -> None:
    key = KeyActor("k", "CRM", ("read:tickets",))
    assert refuse(key, "ticket.read") is None
    assert refuse(key, "ticket.change") == Refused(code="not_allowed")
    assert refuse(key, "desk.read") == Refused(code="not_allowed")


def test_only_owners_and_collaborators_ask_for_the_screen() -> None:
    assert {relation for relation in RELATIONS if may(["agent", "admin"], "remote.ask", [relation])} == {
        "owner",
        "collaborator",
    }


def test_refuse_reads_the_roles_of_the_actor() -> None:
    agent = AgentActor(PROFILE)
    customer = CustomerActor(PERSON, "key")
    assert refuse(agent, "desk.read") is None
    assert refuse(customer, "desk.read") == Refused(code="not_allowed")
    assert refuse(customer, "conversation.chat", ["customer_of"]) is None
