"""Keys and certificates for tests: an organisation, engineers' computers, a customer's."""

from relay_server.identity.organisation_key import OrganisationKey, certificate_for
from shared.protocol.messages.trust import KeyRequest
from shared.protocol.types import PersonRef
from shared.rules import introduction, statements

START_MS = 1_795_366_000_000
DAY_MS = 24 * 3_600_000
ORGANISATION = OrganisationKey("Northwind Instruments", bytes(range(32, 64)))
STRANGERS = OrganisationKey("Northwind Instruments", bytes(range(64, 96)))
"""The same name under another key: what a relay would make up."""


def request_of(person: PersonRef, private: bytes) -> KeyRequest:
    """What this engineer's computer asks the organisation for."""
    key = statements.public_key(private)
    return KeyRequest(agent_id=person.id, name=person.name, key=key, device="desk", asked_ms=START_MS)


def device_of(
    person: PersonRef,
    seed: int = 7,
    *,
    by: OrganisationKey | None = ORGANISATION,
    days: int = 365,
    lasting: bool = True,
) -> introduction.Device:
    """An engineer's computer, certified by an organisation, or by none."""
    private = bytes([seed]) * 32
    certificate = certificate_for(by, request_of(person, private), START_MS, days) if by else None
    return introduction.Device(private=private, certificate=certificate, lasting=lasting)
