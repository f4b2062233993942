"""A remote session on record, from the question to the receipt."""

import base64
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relay_server.engine.raw import rows_of
from relay_server.identity.actors import AgentActor, CustomerActor
from relay_server.tickets import store as tickets
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.messages import remote as x
from shared.protocol.messages import tickets as t
from shared.protocol.types import Capability, Grant
from shared.rules import receipt as receipts
from tests.relay_house import START_MS, House, ok, open_house

KEY = bytes(range(32))
DEVICE = base64.b64encode(Ed25519PrivateKey.from_private_bytes(KEY).public_key().public_bytes_raw()).decode()
NOT_FOUND = Refused(code="not_found")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[House]:
    async with open_house(tmp_path / "relay.db") as opened:
        yield opened


async def ask(house: House, agent: AgentActor, request_id: str = "R1", *capabilities: Capability) -> x.CapabilityAsked:
    command = x.AskCapabilities(
        conversation_id="C1", request_id=request_id, capabilities=capabilities or ("view",), reason="to look"
    )
    ok(await house.remote.ask_capabilities(agent, command))
    asked = [event for _, event in await house.events("c/C1/public") if isinstance(event, x.CapabilityAsked)]
    return asked[-1]


async def grant(
    house: House, customer: CustomerActor, asked: x.CapabilityAsked, *capabilities: Capability, until_s: int = 600
) -> None:
    until_ms = house.clock.at_ms + until_s * 1000
    grants = tuple(Grant(capability=each, agent_id=asked.agent.id, until_ms=until_ms) for each in capabilities)
    answer = x.AnswerConsent(conversation_id="C1", request_id=asked.request_id, grants=grants)
    ok(await house.remote.answer_consent(customer, answer))


async def kinds(house: House) -> list[str]:
    return [record.kind for record, _ in await house.events("c/C1/public")][3:]


async def test_asked_granted_live_ended(house: House) -> None:
    li = await house.customer()
    lin = await house.served(li, "C1")
    asked = await ask(house, lin)
    assert asked.ticket_number.startswith("YL-")
    assert asked.expires_ms == START_MS + 60_000
    await ask(house, lin)
    await grant(house, li, asked, "view")
    await grant(house, li, asked, "view")
    end = x.EndRemote(session_id=asked.session_id, reason="customer_stop_key")
    for _ in range(2):
        ok(await house.remote.end_remote(li, end))
    assert await kinds(house) == ["capability_asked", "consent_answered", "remote_started", "remote_ended"]


async def test_no_ends_what_never_began_and_another_question_begins_anew(house: House) -> None:
    li = await house.customer()
    lin = await house.served(li, "C1")
    first = await ask(house, lin)
    await grant(house, li, first)
    second = await ask(house, lin, "R2")
    assert second.session_id != first.session_id
    assert await kinds(house) == ["capability_asked", "consent_answered", "remote_ended", "capability_asked"]


async def test_only_the_owner_asks_and_only_the_customer_answers(house: House) -> None:
    li, eve = await house.customer("Li"), await house.customer("Eve")
    lin = await house.served(li, "C1")
    chen = await house.on_duty("chen", "busy")
    command = x.AskCapabilities(conversation_id="C1", request_id="R9", capabilities=("view",), reason="r")
    assert await house.remote.ask_capabilities(chen, command) == Refused(code="not_allowed")
    assert await house.remote.ask_capabilities(house.agents["wu"], command) == NOT_FOUND
    asked = await ask(house, lin)
    answer = x.AnswerConsent(conversation_id="C1", request_id=asked.request_id)
    assert await house.remote.answer_consent(eve, answer) == NOT_FOUND
    end = x.EndRemote(session_id=asked.session_id, reason="agent_ended")
    assert await house.remote.end_remote(eve, end) == NOT_FOUND
    assert await house.remote.end_remote(chen, end) == Refused(code="not_allowed")


async def test_an_answer_after_the_time_and_to_a_withdrawn_question_is_refused(house: House) -> None:
    li = await house.customer()
    lin = await house.served(li, "C1")
    asked = await ask(house, lin)
    house.clock.at_ms += 70_000
    answer = x.AnswerConsent(conversation_id="C1", request_id=asked.request_id)
    assert await house.remote.answer_consent(li, answer) == Refused(code="consent_expired")
    second = await ask(house, lin, "R2")
    ok(await house.remote.withdraw_ask(lin, x.WithdrawAsk(conversation_id="C1", request_id="R2")))
    late = x.AnswerConsent(conversation_id="C1", request_id=second.request_id)
    refused = await house.remote.answer_consent(li, late)
    assert isinstance(refused, Refused)
    assert refused.code == "wrong_state"


async def test_signals_pass_only_while_the_agent_may_see(house: House) -> None:
    li = await house.customer()
    lin = await house.served(li, "C1")
    asked = await ask(house, lin)
    offer = x.SendSignal(session_id=asked.session_id, to=li.id, signal=x.Signal(kind="offer", sdp="v=0"))
    assert isinstance(await house.remote.send_signal(lin, offer), Refused)
    await grant(house, li, asked, "view", until_s=100)
    ok(await house.remote.send_signal(lin, offer))
    (arrived,) = house.told(li.id, x.SignalArrived)
    assert (arrived.sender, arrived.signal.sdp) == (lin.person, "v=0")
    eve = await house.customer("Eve")
    assert await house.remote.send_signal(eve, offer) == NOT_FOUND
    house.clock.at_ms += 100_000
    assert await house.remote.send_signal(lin, offer) == Refused(code="not_allowed")


