"""What the sign-in page shows and may do. The door behind it belongs to the app."""

from typing import TYPE_CHECKING, Final, Literal, Protocol

from msgspec import Struct, structs

from agent_app.desk.relay import Clock, Failed
from shared.common.shown import Shown
from shared.strings import Phrase, phrase

if TYPE_CHECKING:
    from shared.net.link import LinkState

Keyring = Literal["checking", "working", "none"]
Problem = Phrase | Failed
MAX_NAME: Final = 80
MAX_PASSWORD: Final = 256


class Door(Protocol):
    """What stands between this page and the relay."""

    def open(self, server: str, username: str, password: str, keep: bool) -> Phrase | None:
        """Begin to sign in; the answer comes as link states. Returns why the address cannot be used."""
        ...

    def shut(self) -> None:
        """Stop trying."""
        ...


class SignInView(Struct, frozen=True, kw_only=True):
    """`missing` names the first field that is empty; `retry_at_ms` is when the relay takes another try."""

    server: str = ""
    username: str = ""
    keep: bool = True
    keyring: Keyring = "checking"
    busy: bool = False
    restoring: bool = False
    problem: Problem | None = None
    retry_at_ms: int = 0


class SignInPresenter:
    """One try at a time; a refusal stops it and says why, an unreachable server is tried again until told to stop."""

    def __init__(self, door: Door, now: Clock, *, server: str, username: str) -> None:
        self._door = door
        self._now = now
        self.view = Shown(SignInView(server=server, username=username))

    def on_keyring(self, working: bool) -> None:
        """The keyring was looked for."""
        self._change(keyring="working" if working else "none")

    def restore(self) -> None:
        """The app signs in by itself with what the keyring kept."""
        self._change(busy=True, restoring=True, problem=None)

    def sign_in(self, server: str, username: str, password: str, keep: bool) -> None:
        """The person pressed the button."""
        if self.view.value.busy:
            return
        server, username = server.strip(), username.strip()
        self._change(server=server, username=username, keep=keep, problem=None, retry_at_ms=0, restoring=False)
        missing = _missing(server, username, password)
        if missing is not None:
            self._change(problem=missing)
            return
        keep = keep and self.view.value.keyring == "working"
        problem = self._door.open(server, username, password, keep)
        self._change(busy=problem is None, problem=problem)

    def cancel(self) -> None:
        """Stop trying and let the person change something."""
        self._door.shut()
        self._change(busy=False, restoring=False, problem=None)

    def on_link(self, state: "LinkState") -> None:
        """How the try goes, told by the app until the agent is signed in."""
        if not self.view.value.busy:
            return
        if state.refusal is not None:
            self._refused(Failed(state.refusal.code, dict(state.refusal.params)))
        elif state.phase == "waiting":
            self._change(problem=phrase("signin.unreachable"), retry_at_ms=state.next_try_ms)
        elif state.phase == "signing_in":
            self._change(problem=None, retry_at_ms=0)

    def reopen(self, problem: Problem | None) -> None:
        """Back to this page: signed out, or the way back in was revoked."""
        self._change(busy=False, restoring=False, problem=problem, retry_at_ms=0)

    def signed_in(self) -> None:
        """The page has done its work."""
        self._change(busy=False, restoring=False, problem=None, retry_at_ms=0)

    def _refused(self, why: Failed) -> None:
        self._door.shut()
        wait_s = float(why.params.get("retry_s", "0") or 0)
        self._change(
            busy=False,
            restoring=False,
            problem=phrase("signin.restore_ended")
            if self.view.value.restoring and why.code == "token_revoked"
            else why,
            retry_at_ms=self._now() + round(wait_s * 1000) if wait_s else 0,
        )

    def _change(self, **fields: object) -> None:
        self.view.set(structs.replace(self.view.value, **fields))


def _missing(server: str, username: str, password: str) -> Phrase | None:
    if not server:
        return phrase("signin.need_server")
    if not username or len(username) > MAX_NAME:
        return phrase("signin.need_name")
    if not password or len(password) > MAX_PASSWORD:
        return phrase("signin.need_password")
    return None
