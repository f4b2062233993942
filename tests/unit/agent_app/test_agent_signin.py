"""Sign-in: one try at a time, refusals say why, keyring or none."""

import msgspec
import pytest

from agent_app.desk.relay import Failed
from agent_app.signin.presenter import SignInPresenter
from shared.net.link import LinkState
from shared.protocol.frames import Refused
from shared.protocol.messages.identity import TotpOffer
from shared.strings import Phrase, phrase
from tests.agent_fakes import NOW


class Door:
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.opened: list[tuple[str, str, str, bool]] = []
        self.shuts = 0
        self.codes: list[str] = []
        self.greeted: list[str] = []
        self.enrolled: list[tuple[str, str, str]] = []
        self.browsed: list[tuple[str, bool]] = []
        self.problem: Phrase | None = None

    def open(self, server: str, username: str, password: str, keep: bool, code: str = "") -> Phrase | None:
        self.opened.append((server, username, password, keep))
        self.codes.append(code)
        return self.problem

    def greet(self, server: str) -> None:
        self.greeted.append(server)

    def enrol(self, server: str, username: str, password: str) -> None:
        self.enrolled.append((server, username, password))

    def browse(self, server: str, keep: bool) -> None:
        self.browsed.append((server, keep))

    def shut(self) -> None:
        self.shuts += 1


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def page(door: Door) -> SignInPresenter:
    return SignInPresenter(door, lambda: NOW, server="wss://a/ws", username="ana")


