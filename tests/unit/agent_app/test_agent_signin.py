"""Sign-in: one try at a time, refusals say why, keyring or none."""

import pytest

from agent_app.desk.relay import Failed
from agent_app.signin.presenter import SignInPresenter
from shared.net.link import LinkState
from shared.protocol.frames import Refused
from shared.strings import Phrase, phrase
from tests.agent_fakes import NOW


class Door:
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.opened: list[tuple[str, str, str, bool]] = []
        self.shuts = 0
        self.problem: Phrase | None = None

    def open(self, server: str, username: str, password: str, keep: bool) -> Phrase | None:
        self.opened.append((server, username, password, keep))
        return self.problem

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
