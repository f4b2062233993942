import stat
from pathlib import Path

import msgspec
import pytest

from shared.net import outbox as o
from shared.protocol.frames import CustomerCommand
from shared.protocol.messages.conversations import SendChat
from shared.protocol.messages.insight import GiveRating

decode = msgspec.json.Decoder(CustomerCommand).decode


def chat(n: int) -> SendChat:
    return SendChat(conversation_id="k1", client_id=f"m{n}", text=f"line {n}")


def test_what_waits_outlives_the_program_in_order(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "outbox.sqlite"
    box = o.Outbox(path, decode)
    for n in range(3):
        box.put(f"m{n}", chat(n))
    box.put("rating", GiveRating(conversation_id="k1", solved="yes"))
    box.close()
    again = o.Outbox(path, decode)
    assert [key for key, _ in again.pending()] == ["m0", "m1", "m2", "rating"]
    assert again.first() == ("m0", chat(0))
    again.remove("m0")
    assert again.first() == ("m1", chat(1))
    again.close()


def test_the_same_key_is_the_same_command() -> None:
    box = o.Outbox(None, decode)
    box.put("m1", chat(1))
    box.put("m1", chat(1))
    assert len(box.pending()) == 1
    box.close()


def test_only_its_owner_reads_the_file(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    o.Outbox(path, decode).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_more_than_it_holds_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(o, "CAPACITY", 2)
    box = o.Outbox(None, decode)
    box.put("a", chat(1))
    box.put("b", chat(2))
    with pytest.raises(o.OutboxFull):
        box.put("c", chat(3))
    box.close()


def test_a_full_disk_is_said_and_nothing_half_kept() -> None:
    box = o.Outbox(None, decode)
    box._db.execute("PRAGMA max_page_count = 2")
    with pytest.raises(o.OutboxFull):
        box.put("a", SendChat(conversation_id="k1", client_id="m", text="x" * 8000))
    assert box.pending() == []
    box.close()


def test_a_command_of_another_version_does_not_block_the_rest(tmp_path: Path) -> None:
    box = o.Outbox(tmp_path / "o.sqlite", decode)
    box._db.execute("INSERT INTO outbox (key, body) VALUES ('old', ?)", (b'{"do":"forgotten"}',))
    box.put("m1", chat(1))
    assert box.first() == ("m1", chat(1))
    box.close()
