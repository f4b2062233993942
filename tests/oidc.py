"""A provider of OpenID Connect that says whatever a test wants, over HTTP on loopback; and a person with a browser."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import web
from joserfc import jwk, jwt

CLIENT = "threeline"
SECRET = "s3cret"


@dataclass
class Lies:
    """What is changed on the way; empty: an honest provider."""

    claims: dict[str, Any] = field(default_factory=dict[str, Any])
    header: dict[str, Any] = field(default_factory=dict[str, Any])
    key: Any = None
    unsigned: bool = False
    secret_signed: bool = False
    token: str = ""
    status: int = 200
    issuer: str = ""
    body: bytes = b""
    asked: list[str] = field(default_factory=list[str])


@dataclass
class FakeProvider:
    """`user` is who sits at the browser."""

    issuer: str = ""
    user: dict[str, Any] = field(default_factory=lambda: {"sub": "amy-1", "email": "Amy@Acme.example"})
    lies: Lies = field(default_factory=Lies)
    key: jwk.RSAKey = field(default_factory=lambda: jwk.RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])

    def authorise(self, url: str) -> str:
        """The person says yes at that page; the code that comes back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert (asked["client_id"], asked["response_type"]) == (CLIENT, "code")
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return code

    async def discovery(self, request: web.Request) -> web.Response:
        """`/.well-known/openid-configuration`."""
        self.lies.asked.append(request.path)
        return web.json_response(
            {
                "issuer": self.lies.issuer or self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
            }
        )

    async def jwks(self, request: web.Request) -> web.Response:
        """The public key."""
        self.lies.asked.append(request.path)
        return web.json_response({"keys": [{**self.key.as_dict(private=False), "use": "sig"}]})

    async def token(self, request: web.Request) -> web.Response:
        """A code for an ID token, once."""
        form = await request.post()
        assert request.headers["Authorization"] == "Basic dGhyZWVsaW5lOnMzY3JldA=="
        asked = self.codes.pop(str(form["code"]), None)
        digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != form["redirect_uri"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        if self.lies.status != 200 or self.lies.body:
            return web.Response(status=self.lies.status, body=self.lies.body)
        return web.json_response({"id_token": self.lies.token or self._signed(asked["nonce"]), "token_type": "Bearer"})

    def _signed(self, nonce: str) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": nonce, **self.user}
        claims |= self.lies.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": "RS256", "kid": "k1"} | self.lies.header
        if self.lies.unsigned:
            return f"{_part({'alg': 'none'})}.{_part(claims)}."
        if self.lies.secret_signed:
            words = f"{_part({'alg': 'HS256', 'kid': 'k1'})}.{_part(claims)}"
            seal = hmac.digest(self.key.as_pem(private=False), words.encode(), hashlib.sha256)
            return f"{words}.{base64.urlsafe_b64encode(seal).decode().rstrip('=')}"
        return jwt.encode(header, claims, self.lies.key or self.key, algorithms=["RS256"])


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@asynccontextmanager
async def provider() -> AsyncGenerator[FakeProvider]:
    """Listens while the block runs."""
    made = FakeProvider()
    app = web.Application()
    app.add_routes(
        [
            web.get("/.well-known/openid-configuration", made.discovery),
            web.get("/jwks", made.jwks),
            web.post("/token", made.token),
        ]
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        made.issuer = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield made
    finally:
        await runner.cleanup()
