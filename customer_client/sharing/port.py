"""The port to the session process, which alone captures, sends and lets input in."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from shared.protocol.messages.remote import Receipt, ReceiptEntry
from shared.session.channel import CustomerOrder, CustomerReport


class SessionPort(Protocol):
    """One session process. `send` never blocks; after the end it does nothing."""

    @property
    def alive(self) -> bool:
        """Whether it is there."""
        ...

    def send(self, order: CustomerOrder) -> None:
        """Give it an order."""
        ...

    async def close(self) -> None:
        """End it, and sharing with it."""
        ...


StartSession = Callable[[Callable[[CustomerReport], None], Callable[[], None]], Awaitable[SessionPort]]
"""Starts one; the two functions get its reports and, once, its end."""


class Signer(Protocol):
    """Closes a receipt with this computer's device key."""

    def __call__(
        self, *, session_id: str, conversation_id: str, ticket_number: str, entries: tuple[ReceiptEntry, ...]
    ) -> Receipt: ...
