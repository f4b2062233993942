"""What is kept on the computer: choices in a file, the way back in only in the keyring."""

import asyncio
from pathlib import Path

from agent_app.app.config import parse
from agent_app.platform.choices import Choices, keep_choices, load_choices
from agent_app.platform.keeper import TokenKeeper
from shared.net.secrets import MemorySecrets


def test_choices_come_back_and_a_broken_file_is_as_good_as_none(tmp_path: Path) -> None:
    path = tmp_path / "sub" / "choices.json"
    assert load_choices(path) == Choices()
    chosen = Choices(server="wss://a/ws", username="ana", language="zh_CN", look="dark")
    keep_choices(path, chosen)
    assert load_choices(path) == chosen
    path.write_bytes(b'{"language": "tlh"}')
    assert load_choices(path) == Choices()


def test_choices_that_cannot_be_written_stop_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    keep_choices(tmp_path / "file" / "choices.json", Choices())


def test_arguments_come_before_choices_and_those_before_the_system() -> None:
    chosen = Choices(server="wss://kept/ws", username="kept", language="en")
    config = parse(["--server", "wss://given/ws", "--lang", "zh_CN"], chosen, {})
    assert (config.server, config.username, config.language) == ("wss://given/ws", "kept", "zh_CN")
    assert parse([], Choices(), {"LANG": "zh_CN.UTF-8"}).language == "zh_CN"


async def test_the_newest_token_is_the_one_that_stays_and_signing_out_forgets_it() -> None:
    store = MemorySecrets()
    keeper = TokenKeeper(store)
    task = asyncio.create_task(keeper.run())
    keeper.keep("wss://a/ws", "ana", "first")
    keeper.keep("wss://a/ws", "ana", "second")
    keeper.keep("wss://a/ws", "bo", "other")
    await keeper.settle()
    assert await keeper.load("wss://a/ws", "ana") == "second"
    keeper.keep("wss://a/ws", "ana", None)
    await keeper.settle()
    assert await keeper.load("wss://a/ws", "ana") is None
    assert await keeper.load("wss://a/ws", "bo") == "other"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
