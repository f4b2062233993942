"""Keys that were seen outlive the program; a pinned key cannot be talked away."""

import stat
from pathlib import Path

from shared.net.keybook import MAX_SEEN, KeyBook
from shared.protocol.messages.trust import Revoked
from shared.rules import certificates as rules
from shared.rules.certificates import Seen
from tests.trusted import ORGANISATION, START_MS, STRANGERS

NEW = bytes(range(100, 132))
TURN = rules.rotate(ORGANISATION.private, NEW, "Northwind", START_MS)
GONE = rules.revoke(NEW, None, [Revoked(serial="a", key=STRANGERS.public)], START_MS)


def test_what_was_seen_is_known_next_time(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "keys.json"
    KeyBook(path).remember("lin", Seen("key", "code", 5))
    assert KeyBook(path).seen("lin") == Seen("key", "code", 5)
    assert KeyBook(path).seen("ana") is None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_rotation_that_was_followed_stays_followed(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    assert KeyBook(path, ORGANISATION.public).learn([TURN], GONE) is None
    again = KeyBook(path, ORGANISATION.public)
    assert again.anchor == rules.Anchor(TURN.new, GONE)
    assert again.learn([], None) is None
    assert again.anchor == rules.Anchor(TURN.new, GONE)


def test_an_older_list_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    newer = rules.revoke(ORGANISATION.private, None, (), START_MS)
    newest = rules.revoke(ORGANISATION.private, newer, (), START_MS)
    book = KeyBook(tmp_path / "keys.json", ORGANISATION.public)
    assert book.learn([], newest) is None
    assert book.learn([], newer) == "list_older"
    assert book.anchor == rules.Anchor(ORGANISATION.public, newest)


def test_another_profile_begins_at_its_own_key(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    KeyBook(path, ORGANISATION.public).learn([TURN], GONE)
    other = KeyBook(path, STRANGERS.public)
    assert other.anchor == rules.Anchor(STRANGERS.public)


def test_without_a_pinned_key_nothing_is_learnt(tmp_path: Path) -> None:
    book = KeyBook(tmp_path / "keys.json")
    assert book.learn([TURN], GONE) is None
    assert book.anchor is None


def test_a_broken_file_believes_nobody(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text("{", "utf-8")
    assert KeyBook(path, ORGANISATION.public).seen("lin") is None


def test_the_book_is_bounded() -> None:
    book = KeyBook(None)
    for n in range(MAX_SEEN + 1):
        book.remember(f"p{n}", Seen("key", "use", n))
    assert book.seen("p0") is None
    assert book.seen(f"p{MAX_SEEN}") is not None


def test_a_disk_that_takes_no_more_costs_only_the_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    book = KeyBook(tmp_path / "file" / "keys.json")
    book.remember("lin", Seen("key", "code", 5))
    assert book.seen("lin") is not None
