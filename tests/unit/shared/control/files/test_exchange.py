"""Files both ways: what arrives is exact, and nothing comes that was not said yes to."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import structs

from shared.common.errors import PeerBroken
from shared.common.ids import new_id
from shared.control.files import disk
from shared.control.files import wire as w
from shared.control.files.disk import PRIVATE
from shared.control.files.exchange import ASK_MS
from shared.control.files.view import TransferView
from tests.files_pair import End, Pair, until

DATA = bytes(range(256)) * 2000


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    async with asyncio.TaskGroup() as tasks:
        made = Pair(tasks, tmp_path)
        yield made
        made.close()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "report.bin"
    path.write_bytes(DATA)
    return path


async def asked(end: End) -> TransferView:
    await until(lambda: any(view.shown == "asks" for view in end.views.values()))
    return next(view for view in end.views.values() if view.shown == "asks")


async def over(end: End, transfer_id: str) -> TransferView:
    await until(lambda: end.views[transfer_id].shown in ("done", "failed"))
    return end.views[transfer_id]


def length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def content(path: str) -> bytes:
    return Path(path).read_bytes()


def refill(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    os.utime(path, ns=(1, 1))


async def test_a_file_lands_whole_and_private_after_a_yes(pair: Pair, source: Path) -> None:
    pair.agent.exchange.offer([source])
    offered = await asked(pair.customer)
    assert (offered.name, offered.size) == ("report.bin", len(DATA))
    assert not pair.customer.landing.exists()
    pair.customer.exchange.answer(offered.id, True)
    done = await over(pair.customer, offered.id)
    assert (await over(pair.agent, offered.id)).shown == "done"
    assert Path(done.path) == pair.customer.landing / "report.bin"
    assert content(done.path) == DATA
    assert os.stat(done.path).st_mode & 0o777 == 0o600
    assert done.digest == hashlib.sha256(DATA).hexdigest()
    assert pair.customer.counted == [(True, False)]
    assert not list((pair.customer.landing / PRIVATE).iterdir())


async def test_no_is_no_and_so_is_silence(pair: Pair, source: Path) -> None:
    pair.agent.exchange.offer([source, source])
    await until(lambda: len(pair.customer.views) == 2)
    first, second = pair.customer.views
    pair.customer.exchange.answer(first, False)
    assert (await over(pair.agent, first)).why == "refused"
    pair.customer.time_ms += ASK_MS
    pair.customer.exchange.standing()
    pair.customer.exchange.hold(second, True)  # wakes it; nothing was agreed, so there is nothing to hold
    assert (await over(pair.agent, second)).why == "no_answer"
    assert not pair.customer.landing.exists()


async def test_nothing_is_written_over(pair: Pair, source: Path) -> None:
    pair.customer.landing.mkdir(parents=True)
    (pair.customer.landing / "report.bin").write_bytes(b"mine")
    pair.agent.exchange.offer([source])
    offered = await asked(pair.customer)
    pair.customer.exchange.answer(offered.id, True)
    assert Path((await over(pair.customer, offered.id)).path).name == "report (2).bin"
    assert (pair.customer.landing / "report.bin").read_bytes() == b"mine"


async def test_without_a_grant_an_offer_is_turned_away_and_counted(pair: Pair, source: Path) -> None:
    pair.customer.receives = False
    pair.agent.exchange.offer([source])
    await until(lambda: any(view.why for view in pair.agent.views.values()))
    assert next(iter(pair.agent.views.values())).why == "not_allowed"
    assert pair.customer.counted == [(True, True)]
    assert pair.customer.views == {}


async def test_a_grant_that_ends_stops_it_at_once_and_a_new_one_goes_on(pair: Pair, source: Path) -> None:
    refill(source, DATA * 40)
    pair.agent.exchange.offer([source])
    offered = await asked(pair.customer)
    part = pair.customer.landing / PRIVATE / f"{offered.id}.part"
    pair.customer.exchange.answer(offered.id, True)
    await until(lambda: length(part))
    pair.customer.receives = False
    pair.customer.exchange.standing()
    await until(lambda: pair.agent.views[offered.id].shown == "stalled")
    await until(lambda: pair.customer.views[offered.id].shown == "stalled")
    assert length(part) < len(DATA) * 40
    pair.customer.receives = True
    pair.customer.exchange.standing()
    assert (await over(pair.agent, offered.id)).shown == "done"
    assert content(pair.customer.views[offered.id].path) == DATA * 40


async def test_the_customer_gives_what_was_asked_for_without_a_second_question(pair: Pair, source: Path) -> None:
    question = new_id()
    pair.agent.exchange.ask(question, "the log, please")
    await until(lambda: pair.customer.questions == {question: "the log, please"})
    pair.customer.exchange.offer([source], question)
    await until(lambda: any(view.shown == "done" for view in pair.agent.views.values()))
    assert (pair.agent.landing / "report.bin").read_bytes() == DATA


async def test_what_nobody_asked_for_waits_for_the_agent_too(pair: Pair, source: Path) -> None:
    pair.customer.exchange.offer([source])
    offered = await asked(pair.agent)
    pair.agent.exchange.cancel(offered.id)
    assert (await over(pair.customer, offered.id)).why == "cancelled"
    assert not (pair.agent.landing / "report.bin").exists()


async def test_no_file_for_a_question(pair: Pair) -> None:
    question = new_id()
    pair.customer.sends = False
    pair.customer.exchange.standing()
    pair.agent.questions[question] = "waits"
    pair.agent.exchange.ask(question, "give")
    await until(lambda: question not in pair.agent.questions)
    assert pair.customer.questions == {}
    assert pair.customer.counted == [(False, True)]


@pytest.mark.parametrize("where", ["folder", "gone", "denied"])
async def test_what_cannot_be_sent_says_why(pair: Pair, tmp_path: Path, where: str) -> None:
    path = tmp_path / where
    if where == "folder":
        path.mkdir()
    elif where == "denied":
        os.mkfifo(path)
    pair.agent.exchange.offer([path])
    await until(lambda: pair.agent.views)
    why = {"folder": "is_folder", "gone": "source_gone", "denied": "source_denied"}[where]
    assert next(iter(pair.agent.views.values())).why == why
    assert pair.customer.views == {}


async def test_a_source_that_changes_is_not_sent_as_something_else(pair: Pair, source: Path) -> None:
    pair.agent.exchange.offer([source])
    offered = await asked(pair.customer)
    refill(source, b"x" * len(DATA))
    pair.customer.exchange.answer(offered.id, True)
    assert (await over(pair.customer, offered.id)).why == "source_changed"
    assert not (pair.customer.landing / "report.bin").exists()


async def test_a_full_disk_is_said_at_both_ends(pair: Pair, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = disk.shutil.disk_usage(source.parent)._replace(free=10)
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: full)
    pair.agent.exchange.offer([source])
    offered = await asked(pair.customer)
    pair.customer.exchange.answer(offered.id, True)
    assert (await over(pair.agent, offered.id)).why == "disk_full"
    assert (await over(pair.customer, offered.id)).why == "disk_full"


async def agreed(pair: Pair, source: Path) -> str:
    pair.agent.sends = False  # the pieces below are made by hand
    offered = new_id()
    pair.customer.exchange.message(w.encode(w.Offer(offered, source.name, 100)))
    pair.customer.exchange.answer(offered, True)
    await until(lambda: pair.customer.views[offered].shown == "queued")
    await until(lambda: (pair.customer.landing / PRIVATE / f"{offered}.part").exists())
    await asyncio.sleep(0.05)
    return offered


@pytest.mark.parametrize(
    "messages",
    [
        [w.Begin("", 1, 50)],
        [w.Begin("", 2, 0)],
        [w.Begin("", 1, 0), w.Piece("", 1, 0, b"x" * 101)],
        [w.Begin("", 1, 0), w.Piece("", 1, 0, b"x" * 60), w.Piece("", 1, 0, b"x")],
        [w.Begin("", 1, 0), w.Complete("", 1, b"\0" * 32)],
    ],
)
async def test_bytes_that_nobody_asked_for_break_the_connection(
    pair: Pair, source: Path, messages: list[w.Begin | w.Piece | w.Complete]
) -> None:
    pair.agent.exchange.close()
    offered = await agreed(pair, source)
    *before, last = [w.encode(structs.replace(message, id=offered)) for message in messages]
    for data in before:
        pair.customer.exchange.message(data)
    with pytest.raises(PeerBroken):
        pair.customer.exchange.message(last)


async def test_bytes_without_an_offer_break_the_connection(pair: Pair) -> None:
    with pytest.raises(PeerBroken):
        pair.customer.exchange.message(w.encode(w.Piece(new_id(), 1, 0, b"x")))
    pair.customer.exchange.message(w.encode(w.Landed(new_id(), "x")))
    assert pair.customer.views == {}
    with pytest.raises(PeerBroken):
        pair.customer.exchange.message(b"\x93\xa5Offer\xa9../../etc\x01")


async def test_a_file_that_is_not_what_was_named_is_thrown_away(pair: Pair, source: Path) -> None:
    pair.agent.exchange.close()
    offered = await agreed(pair, source)
    for message in (
        w.Begin(offered, 1, 0),
        w.Piece(offered, 1, 0, b"x" * 100),
        w.Complete(offered, 1, b"\0" * 32),
    ):
        pair.customer.exchange.message(w.encode(message))
    assert (await over(pair.customer, offered)).why == "damaged"
    await until(lambda: not list((pair.customer.landing / PRIVATE).glob("*.part")))
    assert not (pair.customer.landing / source.name).exists()
