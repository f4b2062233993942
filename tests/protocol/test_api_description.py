"""What the description says is what the relay does: a fuzzer reads it and asks whatever it allows and forbids."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from tests import api_client
from tests.api_client import ALL, Program
from tests.protocol.talk import on_duty, say, served
from tests.protocol.wire import House, Relay, in_process

EXAMPLES = 8
"""Of each operation in each manner."""
NOTE = "zq-only-for-agents"
LOOSE = {"api_rate": "100000", "api_burst": "1000000", "limits": "http=100000/1000000"}
DESCRIPTION: dict[str, Any] = json.loads(Path("docs/openapi.json").read_text("utf-8"))
READS = [path for path, methods in DESCRIPTION["paths"].items() if "get" in methods]


@pytest.fixture
async def open_relay(data_dir: Path) -> AsyncIterator[Relay]:
    async with in_process(data_dir, LOOSE) as relay:
        yield relay


@pytest.fixture
async def program(open_relay: Relay, capsys: pytest.CaptureFixture[str]) -> AsyncIterator[Program]:
    secret = await asyncio.to_thread(api_client.make_key, open_relay, capsys)
    async with aiohttp.ClientSession() as session:
        yield Program(open_relay, session, secret)


async def test_the_relay_serves_the_description_that_is_in_the_documents(program: Program) -> None:
    program.secret = ""
    assert await program.get("/openapi.json") == DESCRIPTION


def checked() -> list[Any]:
    """Everything the fuzzer can judge of one answer. Refusals by rules of the house (a form that is not filled in, a
    state that was not read) are no faults of data that fits, so what must be accepted is not judged."""
    load_all_checks()
    skipped = {"positive_data_acceptance", "use_after_free", "ensure_resource_availability", "max_response_time"}
    return [CHECKS.get_one(name) for name in CHECKS.get_all_names() if name not in skipped]


def fuzz(relay: Relay, secret: str) -> int:
    """Asks; how many requests that were. Raises what the fuzzer found."""
    asked = 0
    schema = schemathesis.openapi.from_dict(DESCRIPTION)
    checks, authority = checked(), str(relay.data_dir / "tls" / "ca.pem")
    with requests.Session() as session:
        for operation in (each.ok() for each in schema.get_all_operations()):
            manners = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]

            @seed(1)
            @settings(
                max_examples=EXAMPLES,
                deadline=None,
                database=None,
                phases=(Phase.explicit, Phase.generate),
                suppress_health_check=list(HealthCheck),
            )
            @given(case=st.one_of(manners))
            def ask(case: Any) -> None:
                nonlocal asked
                asked += 1
                headers = {"Authorization": f"Bearer {secret}"}
                case.call_and_validate(
                    base_url=relay.url("/api/v1"), session=session, headers=headers, checks=checks, verify=authority
                )

            ask()
    return asked


async def test_a_fuzzer_finds_nothing_that_the_description_does_not_say(program: Program) -> None:
    assert await asyncio.to_thread(fuzz, program.relay, program.secret) > 4 * len(READS)


async def test_no_route_tells_an_internal_note_without_the_scope(
    program: Program, capsys: pytest.CaptureFixture[str]
) -> None:
    house = House(program.relay, program.session)
    customer, agent = await house.customer(), await on_duty(house)
    conversation_id = await served(house, customer, agent)
    await say(customer, conversation_id, "It beeps")
    await agent.ask({"do": "add_note", "conversation_id": conversation_id, "client_id": "n1", "text": NOTE})
    hook = {"name": "x", "url": "https://example.com/x", "kinds": ["chat_posted"]}
    made = await program.ask("POST", "/webhooks", hook)
    places = {
        "customer_id": customer.signed_in["customer"]["id"],
        "conversation_id": conversation_id,
        "ticket_id": (await program.get("/tickets"))["items"][0]["ticket_id"],
        "article_id": (await program.get("/articles"))["items"][0]["article_id"],
        "webhook_id": made.body["webhook"]["webhook_id"],
    }
    blind = [scope for scope in ALL if scope != "read:notes"]
    secret = await asyncio.to_thread(api_client.make_key, program.relay, capsys, "blind", blind)
    seeing, unseeing = [], Program(program.relay, program.session, secret)
    for path in READS:
        for query in ("", "?format=csv", "?notes=true"):
            place = path.format(**places) + query
            assert NOTE not in str((await unseeing.ask("GET", place)).body), place
            if NOTE in str((await program.ask("GET", place)).body):
                seeing.append(place.replace(conversation_id, "ID"))
    assert seeing == ["/conversations/ID/notes", "/export/conversations?notes=true"]
    for wire in house.wires:
        await wire.socket.close()
