"""People see only words from the tables: finds literals on widgets, keys that do not exist and keys nobody uses."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from shared.strings import en

ROOT = Path(__file__).parents[4]
SHOWING = ("customer_client", "agent_app", "shared/ui")
USING = (*SHOWING, "shared/strings", "shared/session", "relay_server")
HAN = re.compile(r"[\u4e00-\u9fff]")

# Which positional arguments of a call are words that people see.
SHOWN_ARGUMENTS: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(
        (
            *(
                "setText",
                "setPlaceholderText",
                "setToolTip",
                "setStatusTip",
                "setWhatsThis",
                "setWindowTitle",
                "setTitle",
            ),
            *(
                "setAccessibleName",
                "setAccessibleDescription",
                "setPlainText",
                "setHtml",
                "addItem",
                "addMenu",
                "addTab",
            ),
            *("QLabel", "QPushButton", "QToolButton", "QCheckBox", "QRadioButton", "QAction", "QGroupBox", "QMenu"),
            *("Label", "Button", "Chip", "CheckBox", "Switch", "TextField", "TextArea", "ComboField", "Segmented"),
            *("ElidedLabel", "KeyHint", "AnswerList", "set_words", "set_placeholder", "set_error", "set_hint", "say"),
            *("vip_chip", "set_tooltip", "Tray"),
        ),
        (0,),
    ),
    **dict.fromkeys(("PageHeader", "SearchField", "set_title", "set_figure"), (0, 1)),
    **dict.fromkeys(("IconButton", "Strip", "EventRow", "name_widget"), (1,)),
    **dict.fromkeys(("EmptyState", "notify"), (1, 2)),
    "StatTile": (0, 1, 2),
    "show_words": (2,),
}
SHOWN_KEYWORDS = frozenset({"placeholder", "hint", "lead", "action", "label", "words", "title", "tooltip"})


class Literal(NamedTuple):
    place: str
    words: str


def sources(folders: tuple[str, ...]) -> Iterator[tuple[Path, ast.Module]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "tables" not in path.parts:
                yield path, ast.parse(path.read_text("utf-8"))


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def letters_in(node: ast.expr) -> str:
    """The words that a literal or f-string would put on the screen; nothing for other expressions."""
    match node:
        case ast.Constant(value=str(words)):
            return words if any(letter.isalpha() for letter in words) else ""
        case ast.JoinedStr(values=values):
            return "".join(letters_in(value) for value in values)
        case ast.IfExp(body=body, orelse=orelse):
            return letters_in(body) + letters_in(orelse)
        case _:
            return ""


def stray_words(tree: ast.Module, name: str) -> list[Literal]:
    found: list[Literal] = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or called(node) not in SHOWN_ARGUMENTS:
            continue
        shown = [node.args[place] for place in SHOWN_ARGUMENTS[called(node)] if place < len(node.args)]
        shown += [word.value for word in node.keywords if word.arg in SHOWN_KEYWORDS]
        found += [Literal(f"{name}:{node.lineno}", words) for each in shown if (words := letters_in(each))]
    return found


def docstrings(tree: ast.Module) -> set[int]:
    return {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def strings_of(tree: ast.Module) -> list[ast.Constant]:
    skipped = docstrings(tree)
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped
    ]


def test_the_finder_finds() -> None:
    tree = ast.parse(
        'a.setText("Save"); Button(f"Send {n}"); Strip("warn", "Lost" if x else text("a.b")); b.setText("…")'
    )
    assert [found.words for found in stray_words(tree, "x")] == ["Save", "Send ", "Lost"]


def test_no_literal_words_on_widgets() -> None:
    found = [each for path, tree in sources(SHOWING) for each in stray_words(tree, str(path.relative_to(ROOT)))]
    assert found == []


def test_no_chinese_outside_the_tables() -> None:
    found = [
        Literal(f"{path.relative_to(ROOT)}:{node.lineno}", str(node.value))
        for path, tree in sources(SHOWING)
        for node in strings_of(tree)
        if HAN.search(str(node.value))
    ]
    assert found == []


def key_arguments(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in {"text", "phrase"} and node.args:
            yield node.args[0]


def prefixes(tree: ast.AST) -> set[str]:
    return {
        str(node.values[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[0], ast.Constant)
    }


def test_every_key_that_is_asked_for_exists() -> None:
    missing: list[Literal] = []
    for path, tree in sources(USING):
        for argument in key_arguments(tree):
            named = [node for node in ast.walk(argument) if isinstance(node, ast.Constant)]
            inside = {
                id(part) for each in ast.walk(argument) if isinstance(each, ast.JoinedStr) for part in each.values
            }
            place = f"{path.relative_to(ROOT)}:{argument.lineno}"
            missing += [
                Literal(place, str(node.value))
                for node in named
                if id(node) not in inside and "." in str(node.value) and node.value not in en.WORDS
            ]
            missing += [
                Literal(place, prefix)
                for prefix in prefixes(argument)
                if not any(key.startswith(prefix) for key in en.WORDS)
            ]
    assert missing == []


@pytest.fixture(scope="module")
def used_keys() -> set[str]:
    constants: set[str] = set()
    starts: set[str] = {"error."}
    for _, tree in sources(USING):
        constants |= {str(node.value) for node in strings_of(tree)}
        starts |= {prefix for prefix in prefixes(tree) if re.match(r"[a-z_]+\.", prefix)}
    return {key for key in en.WORDS if key in constants or key.startswith(tuple(starts))}


def test_no_key_is_unused(used_keys: set[str]) -> None:
    assert sorted(set(en.WORDS) - used_keys) == []
