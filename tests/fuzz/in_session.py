"""What a peer can send into a session process: pictures, messages, files, the clipboard, descriptions."""

import asyncio
import re
import struct
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from shared.common.errors import PeerBroken
from shared.common.ids import new_id
from shared.control import drawing, facts
from shared.control import input as control
from shared.control.clipboard import item as clip
from shared.control.clipboard.line import ClipLine, brings
from shared.control.files import wire as files
from shared.control.files.view import TransferView
from shared.media import cursor, messages, packets, stamp, tiles
from shared.media.capture.source import Rect
from shared.media.incoming import Incoming
from shared.media.peer import BadDescription, announces_wire, fingerprint, parsed
from shared.rules.clean_html import clean_html
from shared.rules.file_names import numbered, safe_name
from tests.files_pair import End
from tests.fuzz.target import Target, joined, parts

_NEVER = ("script", "img", "<style", "<link", "iframe", " href", " src", " on")
MANY = 16 * 1024 * 1024


def run_unit(data: bytes) -> None:
    """A unit of the stream of pictures: its stamp and its tiles. What it takes is bounded by the picture."""
    found = stamp.from_unit(data)
    at = found[1] if found else 0
    assert 0 <= at <= len(data)
    try:
        told = tiles.from_unit(data, at)
    except tiles.BadTiles:
        return
    if told is not None and told.width * told.height <= 1_000_000:
        picture = np.zeros((told.height, told.width), np.uint32)
        tiles.apply_moves(picture, told.moves)
        assert len(told.pixels) == 4 * sum(rect.width * rect.height for rect in told.paints)


class _Loop:
    """One loop for all inputs; what its tasks raise is a finding."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.faults: list[BaseException] = []
        self.loop.set_exception_handler(self._note)

    def _note(self, loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        del loop
        fault = context.get("exception")
        self.faults.append(fault if isinstance(fault, BaseException) else RuntimeError(str(context)))

    def check(self) -> None:
        if self.faults:
            raise self.faults.pop()


_LOOP = _Loop()


def run_packets(data: bytes) -> None:
    """RTP of our own kind in, in any order; what is handed out is bounded."""

    async def feed() -> None:
        async def send(packet: bytes) -> None:
            assert packets.heard(packet) is not None

        units: list[int] = []
        incoming = Incoming(send, lambda unit, _: units.append(len(unit)))
        try:
            for each in parts(data, 256):
                incoming.packet(each)
                packets.heard(each)
            await asyncio.sleep(0)
        finally:
            await incoming.close()
        assert sum(units) <= MANY

    _LOOP.loop.run_until_complete(feed())
    _LOOP.check()


def run_messages(data: bytes) -> None:
    """What goes over the data channels, by channel."""
    own = messages.decode(data[1:])
    if isinstance(own, cursor.CursorShape):
        pixels = cursor.cursor_pixels(own)
        assert pixels is None or len(pixels) <= 4 * cursor.MAX_SIDE**2
    for decode in (
        control.decode_said,
        control.decode_told,
        drawing.decode_drawing,
        drawing.decode_wiped,
        facts.decode_ask,
        facts.decode_told,
        files.decode,
    ):
        try:
            decode(data)
        except PeerBroken:
            continue


def run_clip(data: bytes) -> None:
    """A line of clipboard pieces, then what they hold."""
    whole: list[clip.Item] = []
    line = ClipLine(lambda _: True, whole.append)
    try:
        for each in parts(data):
            brings(each)
            line.message(each)
    except PeerBroken:
        pass
    with suppress(PeerBroken):
        whole.append(clip.decode(data))
    for each in whole:
        _is_clean(each.html)


def run_html(data: bytes) -> None:
    """Rich text that was copied elsewhere: nothing in it loads or leads anywhere, and cleaning it again changes
    nothing."""
    _is_clean(clean_html(data.decode("utf-8", "replace")))


def _is_clean(html: str) -> None:
    if html:
        assert clean_html(html) == html, html
        for tag in re.findall("<[^>]*>", html.lower()):
            assert not any(word in re.sub('"[^"]*"', "", tag) for word in _NEVER), tag
            assert not any(word in style for style in re.findall('style="([^"]*)"', tag) for word in ("url", "\\", "@"))


def run_names(data: bytes) -> None:
    """A file's name as a stranger gives it."""
    for suggested in (data.decode("utf-8", "replace"), data[: len(data) & ~1].decode("utf-16-le", "surrogatepass")):
        name = safe_name(suggested)
        for each in (name, numbered(name, 999)):
            assert each
            assert each not in (".", "..")
            assert not set(each) & set('/\\:*?"<>|\0\r\n')
            assert not each.startswith((".", "-", "~"))
            assert not each.endswith((".", " "))
            assert len(each.encode()) <= 255
        assert len(name.encode()) > 150 or safe_name(name) == name  # longer ones may be shortened once more


