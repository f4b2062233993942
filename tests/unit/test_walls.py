"""The walls in pyproject.toml cover what they say, also for files that are added later."""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

PROGRAMS = ("customer_client", "agent_app")


def contract(name: str) -> dict[str, Any]:
    linter = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    return next(one for one in linter["contracts"] if one["name"] == name)


def module(path: Path) -> str:
    return ".".join(path.with_suffix("").parts)


def test_every_presenter_is_kept_from_qt() -> None:
    covered = set(contract("Presenters know no window")["source_modules"])
    plain = {f"{program}.**.presenter" for program in PROGRAMS}
    assert plain <= covered
    others = {
        module(path)
        for program in PROGRAMS
        for path in Path(program).rglob("*presenter*.py")
        if path.name != "presenter.py"
    }
    assert others <= covered


def test_every_file_of_rules_is_kept_pure() -> None:
    covered = contract("Rules and messages are pure: no clock, no chance, no outside world")["source_modules"]
    programs_with_rules = {
        path.parts[0] for path in Path().glob("*/**/rules.py") if path.parts[0] in (*PROGRAMS, "relay_server")
    }
    assert {f"{program}.**.rules" for program in programs_with_rules} <= set(covered)
    assert {"shared.protocol", "shared.rules"} <= set(covered)


def loaded_with(modules: list[str]) -> set[str]:
    """The top-level packages that a fresh Python holds after importing the modules (parents and all)."""
    program = f"import sys, importlib\nfor name in {modules!r}: importlib.import_module(name)\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True, timeout=30
    )
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_presenters_and_desks_run_without_qt() -> None:
    found = [path for program in PROGRAMS for path in Path(program).rglob("*presenter.py")]
    desks = [path for program in PROGRAMS for path in Path(program, "desk").glob("[a-z]*.py")]
    assert len(found) >= 10
    assert loaded_with([module(path) for path in (*found, *desks)]).isdisjoint({"PySide6", "qasync", "shiboken6"})


def test_a_window_process_starts_without_the_media_stack() -> None:
    stack = {"aiortc", "aioice", "av", "numpy", "mss", "pynput", "Xlib"}
    windows = [f"{program}.app" for program in PROGRAMS if Path(program, "app.py").exists()]
    assert loaded_with([*windows, "shared.session.channel"]).isdisjoint(stack)
