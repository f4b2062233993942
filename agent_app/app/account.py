"""Who is signed in, over which link: the door behind the sign-in page, and what the link tells."""

import asyncio
import hashlib
import logging
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import msgspec
from msgspec import structs

from agent_app.app.doorstep import Doorstep
from agent_app.desk.desk import Desk, LinkView
from agent_app.desk.line import Line
from agent_app.desk.relay import Outcome, Spawn
from agent_app.desk.timelines import Timelines
from agent_app.platform.keeper import TokenKeeper
from shared.common.clock import now_ms
from shared.common.errors import ConfigError, LinkLost, PeerBroken
from shared.common.shown import Heard
from shared.net.outbox import Outbox
from shared.net.servers import home_of
from shared.protocol.frames import AgentCommand, AgentPush, Refused
from shared.protocol.messages import identity as i
from shared.protocol.messages.recordings import RecordingStored
from shared.protocol.types import Attachment
from shared.strings import Phrase, phrase

if TYPE_CHECKING:  # aiohttp and cryptography are loaded once the window is there
    from shared.net.api import BlobApi
    from shared.net.link import LinkState, Listener, SignedIn
    from shared.net.signin import AgentCredentials

_log = logging.getLogger(__name__)
_PHASES: Final[dict[str, Literal["connecting", "ready", "waiting", "refused"]]] = {
    "connecting": "connecting",
    "signing_in": "connecting",
    "ready": "ready",
    "waiting": "waiting",
    "refused": "refused",
}
_RENEW_BEFORE_MS: Final = 120_000
_RENEW_AGAIN_S: Final = 20


