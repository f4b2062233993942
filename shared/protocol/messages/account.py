"""An agent's own account: password, second factor, and where they are signed in."""

from typing import Annotated, Literal

from msgspec import Meta

from shared.protocol.messages.base import Command, PushBody, Result
from shared.protocol.messages.identity import OneTimeCode, Password, RecoveryCodeList
from shared.protocol.types import Id, Line, Millis, Value

NewPassword = Annotated[str, Meta(min_length=1, max_length=256)]
Way = Literal["password", "single_sign_on"]


class GetAccount(Command, frozen=True, kw_only=True):
    """How this agent's account stands."""


class SignedInDevice(Value, frozen=True, kw_only=True):
    """One sign-in that still lasts. `last_ms` is right to some minutes; `address` is where it was last used from."""

    device_id: Id
    name: Line
    way: Way
    first_ms: Millis
    last_ms: Millis
    address: Line = ""
    this: bool = False


class Account(Result, frozen=True, kw_only=True):
    """`recovery_left`: unused recovery codes. `devices`: newest use first."""

    totp: bool
    totp_required: bool = False
    recovery_left: int = 0
    devices: Annotated[tuple[SignedInDevice, ...], Meta(max_length=200)] = ()


class BeginTotp(Command, frozen=True, kw_only=True):
    """Asks for a secret; `code` of the present factor when there is one. Nothing changes until `ConfirmTotp`."""

    password: Password
    code: OneTimeCode = ""


class ConfirmTotp(Command, frozen=True, kw_only=True):
    """A code made with the new secret puts it into force."""

    code: OneTimeCode


class RecoveryCodes(Result, frozen=True, kw_only=True):
    """New recovery codes, shown once; earlier ones are worth nothing now."""

    codes: RecoveryCodeList


class RenewRecoveryCodes(Command, frozen=True, kw_only=True):
    """Makes new recovery codes."""

    password: Password
    code: OneTimeCode


class TurnOffTotp(Command, frozen=True, kw_only=True):
    """No second factor any more; refused where the organisation requires one."""

    password: Password
    code: OneTimeCode


class ChangePassword(Command, frozen=True, kw_only=True):
    """Another password; every other sign-in of this agent ends."""

    password: Password
    new_password: NewPassword


class EndDevice(Command, frozen=True, kw_only=True):
    """Ends one sign-in of this agent."""

    device_id: Id


class EndOtherDevices(Command, frozen=True, kw_only=True):
    """Ends every sign-in of this agent but this one."""


class AccountChanged(PushBody, frozen=True, kw_only=True):
    """Something of this agent's account changed: whoever shows it asks again."""


Asking = (
    GetAccount
    | BeginTotp
    | ConfirmTotp
    | RenewRecoveryCodes
    | TurnOffTotp
    | ChangePassword
    | EndDevice
    | EndOtherDevices
)
"""Every command about one's own account."""
