"""Statements as each engine wants them."""

import pytest

from relay_server.engine.portable import MOST, in_list, numbered


@pytest.mark.parametrize(
    ("statement", "wanted"),
    [
        ("SELECT 1", "SELECT 1"),
        ("a = ? AND b = ?", "a = $1 AND b = $2"),
        ("a = '?' AND b = ? -- really?\nAND c = ?", "a = '?' AND b = $1 -- really?\nAND c = $2"),
        ("""a = 'it''s ?' AND "odd ?" = ?""", """a = 'it''s ?' AND "odd ?" = $1"""),
        ("a LIKE ? ESCAPE '\\'", "a LIKE $1 ESCAPE '\\'"),
    ],
)
def test_places_are_numbered_outside_quotes_and_comments(statement: str, wanted: str) -> None:
    assert numbered(statement) == wanted


def test_a_list_is_written_out_and_filled_up() -> None:
    assert in_list("a > ? AND b IN ? LIMIT ?", 7, ("x", "y", "z"), 9) == (
        "a > ? AND b IN (?, ?, ?, ?) LIMIT ?",
        (7, "x", "y", "z", "z", 9),
    )
    assert in_list("b IN ?", ("x",)) == ("b IN (?)", ("x",))


def test_nothing_is_in_an_empty_list() -> None:
    assert in_list("b IN ? AND c = ?", (), 1) == ("b IN (NULL) AND c = ?", (1,))


def test_a_list_has_an_end() -> None:
    with pytest.raises(ValueError, match="values in a list"):
        in_list("b IN ?", ("x",) * (MOST + 1))