class Account:
    """`signed_in` at each sign-in of the link, `ended(refusal)` when a link that was up may not come back."""

    def __init__(
        self,
        desk: Desk,
        line: Line,
        timelines: Timelines,
        spawn: Spawn,
        *,
        ca_file: Path | None,
        data_dir: Path,
        doorstep: Doorstep,
    ) -> None:
        self._desk, self._line, self._timelines, self._spawn = desk, line, timelines, spawn
        self._ca_file, self._data_dir = ca_file, data_dir
        self._doorstep = doorstep
        self._keeper: TokenKeeper | None = None
        self._credentials: AgentCredentials | None = None
        self._blobs: BlobApi | None = None
        self._server = self._username = ""
        self._keep = self._inside = False
        self._expires_ms = 0
        self._lost_ms = 0
        self.states: Heard[LinkState] = Heard()
        self.signed_in = Heard[i.AgentProfile]()
        self.recovery_codes = Heard[tuple[str, ...]]()
        self.ready = Heard[bool]()
        self.ended = Heard[Refused | None]()

    @property
    def identity(self) -> tuple[str, str]:
        """Server and user name of the last try."""
        return self._server, self._username

    def use_keeper(self, keeper: TokenKeeper) -> None:
        """The keyring works."""
        self._keeper = keeper

    # The door

    def open(self, server: str, username: str, password: str, keep: bool, code: str = "") -> Phrase | None:
        """See `signin.presenter.Door`."""
        return self._start(server, username, keep, password=password, code=code)

    def greet(self, server: str) -> None:
        """See `signin.presenter.Door`."""
        self._doorstep.greet(server)

    def enrol(self, server: str, username: str, password: str) -> None:
        """See `signin.presenter.Door`."""
        self._doorstep.enrol(server, username, password)

    def browse(self, server: str, keep: bool) -> None:
        """See `signin.presenter.Door`."""
        self._doorstep.browse(server, lambda signed_in: self._came_in(server, keep, signed_in))

    def _came_in(self, server: str, keep: bool, signed_in: i.AgentSignedIn) -> None:
        """Single sign-on said who it is: from here on it goes as if the keyring had kept the way back."""
        if signed_in.tokens is not None:
            self._start(server, signed_in.agent.username, keep, refresh_token=signed_in.tokens.refresh_token)

    def restore(self, server: str, username: str, refresh_token: str) -> Phrase | None:
        """Sign in with what the keyring kept."""
        return self._start(server, username, True, refresh_token=refresh_token)

    def shut(self) -> None:
        """Stop trying."""
        self._doorstep.cancel()
        self._stop()

    def sign_out(self) -> None:
        """End the tokens at the relay as far as it can be told, forget them here, and go back to sign-in."""
        self._line.tell(i.SignOut())
        if self._keeper is not None:
            self._keeper.keep(self._server, self._username, None)
        self._spawn(self._leave(), "sign out")

    async def _leave(self) -> None:
        await asyncio.sleep(0)  # lets the link take what it was told before it is ended
        self._stop()
        self.ended.tell(None)

    async def close(self) -> None:
        """The program ends."""
        self._line.stop()
        if self._blobs is not None:
            await self._blobs.close()

    def _start(
        self,
        server: str,
        username: str,
        keep: bool,
        *,
        password: str = "",
        code: str = "",
        refresh_token: str = "",
    ) -> Phrase | None:
        from shared.net.api import BlobApi
        from shared.net.endpoint import Endpoint
        from shared.net.signin import AgentCredentials

        try:
            endpoint = Endpoint(server, self._ca_file)
        except ConfigError:
            return phrase("signin.bad_server")
        self._server, self._username, self._keep = server, username, keep
        credentials = AgentCredentials(
            self._on_tokens,
            username=username,
            password=password,
            code=code,
            refresh_token=refresh_token,
            device=socket.gethostname()[:200],
        )
        outbox = Outbox(self._outbox_path(), msgspec.json.Decoder(AgentCommand).decode)
        try:
            self._line.start(endpoint, credentials, outbox, self._listener())
        except ConfigError:
            outbox.close()
            return phrase("signin.bad_ca")
        self._credentials = credentials
        self._blobs = BlobApi(endpoint)
        return None

    def _outbox_path(self) -> Path:
        """One outbox a server and user: nobody sends what somebody else wrote."""
        tag = hashlib.sha256(f"{home_of(self._server)}\0{self._username}".encode()).hexdigest()[:16]
        return self._data_dir / f"outbox-{tag}.sqlite"

    @property
    def recordings_dir(self) -> Path | None:
        """Where this agent's recordings wait to be brought to this relay; None while nobody is signed in."""
        tag = hashlib.sha256(f"{home_of(self._server)}\0{self._username}".encode()).hexdigest()[:16]
        return self._data_dir / "recordings" / tag if self._inside else None

    def _stop(self) -> None:
        self._line.stop()
        self._timelines.close_all()
        self._inside = False
        if self._blobs is not None:
            self._spawn(self._blobs.close(), "close blobs")
            self._blobs = None
        self._desk.forget()

    # What the link tells

    def _listener(self) -> "Listener[AgentPush]":
        from shared.net.link import Listener

        return Listener(
            on_state=self._on_state,
            on_welcome=self._desk.on_welcome,
            on_signed_in=self._on_signed_in,
            on_push=self._desk.on_push,
            on_event=self._timelines.on_event,
            on_outcome=lambda key, answer: self._desk.outcomes.tell(Outcome(key, answer)),
        )

    def _on_signed_in(self, answer: "SignedIn") -> None:
        if isinstance(answer, i.AgentSignedIn):
            self._inside = True
            self._desk.me.set(answer.agent)
            if answer.recovery_codes:
                self.recovery_codes.tell(answer.recovery_codes)
            self.signed_in.tell(answer.agent)

    def _on_state(self, state: "LinkState") -> None:
        if self._inside and state.phase == "refused":
            self._stop()
            self.ended.tell(state.refusal)
            return
        self._lost_ms = 0 if state.phase == "ready" else self._lost_ms or self._desk.now_ms()
        self.states.tell(state)
        if self._inside:
            ahead_ms = self._desk.ahead_ms
            self._desk.link.set(
                LinkView(
                    phase=_PHASES[state.phase],
                    attempt=state.attempt,
                    next_try_ms=state.next_try_ms + ahead_ms if state.next_try_ms else 0,
                    since_ms=self._lost_ms,
                    latency_ms=state.latency_ms,
                )
            )
            if state.phase == "ready":
                self.ready.tell(True)

    def tick(self) -> None:
        """A second has passed: the latency shown is the last one measured."""
        state, shown = self._line.state, self._desk.link.value
        if state is not None and shown.phase == "ready" and state.latency_ms != shown.latency_ms:
            self._desk.link.set(structs.replace(shown, latency_ms=state.latency_ms))

    def _on_tokens(self, pair: i.TokenPair | None) -> None:
        if pair is not None and self._blobs is not None:
            self._blobs.access_token = pair.access_token
            self._expires_ms = pair.expires_ms
        if self._keeper is not None and (self._keep or pair is None):
            self._keeper.keep(self._server, self._username, pair.refresh_token if pair else None)

    async def keep_fresh(self) -> None:
        """Renews the tokens of a link that stays up: the access token opens pictures, and is short-lived."""
        while True:
            await asyncio.sleep(_RENEW_AGAIN_S)
            due = self._expires_ms and now_ms() + self._desk.ahead_ms > self._expires_ms - _RENEW_BEFORE_MS
            if self._credentials is not None and due and self._desk.link.value.phase == "ready":
                await self._renew(self._credentials)

    async def _renew(self, credentials: "AgentCredentials") -> None:
        try:
            answer = await self._line.ask(credentials.renewal(), i.AgentSignedIn)
        except (LinkLost, PeerBroken) as error:
            _log.info("tokens not renewed yet: %s", type(error).__name__)
            return
        if isinstance(answer, i.AgentSignedIn):
            credentials.renewed(answer)
        else:
            _log.info("tokens not renewed: %s", answer.code)

    # Pictures

    async def upload(self, data: bytes, name: str, media_type: str, /) -> Attachment | Refused:
        """See `desk.relay.Blobs`."""
        if self._blobs is None:
            raise LinkLost("nobody is signed in")
        return await self._blobs.upload(data, name, media_type)

    async def download(self, blob_id: str, limit_bytes: int, /) -> bytes | Refused:
        """See `desk.relay.Blobs`."""
        if self._blobs is None:
            raise LinkLost("nobody is signed in")
        return await self._blobs.download(blob_id, limit_bytes)

    # Recordings

    async def put_chunk(self, recording_id: str, sequence: int, chunk: bytes, /) -> RecordingStored | Refused:
        """See `recordings.port.Shelf`."""
        if self._blobs is None:
            raise LinkLost("nobody is signed in")
        return await self._blobs.put_chunk(recording_id, sequence, chunk)

    async def close_recording(self, recording_id: str, /) -> RecordingStored | Refused:
        """See `recordings.port.Shelf`."""
        if self._blobs is None:
            raise LinkLost("nobody is signed in")
        return await self._blobs.close_recording(recording_id)

    async def read_recording(self, recording_id: str, opening_id: str, at: int, /) -> bytes | Refused:
        """See `recordings.port.Shelf`."""
        if self._blobs is None:
            raise LinkLost("nobody is signed in")
        return await self._blobs.read_recording(recording_id, opening_id, at)


def load_network() -> None:
    """Loads what `Account` needs to sign in; from a thread, once the window is there."""
    from shared.net import api, link

    _log.debug("network loaded: %s, %s", api.__name__, link.__name__)
