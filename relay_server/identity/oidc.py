"""The organisation's own sign-in over HTTP: discovery, keys, and a code traded for an ID token. The relay does this
itself, so that no client ever holds its secret or is believed about a token."""

import asyncio
import base64
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
import msgspec
from joserfc import jwk, jws
from joserfc.errors import JoseError
from msgspec import Struct

from relay_server.identity.claims import Claims, Expected, fault_of
from shared.common.errors import ConfigError

_log = logging.getLogger(__name__)
T = TypeVar("T")

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures with the provider's own key only: neither `none` nor anything that our secret could make."""
STEP_S: Final = 3.0
"""For one question to the provider; three of them fit into a sign-in."""
MAX_BYTES: Final = 256 * 1024
KEEP_MS: Final = 3_600_000
AGAIN_MS: Final = 30_000
"""After a failure, or for a key that was not there: how long the provider is left alone."""


class ProviderDown(Exception):
    """It does not answer, or with nonsense. Nothing is known about the person."""


class ProviderRefused(Exception):
    """It does not vouch for the person, or what it says is not to be believed."""


class Metadata(Struct, frozen=True):
    """OpenID Connect Discovery 1.0; only what is used."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class _Answer(Struct, frozen=True):
    id_token: str


class _Key(Struct, frozen=True):
    kty: str
    use: str = "sig"


class _Keys(Struct, frozen=True):
    keys: tuple[dict[str, object], ...]


@dataclass(frozen=True, slots=True)
class Client:
    """This relay at the provider. `secret` empty: a public client, by PKCE alone."""

    issuer: str
    client_id: str
    secret: str
    ca_file: Path | None = None


class Provider:
    """One provider, asked as little as possible."""

    def __init__(self, client: Client, clock: Callable[[], int]) -> None:
        _require_safe(client.issuer, client.issuer)
        self._client = client
        self._clock = clock
        self._tls = _tls(client.ca_file)
        self._lock = asyncio.Lock()
        self._metadata: Metadata | None = None
        self._metadata_ms = self._failed_ms = self._keys_ms = 0
        self._keys: jwk.KeySet | None = None

    async def sign_in_url(self, redirect_uri: str, state: str, nonce: str, challenge: str) -> str:
        """Where the person goes with their browser. Raises ProviderDown."""
        endpoint = (await self._discovered()).authorization_endpoint
        query = urlencode(
            {
                "response_type": "code",
                "client_id": self._client.client_id,
                "redirect_uri": redirect_uri,
                "scope": "openid email profile",
                "state": state,
                "nonce": nonce,
                "code_challenge": challenge,
                "code_challenge_method": "S256",
            }
        )
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{query}"

    async def redeem(self, code: str, verifier: str, redirect_uri: str, nonce: str) -> Claims:
        """Who the person is. Raises ProviderDown, ProviderRefused."""
        metadata = await self._discovered()
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        headers = self._identify(form | {"code_verifier": verifier}, metadata)
        raw = await self._ask("POST", metadata.token_endpoint, headers[0], headers[1])
        claims = await self._verified(_decoded(raw, _Answer).id_token)
        fault = fault_of(claims, Expected(self._client.issuer, self._client.client_id, nonce), self._clock() / 1000)
        if fault is not None:
            raise ProviderRefused(f"the ID token's {fault}")
        return claims

    def _identify(self, form: dict[str, str], metadata: Metadata) -> tuple[dict[str, str], dict[str, str]]:
        client_id, secret = self._client.client_id, self._client.secret
        methods = metadata.token_endpoint_auth_methods_supported
        if not secret:
            return form | {"client_id": client_id}, {}
        if "client_secret_basic" not in methods and "client_secret_post" in methods:
            return form | {"client_id": client_id, "client_secret": secret}, {}
        pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
        return form, {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}

    async def _verified(self, token: str) -> Claims:
        keys = await self._key_set(again=False)
        try:
            payload = _signed(token, keys)
        except (JoseError, ValueError, KeyError):
            if self._clock() - self._keys_ms < AGAIN_MS:
                raise ProviderRefused("the ID token's signature") from None
            payload = await self._verified_by_new_keys(token)
        try:
            return msgspec.json.decode(payload, type=Claims)
        except msgspec.DecodeError as error:
            raise ProviderRefused("the ID token's shape") from error

    async def _verified_by_new_keys(self, token: str) -> bytes:
        """The provider may have changed its keys since we looked."""
        try:
            return _signed(token, await self._key_set(again=True))
        except (JoseError, ValueError, KeyError) as error:
            raise ProviderRefused("the ID token's signature") from error

    async def _discovered(self) -> Metadata:
        async with self._lock:
            now_ms = self._clock()
            if self._metadata is not None and now_ms - self._metadata_ms < KEEP_MS:
                return self._metadata
            if now_ms - self._failed_ms < AGAIN_MS // 6:
                raise ProviderDown("failed a moment ago")
            try:
                found = await self._discover()
            except ProviderDown:
                self._failed_ms = now_ms
                raise
            self._metadata, self._metadata_ms = found, now_ms
            return found

    async def _discover(self) -> Metadata:
        issuer = self._client.issuer
        found = _decoded(await self._ask("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration"), Metadata)
        if found.issuer != issuer:
            raise ProviderDown("it describes another issuer")
        for each in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
            try:
                _require_safe(each, issuer)
            except ConfigError as error:
                raise ProviderDown("an endpoint without TLS") from error
        return found

    async def _key_set(self, *, again: bool) -> jwk.KeySet:
        if self._keys is not None and not again and self._clock() - self._keys_ms < KEEP_MS:
            return self._keys
        raw = await self._ask("GET", (await self._discovered()).jwks_uri)
        usable = [each for each in _decoded(raw, _Keys).keys if _is_usable(each)]
        try:
            self._keys = jwk.KeySet([jwk.import_key(_strings(each)) for each in usable])
        except (JoseError, ValueError) as error:
            raise ProviderDown("its keys cannot be read") from error
        self._keys_ms = self._clock()
        return self._keys

    async def _ask(
        self, method: str, url: str, form: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> bytes:
        timeout = aiohttp.ClientTimeout(total=STEP_S)
        connector = aiohttp.TCPConnector(ssl=self._tls)
        try:
            async with (
                aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
                session.request(
                    method,
                    url,
                    data=form,
                    headers={"Accept": "application/json"} | (headers or {}),
                    allow_redirects=False,
                ) as answer,
            ):
                body = await answer.content.read(MAX_BYTES + 1)
                while len(body) <= MAX_BYTES and (more := await answer.content.read(MAX_BYTES)):
                    body += more
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise ProviderDown(type(error).__name__) from error
        if answer.status in (400, 401, 403):
            raise ProviderRefused(f"it answered {answer.status}")
        if answer.status != 200 or len(body) > MAX_BYTES:
            raise ProviderDown(f"it answered {answer.status} with {len(body)} bytes")
        return body


def _signed(token: str, keys: jwk.KeySet) -> bytes:
    return jws.deserialize_compact(token, keys, algorithms=list(ALGORITHMS)).payload


def _decoded(raw: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.DecodeError as error:
        raise ProviderDown(f"{kind.__name__} cannot be read") from error


def _is_usable(key: dict[str, object]) -> bool:
    try:
        found = msgspec.convert(key, _Key)
    except msgspec.ValidationError:
        return False
    return found.kty in ("RSA", "EC") and found.use == "sig"


def _strings(key: dict[str, object]) -> dict[str, str | list[str]]:
    return {name: value for name, value in key.items() if isinstance(value, str)}


def _require_safe(url: str, issuer: str) -> None:
    """TLS, but for a provider on this very machine. Raises ConfigError."""
    parts = urlsplit(url)
    local = urlsplit(issuer).hostname in ("127.0.0.1", "::1", "localhost")
    if not parts.hostname or (parts.scheme != "https" and not (parts.scheme == "http" and local)):
        raise ConfigError(f"oidc_issuer: {url} is not https")


def _tls(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"oidc_ca_file: {error}") from error
