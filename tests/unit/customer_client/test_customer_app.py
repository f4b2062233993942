"""What holds the rooms: configuration, key, preferences, routes, article, settings, walls."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from customer_client.app.config import parse
from customer_client.app.keys import device_key
from customer_client.desk import routes as r
from customer_client.platform.preferences import PreferenceFile, Preferences
from customer_client.platform.system import summary
from shared.common.errors import ConfigError
from shared.net.secrets import MemorySecrets
from shared.protocol.frames import Refused
from shared.protocol.messages.identity import UpdateProfile
from shared.protocol.messages.knowledge import Article, OpenArticle
from tests.customer_fakes import Stage


def test_arguments_win_over_the_profile(tmp_path: Path) -> None:
    profile = tmp_path / "profile.json"
    profile.write_text(json.dumps({"server": "wss://help.example/ws", "ca": "ca.pem"}))
    config = parse(["--profile", str(profile)], {})
    assert (config.server, config.ca_file) == ("wss://help.example/ws", tmp_path / "ca.pem")
    config = parse(["--profile", str(profile), "--server", "wss://other/ws", "--lang", "zh_CN"], {})
    assert (config.server, config.language) == ("wss://other/ws", "zh_CN")


def test_a_profile_may_name_several_addresses_and_the_first_is_home(tmp_path: Path) -> None:
    profile = tmp_path / "profile.json"
    profile.write_text(json.dumps({"server": "wss://a.example/ws", "servers": ["wss://b.example/ws"]}))
    config = parse(["--profile", str(profile)], {})
    assert config.server == "wss://a.example/ws"
    assert config.addresses == "wss://a.example/ws wss://b.example/ws"


@pytest.mark.parametrize("arguments", [[], ["--server", "http://x/ws"], ["--profile", "/nowhere.json"]])
def test_a_start_that_knows_no_safe_server_is_refused(arguments: list[str]) -> None:
    with pytest.raises(ConfigError):
        parse(arguments, {})


def test_the_key_is_made_once_and_a_broken_one_replaced() -> None:
    store = MemorySecrets()
    key = device_key(store)
    assert (len(key.private), key.kept) == (32, False)
    assert device_key(store).private == key.private
    store.set("device-key", "not base64!")
    assert device_key(store).private != key.private


def test_preferences_survive_and_a_broken_file_is_as_good_as_none(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "settings.json"
    PreferenceFile(path).change(Preferences(language="zh_CN", name="Maya"))
    assert PreferenceFile(path).value == Preferences(language="zh_CN", name="Maya")
    assert path.stat().st_mode & 0o077 == 0
    path.write_text("{")
    assert PreferenceFile(path).value == Preferences()


def test_the_system_summary_names_no_person_and_no_host() -> None:
    import socket

    facts = summary(["1920 x 1080"], "en", "0.1.0")
    assert facts["screens"] == "1 (1920 x 1080)"
    assert all(facts.values())
    assert socket.gethostname() not in " ".join(facts.values())


def test_routes_go_back_to_what_is_below() -> None:
    routes = r.Routes()
    routes.back()
    assert routes.top == r.Home()
    for route in (r.Requests(), r.OneRequest("a"), r.Talk("a"), r.OneRequest("a")):
        routes.go(route)
    assert routes.stack.value == (r.Home(), r.Requests(), r.OneRequest("a"))
    routes.replace(r.Requests())
    assert routes.stack.value == (r.Home(), r.Requests())


def test_an_article_that_fails_can_be_fetched_again(stage: Stage) -> None:
    stage.connect()
    article = stage.rooms.article
    stage.relay.answers[OpenArticle] = Refused(code="not_found")
    article.open("a1")
    assert article.view.value.state == "failed"
    stage.relay.answers[OpenArticle] = Article(article_id="a1", title="Export", category="", body="# x", updated_ms=1)
    article.retry()
    assert article.view.value.state == "here"
    article.ask_person()
    assert stage.rooms.routes.top == r.Ask("Export")


def test_settings_are_kept_and_who_one_is_is_told(stage: Stage) -> None:
    stage.connect()
    settings = stage.rooms.settings
    settings.choose_language("zh_CN")
    settings.choose_text(125)
    settings.say_who(" Maya ", "not an address")
    assert settings.view.value.bad_email
    assert not stage.relay.history
    settings.say_who(" Maya ", "maya@example.com")
    assert stage.preferences.value == Preferences(
        language="zh_CN", text_percent=125, name="Maya", email="maya@example.com"
    )
    assert [body for _, body in stage.relay.history] == [UpdateProfile(name="Maya", email="maya@example.com")]


def test_presenters_reach_neither_qt_nor_the_media_stack() -> None:
    script = (
        "import sys, customer_client.app.rooms\n"
        "heavy = {'PySide6', 'aiortc', 'av', 'numpy', 'mss', 'pynput', 'Xlib', 'aiohttp', 'cryptography'}\n"
        "print(sorted(heavy & {name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.strip() == "[]"


def test_the_window_never_loads_the_media_stack() -> None:
    script = (
        "import sys, customer_client.app.program, customer_client.app.connection, customer_client.consent.sheet\n"
        "import customer_client.sharing.overlay, customer_client.chat.page, shared.session.spawn\n"
        "heavy = {'aiortc', 'av', 'numpy', 'mss', 'pynput', 'Xlib'}\n"
        "print(sorted(heavy & {name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.strip() == "[]"
