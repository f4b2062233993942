"""Files: what is taken, under which name, and who may have it."""

from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import pytest

from relay_server.files import rules
from relay_server.files.rules import Kind, kind_of, safe_name
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.types import Attachment
from tests.relay_house import House, ok, open_house

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (640).to_bytes(4, "big") + (480).to_bytes(4, "big") + b"\x08\x06\0\0\0"
JPEG = b"\xff\xd8\xff\xe0\0\x04JF\xff\xc0\0\x11\x08\x01\xe0\x02\x80\x03\x01\x11\0"
GIF = b"GIF89a" + (320).to_bytes(2, "little") + (200).to_bytes(2, "little")
VP8X = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + (99).to_bytes(3, "little") + (49).to_bytes(3, "little")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[House]:
    async with open_house(tmp_path / "relay.db") as opened:
        yield opened


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (PNG, Kind("image/png", 640, 480)),
        (JPEG, Kind("image/jpeg", 640, 480)),
        (GIF, Kind("image/gif", 320, 200)),
        (VP8X, Kind("image/webp", 100, 50)),
        (b"%PDF-1.7\n", Kind("application/pdf")),
        ("日志\n".encode(), Kind("text/plain")),
        (("日志" * 20_000).encode()[: rules.HEAD_BYTES], Kind("text/plain")),
        ("日志".encode()[:-1], None),
        (b"MZ\x90\0", None),
        (b"\x7fELF\x02\x01", None),
        (b"PK\x03\x04\0", None),
        (b"", None),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(8), None),
        (b"\xff\xd8\xff" + bytes(40), None),
    ],
)
def test_the_type_is_told_by_the_first_bytes(head: bytes, kind: Kind | None) -> None:
    assert kind_of(head) == kind


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("screen.png", "screen.png"),
        ("../../etc/passwd", "passwd.png"),
        ("C:\\temp\\evil.exe", "evil.png"),
        ("photo\u202egnp.exe", "photognp.png"),
        ("...", "file.png"),
        ("", "file.png"),
        ("截图 1.PNG", "截图 1.png"),
        ("a" * 300, "a" * 115 + ".png"),
    ],
)
def test_a_name_is_a_safe_base_name_that_ends_as_its_type(name: str, safe: str) -> None:
    assert safe_name(name, "image/png") == safe


async def test_a_picture_is_read_by_its_uploader_and_once_shown_by_the_conversation_only(house: House) -> None:
    li, eve = await house.customer("Li"), await house.customer("Eve")
    lin = await house.served(li, "C1")
    shown = ok(await house.files.store(li, chunks(PNG[:10], PNG[10:]), "a.png", "text/html"))
    assert (shown.media_type, shown.width_px, shown.size_bytes) == ("image/png", 640, len(PNG))
    blob = ok(await house.files.open(li, shown.blob_id))
    assert blob.path.read_bytes() == PNG
    assert blob.path.stat().st_mode & 0o777 == 0o600
    assert await house.files.open(lin, shown.blob_id) == Refused(code="not_found")
    ok(await house.conversations.send_chat(li, c.SendChat(conversation_id="C1", client_id="m", attachments=(shown,))))
    assert ok(await house.files.open(lin, shown.blob_id)).name == "a.png"
    for stranger in (eve, house.agents["wu"]):
        assert await house.files.open(stranger, shown.blob_id) == Refused(code="not_found")


async def test_nobody_shows_what_another_uploaded_or_says_it_is_something_else(house: House) -> None:
    li = await house.customer("Li")
    lin = await house.served(li, "C1")
    shown = ok(await house.files.store(li, chunks(PNG), "a.png", "image/png"))
    stolen = c.SendChat(conversation_id="C1", client_id="m", attachments=(shown,))
    refused = Refused(code="not_found", params={"blob_id": shown.blob_id})
    assert await house.conversations.send_chat(lin, stolen) == refused
    changed = Attachment(blob_id=shown.blob_id, name="b.exe", media_type="text/html", size_bytes=1)
    forged = c.SendChat(conversation_id="C1", client_id="m", attachments=(changed,))
    assert await house.conversations.send_chat(li, forged) == refused


async def test_too_much_or_the_wrong_kind_leaves_nothing_behind(house: House, tmp_path: Path) -> None:
    li = await house.customer()
    big = await house.files.store(li, chunks(*[PNG + bytes(2**20)] * 11), "a.png", "image/png")
    assert big == Refused(code="blob_too_large", params={"max_mb": str(rules.MAX_BYTES // 2**20)})
    program = await house.files.store(li, chunks(b"MZ\x90\0"), "a.png", "image/png")
    assert program == Refused(code="blob_type_refused")
    assert list((tmp_path / "blobs").iterdir()) == []
