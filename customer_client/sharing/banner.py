"""Who sees and who controls, always on top of the shared monitor, with Stop. It never takes the focus, cannot be
closed, and is always dark, so that it looks the same over anything."""

from typing import Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget
from shiboken6 import isValid
from typing_extensions import override

from customer_client.desk.words import name_of
from customer_client.parts.stop_keys import STOP_KEYS
from customer_client.sharing.also import AlsoRows
from customer_client.sharing.change import ChangeWindow
from customer_client.sharing.choosing import hidden_words
from customer_client.sharing.code_line import CodeRow, TrustLine
from customer_client.sharing.figures_row import FiguresRow
from customer_client.sharing.presenter import SharingPresenter
from customer_client.sharing.talk_row import TalkRow
from customer_client.sharing.view import SharingView, Watcher
from shared.session.voice_desk import VoiceView
from shared.strings import phrase, render, text, timer
from shared.ui.icons import icon_pixmap, make_icon
from shared.ui.theme import DARK, Tone, theme
from shared.ui.words import Words, name_widget, show_words

FULL_PX: Final = 920
SHORT_PX: Final = 592
_SMALL_SCREEN_PX: Final = 1100
_TOP_PX: Final = 12
_LAST_MINUTE_S: Final = 60
_LINE: Final[dict[str, Tone]] = {"control": "warn", "view": "accent", "paused": "faint", "lost": "danger"}
_FLAGS: Final = (
    Qt.WindowType.Tool
    | Qt.WindowType.FramelessWindowHint
    | Qt.WindowType.WindowStaysOnTopHint
    | Qt.WindowType.WindowDoesNotAcceptFocus
)


def line_colour(view: SharingView) -> str:
    """The colour that banner and frame share; words and icons say the same."""
    return str(getattr(DARK, _LINE[view.tone]))


