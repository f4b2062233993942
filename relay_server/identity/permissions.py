"""Who may do what: one table of (role, action, relation to the object). What is not in it is forbidden.

Services work out the relations (a person may have several to one object) and ask `may`; a test walks every triple.
"""

from collections.abc import Iterable
from typing import Final, Literal, get_args

from relay_server.identity.actors import AgentActor, Caller, CustomerActor, KeyActor
from relay_server.identity.scopes import SCOPES, Scope
from shared.protocol.frames import Refused

Role = Literal["customer", "agent", "admin"] | Scope
Relation = Literal["any", "customer_of", "owner", "collaborator", "group", "offered", "served", "uploader"]
"""`any`: no tie to the object at all. `group`: a member of its group. `served`: took part earlier."""
Action = Literal[
    "home.read",
    "desk.read",
    "article.read",
    "profile.change",
    "account.manage",
    "state.set",
    "customer.read",
    "conversation.open",
    "conversation.read_public",
    "conversation.read_internal",
    "conversation.chat",
    "conversation.mark",
    "conversation.note",
    "conversation.cancel",
    "conversation.leave_message",
    "conversation.reopen",
    "conversation.end",
    "conversation.close",
    "conversation.rate",
    "queue.take",
    "offer.answer",
    "remote.ask",
    "remote.answer",
    "remote.report",
    "remote.signal",
    "remote.end",
    "receipt.store",
    "receipt.read",
    "recording.store",
    "recording.list",
    "recording.play",
    "recording.export",
    "recording.manage",
    "ticket.list",
    "ticket.read",
    "ticket.change",
    "blob.upload",
    "blob.read",
    "customer.write",
    "ticket.create",
    "article.write",
    "figures.read",
    "organisation.read",
    "servers.read",
    "webhook.manage",
]
ROLES: Final[tuple[Role, ...]] = ("customer", "agent", "admin", *SCOPES)
GIVEN_ROLES: Final[tuple[Role, ...]] = ("admin",)
"""Roles that an administrator gives to an agent; the others follow from who somebody is."""
RELATIONS: Final[tuple[Relation, ...]] = get_args(Relation)
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)

_RULES: Final[dict[Role, dict[Relation, tuple[Action, ...]]]] = {
    "customer": {
        "any": ("home.read", "article.read", "profile.change", "conversation.open", "blob.upload"),
        "customer_of": (
            "conversation.read_public",
            "conversation.chat",
            "conversation.mark",
            "conversation.cancel",
            "conversation.leave_message",
            "conversation.reopen",
            "conversation.rate",
            "remote.answer",
            "remote.report",
            "remote.signal",
            "remote.end",
            "receipt.store",
            "receipt.read",
            "blob.read",
        ),
        "uploader": ("blob.read",),
    },
    "agent": {
        "any": ("desk.read", "article.read", "account.manage", "state.set", "ticket.list", "blob.upload"),
        "owner": (
            "customer.read",
            "conversation.read_public",
            "conversation.read_internal",
            "conversation.chat",
            "conversation.mark",
            "conversation.note",
            "conversation.end",
            "conversation.close",
            "remote.ask",
            "remote.signal",
            "remote.end",
            "receipt.read",
            "recording.store",
            "recording.list",
            "recording.play",
            "ticket.read",
            "ticket.change",
            "blob.read",
        ),
        "collaborator": (
            "customer.read",
            "conversation.read_public",
            "conversation.read_internal",
            "conversation.chat",
            "conversation.mark",
            "conversation.note",
            "remote.ask",
            "remote.signal",
            "remote.end",
            "receipt.read",
            "recording.store",
            "recording.list",
            "ticket.read",
            "ticket.change",
            "blob.read",
        ),
        "group": (
            "conversation.read_public",
            "conversation.read_internal",
            "conversation.note",
            "queue.take",
            "receipt.read",
            "recording.list",
            "ticket.read",
            "ticket.change",
            "blob.read",
        ),
        "offered": (
            "customer.read",
            "conversation.read_public",
            "conversation.read_internal",
            "offer.answer",
            "ticket.read",
            "blob.read",
        ),
        "served": (
            "customer.read",
            "conversation.read_public",
            "conversation.read_internal",
            "receipt.read",
            "recording.store",
            "recording.list",
            "recording.play",
            "ticket.read",
            "blob.read",
        ),
        "uploader": ("blob.read",),
    },
    "admin": {
        "any": (
            "customer.read",
            "conversation.read_public",
            "conversation.read_internal",
            "receipt.read",
            "recording.list",
            "recording.play",
            "recording.export",
            "recording.manage",
            "ticket.read",
        ),
    },
    "read:customers": {"any": ("customer.read",)},
    "write:customers": {"any": ("customer.read", "customer.write")},
    "read:conversations": {"any": ("conversation.read_public",)},
    "read:notes": {"any": ("conversation.read_internal",)},
    "write:notes": {"any": ("conversation.note",)},
    "read:tickets": {"any": ("ticket.list", "ticket.read")},
    "write:tickets": {"any": ("ticket.list", "ticket.read", "ticket.create", "ticket.change")},
    "read:articles": {"any": ("article.read",)},
    "write:articles": {"any": ("article.read", "article.write")},
    "read:figures": {"any": ("figures.read",)},
    "read:organisation": {"any": ("organisation.read",)},
    "read:servers": {"any": ("servers.read",)},
    "manage:webhooks": {"any": ("webhook.manage",)},
}

ALLOWED: Final[frozenset[tuple[Role, Action, Relation]]] = frozenset(
    (role, action, relation)
    for role, by_relation in _RULES.items()
    for relation, actions in by_relation.items()
    for action in actions
)


def may(roles: Iterable[str], action: Action, relations: Iterable[Relation] = ()) -> bool:
    """Whether any of the roles may do this, being so related to the object (`any` always holds)."""
    held = ("any", *relations)
    return any((role, action, relation) in ALLOWED for role in roles for relation in held)


def roles_of(actor: Caller) -> tuple[str, ...]:
    """A customer is a customer, an agent has `agent` and what their profile adds, a key has its scopes."""
    match actor:
        case CustomerActor():
            return ("customer",)
        case AgentActor():
            return ("agent", *actor.profile.roles)
        case KeyActor():
            return actor.scopes


def refuse(actor: Caller, action: Action, relations: Iterable[Relation] = ()) -> Refused | None:
    """`not_allowed`, or None when the actor may."""
    return None if may(roles_of(actor), action, relations) else Refused(code="not_allowed")
