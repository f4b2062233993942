"""Signing in by the organisation's own sign-in, from the program's side: browser out, loopback back."""

import base64
import hashlib
import secrets
from collections.abc import Callable
from urllib.parse import urlsplit

from shared.common.errors import PeerBroken
from shared.net.browser_return import Words, browser_return
from shared.net.doorstep import ask_before
from shared.net.endpoint import Endpoint
from shared.protocol.frames import Refused
from shared.protocol.messages.identity import AgentSignedIn, BeginSingleSignOn, FinishSingleSignOn, SingleSignOnBegun


async def through_browser(
    endpoint: Endpoint, open_url: Callable[[str], None], words: Words, *, device: str, client_version: str = ""
) -> AgentSignedIn | Refused:
    """Who came back and their tokens; waits as long as the person takes, so cancel it.

    Raises LinkLost, PeerBroken, ConfigError, OSError.
    """
    verifier = secrets.token_urlsafe(48)
    async with browser_return(words) as back:
        begin = BeginSingleSignOn(port=back.port, challenge=challenge_of(verifier))
        begun = await ask_before(endpoint, begin, client_version=client_version)
        if isinstance(begun, Refused):
            return begun
        if not isinstance(begun, SingleSignOnBegun) or not _is_web(begun.url):
            raise PeerBroken("expected where to sign in")
        open_url(begun.url)
        code = await back.code(begun.state)
    if code is None or len(code) > 2000:
        return Refused(code="single_sign_on_failed")
    finish = FinishSingleSignOn(state=begun.state, code=code, verifier=verifier, device=device)
    answer = await ask_before(endpoint, finish, client_version=client_version)
    if not isinstance(answer, AgentSignedIn | Refused):
        raise PeerBroken("expected a signed-in agent")
    return answer


def challenge_of(verifier: str) -> str:
    """S256 of RFC 7636."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _is_web(url: str) -> bool:
    """A relay may send a browser to a page, and to nothing else that a system would open."""
    parts = urlsplit(url)
    local = parts.hostname in ("127.0.0.1", "localhost", "::1")
    return parts.scheme == "https" or (parts.scheme == "http" and local)
