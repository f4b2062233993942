"""The look in force: colours, text size and fonts, switched while the programs run."""

from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QApplication

from shared.strings import language, observe_language
from shared.ui.theme.fonts import font
from shared.ui.theme.palette import palette
from shared.ui.theme.stylesheet import stylesheet
from shared.ui.theme.tokens import DARK, LIGHT, Tokens, Tone, TypeRole

ColourMode = Literal["light", "dark", "system"]
_PROPERTY = "threeline_theme"


class Theme(QObject):
    """Holds what `tokens.css` says, for one application. Made once by `install_theme`, found by `theme()`.

    `changed` comes after a change of colours, text size or language; whoever paints or measures by hand listens to it.
    `language_changed` comes before it, so that new words are there to be measured.
    """

    changed = Signal()
    language_changed = Signal()

    def __init__(self, app: QApplication, mode: ColourMode, scale_percent: int) -> None:
        super().__init__(app)
        self._app = app
        self._mode: ColourMode = mode
        self._scale = _bounded(scale_percent)
        self.tokens: Tokens = self._tokens_now()
        self._forget_language = observe_language(self._follow_language)
        app.styleHints().colorSchemeChanged.connect(self._follow_system)
        self.animated = True
        self._apply()

    @property
    def mode(self) -> ColourMode:
        """What the person chose."""
        return self._mode

    @property
    def dark(self) -> bool:
        """Whether the dark colours are shown now."""
        return self.tokens is DARK

    @property
    def scale_percent(self) -> int:
        """Text size, 100 to 150."""
        return self._scale

    def set_mode(self, mode: ColourMode) -> None:
        """Show light or dark colours, or follow the system."""
        self._mode = mode
        self._follow_system()

    def set_scale_percent(self, percent: int) -> None:
        """Text size: 100 to 150 per cent; what is outside is brought inside."""
        if (bounded := _bounded(percent)) != self._scale:
            self._scale = bounded
            self._apply()
            self.changed.emit()

    def px(self, logical: int) -> int:
        """A height or width that must grow with the text."""
        return round(logical * self._scale / 100)

    def colour(self, tone: Tone) -> QColor:
        """A token's colour."""
        return QColor(getattr(self.tokens, tone))

    def font(self, role: TypeRole = "body", weight: int = 400) -> QFont:
        """A font by role, in the current language and text size."""
        return font(role, weight, self._scale / 100, language())

    def close(self) -> None:
        """Stop following the language; for tests, where applications outlive themes."""
        self._forget_language()

    def _tokens_now(self) -> Tokens:
        if self._mode == "system":
            return DARK if self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT
        return DARK if self._mode == "dark" else LIGHT

    def _follow_system(self) -> None:
        tokens = self._tokens_now()
        if tokens is not self.tokens:
            self.tokens = tokens
            self._apply()
            self.changed.emit()

    def _follow_language(self) -> None:
        self._app.setFont(self.font())
        self.language_changed.emit()
        self.changed.emit()

    def _apply(self) -> None:
        self._app.setPalette(palette(self.tokens))
        self._app.setFont(self.font())
        self._app.setStyleSheet(stylesheet(self.tokens, self._scale / 100))


def install_theme(app: QApplication, mode: ColourMode = "system", scale_percent: int = 100) -> Theme:
    """Give the application its look. Called once, before the first window."""
    app.setStyle("Fusion")
    made = Theme(app, mode, scale_percent)
    app.setProperty(_PROPERTY, made)
    return made


def theme() -> Theme:
    """The look of the running application. Raises RuntimeError before `install_theme`."""
    app = QApplication.instance()
    found = app.property(_PROPERTY) if app is not None else None
    if not isinstance(found, Theme):
        raise RuntimeError("install_theme has not been called")
    return found


def _bounded(percent: int) -> int:
    return max(100, min(150, percent))
