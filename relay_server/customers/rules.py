"""Rules of customers: what of a profile may be kept, and what it changes."""

import unicodedata
from dataclasses import dataclass, replace
from typing import Final

from shared.protocol.types import PersonRef

NAME_MAX: Final = 80


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """A customer as the relay knows them. E-mail and phone are unverified words: they identify and open nothing."""

    person: PersonRef
    email: str = ""
    phone: str = ""
    vip_level: int = 0
    organisation: str = ""
    first_seen_ms: int = 0


def newcomer(customer_id: str, device_key: str, now_ms: int) -> CustomerRecord:
    """Somebody seen for the first time; until they say a name they go by four characters of their key."""
    nickname = "".join(each for each in device_key if each.isalnum())[:4].upper()
    person = PersonRef(id=customer_id, name=f"#{nickname}", kind="customer")
    return CustomerRecord(person=person, first_seen_ms=now_ms)


def updated(record: CustomerRecord, name: str, email: str, phone: str) -> CustomerRecord:
    """What was said replaces what was known; what was left out stays."""
    plain = plain_line(name, NAME_MAX)
    person = replace_name(record.person, plain) if plain else record.person
    return replace(
        record,
        person=person,
        email=plain_line(email) or record.email,
        phone=plain_line(phone) or record.phone,
    )


def replace_name(person: PersonRef, name: str) -> PersonRef:
    """The same person by another name."""
    return PersonRef(id=person.id, name=name, kind=person.kind, tier=person.tier, group=person.group)


def plain_line(words: str, limit: int = 200) -> str:
    """One line without control or direction marks, blanks squeezed: nobody writes over their neighbours in a list."""
    kept = "".join(" " if each.isspace() else each for each in words if not _hidden(each))
    return " ".join(kept.split())[:limit].strip()


def _hidden(character: str) -> bool:
    return not character.isspace() and unicodedata.category(character) in ("Cc", "Cf", "Cs")
