"""The Qt style sheet, written from the tokens. Rules go by class and by the properties that the widgets set."""

from string import Template
from typing import Final

from shared.ui.theme.tokens import Tokens

_SHEET: Final = Template(
    """
QWidget { color: $text; }
QAbstractScrollArea { background: transparent; border: none; }
QAbstractItemView { background: transparent; border: none; outline: none; }
QMainWindow, QDialog, QWidget[fill="bg"] { background: $bg; }
QWidget[fill="surface"] { background: $surface; }
QWidget[fill="sunken"] { background: $sunken; }
QToolTip { background: $surface; color: $text; border: 1px solid $faint; padding: 4px; }

QFrame[card="plain"] { background: $surface; border: 1px solid $line; border-radius: 12px; }
QFrame[card="list"] { background: $surface; border: 1px solid $line; border-radius: 8px; }
QFrame[card="floating"] { background: $surface; border: 1px solid $faint; border-radius: 12px; }
QFrame[card="offer"] { background: $surface; border: 2px solid $accent; border-radius: 8px; }
QFrame[card="sunken"] { background: $sunken; border: none; border-radius: 8px; }
QFrame[rule="horizontal"] { background: $line; border: none; min-height: 1px; max-height: 1px; }
QFrame[rule="vertical"] { background: $line; border: none; min-width: 1px; max-width: 1px; }
QWidget[edge="top"] { border: none; border-top: 1px solid $line; }
QWidget[edge="bottom"] { border: none; border-bottom: 1px solid $line; }
QWidget[edge="left"] { border: none; border-left: 1px solid $line; }
QWidget[edge="right"] { border: none; border-right: 1px solid $line; }

QPushButton { border-radius: 8px; padding: 0 ${pad}px; border: 1px solid $line; background: $surface; color: $text; }
QPushButton[dense="true"] { padding: 0 ${pad_dense}px; border-radius: 4px; }
QPushButton[kind="primary"] { background: $accent; border-color: $accent; color: $on_accent; }
QPushButton[kind="primary"]:hover, QPushButton[kind="primary"]:pressed {
    background: $accent_strong; border-color: $accent_strong; }
QPushButton[kind="secondary"] { border-color: $faint; }
QPushButton[kind="secondary"][dense="true"] { border-color: $line; }
QPushButton[kind="secondary"]:hover, QPushButton[kind="secondary"]:pressed { background: $sunken; }
QPushButton[kind="outline"] { border-color: $accent; color: $accent; }
QPushButton[kind="outline"]:hover, QPushButton[kind="outline"]:pressed { background: $accent_soft; }
QPushButton[kind="tonal"] { background: $accent_soft; border-color: $accent_soft; color: $accent_strong; }
QPushButton[kind="tonal"]:hover, QPushButton[kind="tonal"]:pressed { border-color: $accent; }
QPushButton[kind="ghost"], QPushButton[kind="danger-ghost"], QPushButton[kind="link"] {
    background: transparent; border-color: transparent; }
QPushButton[kind="danger-ghost"] { color: $danger; }
QPushButton[kind="ghost"]:hover, QPushButton[kind="danger-ghost"]:hover { background: $sunken; }
QPushButton[kind="ghost"]:checked { background: $accent_soft; color: $accent_strong; }
QPushButton[kind="link"] { color: $accent; padding: 0; }
QPushButton[kind="link"]:hover { color: $accent_strong; text-decoration: underline; }
QPushButton[kind="danger"] { background: $danger; border-color: $danger; color: $on_danger; }
QPushButton[kind="danger"]:hover, QPushButton[kind="danger"]:pressed { border-color: $text; }
QPushButton[kind="danger-outline"] { border-color: $line; color: $danger; }
QPushButton[kind="danger-outline"]:hover { background: $danger_soft; }
QPushButton[kind="primary"]:disabled, QPushButton[kind="secondary"]:disabled, QPushButton[kind="outline"]:disabled,
QPushButton[kind="tonal"]:disabled, QPushButton[kind="danger"]:disabled, QPushButton[kind="danger-outline"]:disabled {
    background: $sunken; border-color: $line; color: $muted; }
QPushButton[kind="ghost"]:disabled, QPushButton[kind="link"]:disabled, QPushButton[kind="danger-ghost"]:disabled {
    color: $muted; }
QPushButton:focus { outline: none; }

QToolButton { border: none; border-radius: 8px; background: transparent; color: $text; padding: 0; }
QToolButton:hover { background: $sunken; }
QToolButton:checked { background: $accent_soft; color: $accent_strong; }
QToolButton:disabled { color: $muted; }
QToolButton[frame="true"] { background: $surface; border: 1px solid $line; }
QToolButton[frame="true"]:hover { background: $sunken; }
QToolButton::menu-indicator { image: none; }

QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QSpinBox {
    background: $surface; border: 1px solid $faint; border-radius: ${radius}px; color: $text;
    selection-background-color: $accent; selection-color: $on_accent; }
QLineEdit { padding: 0 ${pad_field}px; }
QPlainTextEdit, QTextEdit { padding: 6px 7px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:focus, QSpinBox:focus { border: 2px solid $accent; }
QLineEdit:focus { padding: 0 ${pad_field_focus}px; }
QPlainTextEdit:focus, QTextEdit:focus { padding: 5px 6px; }
QLineEdit[wrong="true"], QPlainTextEdit[wrong="true"], QComboBox[wrong="true"] { border: 2px solid $danger; }
QLineEdit[wrong="true"] { padding: 0 ${pad_field_focus}px; }
QPlainTextEdit[wrong="true"] { padding: 5px 6px; }
QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled, QSpinBox:disabled {
    background: $sunken; border-color: $line; color: $muted; }
QLineEdit[bare="true"], QPlainTextEdit[bare="true"], QTextEdit[bare="true"] {
    background: transparent; border: none; padding: 0; }
QPlainTextEdit[note="true"] { background: $note_soft; border: 1px dashed $note; }

QComboBox { padding: 0 ${pad_field}px; }
QComboBox:focus { padding: 0 ${pad_field_focus}px; }
QComboBox::drop-down { border: none; width: ${arrow}px; }
QComboBox::down-arrow { image: none; }
QComboBox QAbstractItemView { background: $surface; border: 1px solid $faint; outline: none; padding: 4px; }
QComboBox QAbstractItemView::item { min-height: ${row}px; padding: 0 8px; border-radius: 4px; }
QComboBox QAbstractItemView::item:selected { background: $accent_soft; color: $text; }

QCheckBox, QRadioButton { spacing: 8px; background: transparent; }
QCheckBox:disabled, QRadioButton:disabled { color: $muted; }

QMenu { background: $surface; border: 1px solid $faint; border-radius: 8px; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 4px; }
QMenu::item:selected { background: $accent_soft; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }

QScrollArea > QWidget > QWidget[fill=""] { background: transparent; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $line; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: $faint; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QTableView, QTreeView { background: $surface; alternate-background-color: $surface; gridline-color: $line; }
QTableView::item, QTreeView::item { padding: 0 8px; border: none; border-bottom: 1px solid $line; }
QTableView::item:hover, QTreeView::item:hover { background: $sunken; }
QTableView::item:selected, QTreeView::item:selected { background: $accent_soft; color: $text; }
QHeaderView { background: $sunken; }
QHeaderView::section { background: $sunken; color: $muted; border: none; padding: 0 8px; min-height: ${head}px; }
QSplitter::handle { background: $line; }
QTabBar { background: transparent; border: none; }
QTabBar::tab { background: transparent; border: none; border-bottom: 2px solid transparent; color: $muted;
    padding: 0 8px; min-height: ${row}px; margin-right: 4px; }
QTabBar::tab:selected { color: $accent; border-bottom-color: $accent; }
QTabBar::tab:focus { background: $accent_soft; }
QTabWidget::pane { border: none; border-top: 1px solid $line; }
QProgressBar { background: $line; border: none; border-radius: 2px; max-height: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
"""
)


def stylesheet(tokens: Tokens, scale: float) -> str:
    """The sheet for one set of colours and one text size (1.0 to 1.5)."""
    sizes = {
        "radius": 8,
        "pad": round(16 * scale),
        "pad_dense": round(12 * scale),
        "pad_field": 11,
        "pad_field_focus": 10,
        "arrow": 28,
        "row": round(32 * scale),
        "head": round(28 * scale),
        "on_danger": tokens.on_accent if tokens.on_accent == "#FFFFFF" else tokens.bg,
    }
    colours = {name: str(getattr(tokens, name)) for name in Tokens.__slots__}
    return _SHEET.substitute(colours, **{name: str(value) for name, value in sizes.items()})