async def test_the_last_grant_takes_the_session_with_it(house: House) -> None:
    li = await house.customer()
    lin = await house.served(li, "C1")
    asked = await ask(house, lin, "R1", "view", "control")
    await grant(house, li, asked, "view", "control")
    for capability in ("control", "control", "view"):
        over = x.ReportGrantEnded(
            conversation_id="C1", session_id=asked.session_id, agent_id=lin.id, capability=capability, why="revoked"
        )
        ok(await house.remote.report_grant_ended(li, over))
    assert (await kinds(house))[3:] == ["grant_ended", "grant_ended", "remote_ended"]


async def test_what_runs_out_unreported_ends_on_record_too(house: House) -> None:
    li = await house.customer()
    lin = await house.served(li, "C1")
    await grant(house, li, await ask(house, lin), "view", until_s=60)
    await house.remote.end_run_out()
    assert (await kinds(house))[-1] == "remote_started"
    house.clock.at_ms += 60_000
    await house.remote.end_run_out()
    assert (await kinds(house))[-1] == "remote_ended"


@pytest.mark.parametrize("how", ["ended", "lost"])
async def test_no_session_outlives_its_conversation_or_a_lost_owner(house: House, how: str) -> None:
    li = await house.customer()
    lin = await house.served(li, "C1")
    await grant(house, li, await ask(house, lin), "view")
    if how == "ended":
        ok(await house.conversations.end_conversation(lin, c.EndConversation(conversation_id="C1")))
    else:
        await house.routing.agent_disconnected(lin.profile)
        await house.pass_time(60)
    await house.fold()
    (ended,) = [event for _, event in await house.events("c/C1/public") if isinstance(event, x.RemoteEnded)]
    assert ended.reason == ("conversation_ended" if how == "ended" else "connection_lost")


async def test_a_receipt_is_kept_once_when_it_is_whole_and_of_the_customers_own_key(house: House) -> None:
    li, eve = await house.customer("Li", DEVICE), await house.customer("Eve")
    lin = await house.served(li, "C1")
    asked = await ask(house, lin)
    await grant(house, li, asked, "view")
    lines = [x.ReceiptEntry(at_ms=1, what="granted", agent=lin.person, capability="view")]

    def signed(key: bytes) -> x.Receipt:
        return receipts.sign(key, session_id=asked.session_id, conversation_id="C1", ticket_number="T", entries=lines)

    good, foreign = signed(KEY), signed(bytes(32))
    broken = x.Receipt(
        session_id=good.session_id,
        conversation_id="C1",
        ticket_number="other",
        device_key=good.device_key,
        entries=good.entries,
        signature=good.signature,
    )
    for bad in (broken, foreign):
        assert await house.remote.store_receipt(li, x.StoreReceipt(receipt=bad)) == Refused(code="receipt_invalid")
    assert await house.remote.store_receipt(eve, x.StoreReceipt(receipt=good)) == NOT_FOUND
    for _ in range(2):
        ok(await house.remote.store_receipt(li, x.StoreReceipt(receipt=good)))
    for reader in (li, lin):
        kept = ok(await house.remote.get_receipts(reader, x.GetReceipts(conversation_id="C1")))
        assert kept.receipts == (good,)
    assert await house.remote.get_receipts(eve, x.GetReceipts(conversation_id="C1")) == NOT_FOUND
    stored = [event for _, event in await house.events("c/C1/public") if isinstance(event, x.ReceiptStored)]
    assert stored == [x.ReceiptStored(session_id=asked.session_id, digest=receipts.digest(good), lines=1)]


async def test_files_on_a_receipt_are_steps_of_the_ticket(house: House) -> None:
    li = await house.customer("Li", DEVICE)
    lin = await house.served(li, "C1")
    asked = await ask(house, lin)
    await grant(house, li, asked, "view")
    facts = {"name": "fix.zip", "size": "2048", "sha256": "ab" * 32}
    lines = [
        x.ReceiptEntry(at_ms=1, what="file", agent=lin.person, capability="files.send", params=facts),
        x.ReceiptEntry(at_ms=2, what="file", agent=lin.person, capability="files.receive", params=facts),
    ]
    receipt = receipts.sign(KEY, session_id=asked.session_id, conversation_id="C1", ticket_number="T", entries=lines)
    ok(await house.remote.store_receipt(li, x.StoreReceipt(receipt=receipt)))
    await house.fold()
    ticket = await house.journal.read(lambda sql: tickets.of_conversation(rows_of(sql), "C1"))
    assert ticket is not None
    told = await house.events(t.ticket_stream(ticket.ticket_id))
    steps = [event for _, event in told if isinstance(event, t.SessionStep)]
    moved = [step for step in steps if step.what == "file_moved"]
    assert [step.params["way"] for step in moved] == ["to_customer", "from_customer"]
    assert all(step.by == lin.person and step.params["sha256"] == "ab" * 32 for step in moved)
