"""Colours, type and words switch while windows are open; every icon can be drawn."""

import re
from importlib.resources import files
from itertools import pairwise

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPalette
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from shared.strings import phrase, set_language
from shared.ui.icons import app_icon, icon_pixmap, make_icon
from shared.ui.theme import DARK, LIGHT, Theme, Tokens
from shared.ui.words import name_widget, show_words

ICONS = sorted(each.name.removesuffix(".svg") for each in files("shared.ui.icons").joinpath("svg").iterdir())


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    channels = [QColor(colour).redF(), QColor(colour).greenF(), QColor(colour).blueF()]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_words_can_be_read_on_their_ground(tokens: Tokens) -> None:
    pairs = [
        *(
            (ink, ground)
            for ink in (tokens.text, tokens.muted)
            for ground in (tokens.bg, tokens.surface, tokens.sunken)
        ),
        (tokens.on_accent, tokens.accent),
        (tokens.accent_strong, tokens.accent_soft),
        (tokens.info, tokens.info_soft),
        (tokens.warn, tokens.warn_soft),
        (tokens.danger, tokens.danger_soft),
        (tokens.note, tokens.note_soft),
        (tokens.vip, tokens.vip_soft),
        (tokens.text, tokens.ok_soft),
    ]
    assert [pair for pair in pairs if contrast(*pair) < 4.5] == []


@pytest.mark.parametrize("name", ICONS)
def test_every_icon_draws_in_the_colour_asked_for(look: Theme, name: str) -> None:
    image = icon_pixmap(name, 20, "#ff0000", 2.0).toImage().convertToFormat(QImage.Format.Format_ARGB32)
    assert image.size() == QSize(40, 40)
    inked = [image.pixelColor(x, y) for x in range(40) for y in range(40) if image.pixelColor(x, y).alpha() > 200]
    assert inked
    assert all((colour.red(), colour.green(), colour.blue()) == (255, 0, 0) for colour in inked)


def test_an_icon_that_is_not_in_the_set_is_a_bug(look: Theme) -> None:
    with pytest.raises(FileNotFoundError):
        icon_pixmap("no-such-icon", 20, "#000000", 1.0)


def test_icons_are_kept_by_what_they_look_like(look: Theme) -> None:
    assert icon_pixmap("send", 20, "#000000", 1.0) is icon_pixmap("send", 20, "#000000", 1.0)
    assert icon_pixmap("send", 20, "#000000", 1.0) is not icon_pixmap("send", 20, "#000000", 2.0)
    assert not make_icon("send", 20, "#000000", "#cccccc").isNull()
    assert len(app_icon().availableSizes()) == 7


def test_colours_switch_live(look: Theme, qapp: QApplication) -> None:
    heard: list[bool] = []
    look.changed.connect(lambda: heard.append(look.dark))
    look.set_mode("dark")
    look.set_mode("dark")
    assert qapp.palette().color(QPalette.ColorRole.Window).name().upper() == DARK.bg
    assert DARK.accent in qapp.styleSheet()
    look.set_mode("light")
    assert LIGHT.accent in qapp.styleSheet()
    assert heard == [True, False]


def test_the_sheet_has_no_placeholder_left(qapp: QApplication, look: Theme) -> None:
    assert not re.search(r"\$\w", qapp.styleSheet())


def test_type_grows_within_bounds(look: Theme) -> None:
    look.set_scale_percent(400)
    assert look.scale_percent == 150
    assert look.font("body").pixelSize() == 21
    assert look.px(40) == 60
    look.set_scale_percent(10)
    assert look.font("hero").pixelSize() == 28


def test_figures_are_as_wide_as_each_other(look: Theme) -> None:
    widths = {QFontMetrics(look.font("body")).horizontalAdvance(figure * 10) for figure in "0123456789"}
    assert len(widths) == 1


def test_the_chinese_family_leads_in_chinese_only(look: Theme) -> None:
    assert look.font().families()[0] == "Inter"
    set_language("zh_CN")
    assert look.font().families()[0] == "Microsoft YaHei UI"
    assert look.font("body", 500).weight() == QFont.Weight.Normal


def test_words_follow_the_language_until_replaced(qtbot: QtBot) -> None:
    label = QLabel()
    qtbot.addWidget(label)
    show_words(label, label.setText, phrase("chat.sent"))
    name_widget(label, phrase("chat.read"), "state")
    set_language("zh_CN")
    assert (label.text(), label.accessibleName(), label.objectName()) == ("已发送", "已读", "state")
    show_words(label, label.setText, "Lin Wei")
    set_language("en")
    assert (label.text(), label.accessibleName()) == ("Lin Wei", "Read")


def test_type_roles_step_up() -> None:
    from shared.ui.theme.tokens import TYPE_SIZE_PX

    assert all(smaller < larger for smaller, larger in pairwise(TYPE_SIZE_PX.values()))
