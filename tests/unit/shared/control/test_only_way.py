"""The gate is the only way to the injector: the shape of the code says so, and this holds it to that."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[4]
CONTROL = Path("shared/control")
BACKENDS = {CONTROL / "inject_x11.py", CONTROL / "inject_pynput.py"}


class Source(NamedTuple):
    """What a file imports and calls."""

    imports: frozenset[str]
    calls: frozenset[str]


@cache
def sources() -> dict[Path, Source]:
    """Every file of the programs; read once."""
    found: dict[Path, Source] = {}
    for package in ("shared", "customer_client", "agent_app", "relay_server"):
        for path in (ROOT / package).rglob("*.py"):
            nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
            found[path.relative_to(ROOT)] = Source(frozenset(imported(nodes)), frozenset(called(nodes)))
    return found


def imported(nodes: list[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def called(nodes: list[ast.AST]) -> Iterator[str]:
    for node in nodes:
        function = node.func if isinstance(node, ast.Call) else None
        label = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        yield label.lstrip("_")


def users_of(*prefixes: str) -> set[Path]:
    return {path for path, source in sources().items() if any(name.startswith(prefixes) for name in source.imports)}


def names_in(path: Path) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def calls(name: str) -> set[Path]:
    return {path for path, source in sources().items() if name in source.calls}


def test_only_the_backends_touch_what_injects() -> None:
    """`leftovers_x11` lets keys come up, never down; `watch_pynput` only listens."""
    leftovers, listening = CONTROL / "leftovers_x11.py", CONTROL / "watch_pynput.py"
    assert users_of("Xlib.ext.xtest", "pynput") == BACKENDS | {leftovers, listening}
    assert "Controller" not in names_in(listening)
    assert calls("fake_input") == {CONTROL / "inject_x11.py", leftovers}
    assert not {"KeyPress", "ButtonPress"} & names_in(leftovers)


def test_only_the_choice_of_platform_knows_the_backends() -> None:
    wanted = ("shared.control.inject_x11", "shared.control.inject_pynput")
    assert users_of(*wanted) - {CONTROL / "platform.py"} == set()
    assert users_of("shared.control.inject_x11.X11Injector") == {CONTROL / "platform.py"}


def test_only_the_gate_opens_an_injector() -> None:
    assert calls("open_injector") == {CONTROL / "gate.py"}
    made = calls("X11Injector") | calls("PynputInjector")
    assert made == {CONTROL / "platform.py"}


def test_only_the_landing_makes_a_gate_and_only_the_customers_session_makes_a_landing() -> None:
    assert calls("Gate") == {CONTROL / "landing.py"}
    assert calls("Landing") == {Path("shared/session/customer.py")}


def test_the_gate_hands_its_injector_to_nobody() -> None:
    tree = ast.parse((ROOT / CONTROL / "gate.py").read_text(encoding="utf-8"))
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    uses = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "_injector"]
    assert len(uses) > 5
    for use in uses:
        parent = parents[use]
        assert isinstance(parent, ast.Attribute) or isinstance(use.ctx, ast.Store), ast.dump(parent)
