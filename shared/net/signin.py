"""How a link proves who it is, by what it may say before sign-in."""

import base64
from collections.abc import Awaitable, Callable
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.common.errors import PeerBroken
from shared.protocol.frames import Refused
from shared.protocol.messages import identity as i
from shared.protocol.messages.base import Result

Exchange = Callable[[i.Opening], Awaitable[Result | Refused]]


class Credentials(Protocol):
    """What a link signs in with, each time it connects."""

    async def sign_in(self, ask: Exchange) -> i.AgentSignedIn | i.CustomerSignedIn | Refused:
        """Raises PeerBroken when the relay answers something else."""
        ...


def public_key64(key: Ed25519PrivateKey) -> str:
    """The device's public key as the protocol carries it."""
    return base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


class DeviceCredentials:
    """A customer's device key; `name`, `email` and `phone` only propose."""

    def __init__(self, key: Ed25519PrivateKey, name: str = "", email: str = "", phone: str = "") -> None:
        self._key = key
        self._public = public_key64(key)
        self.name, self.email, self.phone = name, email, phone

    async def sign_in(self, ask: Exchange) -> i.CustomerSignedIn | Refused:
        """Signs the relay's challenge."""
        challenge = await ask(i.AskChallenge(device_key=self._public))
        if isinstance(challenge, Refused):
            return challenge
        if not isinstance(challenge, i.Challenge):
            raise PeerBroken("expected a challenge")
        signature = self._key.sign(i.CHALLENGE_PREFIX + base64.b64decode(challenge.nonce))
        answer = await ask(
            i.ProveDevice(
                device_key=self._public,
                nonce=challenge.nonce,
                signature=base64.b64encode(signature).decode(),
                name=self.name,
                email=self.email,
                phone=self.phone,
            )
        )
        if not isinstance(answer, i.CustomerSignedIn | Refused):
            raise PeerBroken("expected a signed-in customer")
        return answer


class AgentCredentials:
    """A password once, then tokens. `keep` is told of every new pair, `None` when the relay revoked them.

    A refresh token is kept before it is used up: the relay lets the previous one stand until the new one is first used.
    """

    def __init__(
        self,
        keep: Callable[[i.TokenPair | None], None],
        *,
        username: str = "",
        password: str = "",
        code: str = "",
        refresh_token: str = "",
        device: str = "",
    ) -> None:
        self._keep = keep
        self._username, self._password, self._code, self._device = username, password, code, device
        self._refresh_token = refresh_token
        self._access_token = ""

    async def sign_in(self, ask: Exchange) -> i.AgentSignedIn | Refused:
        """Access token first, then the refresh token, then the password while it is still held."""
        for command in self._ways():
            answer = await ask(command)
            if isinstance(answer, i.AgentSignedIn):
                return self._remember(answer)
            if not isinstance(answer, Refused):
                raise PeerBroken("expected a signed-in agent")
            if answer.code not in ("token_expired", "token_revoked"):
                return answer
        self._forget()
        return Refused(code="token_revoked")

    def renewal(self) -> i.RenewTokens:
        """What a link that is up asks for fresh tokens with, before the access token ends."""
        return i.RenewTokens(refresh_token=self._refresh_token)

    def renewed(self, answer: i.AgentSignedIn) -> None:
        """The answer to `renewal`."""
        self._remember(answer)

    def _ways(self) -> list[i.Opening]:
        ways: list[i.Opening] = []
        if self._access_token:
            ways.append(i.SignInWithToken(access_token=self._access_token))
        if self._refresh_token:
            ways.append(i.RenewTokens(refresh_token=self._refresh_token))
        if self._password:
            ways.append(
                i.SignInWithPassword(
                    username=self._username, password=self._password, device=self._device, code=self._code
                )
            )
        return ways

    def _remember(self, answer: i.AgentSignedIn) -> i.AgentSignedIn:
        self._password = self._code = ""
        if answer.tokens is not None:
            self._access_token, self._refresh_token = answer.tokens.access_token, answer.tokens.refresh_token
            self._keep(answer.tokens)
        return answer

    def _forget(self) -> None:
        self._access_token = self._refresh_token = ""
        self._keep(None)
