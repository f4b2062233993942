"""The link and the blobs, told to the desk. Imports aiohttp: only after the first paint."""

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from customer_client.app.config import Config
from customer_client.desk.desk import Desk, LinkView
from customer_client.desk.relay import Outcome, failure
from customer_client.platform.version import program_version
from shared.net.api import BlobApi
from shared.net.endpoint import Endpoint
from shared.net.link import CUSTOMER, Link, LinkState, Listener, SignedIn
from shared.net.outbox import Outbox
from shared.net.signin import DeviceCredentials
from shared.protocol.codec import UnknownEvent
from shared.protocol.frames import CustomerCommand, CustomerPush, CustomerResult, Refused
from shared.protocol.messages.base import EventBody, Result
from shared.protocol.messages.conversations import EventRecord
from shared.protocol.messages.identity import CustomerSignedIn
from shared.strings import language

Event = Callable[[EventRecord, EventBody | UnknownEvent], None]


class Connection:
    """Up for as long as `run` runs."""

    def __init__(
        self,
        config: Config,
        private: bytes,
        who: tuple[str, str],
        outbox: Outbox[CustomerCommand],
        desk: Desk,
        on_event: Event,
    ) -> None:
        self._desk = desk
        self._was_ready = False
        endpoint = Endpoint(config.addresses, config.ca_file)
        self.blobs = BlobApi(endpoint)
        credentials = DeviceCredentials(Ed25519PrivateKey.from_private_bytes(private), *who)
        listener = Listener[CustomerPush](
            on_state=self._state,
            on_welcome=desk.on_welcome,
            on_signed_in=self._signed_in,
            on_push=desk.on_push,
            on_event=on_event,
            on_outcome=self._outcome,
        )
        self.link: Link[CustomerCommand, CustomerResult, CustomerPush] = Link(
            endpoint, CUSTOMER, credentials, outbox, listener, client_version=program_version(), locale=language()
        )

    async def run(self) -> None:
        """Connects and reconnects until cancelled. Raises ConfigError when the endpoint cannot be used at all."""
        try:
            await self.link.run()
        finally:
            await self.blobs.close()

    def _state(self, state: LinkState) -> None:
        self._was_ready |= state.phase == "ready"
        phase = "connecting" if state.phase == "signing_in" else state.phase
        refusal = failure(state.refusal) if state.refusal else None
        self._desk.link.set(LinkView(phase, state.attempt, state.next_try_ms, refusal, self._was_ready))

    def _signed_in(self, signed_in: SignedIn) -> None:
        if isinstance(signed_in, CustomerSignedIn):
            self.blobs.access_token = signed_in.access_token
            self._desk.on_signed_in(signed_in)

    def _outcome(self, key: str, answer: Result | Refused) -> None:
        self._desk.outcomes.tell(Outcome(key, answer))
