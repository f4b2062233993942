"""What sharing costs, in the banner, for who asks."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from customer_client.sharing.banner import Banner
from shared.session import channel as ch
from shared.strings import set_language
from tests.customer_fakes import Stage
from tests.unit.customer_client.test_trust import granted


def stage_of(value: float) -> ch.Stage:
    return ch.Stage(p50_ms=value, p95_ms=2 * value, count=9)


FIGURES = ch.SharingFigures(
    fps=29.6,
    kbps=441.0,
    viewers=2,
    target_kbps=20_000,
    grab=stage_of(1.1),
    convert=stage_of(0.3),
    encode=stage_of(4.2),
    send=stage_of(7.5),
    dropped=3,
    key_frames=1,
)


def test_figures_come_when_asked_for_in_both_languages(qtbot: QtBot, stage: Stage) -> None:
    granted(stage)
    banner = Banner(stage.rooms.sharing)
    qtbot.addWidget(banner)
    banner.stay_on(QRect(0, 0, 1280, 800))
    banner.show()
    low = banner.height()
    rates, stages = (banner.findChild(QLabel, f"banner.figures-{name}") for name in ("rates", "stages"))
    toggle = banner.findChild(QPushButton, "banner.figures")
    assert rates is not None
    assert stages is not None
    assert toggle is not None
    assert not rates.isVisible()
    qtbot.mouseClick(toggle, Qt.MouseButton.LeftButton)
    assert rates.isVisible()
    assert banner.height() > low
    stage.rooms.sharing.reports.tell(FIGURES)
    for language in ("en", "zh_CN"):
        set_language(language)
        assert all(figure in rates.text() for figure in ("29.6", "441", "2", "3"))
        assert all(figure in stages.text() for figure in ("1.1 / 2.2", "4.2 / 8.4", "7.5 / 15.0"))
    qtbot.mouseClick(toggle, Qt.MouseButton.LeftButton)
    assert not rates.isVisible()
