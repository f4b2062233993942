"""What the account window shows and may do. Live: the relay says when something changed, and it asks again."""

from collections.abc import Callable
from typing import Final, Literal, TypeVar

from msgspec import Struct, structs

from agent_app.desk.desk import Desk
from agent_app.desk.relay import Failed, Relay, Spawn, ask
from shared.common.shown import Shown
from shared.protocol.messages import account as a
from shared.protocol.messages.base import Result
from shared.protocol.messages.conversations import Done
from shared.protocol.messages.identity import TotpOffer
from shared.strings import Phrase, phrase

R = TypeVar("R", bound=Result)
Change = Literal["set_up", "replace", "renew", "turn_off"]
"""What a person may do about the second step; each asks who they are first."""
NEED_CODE: Final[frozenset[Change]] = frozenset({"replace", "renew", "turn_off"})


class AccountView(Struct, frozen=True, kw_only=True):
    """`offer` waits for its first code; `codes` are shown once. `said` is good news, `problem` is not."""

    name: str = ""
    username: str = ""
    account: a.Account | None = None
    offer: TotpOffer | None = None
    codes: tuple[str, ...] = ()
    busy: bool = False
    said: Phrase | None = None
    problem: Phrase | Failed | None = None


class AccountPresenter:
    """`show` and `hide` with the window: nothing is asked while nobody looks."""

    def __init__(self, desk: Desk, relay: Relay, spawn: Spawn) -> None:
        self._desk, self._relay, self._spawn = desk, relay, spawn
        self._open = False
        self.view = Shown(AccountView())
        desk.account_changed.watch(lambda _: self._look_again())
        desk.link.on_change(self._look_again)
        desk.me.on_change(self._forget)

    def show(self) -> None:
        """The window is there."""
        self._open = True
        self._forget()
        self._look_again()

    def hide(self) -> None:
        """The window is gone, and with it what was shown once."""
        self._open = False
        self._forget()

    def dismiss(self) -> None:
        """The person has read what was said."""
        self._change(said=None, problem=None)

    def change(self, change: Change, password: str, code: str) -> None:
        """Begin something about the second step."""
        match change:
            case "set_up" | "replace":
                self._ask(a.BeginTotp(password=password, code=code), TotpOffer, self._offered)
            case "renew":
                self._ask(a.RenewRecoveryCodes(password=password, code=code), a.RecoveryCodes, self._coded)
            case "turn_off":
                command = a.TurnOffTotp(password=password, code=code)
                self._ask(command, Done, lambda _: self._say("account.totp_turned_off"))

    def confirm(self, code: str) -> None:
        """A code of the new authenticator."""
        self._ask(a.ConfirmTotp(code=code), a.RecoveryCodes, self._coded)

    def drop_offer(self) -> None:
        """The person does not go on with it."""
        self._change(offer=None, problem=None)

    def keep_codes(self) -> None:
        """The recovery codes are put away."""
        self._change(codes=())

    def change_password(self, present: str, new: str) -> None:
        """Another password."""
        command = a.ChangePassword(password=present, new_password=new)
        self._ask(command, Done, lambda _: self._say("account.password_changed"))

    def end_device(self, device_id: str) -> None:
        """End one sign-in."""
        self._ask(a.EndDevice(device_id=device_id), Done, lambda _: self._say("account.device_ended"))

    def end_others(self) -> None:
        """End every sign-in but this one."""
        self._ask(a.EndOtherDevices(), Done, lambda _: self._say("account.devices_ended"))

    def _ask(self, command: a.Asking, expect: type[R], then: Callable[[R], None]) -> None:
        if not self.view.value.busy:
            self._change(busy=True, problem=None, said=None)
            self._spawn(self._answered(command, expect, then), "account")

    async def _answered(self, command: a.Asking, expect: type[R], then: Callable[[R], None]) -> None:
        answer = await ask(self._relay, command, expect)
        if not self._open:
            return
        if isinstance(answer, Failed):
            self._change(busy=False, problem=_said(answer))
        else:
            self._change(busy=False)
            then(answer)

    def _offered(self, offer: TotpOffer) -> None:
        self._change(offer=offer)

    def _coded(self, codes: a.RecoveryCodes) -> None:
        self._change(offer=None, codes=codes.codes)

    def _say(self, key: str) -> None:
        self._change(said=phrase(key))

    def _look_again(self) -> None:
        if self._open and self._desk.link.value.phase == "ready":
            self._spawn(self._look(), "look at account")

    async def _look(self) -> None:
        answer = await ask(self._relay, a.GetAccount(), a.Account)
        if self._open and isinstance(answer, a.Account):
            self._change(account=answer)

    def _forget(self) -> None:
        me = self._desk.me.value
        self.view.set(AccountView(name=me.person.name, username=me.username) if me else AccountView())

    def _change(self, **fields: object) -> None:
        self.view.set(structs.replace(self.view.value, **fields))


def _said(failed: Failed) -> Phrase | Failed:
    """A refused password says why it is weak."""
    if failed.code != "password_weak":
        return failed
    least = failed.params.get("least", "")
    match failed.params.get("why"):
        case "short":
            return phrase("account.weak_short", least=least)
        case "name":
            return phrase("account.weak_name")
        case "same":
            return phrase("account.weak_same")
        case _:
            return phrase("account.weak_common")
