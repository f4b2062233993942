"""Files that somebody hands over: profiles, keys, bundles, books of keys, recordings; and what is signed."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from customer_client.app import config
from relay_server.app import pass_keys
from relay_server.identity import bundle, organisation_key, shared_secrets
from shared.common.errors import UNDECODABLE, ConfigError
from shared.common.sealed import container, heads, keyfile
from shared.media.recording import records
from shared.net import keybook
from shared.protocol.messages.remote import Receipt, Signal
from shared.protocol.messages.trust import AgentCertificate, KeyRequest, KeyRotation, Revocations
from shared.protocol.types import PersonRef
from shared.rules import certificates, introduction, receipt, statements
from shared.rules.certificates import Anchor, Shown
from shared.rules.introduction import Between, Device
from tests.fuzz.target import Target, joined, parts

_PLACE: list[Path] = []


@contextmanager
def room() -> Iterator[None]:
    """Where the file lies meanwhile."""
    with tempfile.TemporaryDirectory() as place:
        _PLACE.append(Path(place))
        yield
        _PLACE.clear()


def run_files(data: bytes) -> None:
    """The first byte chooses what the file is taken for."""
    path = _PLACE[0] / "file"
    path.write_bytes(data[1:])
    readers = (
        lambda: config.read_profile(path),
        lambda: config.parse(["--profile", str(path)], {}),
        lambda: bundle.read(path),
        lambda: organisation_key.unseal(path, "passphrase"),
        lambda: pass_keys(path),
    )
    with suppress(ConfigError):
        readers[(data[0] if data else 0) % len(readers)]()


def run_keybook(data: bytes) -> None:
    """A book that cannot be read counts as none."""
    path = _PLACE[0] / "book"
    path.write_bytes(data)
    book = keybook.KeyBook(path, "pinned")
    assert book.anchor is not None


def run_keyfile(data: bytes) -> None:
    """A recording key's file; the stretching of the passphrase is cut short."""
    try:
        keyfile.unlock(data, "passphrase")
    except keyfile.KeyFileError:
        return


def run_recording(data: bytes) -> None:
    """A recording from a relay that may have changed it, in pieces as they come."""
    walk, opener = heads.Walk(), container.Opener(b"k" * 32)
    try:
        for each in parts(data):
            for chunk in walk.feed(each):
                if chunk.head.flags & heads.OPENING:
                    heads.read_about(chunk.raw)
                    container.content_key(chunk.raw, _PAIR)
                else:
                    records.decode(opener.open(chunk.head, chunk.raw, chunk.before))
    except heads.Damaged:
        pass
    try:
        records.decode(data)
    except heads.Damaged:
        return


def run_signed(data: bytes) -> None:
    """What is signed, in a stranger's words: the first byte chooses; nothing made up is believed."""
    kinds = (AgentCertificate, KeyRequest, Revocations, KeyRotation, Signal, Receipt)
    try:
        read = msgspec.json.decode(data[1:], type=kinds[(data[0] if data else 0) % len(kinds)])
    except UNDECODABLE:
        return
    match read:
        case AgentCertificate():
            shown = Shown(PersonRef(id="lin", name="Lin", kind="agent"), read.key, read)
            certificates.judge(shown, Anchor(ISSUER), None, 10)
            assert read == _CERTIFICATE or not certificates.is_of(read, ISSUER)
        case KeyRequest():
            certificates.asks_for_itself(read)
        case Revocations():
            assert not certificates.is_list_of(read, ISSUER)
            certificates.follow(Anchor(ISSUER), (), read)
        case KeyRotation():
            certificates.follow(Anchor(ISSUER), (read,), None)
        case Signal():
            introduction.check_offer(read, BETWEEN)
            introduction.check_answer(read, BETWEEN, OFFER)
        case Receipt():
            receipt.verify(read)


_PAIR = keyfile.make_pair()
_KEY = organisation_key.make("Acme")
ISSUER = _KEY.public
BETWEEN = Between(session_id="s1", conversation_id="c1", customer_id="maya", agent_id="lin")
OFFER = introduction.offer(Device(private=bytes(32)), BETWEEN, "v=0", ":".join(["AB"] * 32), "A" * 43 + "=")
_SIGNAL = Signal(kind="offer", sdp="v=0", signed=OFFER)
_REQUEST = KeyRequest(
    key=statements.public_key(bytes(32)),
    agent_id="lin",
    name="Lin",
    device="pc",
    asked_ms=1,
    signature=certificates.request(bytes(32), "lin", "pc", 1),
)
_CERTIFICATE = organisation_key.certificate_for(_KEY, _REQUEST, 1, 30)
_ABOUT = heads.About(
    recording_id="r", session_id="s", conversation_id="c", agent_id="a", started_ms=1, key_id="0" * 16, sealed_key=b""
)


def _recording() -> bytes:
    sealer = container.Sealer(_ABOUT, _PAIR.public)
    return joined(sealer.opening, sealer.seal(b"body", from_ms=0, until_ms=9, flags=heads.KEY | heads.LAST))


TARGETS = {
    "files": Target(
        run_files,
        (
            b'\0{"server":"wss://x/ws","ca":"ca.pem","organisation":"Acme","organisation_key":""}',
            b'\1{"server":"wss://x/ws","organisation_key":"AAAA"}',
            b"\2"
            + msgspec.json.encode(
                bundle.Bundle(organisation_key=ISSUER, requests=(_REQUEST,), certificates=(_CERTIFICATE,))
            ),
            b"\3" + organisation_key.seal(_KEY, "passphrase", organisation_key.LIGHT_WORK),
            b"\4" + shared_secrets.new_pass_key().encode() + b"\n" + shared_secrets.new_pass_key().encode(),
        ),
        deterministic=150,
        around=room,
    ),
    "keybook": Target(
        run_keybook, (b'{"pinned":"pinned","key":"k","seen":{"a":{"key":"k","how":"code","at_ms":1}}}',), around=room
    ),
    "keyfile": Target(run_keyfile, (keyfile.lock(_PAIR, "passphrase", scrypt_n=2**10),), deterministic=60),
    "recording": Target(run_recording, (_recording(), _recording()[2:])),
    "signed": Target(
        run_signed,
        (
            b"\0" + msgspec.json.encode(_CERTIFICATE),
            b"\1" + msgspec.json.encode(_REQUEST),
            b"\2" + msgspec.json.encode(certificates.revoke(bytes(32), None, (), 5)),
            b"\3" + msgspec.json.encode(certificates.rotate(bytes(32), bytes(31) + b"\1", "Acme", 5)),
            b"\4" + msgspec.json.encode(_SIGNAL),
        ),
        deterministic=150,
    ),
}