@pytest.mark.parametrize(
    ("server", "name", "password", "missing"),
    [
        ("", "ana", "x", "signin.need_server"),
        ("wss://a/ws", " ", "x", "signin.need_name"),
        ("wss://a/ws", "ana", "", "signin.need_password"),
        ("wss://a/ws", "ana", "x" * 257, "signin.need_password"),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_sent(
    door: Door, page: SignInPresenter, server: str, name: str, password: str, missing: str
) -> None:
    page.sign_in(server, name, password, True)
    assert page.view.value.problem == phrase(missing)
    assert door.opened == []


def test_without_a_working_keyring_nothing_is_kept(door: Door, page: SignInPresenter) -> None:
    page.on_keyring(False)
    page.sign_in("wss://a/ws", "ana", "pw", True)
    assert door.opened == [("wss://a/ws", "ana", "pw", False)]
    assert page.view.value.busy


def test_a_second_press_while_busy_does_nothing(door: Door, page: SignInPresenter) -> None:
    page.on_keyring(True)
    page.sign_in("wss://a/ws", "ana", "pw", True)
    page.sign_in("wss://a/ws", "ana", "pw", True)
    assert len(door.opened) == 1


def test_a_wrong_password_stops_the_link_and_says_so(door: Door, page: SignInPresenter) -> None:
    page.sign_in("wss://a/ws", "ana", "pw", True)
    page.on_link(LinkState("refused", refusal=Refused(code="sign_in_failed")))
    assert page.view.value.problem == Failed("sign_in_failed")
    assert not page.view.value.busy
    assert door.shuts == 1


def test_a_delay_is_counted_down_from_what_the_relay_says(door: Door, page: SignInPresenter) -> None:
    page.sign_in("wss://a/ws", "ana", "pw", True)
    page.on_link(LinkState("waiting", refusal=Refused(code="sign_in_delayed", params={"retry_s": "8"})))
    assert page.view.value.retry_at_ms == NOW + 8000
    assert door.shuts == 1, "the link must not try again with the same password by itself"


def test_an_unreachable_server_is_tried_on_until_told_to_stop(door: Door, page: SignInPresenter) -> None:
    page.sign_in("wss://a/ws", "ana", "pw", True)
    page.on_link(LinkState("waiting", 2, NOW + 4000))
    assert page.view.value.busy
    assert page.view.value.problem == phrase("signin.unreachable")
    page.cancel()
    assert not page.view.value.busy
    assert door.shuts == 1


def test_too_old_says_so(page: SignInPresenter) -> None:
    page.sign_in("wss://a/ws", "ana", "pw", True)
    page.on_link(LinkState("refused", refusal=Refused(code="protocol_too_old")))
    assert page.view.value.problem == Failed("protocol_too_old")


def test_a_kept_sign_in_that_was_revoked_asks_for_the_password(page: SignInPresenter) -> None:
    page.restore()
    page.on_link(LinkState("refused", refusal=Refused(code="token_revoked")))
    assert page.view.value.problem == phrase("signin.restore_ended")


def test_an_address_that_is_none_is_said_at_once(door: Door, page: SignInPresenter) -> None:
    door.problem = phrase("signin.bad_server")
    page.sign_in("http://a", "ana", "pw", False)
    assert page.view.value.problem == phrase("signin.bad_server")
    assert not page.view.value.busy


def refused(code: str) -> LinkState:
    return LinkState("refused", refusal=msgspec.convert({"f": "refused", "code": code}, Refused))


OFFER = TotpOffer(secret="S" * 32, uri="otpauth://totp/x")


def test_a_second_step_asks_for_the_code_and_sends_the_password_again(door: Door, page: SignInPresenter) -> None:
    page.sign_in("wss://a/ws", "ana", "pw", True)
    page.on_link(refused("code_needed"))
    view = page.view.value
    assert (view.step, view.busy, view.problem) == ("code", False, None)
    page.give_code("123456")
    page.on_link(refused("code_wrong"))
    assert (page.view.value.step, page.view.value.problem) == ("code", Failed("code_wrong"))
    page.choose_recovery(True)
    page.give_code(" aaaa-bbbb ")
    assert door.codes == ["", "123456", "aaaa-bbbb"]
    assert {each[2] for each in door.opened} == {"pw"}
    page.signed_in()
    assert page.view.value.step == "password"
    page.give_code("123456")
    assert len(door.opened) == 3, "the password is forgotten, so nothing is sent any more"


def test_going_back_from_the_code_forgets_the_password(door: Door, page: SignInPresenter) -> None:
    page.sign_in("wss://a/ws", "ana", "pw", True)
    page.on_link(refused("code_needed"))
    page.cancel()
    assert page.view.value.step == "password"
    page.give_code("123456")
    assert door.codes == [""]


def test_a_required_second_step_is_set_up_on_the_way_in(door: Door, page: SignInPresenter) -> None:
    page.sign_in("wss://a/ws", "ana", "pw", True)
    page.on_link(refused("enrolment_needed"))
    assert door.enrolled == [("wss://a/ws", "ana", "pw")]
    assert page.view.value.busy
    page.on_offer(OFFER)
    assert (page.view.value.step, page.view.value.offer, page.view.value.busy) == ("enrol", OFFER, False)
    page.give_code("000000")
    page.on_link(refused("code_wrong"))
    assert (page.view.value.step, page.view.value.offer) == ("enrol", OFFER)
    page.give_code("123456")
    kept: list[None] = []
    page.codes_kept.watch(kept.append)
    page.on_codes(("a-b", "c-d"))
    page.signed_in()
    assert (page.view.value.step, page.view.value.codes, page.view.value.offer) == ("codes", ("a-b", "c-d"), None)
    page.keep_codes()
    assert page.view.value.codes == ()
    assert len(kept) == 1


def test_a_failed_enrolment_goes_back_to_the_password(page: SignInPresenter) -> None:
    page.sign_in("wss://a/ws", "ana", "pw", True)
    page.on_link(refused("enrolment_needed"))
    page.on_failed(Failed("sign_in_delayed", {"retry_s": "4"}))
    view = page.view.value
    assert (view.step, view.busy, view.retry_at_ms) == ("password", False, NOW + 4000)


def test_the_browser_is_offered_only_by_the_server_that_said_so(door: Door, page: SignInPresenter) -> None:
    page.on_keyring(True)
    page.look_at("wss://a/ws ")
    page.look_at("wss://a/ws")
    assert door.greeted == ["wss://a/ws"]
    page.on_greeted("wss://b/ws", "Other")
    assert page.view.value.single_sign_on == ""
    page.browse("wss://a/ws", True)
    assert door.browsed == []
    page.on_greeted("wss://a/ws", "Acme")
    page.browse("wss://b/ws", True)
    assert door.browsed == []
    page.browse("wss://a/ws", True)
    assert door.browsed == [("wss://a/ws", True)]
    page.on_failed(Failed("single_sign_on_stranger"))
    assert (page.view.value.step, page.view.value.problem) == ("password", Failed("single_sign_on_stranger"))
    page.look_at("wss://b/ws")
    assert page.view.value.single_sign_on == ""
