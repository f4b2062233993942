"""What messages are made of: the bases whose tag is the struct's own name in snake case."""

import re

from msgspec import Struct


def snake(name: str) -> str:
    """`ChatPosted` -> `chat_posted`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Command(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="do", tag=snake):
    """Asks the relay to do something; answered by its reply type or by `Refused`."""


class Result(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="is", tag=snake):
    """What a command that was carried out returns."""


class EventBody(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag=snake):
    """Something that happened, kept for good in a stream."""


class PushBody(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="now", tag=snake):
    """How something stands now; not kept, the next one replaces it."""