class Banner(QWidget):
    """Dragged by its body within the shared monitor."""

    def __init__(self, presenter: SharingPresenter) -> None:
        super().__init__(None, _FLAGS)
        self._presenter = presenter
        self._view = SharingView()
        self._room = QRect()
        self._held: QPoint | None = None
        self._changing: ChangeWindow | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        name_widget(self, phrase("sharing.window"), "banner")
        show_words(self, self.setWindowTitle, phrase("sharing.window"))
        self._sees, self._controls = _Line("banner.sees"), _Line("banner.controls")
        self._also = AlsoRows(presenter)
        self._talk = TalkRow(presenter.voice)
        forget = presenter.voice.view.watch(self._show_talk)
        self.destroyed.connect(lambda: forget())
        self._figures = FiguresRow(presenter)
        self._show_figures = _Small("chart", phrase("sharing.figures"), "banner.figures")
        self._show_figures.clicked.connect(self._toggle_figures)
        self._left = QLabel()
        self._left.setObjectName("banner.left")
        self._left_word = QLabel()
        show_words(self._left_word, self._left_word.setText, phrase("sharing.left"))
        self._pause = _Press("pause", phrase("sharing.pause"), "banner.pause")
        self._pause.clicked.connect(self._toggle_pause)
        self._take_back = _Press("undo", phrase("sharing.take_back"), "banner.take-back")
        self._take_back.clicked.connect(presenter.take_back_control)
        self.stop_button = _Press("stop", phrase("sharing.stop"), "banner.stop", danger=True)
        name_widget(self.stop_button, phrase("sharing.stop_spoken"))
        self.stop_button.pressed.connect(presenter.stop)
        self._code = CodeRow(presenter.confirm_code, presenter.deny_code)
        self._trust = TrustLine()
        self._build()
        theme().changed.connect(self._restyle)
        self._restyle()

    def stay_on(self, room: QRect) -> None:
        """The shared monitor, in the window system's logical pixels."""
        self._room = room
        width = SHORT_PX if room.width() < _SMALL_SCREEN_PX else FULL_PX
        self.setFixedWidth(min(width, room.width() - 16))
        self._take_height()
        self.move(room.left() + (room.width() - self.width()) // 2, room.top() + _TOP_PX)

    def show_view(self, view: SharingView) -> None:
        """Show how things stand."""
        self._view = view
        self._say_lines(view)
        self._say_trust(view)
        if self._also.show_view(view):
            self._take_height()
        urgent = view.left_s < _LAST_MINUTE_S
        self._left.setText(timer(view.left_s))
        self._left.setAccessibleName(text("common.time_left", time=timer(view.left_s)))
        self._left.setStyleSheet(f"color: {DARK.warn if urgent else DARK.text};")
        resting = view.paused or view.lost
        self._pause.say(phrase("sharing.resume" if resting else "sharing.pause"), "play" if resting else "pause")
        self._take_back.setVisible(view.tone == "control")
        show_words(self._change, self._change.setText, lambda: _change_words(self._presenter))
        self._keys.setVisible(view.stop_key_works)
        stop = phrase("sharing.stop_any_time" if view.stop_key_works else "sharing.use_button")
        show_words(self._stop_word, self._stop_word.setText, stop)
        self.update()

    def _show_talk(self, view: VoiceView) -> None:
        if self._talk.show_view(view):
            self._take_height()

    def _take_height(self) -> None:
        """What the lines need at this width: `adjustSize` would ask for a width of its own."""
        column = self.layout()
        if column is not None:
            column.invalidate()  # what has just been shown or said is not in it yet
            column.activate()
            self.resize(self.width(), column.totalHeightForWidth(self.width()))

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(12)
        lines = QVBoxLayout()
        lines.setSpacing(4)
        lines.addWidget(self._sees)
        lines.addWidget(self._controls)
        clock = QVBoxLayout()
        clock.setSpacing(0)
        for label in (self._left, self._left_word):
            label.setAlignment(Qt.AlignmentFlag.AlignRight)
            clock.addWidget(label)
        top.addLayout(lines, 1)
        top.addLayout(clock)
        for button in (self._pause, self._take_back, self.stop_button):
            top.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 8)
        column.setSpacing(10)
        column.addLayout(top)
        column.addWidget(self._also)
        column.addWidget(self._talk)
        column.addWidget(self._code)
        column.addWidget(self._figures)
        column.addLayout(self._build_foot())

    def _build_foot(self) -> QHBoxLayout:
        self._change = _Link(phrase("sharing.change"), "banner.change")
        self._change.clicked.connect(self._open_change)
        self._stop_word = QLabel()
        self._keys = QWidget()
        keys = QHBoxLayout(self._keys)
        keys.setContentsMargins(0, 0, 0, 0)
        keys.setSpacing(4)
        for key in STOP_KEYS:
            label = QLabel()
            label.setProperty("part", "key")
            show_words(label, label.setText, phrase(key))
            label.setFixedHeight(20)
            keys.addWidget(label)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self._trust, 1)
        foot.addWidget(self._change)
        foot.addWidget(self._show_figures)
        foot.addWidget(self._stop_word)
        foot.addWidget(self._keys)
        return foot

    def _say_lines(self, view: SharingView) -> None:
        if view.lost:
            self._sees.say(phrase("sharing.lost"), "wifi-off", DARK.danger)
            self._controls.say(phrase("sharing.control_off"), "mouse", DARK.muted)
            return
        if view.paused:
            self._sees.say(phrase("sharing.paused"), "eye-off", DARK.muted)
        elif view.gone:
            self._sees.say(
                phrase("sharing.window_gone" if view.window else "sharing.monitor_gone"), "eye-off", DARK.warn
            )
        elif view.away:
            self._sees.say(lambda: text("sharing.away", what=render(view.what)), "eye-off", DARK.muted)
        elif view.returned and not any(watcher.picture == "connected" for watcher in view.watchers):
            self._sees.say(phrase("sharing.returned"), "refresh", DARK.accent)
        else:
            self._sees.say(lambda: _seeing(view), "eye", DARK.accent)
        controlling = [watcher for watcher in view.watchers if watcher.controls and not view.paused]
        if controlling:
            self._controls.say(lambda: text("sharing.controls", who=_names(controlling)), "mouse", DARK.warn)
        else:
            self._controls.say(phrase("sharing.nobody_controls"), "mouse", DARK.muted)

    def _say_trust(self, view: SharingView) -> None:
        people = [each.introduction for each in view.watchers if each.introduction is not None]
        said = self._code.said
        self._code.show_first([each for each in people if each.waits_for_people])
        self._trust.show_people([each for each in people if not each.waits_for_people])
        if self._code.said != said:
            self._take_height()

    def _open_change(self) -> None:
        if self._changing is not None and isValid(self._changing):
            self._changing.raise_()
            return
        self._changing = ChangeWindow(self._presenter)
        self._changing.move(self.geometry().bottomLeft() + QPoint(0, 12))
        self._changing.show()
        self._changing.activateWindow()

    def _toggle_figures(self) -> None:
        self._figures.setVisible(self._figures.isHidden())
        self._take_height()

    def _toggle_pause(self) -> None:
        if self._view.paused or self._view.lost:
            self._presenter.resume()
        else:
            self._presenter.pause()

    def _restyle(self) -> None:
        look = theme()
        self.setFont(look.font("small"))
        for line in (self._sees, self._controls):
            line.set_font(look.font("body", 600))
        self._left.setFont(look.font("lead", 600))
        for label in (self._left_word, self._stop_word, *self._keys.findChildren(QLabel)):
            label.setFont(look.font("small"))
        self.setStyleSheet(
            f"QLabel {{ color: {DARK.muted}; background: transparent; }}"
            f"QLabel[part='key'] {{ color: {DARK.text}; border: 1px solid {DARK.faint}; border-radius: 4px;"
            " padding: 0 4px; }"
        )

    # Its place

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(line_colour(self._view)))
        painter.drawRoundedRect(self.rect(), 8, 8)
        painter.setBrush(QColor(DARK.surface))
        painter.drawRoundedRect(self.rect().adjusted(0, 4, 0, 0), 8, 8)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._held = event.position().toPoint()

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is None:
            return
        wanted = event.globalPosition().toPoint() - self._held
        right = self._room.right() - self.width() + 1
        bottom = self._room.bottom() - self.height() + 1
        self.move(
            max(self._room.left(), min(wanted.x(), right)),
            max(self._room.top(), min(wanted.y(), bottom)),
        )

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None