@contextmanager
def rooms() -> Iterator[None]:
    """Where files land meanwhile."""
    with tempfile.TemporaryDirectory() as place:
        _ROOM.append(Path(place))
        yield
        _ROOM.clear()


_ROOM: list[Path] = []
_NUMBER = iter(range(2**62))


def _yes(soon: Callable[..., object], end: End, view: TransferView) -> None:
    if view.shown == "asks":
        soon(end.exchange.answer, view.id, True)


def run_exchange(data: bytes) -> None:
    """A customer's machine in the hands of a hostile agent: what it is told lands where it may, or not at all."""

    async def talk() -> None:
        room = _ROOM[0] / str(next(_NUMBER))
        async with asyncio.TaskGroup() as tasks:
            end = End(tasks, room, leads=data[:1] == b"\1")
            soon = asyncio.get_running_loop().call_soon
            end.on_seen = lambda view: _yes(soon, end, view)
            try:
                end.exchange.standing()
                for each in parts(data[1:]):
                    end.exchange.message(each)
                    await asyncio.sleep(0)
            except PeerBroken:
                pass
            finally:
                end.exchange.close()
        for path in room.rglob("*"):
            assert path.is_relative_to(end.landing) or path.is_relative_to(end.kept), path

    _LOOP.loop.run_until_complete(talk())
    _LOOP.check()


def run_description(data: bytes) -> None:
    """A session description, candidates included, as the session process reads it before it does anything."""
    sdp = data.decode("utf-8", "replace")
    announces_wire(sdp)
    for read in (parsed, fingerprint):
        try:
            read(sdp)
        except BadDescription:
            continue


def _unit() -> bytes:
    picture = np.arange(16 * 8, dtype=np.uint32).reshape(8, 16)
    packing = tiles.Packing(picture)
    packing.add(Rect(0, 0, 8, 4))
    packing.add(Rect(2, 4, 3, 3))
    painted = packing.finish([tiles.Move(Rect(0, 0, 4, 4), 4, 4)])
    return stamp.to_sei(stamp.Stamp(7, 1234, 5, 6, 7, key=True, dirty=(Rect(0, 0, 4, 4),))) + painted


def _rtp() -> tuple[bytes, ...]:
    pieces = [packets.Piece(b"a" * 100, last=False), packets.Piece(b"b" * 50, last=True)]
    sent = [packets.media_packet(1, n + 1, piece, 1000 * n, 0.02) for n, piece in enumerate(pieces)]
    spare = packets.repair_packet(1, 1, 9, packets.copy_body(2, pieces[1]))
    parity = packets.repair_packet(1, 2, 9, packets.parity_body(1, 2, 0, packets.to_shard(pieces[0])))
    forget = packets.repair_packet(1, 3, 9, packets.forget_body(5))
    nack = packets.say(packets.Nack((1, 2, 3)))
    report = packets.say(packets.Report(1, 2, 3, 4, 5, 6, 7, packets.Train(1, 2, 3)))
    return joined(*sent), joined(sent[0], parity, sent[1]), joined(spare, forget, sent[1]), joined(nack, report)


_ID = new_id()
_SENT = b"some bytes of a file"


