"""What a key of the outside interface may be made for. Each scope is a role in the table of rights."""

from typing import Final, Literal, get_args

Scope = Literal[
    "read:customers",
    "write:customers",
    "read:conversations",
    "read:notes",
    "write:notes",
    "read:tickets",
    "write:tickets",
    "read:articles",
    "write:articles",
    "read:figures",
    "read:organisation",
    "read:servers",
    "manage:webhooks",
]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
