"""Words on widgets that follow the language: a phrase (or any callable) is asked again after each change."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from shared.strings import Words, render
from shared.ui.theme import theme

__all__ = ["Words", "name_widget", "render", "show_words"]


class _Wording(QObject):
    """The words of one widget, one entry a setter. A child of the widget, so it goes when the widget goes."""

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self._words: dict[str, tuple[Callable[[str], object], Words]] = {}
        theme().language_changed.connect(self.show_all)

    def put(self, setter: Callable[[str], object], words: Words) -> None:
        self._words[setter.__name__] = (setter, words)
        setter(render(words))

    def show_all(self) -> None:
        for setter, words in self._words.values():
            setter(render(words))


def show_words(owner: QWidget, setter: Callable[[str], object], words: Words) -> None:
    """Call a setter of `owner` with the words now and after each change of language; replaces that setter's last words.

    >>> show_words(label, label.setText, phrase("chat.sent"))
    """
    wording = owner.findChild(_Wording)
    if wording is None:
        if isinstance(words, str):
            setter(words)
            return
        wording = _Wording(owner)
    wording.put(setter, words)


def name_widget(widget: QWidget, words: Words, object_name: str = "") -> None:
    """Give a widget the name that screen readers say, and the object name that tests and AT-SPI find it by."""
    show_words(widget, widget.setAccessibleName, words)
    if object_name:
        widget.setObjectName(object_name)
