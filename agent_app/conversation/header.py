"""Who the conversation is with and what can be done in it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from agent_app.conversation.presenter import ConversationView
from agent_app.conversation.tools import Tool
from agent_app.desk.moments import clock_at
from agent_app.parts.tile_button import TileButton
from shared.strings import Phrase, phrase, text
from shared.ui.theme import SPACE_M, SPACE_S, theme
from shared.ui.widgets import Avatar, Chip, ElidedLabel, Rule, vip_chip
from shared.ui.words import name_widget


class ConversationHeader(QWidget):
    """Signals for the tools; a tool that cannot be used is grey and says why."""

    screen_asked = Signal()
    control_asked = Signal()
    ticket_asked = Signal()
    end_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("fill", "surface")
        self.setProperty("edge", "bottom")
        self._avatar = Avatar(" ", "customer", 32)
        self._name = ElidedLabel("", "lead", weight=600)
        self._vip = vip_chip("")
        self._subject = ElidedLabel("", "small", tone="muted")
        self._presence = Chip(phrase("conversation.online"), "ok", icon="wifi")
        self._screen = TileButton("monitor", phrase("conversation.tool_screen"), object_name="tool.screen")
        self._control = TileButton("mouse", phrase("conversation.tool_control"), object_name="tool.control")
        self._ticket = TileButton("ticket", phrase("conversation.tool_ticket"), object_name="tool.ticket")
        self._end = TileButton("x-circle", phrase("conversation.tool_end"), tone="danger", object_name="tool.end")
        self._lay_out()
        self._screen.clicked.connect(self.screen_asked)
        self._control.clicked.connect(self.control_asked)
        self._ticket.clicked.connect(self.ticket_asked)
        self._end.clicked.connect(self.end_asked)
        QShortcut(QKeySequence("Ctrl+Shift+S"), self).activated.connect(self._screen.click)

    def show_view(self, view: ConversationView) -> None:
        """The present state."""
        self._avatar.set_person(view.name or " ", "vip" if view.vip else "customer")
        self._name.set_words(view.name)
        self._vip.setVisible(view.vip)
        self._subject.set_words(lambda: _subtitle(view))
        self._presence.setVisible(view.online is not None)
        if view.online is not None:
            self._presence.set_words(phrase("conversation.online" if view.online else "conversation.away"))
            self._presence.set_tone("ok" if view.online else "quiet", "wifi" if view.online else "wifi-off")
        tools = view.tools
        for button in (self._screen, self._control, self._end):
            button.setVisible(tools is not None and view.state not in {"closed", "abandoned"})
        if tools is None:
            return
        opened = tools.screen_open
        self._screen.set_words(phrase("conversation.tool_screen_open" if opened else "conversation.tool_screen"))
        tip = "conversation.tool_open_tip" if opened else "conversation.tool_screen_keys"
        _show_tool(self._screen, tools.screen, phrase(tip))
        _show_tool(self._control, tools.control, phrase("conversation.tool_control_tip"))
        _show_tool(self._end, tools.end, phrase("conversation.tool_end_tip"))
        no_ticket = None if view.ticket_id else phrase("conversation.no_ticket")
        _show_tool(self._ticket, Tool(no_ticket), phrase("conversation.tool_ticket_tip"))

    def _lay_out(self) -> None:
        name = QHBoxLayout()
        name.setSpacing(SPACE_S)
        for widget in (self._name, self._vip):
            name.addWidget(widget)
        name.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addLayout(name)
        words.addWidget(self._subject)
        who = QHBoxLayout()
        who.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
        who.setSpacing(SPACE_M)
        who.addWidget(self._avatar)
        who.addLayout(words, 1)
        who.addWidget(self._presence)
        bar = QWidget()
        name_widget(bar, phrase("conversation.toolbar"), "conversation.toolbar")
        tools = QHBoxLayout(bar)
        tools.setContentsMargins(SPACE_S, 0, SPACE_S, 4)
        tools.setSpacing(4)
        for widget in (self._screen, self._control, _divider(), self._ticket, _divider(), self._end):
            tools.addWidget(widget)
        tools.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(who)
        column.addWidget(bar)


def _divider() -> Rule:
    rule = Rule("vertical")
    rule.setFixedHeight(theme().px(28))
    return rule


def _show_tool(button: TileButton, tool: Tool, tip: Phrase) -> None:
    button.setEnabled(tool.usable)
    button.explain(tool.why_not or tip)


def _subtitle(view: ConversationView) -> str:
    if not view.opened_ms:
        return view.subject
    started = clock_at(view.opened_ms)
    return text("conversation.header", subject=view.subject, group=view.group, time=started)
