"""What was said here and is not in the record yet: words in the outbox, pictures on their way up."""

from collections.abc import Callable, Mapping
from typing import Final, Literal

from msgspec import Struct, structs

from customer_client.desk.media import media_type
from customer_client.desk.relay import Blobs, Failed, Outcome, Relay, Spawn, failure
from shared.common.errors import LinkLost, PeerBroken, ThreelineError
from shared.protocol.frames import Refused
from shared.protocol.messages.conversations import SendChat
from shared.protocol.types import Attachment

CHAT_KEY: Final = "chat/"
MAX_WAITING_PICTURES: Final = 10


class Out(Struct, frozen=True):
    """One message on its way. `data` is a picture that is not stored yet."""

    client_id: str
    at_ms: int
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    state: Literal["waiting", "sent", "failed"] = "waiting"
    failed: Failed | None = None
    data: bytes = b""
    name: str = ""


class Outgoing:
    """The messages of one conversation that the record does not hold yet, oldest first."""

    def __init__(self, relay: Relay, blobs: Blobs, spawn: Spawn, changed: Callable[[], None]) -> None:
        self._relay, self._blobs, self._spawn, self._changed = relay, blobs, spawn, changed
        self._conversation_id = ""
        self._uploading: set[str] = set()
        self.messages: dict[str, Out] = {}
        self.stored: dict[str, bytes] = {}
        """Pictures of ours by blob id, which need not be fetched."""

    def open(self, conversation_id: str, now_ms: int) -> None:
        """Take up what an earlier run left in the outbox."""
        self._conversation_id = conversation_id
        self.messages = {}
        for _, command in self._relay.pending():
            if isinstance(command, SendChat) and command.conversation_id == conversation_id:
                out = Out(command.client_id, now_ms, command.text, command.attachments)
                self.messages[command.client_id] = out

    def say(self, client_id: str, words: str, now_ms: int) -> Failed | None:
        """Keep words until they arrive. What comes back was not accepted."""
        return self._post(Out(client_id, now_ms, words))

    def show(self, client_id: str, data: bytes, name: str, now_ms: int) -> Failed | None:
        """Store a picture or file, then say it. It waits in memory for a connection."""
        if not media_type(data):
            return Failed("blob_type_refused")
        waiting = sum(1 for out in self.messages.values() if out.data)
        if waiting >= MAX_WAITING_PICTURES:
            return Failed("outbox_full")
        self._put(Out(client_id, now_ms, data=data, name=name))
        self.upload_waiting()
        return None

    def upload_waiting(self) -> None:
        """Bring up what waits; called again whenever the connection is back."""
        for out in self.messages.values():
            if out.data and out.state == "waiting" and out.client_id not in self._uploading:
                self._uploading.add(out.client_id)
                self._spawn(self._upload(out), "upload")

    def again(self, client_id: str, now_ms: int) -> Failed | None:
        """Try once more what failed."""
        out = self.messages.get(client_id)
        if out is None or out.state != "failed":
            return None
        out = structs.replace(out, state="waiting", failed=None, at_ms=now_ms)
        if not out.data:
            return self._post(out)
        self._put(out)
        self.upload_waiting()
        return None

    def settle(self, recorded: Mapping[str, object]) -> None:
        """Forget what the record holds now."""
        for client_id in [each for each in self.messages if each in recorded]:
            del self.messages[client_id]

    def answered(self, outcome: Outcome) -> None:
        """What became of a message."""
        out = self.messages.get(outcome.key.removeprefix(CHAT_KEY)) if outcome.key.startswith(CHAT_KEY) else None
        if out is None:
            return
        if isinstance(outcome.answer, Refused):
            self._put(structs.replace(out, state="failed", failed=failure(outcome.answer)))
        else:
            self._put(structs.replace(out, state="sent"))

    def _post(self, out: Out) -> Failed | None:
        command = SendChat(
            conversation_id=self._conversation_id,
            client_id=out.client_id,
            text=out.text,
            attachments=out.attachments,
        )
        try:
            self._relay.post(CHAT_KEY + out.client_id, command)
        except ThreelineError as error:
            return Failed(error.code)
        self._put(out)
        return None

    async def _upload(self, out: Out) -> None:
        try:
            answer = await self._blobs.upload(out.data, out.name, media_type(out.data))
        except LinkLost:
            return
        except PeerBroken:
            answer = Refused(code="internal")
        finally:
            self._uploading.discard(out.client_id)
        if isinstance(answer, Refused):
            self._put(structs.replace(out, state="failed", failed=failure(answer)))
            return
        self.stored[answer.blob_id] = out.data
        refused = self._post(structs.replace(out, attachments=(answer,), data=b""))
        if refused:
            self._put(structs.replace(out, state="failed", failed=refused))

    def _put(self, out: Out) -> None:
        self.messages[out.client_id] = out
        self._changed()
