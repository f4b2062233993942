"""Talk in the remote window's bar: ask for it, mute, levels, devices."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QVBoxLayout, QWidget

from agent_app.parts.tile_button import TileButton
from shared.session.voice_desk import VoiceDesk, VoiceView
from shared.strings import phrase
from shared.ui.sound_menu import sound_menu
from shared.ui.widgets.level import LevelBar
from shared.ui.words import name_widget


class TalkTools(QObject):
    """`talk` asks by `ask` while talk is not granted, then mutes; `levels` and `devices` are there while it is on."""

    def __init__(self, desk: VoiceDesk, ask: Callable[[], None]) -> None:
        super().__init__()
        self._desk, self._ask = desk, ask
        self._granted = False
        self.talk = TileButton("mic", phrase("voice.talk"), object_name="remote.talk")
        self.devices = TileButton("volume", phrase("voice.devices"), object_name="remote.sound")
        self._here, self._there = LevelBar(), LevelBar()
        name_widget(self._here, phrase("voice.level_here"), "remote.level-here")
        name_widget(self._there, phrase("voice.level_there"), "remote.level-there")
        self.levels = QWidget()
        column = QVBoxLayout(self.levels)
        column.setContentsMargins(0, 0, 0, 0)
        column.addStretch(1)
        column.addWidget(self._here)
        column.addWidget(self._there)
        column.addStretch(1)
        self.talk.clicked.connect(self._press)
        self.devices.clicked.connect(self._open)
        self._forget = desk.view.watch(self._show)
        self._show(desk.view.value)

    def show(self, granted: bool, asked: bool, live: bool) -> None:
        """How the capability stands."""
        self._granted = granted
        self.talk.setEnabled(granted or (live and not asked))
        tip = "voice.mute_tip" if granted else "voice.asked_tip" if asked else "voice.ask_tip"
        self.talk.explain(phrase(tip))
        self._show(self._desk.view.value)

    def shut(self) -> None:
        """The window goes."""
        self._forget()

    def _show(self, view: VoiceView) -> None:
        if not self._granted:
            self.talk.set_icon("mic")
            self.talk.set_words(phrase("voice.talk"))
        else:
            self.talk.set_icon("mic-off" if view.muted else "mic")
            self.talk.set_words(phrase("voice.unmute" if view.muted else "voice.mute"))
            if view.fault:
                self.talk.explain(phrase(f"voice.{view.fault}"))
        for widget in (self.levels, self.devices):
            widget.setVisible(self._granted and view.on)
        self._here.show_level(view.here_db)
        self._there.show_level(view.there_db)

    def _press(self) -> None:
        if self._granted:
            self._desk.mute(not self._desk.view.value.muted)
        else:
            self._ask()

    def _open(self) -> None:
        menu = sound_menu(self.devices, self._desk)
        menu.popup(self.devices.mapToGlobal(QPoint(0, self.devices.height() + 4)))
