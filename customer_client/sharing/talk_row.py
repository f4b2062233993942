"""The banner's row for talk: mute, how loud it is, which devices; or why nothing is heard."""

from PySide6.QtCore import QPoint, QSize
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from shared.session.voice_desk import VoiceDesk, VoiceView
from shared.strings import phrase
from shared.ui.icons import make_icon
from shared.ui.sound_menu import sound_menu
from shared.ui.theme import DARK, theme
from shared.ui.widgets.level import LevelBar
from shared.ui.words import Words, name_widget, show_words


class TalkRow(QWidget):
    """Hidden while nobody may talk."""

    def __init__(self, desk: VoiceDesk) -> None:
        super().__init__()
        self._desk = desk
        self._mute = _Press("banner.mute")
        self._devices = _Press("banner.sound")
        self._devices.say(phrase("voice.devices"), "settings")
        self._here, self._there = LevelBar((DARK.faint, DARK.ok)), LevelBar((DARK.faint, DARK.accent))
        name_widget(self._here, phrase("voice.level_here"))
        name_widget(self._there, phrase("voice.level_there"))
        self._fault = QLabel()
        self._fault.setObjectName("banner.sound-fault")
        self._fault.setWordWrap(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for widget in (self._mute, self._here, _Mark("volume"), self._there, self._devices):
            row.addWidget(widget)
        row.addWidget(self._fault, 1)
        self._mute.clicked.connect(lambda: desk.mute(not desk.view.value.muted))
        self._devices.clicked.connect(self._open)
        self._shown: VoiceView | None = None
        self.show_view(desk.view.value)

    def show_view(self, view: VoiceView) -> bool:
        """Show how things stand; whether the row has come or gone."""
        was_hidden = self.isHidden()
        self._here.show_level(view.here_db)
        self._there.show_level(view.there_db)
        if self._shown is None or (view.muted, view.on, view.fault) != (
            self._shown.muted,
            self._shown.on,
            self._shown.fault,
        ):
            words = phrase("voice.unmute" if view.muted else "voice.mute")
            self._mute.say(words, "mic-off" if view.muted else "mic")
            show_words(self._fault, self._fault.setText, phrase(f"voice.{view.fault}") if view.fault else "")
            self._fault.setFont(theme().font("small"))
            self._fault.setStyleSheet(f"color: {DARK.warn};")
        self._shown = view
        self.setVisible(view.on or bool(view.fault))
        return was_hidden != self.isHidden()

    def _open(self) -> None:
        sound_menu(self, self._desk).popup(self._devices.mapToGlobal(QPoint(0, self._devices.height() + 4)))


class _Mark(QLabel):
    def __init__(self, icon: str) -> None:
        super().__init__()
        self.setPixmap(make_icon(icon, 14, DARK.muted, DARK.muted).pixmap(QSize(14, 14)))


class _Press(QPushButton):
    """In the dark set whatever the theme is."""

    def __init__(self, object_name: str) -> None:
        super().__init__()
        self.setObjectName(object_name)
        self.setFixedHeight(28)
        self.setIconSize(QSize(14, 14))
        self.setFont(theme().font("small"))
        self.setStyleSheet(
            f"QPushButton {{ color: {DARK.text}; background: transparent; border: 1px solid {DARK.faint};"
            f" border-radius: 6px; padding: 0 8px; }} QPushButton:hover {{ border-color: {DARK.text}; }}"
        )

    def say(self, words: Words, icon: str) -> None:
        """Show other words and icon."""
        self.setIcon(make_icon(icon, 14, DARK.text, DARK.muted))
        show_words(self, self.setText, words)
