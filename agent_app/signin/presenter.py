"""What the sign-in page shows and may do. The door behind it belongs to the app."""

from typing import TYPE_CHECKING, Final, Literal, Protocol

from msgspec import Struct, structs

from agent_app.desk.relay import Clock, Failed
from shared.common.shown import Heard, Shown
from shared.protocol.messages.identity import TotpOffer
from shared.strings import Phrase, phrase

if TYPE_CHECKING:
    from shared.net.link import LinkState

Keyring = Literal["checking", "working", "none"]
Step = Literal["password", "code", "recovery", "enrol", "codes", "browser"]
"""`code` and `recovery` ask for the second factor, `enrol` sets one up, `codes` shows its recovery codes once."""
Problem = Phrase | Failed
MAX_NAME: Final = 80
MAX_PASSWORD: Final = 256
_BEFORE: Final[dict[str, Step]] = {"code_needed": "code", "enrolment_needed": "enrol"}
"""Refusals that are a question rather than an end."""


class Door(Protocol):
    """What stands between this page and the relay."""

    def open(self, server: str, username: str, password: str, keep: bool, code: str = "") -> Phrase | None:
        """Begin to sign in; the answer comes as link states. Returns why the address cannot be used."""
        ...

    def greet(self, server: str) -> None:
        """Ask which ways in there are; the answer comes as `on_greeted`."""
        ...

    def enrol(self, server: str, username: str, password: str) -> None:
        """Ask for a second factor's secret: `on_offer` or `on_failed`."""
        ...

    def browse(self, server: str, keep: bool) -> None:
        """Sign in through the system's browser: signed in, or `on_failed`."""
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
    step: Step = "password"
    single_sign_on: str = ""
    offer: TotpOffer | None = None
    codes: tuple[str, ...] = ()
    busy: bool = False
    restoring: bool = False
    problem: Problem | None = None
    retry_at_ms: int = 0


class SignInPresenter:
    """One try at a time; a refusal stops it and says why, an unreachable server is tried again until told to stop."""

    def __init__(self, door: Door, now: Clock, *, server: str, username: str) -> None:
        self._door = door
        self._now = now
        self._password = ""
        self._greeted = ""
        self.view = Shown(SignInView(server=server, username=username))
        self.codes_kept = Heard[None]()

    def on_keyring(self, working: bool) -> None:
        """The keyring was looked for."""
        self._change(keyring="working" if working else "none")

    def restore(self) -> None:
        """The app signs in by itself with what the keyring kept."""
        self._change(busy=True, restoring=True, problem=None)

    # Ways in

    def look_at(self, server: str) -> None:
        """The person has named a server: which ways in does it have?"""
        server = server.strip()
        if server != self._greeted and not self.view.value.busy:
            self._greeted = server
            self._change(single_sign_on="")
            if server:
                self._door.greet(server)

    def on_greeted(self, server: str, single_sign_on: str) -> None:
        """The relay named its ways in."""
        if server == self._greeted:
            self._change(single_sign_on=single_sign_on)

    def browse(self, server: str, keep: bool) -> None:
        """The person wants to sign in through the browser."""
        view = self.view.value
        if not view.busy and view.single_sign_on and server.strip() == self._greeted:
            self._change(server=server.strip(), keep=keep, step="browser", busy=True, problem=None, retry_at_ms=0)
            self._door.browse(server.strip(), keep and view.keyring == "working")

    # Password and second factor

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
        self._password = password
        self._open("")

    def give_code(self, code: str) -> None:
        """The code of the second factor, or a recovery code."""
        view = self.view.value
        if not view.busy and view.step in ("code", "recovery", "enrol") and code.strip():
            self._change(problem=None, retry_at_ms=0)
            self._open(code.strip())

    def choose_recovery(self, recovery: bool) -> None:
        """Between authenticator and recovery code."""
        if self.view.value.step in ("code", "recovery") and not self.view.value.busy:
            self._change(step="recovery" if recovery else "code", problem=None)

    def keep_codes(self) -> None:
        """The person has put the recovery codes away."""
        self._change(step="password", codes=())
        self.codes_kept.tell(None)

    def cancel(self) -> None:
        """Stop trying and let the person change something; from the second step back to the first."""
        view = self.view.value
        self._door.shut()
        step: Step = view.step if view.busy and view.step in ("code", "recovery", "enrol") else "password"
        if step == "enrol" and view.offer is None:
            step = "password"
        self._change(busy=False, restoring=False, problem=None, step=step)
        self._forget_unless_asked()

    # What the door tells

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

    def on_offer(self, offer: TotpOffer) -> None:
        """A secret to enrol."""
        if self.view.value.step == "enrol":
            self._change(busy=False, offer=offer)

    def on_failed(self, why: Failed) -> None:
        """A question before sign-in came to nothing."""
        if self.view.value.busy and self.view.value.step in ("enrol", "browser"):
            self._change(step="password")
            self._refused(why)

    def on_codes(self, codes: tuple[str, ...]) -> None:
        """The second factor is confirmed; these are shown once."""
        self._change(step="codes", codes=codes)

    def reopen(self, problem: Problem | None) -> None:
        """Back to this page: signed out, or the way back in was revoked."""
        self._back(problem)

    def signed_in(self) -> None:
        """The page has done its work, unless recovery codes are still to be put away."""
        if self.view.value.step == "codes":
            self._password = ""
            self._change(busy=False, restoring=False, problem=None, retry_at_ms=0, offer=None)
        else:
            self._back(None)

    def _back(self, problem: Problem | None) -> None:
        self._change(busy=False, restoring=False, problem=problem, retry_at_ms=0, step="password", offer=None, codes=())
        self._forget_unless_asked()

    def _open(self, code: str) -> None:
        view = self.view.value
        keep = view.keep and view.keyring == "working"
        problem = self._door.open(view.server, view.username, self._password, keep, code)
        self._change(busy=problem is None, problem=problem)

    def _refused(self, why: Failed) -> None:
        self._door.shut()
        step = _BEFORE.get(why.code)
        if step is not None and not self.view.value.restoring:
            self._ask(step)
            return
        wait_s = float(why.params.get("retry_s", "0") or 0)
        asked = self.view.value.step if why.code in ("code_wrong", "sign_in_delayed") else "password"
        self._change(
            busy=False,
            restoring=False,
            step=asked,
            problem=phrase("signin.restore_ended")
            if self.view.value.restoring and why.code == "token_revoked"
            else why,
            retry_at_ms=self._now() + round(wait_s * 1000) if wait_s else 0,
        )
        self._forget_unless_asked()

    def _ask(self, step: Step) -> None:
        enrol = step == "enrol"
        self._change(step=step, busy=enrol, problem=None, retry_at_ms=0, offer=None)
        if enrol:
            view = self.view.value
            self._door.enrol(view.server, view.username, self._password)

    def _forget_unless_asked(self) -> None:
        """The password is held only while a second step needs it again."""
        if self.view.value.step == "password":
            self._password = ""
            self._change(offer=None)

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
