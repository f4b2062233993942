"""The account window and the second step of the sign-in page, over a fake relay."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from agent_app.account.presenter import AccountPresenter
from agent_app.account.window import AccountWindow
from agent_app.parts.code_field import CodeField
from agent_app.parts.codes_form import CodesForm
from agent_app.parts.qr_picture import QrPicture
from shared.protocol.frames import Refused
from shared.protocol.messages import account as a
from shared.protocol.messages.conversations import Done
from shared.protocol.messages.identity import TotpOffer
from shared.strings import set_language, text
from tests.agent_fakes import NOW, World

HERE = a.SignedInDevice(device_id="d1", name="desk", way="password", first_ms=NOW, last_ms=NOW, this=True)
THERE = a.SignedInDevice(device_id="d2", name="laptop", way="single_sign_on", first_ms=NOW, last_ms=NOW)
OFFER = TotpOffer(secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", uri="otpauth://totp/Acme:ana?secret=JBSWY3DPEHPK3PXP")
CODES = tuple(f"aaaa-bbbb-cccc-dd{n:02}" for n in range(10))


class Desk:
    """The window over a world."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.world = World()
        self.world.sign_in()
        self.world.relay.answers[a.GetAccount] = a.Account(totp=False, devices=(HERE, THERE))
        self.presenter = AccountPresenter(self.world.desk, self.world.relay, self.world.works.spawn)
        self.presenter.show()
        self.host = QWidget()
        self.window = AccountWindow(self.host, self.presenter, self.world.desk.now_ms)
        qtbot.addWidget(self.host)
        self.window.show()
        self.settle()

    def settle(self) -> None:
        self.world.works.run()

    def find(self, name: str) -> QWidget:
        found = self.window.findChild(QWidget, name)
        assert found is not None, name
        return found

    def press(self, name: str) -> None:
        self.qtbot.mouseClick(self.find(name), Qt.MouseButton.LeftButton)
        self.settle()

    def enter(self, name: str, words: str) -> None:
        self.qtbot.keyClicks(self.find(name), words)

    def asked(self, kind: type[object]) -> list[object]:
        return [each for each in self.world.relay.asked if isinstance(each, kind)]


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    made = Desk(qtbot)
    yield made
    made.window.close()
    made.presenter.hide()


def test_setting_up_shows_the_secret_then_the_codes_once(desk: Desk) -> None:
    relay = desk.world.relay
    relay.answers[a.BeginTotp] = OFFER
    relay.answers[a.ConfirmTotp] = a.RecoveryCodes(codes=CODES)
    desk.press("account.set_up")
    desk.enter("account-ask.password", "my password")
    desk.press("account-ask.do")
    assert desk.asked(a.BeginTotp) == [a.BeginTotp(password="my password")]
    picture = desk.window.findChild(QrPicture)
    assert picture is not None
    assert len(picture.rows) >= 21
    desk.press("enrol.copy")
    assert QGuiApplication.clipboard().text() == OFFER.secret
    desk.enter("enrol.code", "123456")
    desk.settle()
    assert desk.asked(a.ConfirmTotp) == [a.ConfirmTotp(code="123456")]
    assert not desk.find("codes.done").isEnabled()
    desk.press("codes.copy")
    assert QGuiApplication.clipboard().text() == "\n".join(CODES)
    sure = desk.find("codes.sure")
    assert isinstance(sure, QAbstractButton)
    sure.setChecked(True)
    desk.press("codes.done")
    assert desk.presenter.view.value.codes == ()


def test_a_wrong_password_says_so_in_the_dialog_that_stays(desk: Desk) -> None:
    desk.world.relay.answers[a.BeginTotp] = Refused(code="password_wrong")
    desk.press("account.set_up")
    desk.enter("account-ask.password", "nope")
    desk.press("account-ask.do")
    assert desk.find("account-ask.problem").accessibleName() == text("error.password_wrong")
    desk.press("account-ask.cancel")


def test_changing_the_password_wants_it_twice_and_says_why_not(desk: Desk) -> None:
    answers = desk.world.relay.answers
    answers[a.ChangePassword] = Refused(code="password_weak", params={"why": "short", "least": "10"})
    desk.press("account.password")
    desk.enter("account-password.present", "old")
    desk.enter("account-password.new", "new")
    desk.enter("account-password.again", "other")
    desk.press("account-password.do")
    assert desk.asked(a.ChangePassword) == []
    again = desk.find("account-password.again")
    assert isinstance(again, QLineEdit)
    again.setText("new")
    desk.press("account-password.do")
    assert desk.find("account-password.problem").accessibleName() == text("account.weak_short", least="10")
    answers[a.ChangePassword] = Done()
    desk.press("account-password.do")
    assert desk.find("account.news").accessibleName() == text("account.password_changed")


def test_devices_are_live_and_end_one_by_one_or_all(desk: Desk) -> None:
    relay = desk.world.relay
    relay.answers[a.EndDevice] = Done()
    relay.answers[a.EndOtherDevices] = Done()
    assert desk.window.findChild(QWidget, "device.d1.end") is None, "not the place one sits at"
    desk.press("device.d2.end")
    assert desk.asked(a.EndDevice) == [a.EndDevice(device_id="d2")]
    desk.press("account.end-others")
    assert desk.asked(a.EndOtherDevices) == [a.EndOtherDevices()]
    relay.answers[a.GetAccount] = a.Account(totp=True, totp_required=True, recovery_left=3, devices=(HERE,))
    desk.world.desk.on_push(a.AccountChanged())
    desk.settle()
    shown = [name for name in ("set_up", "replace", "renew", "turn_off") if desk.find(f"account.{name}").isVisible()]
    assert shown == ["replace", "renew"], "what is required cannot be turned off"
    assert not desk.find("account.end-others").isVisible()


def test_everything_has_words_in_both_languages(desk: Desk) -> None:
    for language in ("en", "zh_CN"):
        set_language(language)
        assert desk.window.windowTitle() == text("account.window")
        assert desk.find("account.password").accessibleName() or desk.find("account.password").property("text")


def test_six_boxes_take_typing_and_pasting(qtbot: QtBot) -> None:
    field = CodeField()
    qtbot.addWidget(field)
    field.show()
    filled: list[str] = []
    field.filled.connect(filled.append)
    qtbot.keyClicks(field, "12a3 45")
    assert (field.value(), filled) == ("12345", [])
    qtbot.keyClicks(field, "6")
    assert filled == ["123456"]
    field.set_value("")
    QGuiApplication.clipboard().setText(" 654 321\n")
    qtbot.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert filled == ["123456", "654321"]


def test_codes_are_saved_for_their_owner_only(qtbot: QtBot, tmp_path: Path) -> None:
    form = CodesForm()
    qtbot.addWidget(form)
    form.show_codes(CODES)
    path = tmp_path / "codes.txt"
    form.save_to(str(path))
    assert path.stat().st_mode & 0o777 == 0o600
    assert [line for line in path.read_text("utf-8").splitlines() if line in CODES] == list(CODES)
    form.save_to(str(tmp_path / "nowhere" / "codes.txt"))
    said = form.findChild(QWidget, "codes.said")
    assert said is not None
    assert said.accessibleName() == text("account.codes_not_saved")
