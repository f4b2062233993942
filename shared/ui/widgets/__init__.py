"""The kit: one small widget a file, each with its words, its name for screen readers and its keys."""

from shared.ui.widgets.answers import Answer, AnswerList
from shared.ui.widgets.avatar import Avatar, AvatarTone, paint_avatar
from shared.ui.widgets.button import Button, ButtonKind, ButtonSize
from shared.ui.widgets.card import Card, CardKind, Rule
from shared.ui.widgets.check_box import CheckBox
from shared.ui.widgets.chip import Chip, ChipTone, SampleTag, vip_chip
from shared.ui.widgets.combo import Combo, ComboField
from shared.ui.widgets.countdown import CountdownBar, CountdownRing
from shared.ui.widgets.elided import ElidedLabel
from shared.ui.widgets.empty import EmptyState
from shared.ui.widgets.field import Field
from shared.ui.widgets.focus import FocusFrame, ring_on_focus
from shared.ui.widgets.icon_button import IconButton
from shared.ui.widgets.icon_mark import IconMark
from shared.ui.widgets.key_hint import KeyHint
from shared.ui.widgets.label import Label
from shared.ui.widgets.page import Footer, PageBody, PageHeader
from shared.ui.widgets.progress import ProgressLine
from shared.ui.widgets.search import SearchField
from shared.ui.widgets.segmented import Segmented, SegmentStyle
from shared.ui.widgets.steps import Step, StepBar, ThinSteps, paint_thin_steps
from shared.ui.widgets.strip import Strip, StripTone
from shared.ui.widgets.switch import Switch
from shared.ui.widgets.text_area import AreaEdit, TextArea
from shared.ui.widgets.text_field import LineEdit, TextField
from shared.ui.widgets.tile import StatTile
from shared.ui.widgets.toast import Toast

__all__ = [
    "Answer",
    "AnswerList",
    "AreaEdit",
    "Avatar",
    "AvatarTone",
    "Button",
    "ButtonKind",
    "ButtonSize",
    "Card",
    "CardKind",
    "CheckBox",
    "Chip",
    "ChipTone",
    "Combo",
    "ComboField",
    "CountdownBar",
    "CountdownRing",
    "ElidedLabel",
    "EmptyState",
    "Field",
    "FocusFrame",
    "Footer",
    "IconButton",
    "IconMark",
    "KeyHint",
    "Label",
    "LineEdit",
    "PageBody",
    "PageHeader",
    "ProgressLine",
    "Rule",
    "SampleTag",
    "SearchField",
    "SegmentStyle",
    "Segmented",
    "StatTile",
    "Step",
    "StepBar",
    "Strip",
    "StripTone",
    "Switch",
    "TextArea",
    "TextField",
    "ThinSteps",
    "Toast",
    "paint_avatar",
    "paint_thin_steps",
    "ring_on_focus",
    "vip_chip",
]