def _files() -> tuple[bytes, ...]:
    import hashlib

    offer = files.encode(files.Offer(_ID, "report.txt", len(_SENT)))
    begin = files.encode(files.Begin(_ID, 1, 0))
    piece = files.encode(files.Piece(_ID, 1, 0, _SENT))
    done = files.encode(files.Complete(_ID, 1, hashlib.sha256(_SENT).digest()))
    ask = files.encode(files.Ask(_ID, "the log, please"))
    rest = [files.encode(each) for each in (files.Holding(_ID, True), files.Over(_ID, "cancelled"), files.Again())]
    agree = files.encode(files.Agree(_ID, 1, 0, hashlib.sha256(b"").digest()))
    return (
        b"\0" + joined(offer, begin, piece, done),
        b"\0" + joined(ask, agree, *rest),
        b"\1" + joined(offer, begin, piece, *rest),
    )


def _clips() -> tuple[bytes, ...]:
    from shared.control.clipboard import line

    item = clip.encode(clip.Item("text", "<p style='color: red'>a <b>b</b></p>", b""))
    start = line._encoder.encode(line.Start(1, len(item), clip.digest(item)))
    piece = line._encoder.encode(line.Piece(1, item))
    return joined(start, piece), item, joined(line._encoder.encode(line.Got(1, 3)))


SDP = b"""v=0\r
o=- 1 1 IN IP4 0.0.0.0\r
s=-\r
t=0 0\r
a=group:BUNDLE 0 1\r
m=video 9 UDP/TLS/RTP/SAVPF 96 97\r
c=IN IP4 0.0.0.0\r
a=sendrecv\r
a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid\r
a=mid:0\r
a=msid:a b\r
a=rtcp:9 IN IP4 0.0.0.0\r
a=rtcp-mux\r
a=ssrc:5 cname:x\r
a=rtpmap:96 H264/90000\r
a=rtcp-fb:96 nack\r
a=fmtp:96 packetization-mode=1;profile-level-id=42e01f\r
a=rtpmap:97 rtx/90000\r
a=fmtp:97 apt=96\r
a=candidate:1 1 udp 2130706431 127.0.0.1 5000 typ host\r
a=candidate:2 1 tcp 1694498815 198.51.100.1 9 typ relay raddr 127.0.0.1 rport 9 tcptype active\r
a=end-of-candidates\r
a=ice-ufrag:abcd\r
a=ice-pwd:abcdefghijklmnopqrstuv\r
a=fingerprint:sha-256 %s\r
a=setup:actpass\r
m=application 9 DTLS/SCTP 5000\r
c=IN IP4 0.0.0.0\r
a=mid:1\r
a=sctpmap:5000 webrtc-datachannel 65535\r
a=max-message-size:65536\r
a=ice-ufrag:abcd\r
a=ice-pwd:abcdefghijklmnopqrstuv\r
a=fingerprint:sha-256 %s\r
a=setup:actpass\r
""" % ((b":".join([b"AB"] * 32),) * 2)

_SHAPE = cursor.packed_shape(4, 4, 0, 0, bytes(64))
_PANE = struct.pack(">I", 3)
TARGETS = {
    "unit": Target(run_unit, (_unit(), _unit()[40:])),
    "packets": Target(run_packets, _rtp(), longest=16_384, deterministic=150),
    "messages": Target(
        run_messages,
        (
            messages.encode(_SHAPE) if _SHAPE else b"",
            messages.encode(messages.Ping(5)),
            messages.encode(cursor.CursorMoved(1, 2)),
            messages.encode(messages.Layout(100, 50, ())),
            *(each for each in (_PANE,)),
        ),
        longest=70_000,
    ),
    "clip": Target(run_clip, _clips()),
    "html": Target(
        run_html,
        (
            b"<p style='color:red;background:url(x)'>a<b>b</p><a href='https://x'>c</a><img src=x onerror=y>",
            b"<table><tr><td colspan=2>x</td></table><svg><script>alert(1)</script></svg><!--[if x]>y<![endif]-->",
        ),
    ),
    "names": Target(
        run_names, (b"../../etc/passwd", b"report.pdf", "\u202egnp.exe".encode(), b"CON.txt", b"a\0b." * 90)
    ),
    "exchange": Target(run_exchange, _files(), longest=8192, deterministic=60, around=rooms),
    "description": Target(run_description, (SDP,), longest=16_384, deterministic=150),
}
