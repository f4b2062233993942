"""The remote window asks the engineer to compare the code, and says afterwards who vouches."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from agent_app.remote.code_strip import CodeStrip, show_chip
from agent_app.remote.introduction import TrustView
from shared.rules.trust import State
from shared.strings import phrase, set_language, text
from shared.ui.widgets import Chip


def test_the_strip_is_there_only_while_somebody_has_to_compare(qtbot: QtBot) -> None:
    strip = CodeStrip()
    qtbot.addWidget(strip)
    said: list[str] = []
    strip.same.connect(lambda: said.append("same"))
    strip.differs.connect(lambda: said.append("differs"))
    shown: dict[State, bool] = {}
    for state in ("introducing", "comparing", "here", "there", "trusted", "failed"):
        strip.show_trust(TrustView(state=state, code="482913", key="AB12 CD34 EF56 0789"))
        shown[state] = strip.isVisible()
    assert [state for state, visible in shown.items() if visible] == ["comparing", "here", "there"]
    strip.show_trust(TrustView(state="there", code="482913"))
    for name in ("remote.code-same", "remote.code-differs"):
        button = strip.findChild(QPushButton, name)
        assert button is not None
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert said == ["same", "differs"]


def test_the_chip_claims_what_is_so(qtbot: QtBot) -> None:
    chip = Chip(phrase("trust.introducing"), "neutral", icon="shield")
    qtbot.addWidget(chip)
    for language in ("en", "zh_CN"):
        set_language(language)
        for trust, words in (
            (TrustView(state="comparing", code="482913"), text("trust.unknown_agent")),
            (TrustView(state="failed", fault="signature"), text("trust.failed")),
            (
                TrustView(state="trusted", code="482913", certified="Acme"),
                text("trust.certified_agent", organisation="Acme"),
            ),
            (TrustView(state="trusted", code="482913"), text("trust.known_agent")),
        ):
            show_chip(chip, trust)
            assert words in chip.accessibleName()
