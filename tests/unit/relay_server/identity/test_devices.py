"""A device proves its key once, in time, for the link that asked."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from relay_server.identity.devices import CHALLENGE_S, OpenChallenge, challenge, proven
from relay_server.identity.passes import PASS_MS, Passes, read_key
from shared.net.signin import public_key64
from shared.protocol.messages.identity import CHALLENGE_PREFIX, ProveDevice

KEY = Ed25519PrivateKey.generate()
PUBLIC = public_key64(KEY)


def answer(asked: OpenChallenge, key: Ed25519PrivateKey = KEY, prefix: bytes = CHALLENGE_PREFIX) -> ProveDevice:
    signature = key.sign(prefix + base64.b64decode(asked.nonce))
    return ProveDevice(device_key=PUBLIC, nonce=asked.nonce, signature=base64.b64encode(signature).decode())


def test_the_right_key_is_believed_until_the_minute_is_over() -> None:
    asked = challenge(PUBLIC, 0)
    assert proven(asked, answer(asked), CHALLENGE_S - 1)
    assert not proven(asked, answer(asked), CHALLENGE_S)


def test_others_are_not() -> None:
    asked = challenge(PUBLIC, 0)
    good = answer(asked)
    assert not proven(None, good, 0)
    assert not proven(challenge(PUBLIC, 0), good, 0)
    assert not proven(asked, answer(asked, Ed25519PrivateKey.generate()), 0)
    assert not proven(asked, answer(asked, prefix=b""), 0)
    other = public_key64(Ed25519PrivateKey.generate())
    assert not proven(asked, structs.replace(good, device_key=other), 0)
    for spoilt in ("!" * 88, base64.b64encode(b"x" * 63).decode()):
        assert not proven(asked, structs.replace(good, signature=spoilt), 0)


@pytest.mark.parametrize("device_key", ["A" * 43, "=" * 44, "A" * 44])
def test_a_key_that_is_none_is_refused(device_key: str) -> None:
    asked = challenge(device_key, 0)
    signature = base64.b64encode(bytes(64)).decode()
    assert not proven(asked, ProveDevice(device_key=device_key, nonce=asked.nonce, signature=signature), 0)


def test_passes_are_good_for_their_customer_and_time() -> None:
    passes = Passes(b"k" * 32)
    token, expires_ms = passes.make("01CUSTOMER", 1000)
    assert expires_ms == 1000 + PASS_MS
    assert len(token) <= 200
    assert passes.customer_of(token, 1000) == "01CUSTOMER"
    assert passes.customer_of(token, expires_ms) is None
    assert passes.customer_of(token.replace("01CUSTOMER", "02CUSTOMER"), 1000) is None
    assert Passes(b"l" * 32).customer_of(token, 1000) is None
    for nonsense in ("", "~", "~~", "x~y~z", "é~1~2"):
        assert passes.customer_of(nonsense, 1000) is None


@pytest.mark.parametrize("encoded", ["", "AAAA", "not base64 at all!"])
def test_a_key_of_the_wrong_size_is_refused(encoded: str) -> None:
    with pytest.raises(ValueError, match="not"):
        read_key(encoded)
