"""Setting up an authenticator: the QR code, the same secret in letters, and a code to prove that it works."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from agent_app.parts.code_field import CodeField
from agent_app.parts.qr_picture import QrPicture
from shared.protocol.messages.identity import TotpOffer
from shared.strings import phrase
from shared.ui.theme import SPACE_L, SPACE_S, theme
from shared.ui.widgets import IconButton, Label


class EnrolForm(QWidget):
    """`confirmed(code)` with the sixth digit; `copied(secret)` when the person wants the letters."""

    confirmed = Signal(str)
    copied = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._secret = ""
        self._picture = QrPicture(phrase("account.qr"))
        self._letters = Label("", "body", weight=600, wrap=True, selectable=True)
        self._letters.setObjectName("enrol.secret")
        self.code = CodeField(object_name="enrol.code")
        copy = IconButton("copy", phrase("account.copy_secret"), object_name="enrol.copy")
        copy.clicked.connect(lambda: self.copied.emit(self._secret))
        self.code.filled.connect(self.confirmed)
        secret = QHBoxLayout()
        secret.setSpacing(SPACE_S)
        secret.addWidget(self._letters, 1)
        secret.addWidget(copy, 0, Qt.AlignmentFlag.AlignTop)
        side = QVBoxLayout()
        side.setSpacing(SPACE_S)
        side.addWidget(Label(phrase("account.enrol_scan"), "small", wrap=True))
        side.addWidget(Label(phrase("account.enrol_secret"), "small", tone="muted", wrap=True))
        side.addLayout(secret)
        side.addStretch(1)
        upper = QHBoxLayout()
        upper.setSpacing(SPACE_L)
        upper.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        upper.addLayout(side, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_S)
        column.addLayout(upper)
        column.addSpacing(SPACE_S)
        column.addWidget(Label(phrase("account.enrol_code"), "body", weight=500, wrap=True))
        column.addWidget(self.code)
        self.setMinimumWidth(theme().px(320))

    def show_offer(self, offer: TotpOffer | None) -> None:
        """Show a secret, or none."""
        secret = offer.secret if offer else ""
        if secret == self._secret:
            return
        self._secret = secret
        self._picture.set_content(offer.uri if offer else "")
        self._letters.set_words(" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)))
        self.code.set_value("")
