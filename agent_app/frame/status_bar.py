"""The line at the bottom: connection, encryption, queue, sample marker, version."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from agent_app.frame.presenter import FrameView
from shared.strings import phrase, timer
from shared.ui.theme import SPACE_L, SPACE_M, SPACE_XS, theme
from shared.ui.widgets import IconMark, Label


class StatusBar(QWidget):
    """Everything in it comes from the link and the desk."""

    def __init__(self, now: Callable[[], int], version: str) -> None:
        super().__init__()
        self._now = now
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("fill", "sunken")
        self.setProperty("edge", "top")
        self._wifi = IconMark("wifi", 14, "ok")
        self._link = Label("", "small")
        self._link.setObjectName("status.link")
        self._lock = IconMark("lock", 14, "muted")
        self._tls = Label("", "small", tone="muted")
        self._queue = Label("", "small", tone="muted")
        self._queue.setObjectName("status.queue")
        self._tag = IconMark("tag", 14, "text")
        self._sample = Label(phrase("frame.sample"), "small", weight=600)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_M, 0, SPACE_M, 0)
        row.setSpacing(SPACE_XS)
        for widget in (self._wifi, self._link):
            row.addWidget(widget)
        row.addSpacing(SPACE_L)
        for widget in (self._lock, self._tls):
            row.addWidget(widget)
        row.addSpacing(SPACE_L)
        row.addWidget(self._queue)
        row.addStretch(1)
        row.addWidget(self._tag)
        row.addWidget(self._sample)
        row.addSpacing(SPACE_L)
        row.addWidget(Label(phrase("frame.version", version=version), "small", tone="muted"))
        theme().changed.connect(self._restyle)
        self._restyle()

    def show_view(self, view: FrameView) -> None:
        """The present state in words."""
        ready = view.link.phase == "ready"
        self._wifi.set_icon("wifi" if ready else "wifi-off", "ok" if ready else "danger")
        if ready:
            self._link.set_words(phrase("frame.connected", latency=view.link.latency_ms))
        else:
            self._link.set_words(phrase("frame.connecting" if view.link.phase == "connecting" else "frame.offline"))
        self._tls.set_words(phrase("frame.tls" if ready else "frame.tls_off"))
        if view.queue:
            longest = timer((self._now() - view.oldest_ms) / 1000)
            self._queue.set_words(phrase("frame.queue_line", count=view.queue, time=longest))
        else:
            self._queue.set_words(phrase("frame.queue_empty"))
        self._tag.setVisible(view.sample)
        self._sample.setVisible(view.sample)

    def _restyle(self) -> None:
        self.setFixedHeight(theme().px(24))
