"""Every triple of role, action and relation: what is not written down is forbidden."""

import itertools

import pytest

from relay_server.identity.actors import AgentActor, CustomerActor
from relay_server.identity.permissions import ACTIONS, ALLOWED, RELATIONS, ROLES, Action, may, refuse
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


def test_without_a_tie_nobody_but_an_administrator_reads_a_conversation() -> None:
    for action in ("conversation.read_public", "conversation.read_internal", "ticket.read"):
        assert {role for role in ROLES if may([role], action)} == {"admin"}


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
