"""Rich text from another computer: structure and plain looks stay; whatever loads, runs or leads elsewhere goes.

A program that pastes HTML fetches its pictures and styles, which would tell a stranger who pasted it and when.
"""

from collections.abc import Iterator
from html import escape
from html.parser import HTMLParser
from typing import Final

from typing_extensions import override

_KEPT: Final = frozenset(
    {"a", "b", "blockquote", "br", "caption", "code", "col", "colgroup", "dd", "del", "div", "dl", "dt", "em", "font"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp"}
    | {"small", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul", "var"}
)
_EMPTY: Final = frozenset({"br", "col", "hr"})
_SILENT: Final = frozenset({"script", "style", "title", "template", "noscript", "iframe", "object", "svg", "math"})
_ATTRIBUTES: Final = frozenset({"align", "colspan", "dir", "lang", "rowspan", "start", "valign"})
_STYLES: Final = frozenset(
    {"background-color", "color", "font-family", "font-size", "font-style", "font-weight", "text-align"}
    | {"text-decoration"}
)
_MAX_DEPTH: Final = 200
_MAX_VALUE: Final = 200
_MAX_TAG: Final = 2000


def clean_html(source: str) -> str:
    """Only known tags, attributes and styles; no address of any kind."""
    cleaner = _Cleaner()
    cleaner.feed("".join(_whole_tags(source)))
    cleaner.close()
    return cleaner.result()


def _whole_tags(source: str) -> Iterator[str]:
    """The source without comments and declarations, and with every `<` that begins no whole tag as text.

    Python's parser raises for some declarations, and looks through all the rest for every tag that does not end: 32 kB
    of `<a ` take it ten seconds, a mebibyte hours, in a process that somebody wants to stop.
    """
    at = 0
    while (start := source.find("<", at)) >= 0:
        yield source[at:start]
        if source.startswith("<!--", start):
            end = source.find("-->", start + 4)
            if end < 0:
                return
            at = end + 3
            continue
        end = source.find(">", start, start + _MAX_TAG)
        if end < 0 or source.find("<", start + 1, end) >= 0:
            yield "&lt;"
            at = start + 1
            continue
        at = end + 1
        if source[start + 1] not in "!?":
            yield source[start:at]
    yield source[at:]


class _Cleaner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._out: list[str] = []
        self._open: list[str] = []
        self._silent: list[str] = []

    def result(self) -> str:
        return "".join([*self._out, *(f"</{tag}>" for tag in reversed(self._open))])

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            if len(self._silent) < _MAX_DEPTH:
                self._silent.append(tag)
        elif not self._silent and tag in _KEPT and len(self._open) < _MAX_DEPTH:
            self._out.append(f"<{tag}{_attributes(attrs)}>")
            if tag not in _EMPTY:
                self._open.append(tag)

    @override
    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _EMPTY and not self._silent:
            self._out.append(f"<{tag}>")

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            while self._silent.pop() != tag:
                pass
        elif not self._silent and tag in self._open:
            while (last := self._open.pop()) != tag:
                self._out.append(f"</{last}>")
            self._out.append(f"</{tag}>")

    @override
    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._out.append(escape(data, quote=False))


def _attributes(attrs: list[tuple[str, str | None]]) -> str:
    kept = [(name, value) for name, value in attrs if name in _ATTRIBUTES and value and len(value) <= _MAX_VALUE]
    style = ";".join(_styles(next((value for name, value in attrs if name == "style" and value), "")))
    if style:
        kept.append(("style", style))
    return "".join(f' {name}="{escape(value or "")}"' for name, value in kept)


def _styles(source: str) -> list[str]:
    found: list[str] = []
    for one in source.split(";"):
        name, _, value = one.partition(":")
        plain = all(letter.isalnum() or letter in " #.,%-'\"" or letter == "(" for letter in value.replace(")", "("))
        loads = "url" in value.lower() or "\\" in value or "@" in value
        if name.strip().lower() in _STYLES and plain and not loads and len(value) <= _MAX_VALUE:
            found.append(f"{name.strip().lower()}:{value.strip()}")
    return found
