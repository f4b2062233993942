"""The strip that says that there is no connection, counts down to the next try, and lets the person try now."""

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from customer_client.desk.desk import LinkView
from shared.common.shown import Shown
from shared.strings import Phrase, phrase
from shared.ui.widgets import Strip
from shared.ui.words import Words

_BACK_SHOWN_MS = 4000


class LinkStrip(QWidget):
    """Hidden while all is well. `chat` words it as a conversation does and says when the connection is back."""

    def __init__(self, link: Shown[LinkView], now_ms: Callable[[], int], *, chat: bool = False) -> None:
        super().__init__()
        self._now_ms, self._chat = now_ms, chat
        self._link = link.value
        self._was_down = False
        self.strip = Strip("warn", icon="wifi-off", object_name="link")
        self._timer = QTimer(self)
        self._timer.setInterval(500)
        self._timer.timeout.connect(self._say)
        self._back = QTimer(self)
        self._back.setSingleShot(True)
        self._back.setInterval(_BACK_SHOWN_MS)
        self._back.timeout.connect(self.hide)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.strip)
        forget = link.watch(self._take)
        self.destroyed.connect(lambda: forget())

    def _take(self, link: LinkView) -> None:
        self._link = link
        first_try = link.phase == "connecting" and link.attempt == 0
        if link.phase == "ready" or first_try:
            self._timer.stop()
            self._show_back()
            return
        self._was_down = True
        self._back.stop()
        self.show()
        self._timer.start()
        self._say()

    def _show_back(self) -> None:
        if self._chat and self._was_down and self._link.phase == "ready":
            self.strip.say(phrase("talk.back_again"), tone="ok", icon="check")
            self._back.start()
        elif self._link.phase == "ready" or not self._was_down:
            self.hide()
        self._was_down = False

    def _say(self) -> None:
        link = self._link
        if link.phase == "refused":
            words: Words = link.refusal or ""
            action = phrase("client.try_now")
            self.strip.say(words, lead=phrase("client.refused_lead"), tone="danger", action=action)
            return
        lead = phrase("talk.dropped" if self._chat else "client.offline_lead")
        icon = "refresh" if self._chat else "wifi-off"
        self.strip.say(self._words(link), lead=lead, tone="warn", icon=icon, action=phrase("client.try_now"))

    def _words(self, link: LinkView) -> Phrase:
        left_s = max(0, -(-(link.next_try_ms - self._now_ms()) // 1000))
        if link.phase != "waiting" or not left_s:
            return phrase("talk.dropped_trying" if self._chat else "client.trying")
        if self._chat:
            return phrase("talk.dropped_words", attempt=max(1, link.attempt), count=left_s)
        return phrase("client.next_try", count=left_s)
