"""Who is asking: what the gateway hands to every service, made only by a sign-in."""

from dataclasses import dataclass

from relay_server.identity.scopes import Scope
from shared.protocol.messages.identity import AgentProfile
from shared.protocol.types import PersonRef


@dataclass(frozen=True, slots=True)
class CustomerActor:
    """A customer, proven by their device key (base64, as on the wire)."""

    person: PersonRef
    device_key: str

    @property
    def id(self) -> str:
        """The customer's id."""
        return self.person.id


@dataclass(frozen=True, slots=True)
class AgentActor:
    """An agent, proven by password or token; `family` is the token family of this sign-in."""

    profile: AgentProfile
    family: str = ""

    @property
    def person(self) -> PersonRef:
        """The agent as others see them."""
        return self.profile.person

    @property
    def id(self) -> str:
        """The agent's id."""
        return self.profile.person.id


@dataclass(frozen=True, slots=True)
class KeyActor:
    """A program of somebody else's, proven by an API key. Its scopes are its roles; it has no tie to anything."""

    id: str
    name: str
    scopes: tuple[Scope, ...]

    @property
    def person(self) -> PersonRef:
        """The key as its deeds are signed."""
        return PersonRef(id=self.id, name=self.name, kind="system")


Actor = CustomerActor | AgentActor
"""Who may have a link."""
Caller = Actor | KeyActor
"""Whoever may ask for anything."""
