"""Rich text keeps nothing that loads, runs or leads elsewhere; an item arrives whole whatever the channel takes."""

import re

from hypothesis import given
from hypothesis import strategies as st

from shared.control.clipboard.item import Item
from shared.control.clipboard.line import ClipLine
from shared.rules.clean_html import clean_html

PARTS = st.sampled_from(
    [
        "<img src=x onerror=run()>",
        '<a href="javascript:run()">',
        "<b style='background:url(http://spy)'>",
        '<span style="color:red;behavior:url(#x);width:expression(run())">',
        "<script>run()</script>",
        "<style>@import 'http://spy'</style>",
        "<svg><a href='http://spy'>",
        "<iframe src=http://spy>",
        "<table><tr><td colspan=2 background=http://spy>",
        "</b>",
        "</script>",
        "<!-- x -->",
        "<![CDATA[<img src=http://spy>]]>",
        "<link rel=stylesheet href=http://spy>",
        "text & more",
    ]
)


@given(st.lists(PARTS | st.text(max_size=20), max_size=12))
def test_cleaned_html_has_no_address_and_nothing_that_runs(parts: list[str]) -> None:
    cleaned = clean_html("".join(parts))
    for tag in re.findall(r"<[^>]*>", cleaned):
        assert not re.search(
            r"(?i)url|src|href|on\w+=|expression|javascript|background=|<(script|style|img|svg|iframe)", tag
        )
    assert clean_html(cleaned) == cleaned


def test_plain_looks_stay() -> None:
    kept = '<p style="color:#ff0000;font-weight:bold">a <b>b</b> &amp; c<br></p>'
    assert clean_html(kept) == kept


@given(st.text(max_size=200), st.integers(0, 300_000), st.lists(st.booleans(), max_size=60))
def test_an_item_arrives_whole_and_nothing_comes_back(words: str, size: int, taken: list[bool]) -> None:
    arrived: list[Item] = []
    back: list[Item] = []
    refusals = iter(taken)
    lines: dict[str, ClipLine] = {}

    def there(data: bytes) -> bool:
        if not next(refusals, True):
            return False
        lines["there"].message(data)
        return True

    def here(data: bytes) -> bool:
        lines["here"].message(data)
        return True

    lines["here"], lines["there"] = ClipLine(there, back.append), ClipLine(here, arrived.append)
    item = Item(
        words, "", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(3) + b"\x09" + bytes(3) + b"\x09" + bytes(size)
    )
    lines["here"].put(item)
    for _ in range(len(taken) + 1):
        for line in lines.values():
            line.pump()
    assert arrived == [item]
    assert back == []
    assert not lines["here"].busy