class _Link(QPushButton):
    """Words to press in the foot."""

    def __init__(self, words: Words, object_name: str) -> None:
        super().__init__()
        self.setObjectName(object_name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setStyleSheet(
            f"QPushButton {{ color: {DARK.accent}; background: transparent; border: none; padding: 2px 4px; }}"
            "QPushButton:hover { text-decoration: underline; }"
        )
        self.setFont(theme().font("small", 600))
        show_words(self, self.setText, words)


class _Line(QWidget):
    """An icon and a sentence in a colour."""

    def __init__(self, object_name: str) -> None:
        super().__init__()
        self.setObjectName(object_name)
        self._icon, self._label = QLabel(), QLabel()
        self._label.setWordWrap(True)
        self._icon.setFixedSize(QSize(18, 18))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self._icon)
        row.addWidget(self._label, 1)

    def set_font(self, font: QFont) -> None:
        """Show the sentence in another font."""
        self._label.setFont(font)

    def say(self, words: Words, icon: str, colour: str) -> None:
        """Say it."""
        self._icon.setPixmap(icon_pixmap(icon, 18, colour, self.devicePixelRatioF()))
        show_words(self._label, self._label.setText, words)
        show_words(self, self.setAccessibleName, words)
        ink = DARK.muted if colour == DARK.muted else DARK.text
        self._label.setStyleSheet(f"color: {ink};")


class _Press(QPushButton):
    """A button in the dark set whatever the theme is."""

    def __init__(self, icon: str, words: Words, object_name: str, *, danger: bool = False) -> None:
        super().__init__()
        self._danger = danger
        self.setObjectName(object_name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFixedHeight(40)
        self.setIconSize(QSize(16, 16))
        ink, fill, edge = (DARK.bg, DARK.danger, DARK.danger) if danger else (DARK.text, "transparent", DARK.faint)
        self.setStyleSheet(
            f"QPushButton {{ color: {ink}; background: {fill}; border: 1px solid {edge}; border-radius: 8px;"
            f" padding: 0 14px; }} QPushButton:hover {{ border-color: {DARK.text}; }}"
        )
        self.setFont(theme().font("body" if danger else "small", 600))
        self.say(words, icon)

    def say(self, words: Words, icon: str) -> None:
        """Show other words and icon."""
        ink = DARK.bg if self._danger else DARK.text
        self.setIcon(make_icon(icon, 16, ink, DARK.muted))
        show_words(self, self.setText, words)


def _change_words(presenter: SharingPresenter) -> str:
    choice = presenter.choosing.view.value
    if not choice.hidden and not choice.areas:
        return text("sharing.change")
    return f"{text('sharing.change')} ({render(hidden_words(choice))})"


class _Small(QPushButton):
    """A word with an icon, for what is seldom wanted."""

    def __init__(self, icon: str, words: Words, object_name: str) -> None:
        super().__init__()
        self.setObjectName(object_name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setIcon(make_icon(icon, 14, DARK.muted, DARK.muted))
        self.setFont(theme().font("small"))
        self.setStyleSheet(
            f"QPushButton {{ color: {DARK.muted}; background: transparent; border: none; padding: 0 4px; }}"
            f" QPushButton:hover {{ color: {DARK.text}; }}"
        )
        show_words(self, self.setText, words)


def _names(watchers: list[Watcher]) -> str:
    return text("sharing.joint").join(name_of(watcher.person)() for watcher in watchers)


def _seeing(view: SharingView) -> str:
    seeing = [watcher for watcher in view.watchers if watcher.sees and watcher.picture == "connected"]
    if seeing:
        key = "sharing.sees" if len(seeing) == 1 else "sharing.see"
        return text(key, who=_names(seeing), monitor=render(view.what))
    coming = [watcher for watcher in view.watchers if watcher.sees]
    return text("sharing.connecting", who=_names(coming), monitor=render(view.what))
