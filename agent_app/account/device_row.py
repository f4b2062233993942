"""One place where the agent is signed in."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from agent_app.desk.moments import moment
from shared.protocol.messages.account import SignedInDevice
from shared.strings import Phrase, phrase
from shared.ui.theme import SPACE_M, SPACE_S
from shared.ui.widgets import Button, Chip, ElidedLabel, IconMark, Label


class DeviceRow(QWidget):
    """`ended(id)` when the person wants it signed out; not for the place they sit at."""

    ended = Signal(str)

    def __init__(self, device: SignedInDevice, now_ms: int) -> None:
        super().__init__()
        self.setObjectName(f"device.{device.device_id}")
        name = device.name or phrase("account.device_unknown")
        head = QHBoxLayout()
        head.setSpacing(SPACE_S)
        head.addWidget(ElidedLabel(name, "body", weight=500), 0)
        if device.this:
            head.addWidget(Chip(phrase("account.device_this"), "ok", icon="check"))
        head.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addLayout(head)
        words.addWidget(Label(_line(device, now_ms), "small", tone="muted", wrap=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
        row.setSpacing(SPACE_M)
        row.addWidget(IconMark("monitor", 20, "muted"), 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(words, 1)
        if not device.this:
            end = Button(
                phrase("account.device_end"), "danger-ghost", "small", object_name=f"device.{device.device_id}.end"
            )
            end.setAccessibleName(phrase("account.device_end_of", name=device.name)())
            end.clicked.connect(lambda: self.ended.emit(device.device_id))
            row.addWidget(end, 0, Qt.AlignmentFlag.AlignVCenter)


def _line(device: SignedInDevice, now_ms: int) -> Phrase:
    return phrase(
        "account.device_line",
        way=phrase(f"account.way_{device.way}")(),
        address=device.address or phrase("account.address_unknown")(),
        first=moment(device.first_ms, now_ms),
        last=moment(device.last_ms, now_ms),
    )
