"""The decoders of the relay and its clients, addresses behind proxies, tokens, and words between relays."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from relay_server.engine import bus_wire
from relay_server.gateway.addresses import Proxies, line, networks, source
from relay_server.gateway.limits import resolved
from relay_server.identity.passes import Passes
from relay_server.settings import load
from shared.common.errors import ConfigError, PeerBroken
from shared.net.backoff import asked_wait_s
from shared.protocol import codec, frames
from shared.protocol.messages.conversations import EventRecord
from shared.session import channel
from tests.fuzz.target import Target, joined, parts

_DECODERS: tuple[Callable[[bytes | str], Any], ...] = (
    codec.decode_opening,
    codec.decode_from_customer,
    codec.decode_from_agent,
    codec.decode_to_customer,
    codec.decode_to_agent,
)
_ENCODERS: tuple[Callable[[Any], bytes], ...] = (
    codec.encode_from_opening,
    codec.encode_from_customer,
    codec.encode_from_agent,
    codec.encode_to_customer,
    codec.encode_to_agent,
)


def run_codec(data: bytes) -> None:
    """The first byte chooses who reads. What is read can be written, and reads the same again; no customer's frame
    holds an internal event."""
    which, body = (data[0] if data else 0) % len(_DECODERS), data[1:]
    for raw in (body, body.decode("utf-8", "replace")):
        try:
            frame = _DECODERS[which](raw)
        except codec.Malformed as refused:
            codec.encode_to_customer(frames.Refused(code=refused.refusal, id=refused.request_id))
            continue
        if isinstance(frame, frames.PublicEvent) and not codec.is_public(frame.record.stream):
            return
        if which == 3 and isinstance(frame, frames.Reply) and isinstance(frame.body, frames.c.StreamPage):
            return
        assert _DECODERS[which](_ENCODERS[which](frame)) == frame
        if isinstance(frame, frames.Refused):
            assert 0 <= asked_wait_s(frame) <= 300


def run_event(data: bytes) -> None:
    """The first bytes name the kind."""
    kind, _, body = data.decode("utf-8", "replace").partition("\n")
    record = EventRecord(stream="c/a/public", seq=1, order=1, at_ms=1, kind=kind[:60], body=body)
    try:
        event = codec.decode_event(record)
    except codec.Malformed:
        return
    if not isinstance(event, codec.UnknownEvent):
        codec.encode_event(event)


_NEAR = networks(["10.0.0.0/8", "2001:db8:ffff::/48"], "trusted_proxies")


def run_forwarded(data: bytes) -> None:
    """Peer and headers, one a line."""
    peer, *said = data.decode("latin-1").split("\n")
    for spoken in ("x-forwarded-for", "forwarded"):
        found = line(source(peer, said, Proxies(_NEAR, spoken)))
        assert len(found) < 60
        assert line(source("203.0.113.1", said, Proxies(_NEAR, spoken))) == "203.0.113.1"


_PASSES = Passes(b"k" * 32, b"l" * 32)


def run_pass(data: bytes) -> None:
    """A pass that was not made here is nobody's."""
    token = data.decode("ascii", "replace")
    if token.isascii():
        assert _PASSES.customer_of(token, 0) is None


def run_bus(data: bytes) -> None:
    """What comes from NATS."""
    for each in parts(data):
        try:
            _SEAL.open(b"lane", each)
        except PeerBroken:
            continue
        raise AssertionError("opened what nobody sealed")


_SEAL = bus_wire.Seal(b"k" * 32)


def run_channel(data: bytes) -> None:
    """A window and its session process."""
    for make in (
        channel.customer_orders,
        channel.customer_reports,
        channel.agent_orders,
        channel.agent_reports,
        channel.player_orders,
    ):
        frames_ = make()
        try:
            for each in parts(data):
                list(frames_.feed(each))
        except PeerBroken:
            continue


def run_settings(data: bytes) -> None:
    """What an administrator may mistype, or an environment hold."""
    flags = dict(each.partition("=")[::2] for each in data.decode("utf-8", "replace").split("\n"))
    try:
        settings = load(Path("/nowhere"), {}, flags).settings
        resolved(settings)
        networks(settings.trusted_proxies, "trusted_proxies")
    except ConfigError:
        return


def _request(**body: object) -> bytes:
    return json.dumps({"f": "request", "id": 1, "body": body}).encode()


_SIGNAL = {
    "kind": "offer",
    "sdp": "v=0",
    "signed": {"key": "A" * 43 + "=", "signature": "A" * 86 + "==", "statement": {}},
}
TARGETS = {
    "codec": Target(
        run_codec,
        (
            b"\0" + _request(do="hello", program="customer", protocol=1, oldest=1, version="0"),
            b"\0" + _request(do="prove_device", device_key="A" * 44, nonce="A" * 44, signature="A" * 88, name="x"),
            b"\0" + _request(do="sign_in_with_password", username="lin", password="x", device="d"),
            b"\1" + _request(do="send_chat", conversation_id="a" * 26, client_id="b" * 26, text="hello"),
            b"\1"
            + _request(do="open_conversation", conversation_id="a" * 26, group_id="g", subject="s", answers={"a": "b"}),
            b"\1" + _request(do="send_signal", session_id="a", to="b", signal=_SIGNAL),
            b"\1" + _request(do="follow", stream="c/a/public", after=0),
            b"\2"
            + _request(do="ask_capabilities", conversation_id="a", request_id="b", capabilities=["view"], reason="r"),
            b"\2" + _request(do="list_tickets"),
            b'\3{"f":"refused","code":"busy","params":{"retry_s":"5"},"id":1}',
            b'\3{"f":"ping","heads":{"c/a/public":5},"at_ms":1}',
            b'\4{"f":"internal","record":{"stream":"c/a/internal","seq":1,"order":1,"at_ms":1,"kind":"x","body":"{}"}}',
        ),
    ),
    "event": Target(
        run_event,
        (
            b'chat_posted\n{"client_id":"a","author":{"id":"p","name":"P","kind":"customer"},"text":"t"}',
            b'note_added\n{"client_id":"a","author":{"id":"p","name":"P","kind":"agent"},"text":"t"}',
        ),
    ),
    "forwarded": Target(
        run_forwarded,
        (
            b"10.0.0.1\n198.51.100.7, 10.0.0.2",
            b'10.0.0.1\nfor="[2001:db8::1]:443";proto=https, for=10.0.0.2;by="x\\"y"',
            b"2001:db8:ffff::1%eth0\n1.2.3.4:5\n[::1]:80",
        ),
    ),
    "pass": Target(run_pass, (_PASSES.make("customer", 0)[0][:-1].encode(), b"a~1~b", b"~~", b"a~\xc2\xb2~b")),
    "bus": Target(run_bus, (joined(b"\1" + bytes(60)), joined(_SEAL.seal(b"other", 1, bus_wire.Ask())))),
    "channel": Target(run_channel, (joined(b"\0\0\0\x03\x91\xa1x"), joined(b"\0\0", b"\0\x05\x92\xa4Stop\xc0"))),
    "settings": Target(
        run_settings,
        (b"port=7443\nlimits=search=1/2,open=0.1/3\ntrusted_proxies=10.0.0.0/8", b"tls_minimum=1.3\nping_s=5"),
    ),
}
