"""The outside interface over real HTTP, with keys that the command made."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests import api_client
from tests.api_client import Program, make_key
from tests.protocol.talk import on_duty, say, served
from tests.protocol.wire import House

Key = Callable[..., Awaitable[Program]]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    from shared.strings import set_language

    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    set_language("en")


@pytest.fixture
async def key(house: House, capsys: pytest.CaptureFixture[str]) -> Key:
    async def made(*scopes: str, name: str = "tests") -> Program:
        given = {"name": name, "scopes": scopes} if scopes else {"name": name}
        secret = await asyncio.to_thread(make_key, house.relay, capsys, **given)
        return Program(house.relay, house.session, secret)

    return made


async def command(house: House, *words: str) -> int:
    return await asyncio.to_thread(api_client.command, house.relay, *words)


def rows(house: House, statement: str) -> list[Any]:
    db = sqlite3.connect(house.relay.data_dir / "relay.sqlite3")
    try:
        return db.execute(statement).fetchall()
    finally:
        db.close()


async def test_a_key_is_kept_as_a_hash_and_its_use_is_seen(house: House, key: Key) -> None:
    program = await key("read:articles")
    assert program.secret.startswith("tlk_")
    assert await program.get("/articles?limit=1")
    ((digest, prefix, used),) = rows(house, "SELECT digest, prefix, last_used_ms FROM api_secrets")
    assert program.secret.startswith(prefix + "_")
    assert len(digest) == 64
    assert used > 0
    stored = (house.relay.data_dir / "relay.sqlite3").read_bytes()
    assert program.secret.removeprefix(prefix).encode() not in stored


async def test_no_key_a_false_one_and_a_key_anywhere_else(house: House, key: Key) -> None:
    program = await key("read:articles")
    right = program.secret
    for secret in ("", "x" * 40, right[:-1] + ("a" if right[-1] != "a" else "b"), "é" * 20):
        program.secret = secret
        told = await program.ask("GET", "/articles")
        assert (told.status, told.code) == (401, "sign_in_first")
        assert told.headers["WWW-Authenticate"] == "Bearer"
    told = await program.ask("GET", f"/articles?access_token={right}")
    assert told.status == 401


async def test_a_revoked_key_is_worth_nothing_at_once(house: House, key: Key) -> None:
    program = await key("read:articles")
    await program.get("/articles")
    assert await command(house, "api-key", "revoke", "tests") == 0
    told = await program.ask("GET", "/articles")
    assert (told.status, told.code) == (401, "token_revoked")
    assert [row[0] for row in rows(house, "SELECT action FROM audit WHERE action LIKE 'api_key%' ORDER BY id")] == [
        "api_key_created",
        "api_key_revoked",
    ]


async def test_a_key_is_rotated_without_a_gap(house: House, key: Key, capsys: pytest.CaptureFixture[str]) -> None:
    program = await key("read:articles")
    assert await command(house, "api-key", "rotate", "tests", "--days", "30") == 0
    second = Program(house.relay, house.session, capsys.readouterr().out.split()[-1])
    assert second.secret != program.secret
    await program.get("/articles")
    await second.get("/articles")
    assert await command(house, "api-key", "rotate", "tests") == 1
    assert await command(house, "api-key", "list") == 0
    assert capsys.readouterr().out.count("good") == 2


async def test_a_scope_opens_what_it_says_and_nothing_else(house: House, key: Key) -> None:
    program = await key("read:tickets")
    await program.get("/tickets")
    for path in ("/customers", "/conversations", "/articles", "/webhooks", "/figures", "/agents", "/servers"):
        told = await program.ask("GET", path)
        assert (told.status, told.code) == (403, "not_allowed"), path
    told = await program.ask("POST", "/tickets", {"subject": "x", "customer_id": "c", "group_id": "desk"})
    assert told.status == 403


@pytest.mark.parametrize("flags", [{"api_rate": "1", "api_burst": "3"}])
async def test_a_key_has_so_many_requests(house: House, key: Key) -> None:
    program = await key("read:articles")
    told = [await program.ask("GET", "/articles") for _ in range(5)]
    assert [each.status for each in told][:3] == [200, 200, 200]
    assert told[-1].code == "rate_limited"
    assert int(told[-1].headers["Retry-After"]) >= 1
    other = await key("read:articles", name="other")
    await other.get("/articles")


async def test_a_customer_is_made_once_changed_with_care_and_read_on_record(house: House, key: Key) -> None:
    program = await key()
    new = {"name": "Mei Lin", "email": "mei@example.com", "vip_level": 2}
    made = await program.ask("POST", "/customers", new, Idempotency_Key="one")
    again = await program.ask("POST", "/customers", new, Idempotency_Key="one")
    assert (made.status, again.status) == (201, 201)
    assert made.body == again.body
    assert again.headers["Idempotency-Replayed"] == "true"
    other = await program.ask("POST", "/customers", new | {"name": "Other"}, Idempotency_Key="one")
    assert (other.status, other.code) == (422, "idempotency_key_used")
    path = f"/customers/{made.body['customer_id']}"
    tag = made.headers["ETag"]
    assert (await program.ask("PATCH", path, {"phone": "1"})).code == "version_needed"
    changed = await program.ask("PATCH", path, {"phone": "+86 138"}, If_Match=tag)
    assert changed.body == made.body | {"phone": "+86 138"}
    late = await program.ask("PATCH", path, {"phone": "2"}, If_Match=tag)
    assert (late.status, late.code) == (412, "changed_meanwhile")
    assert (await program.ask("GET", path)).headers["ETag"] == changed.headers["ETag"]
    seen = {row[0] for row in rows(house, "SELECT action FROM audit")}
    assert {"customer_created", "customer_changed", "customer_read"} <= seen


async def test_pages_follow_each_other(house: House, key: Key) -> None:
    program = await key()
    names = [f"C{number}" for number in range(7)]
    for name in names:
        assert (await program.ask("POST", "/customers", {"name": name})).status == 201
    found, cursor = [], ""
    for _ in range(4):
        page = await program.get(f"/customers?limit=2&cursor={cursor}")
        found += [each["name"] for each in page["items"]]
        cursor = page["next_cursor"]
    assert sorted(found) == names
    assert cursor == ""
    assert (await program.ask("GET", "/customers?cursor=!!!")).code == "malformed"
    assert (await program.ask("GET", "/customers?limit=0")).code == "malformed"
    assert (await program.ask("GET", "/customers?limit=1&limit=2")).code == "malformed"
    assert (await program.ask("GET", "/customers?unknown=1")).code == "malformed"


async def test_a_ticket_without_a_conversation_reaches_the_agents_desk(house: House, key: Key) -> None:
    agent = await house.agent("lin")
    program = await key()
    customer = (await program.ask("POST", "/customers", {"name": "Mei"})).body
    new = {"subject": "Battery", "customer_id": customer["customer_id"], "group_id": "desk", "note": "Swollen."}
    made = await program.ask("POST", "/tickets", new, Idempotency_Key="t1")
    assert made.status == 201, made
    again = await program.ask("POST", "/tickets", new, Idempotency_Key="t1")
    assert again.body["number"] == made.body["number"]
    pushed = await agent.until("push", "ticket_changed")
    assert pushed["body"]["row"]["number"] == made.body["number"]
    opened = await agent.ask({"do": "open_ticket", "ticket_id": made.body["ticket_id"]})
    assert [each["kind"] for each in opened["steps"]["events"]] == ["ticket_opened", "ticket_state_changed"]
    steps = await program.get(f"/tickets/{made.body['ticket_id']}/steps")
    assert [each["event"]["kind"] for each in steps["items"]] == ["ticket_opened", "ticket_state_changed"]
    path = f"/tickets/{made.body['ticket_id']}"
    refused = await program.ask("PATCH", path, {"state": "resolved"}, If_Match=made.headers["ETag"])
    assert (refused.status, refused.code) == (422, "ticket_needs")
    solved = await program.ask("PATCH", path, {"state": "resolved", "category": "device"}, If_Match="*")
    assert solved.body["state"] == "resolved"
    wrong = await program.ask("POST", "/tickets", new | {"group_id": "nowhere", "customer_id": "nobody"})
    assert (wrong.status, wrong.body["params"]["fields"]) == (422, "customer_id,group_id")


async def test_conversations_messages_and_notes_each_by_their_scope(house: House, key: Key) -> None:
    customer, agent = await house.customer(), await on_duty(house)
    conversation_id = await served(house, customer, agent)
    await say(customer, conversation_id, "It beeps")
    note = {"do": "add_note", "conversation_id": conversation_id, "client_id": "n1", "text": "a-secret-note"}
    assert (await agent.ask(note))["is"] == "note_accepted"
    program = await key("read:conversations")
    base = f"/conversations/{conversation_id}"
    assert (await program.get(base))["last_text"] == "It beeps"
    assert [each["text"] for each in (await program.get(base + "/messages"))["items"]] == ["It beeps"]
    assert (await program.ask("GET", base + "/notes")).code == "not_allowed"
    noting = await key("read:notes", "write:notes", name="noting")
    assert [each["text"] for each in (await noting.get(base + "/notes"))["items"]] == ["a-secret-note"]
    added = await noting.ask("POST", base + "/notes", {"text": "from the CRM"}, Idempotency_Key="n")
    assert added.status == 201
    page = await agent.ask({"do": "follow", "stream": f"c/{conversation_id}/internal", "after": 0})
    assert [each["kind"] for each in page["events"]].count("note_added") == 2
    assert "conversation_read" in {row[0] for row in rows(house, "SELECT action FROM audit")}


async def test_articles_figures_people_and_servers(house: House, key: Key) -> None:
    program = await key()
    new = {"language": "en", "title": "Zebra printers", "body": "Feed the zebra.", "public": True}
    made = await program.ask("POST", "/articles", new)
    assert made.status == 201
    path = f"/articles/{made.body['article_id']}"
    rewritten = await program.ask("PUT", path, new | {"title": "Giraffe printers"}, If_Match=made.headers["ETag"])
    assert rewritten.body["title"] == "Giraffe printers"
    customer = await house.customer()
    hits = await customer.ask({"do": "search_articles", "words": "giraffe"})
    assert [each["article_id"] for each in hits["hits"]] == [made.body["article_id"]]
    assert (await program.get("/figures"))["waiting_now"] == 0
    assert "lin" in {each["username"] for each in (await program.get("/agents"))["items"]}
    assert {each["group_id"] for each in (await program.get("/groups"))["items"]} >= {"desk", "experts"}
    assert (await program.get("/servers"))["ice"] == []


@pytest.mark.parametrize(
    "flags",
    [{"turn_urls": "turn:turn.example.com:3478", "turn_secret": "s" * 20, "relay_urls": "wss://r1.example.com"}],
)
async def test_servers_come_with_credentials_that_end(key: Key) -> None:
    told = await (await key("read:servers")).get("/servers")
    assert told["relays"] == ["wss://r1.example.com"]
    (server,) = told["ice"]
    assert int(server["username"].split(":")[0]) * 1000 == pytest.approx(told["expires_ms"], abs=2000)
    assert server["credential"]


async def test_what_is_no_request_of_ours_is_a_problem(house: House, key: Key) -> None:
    program = await key()
    assert (await program.ask("GET", "/nothing")).code == "no_such_route"
    told = await program.ask("DELETE", "/customers")
    assert (told.status, told.code, told.headers["Allow"]) == (405, "method_not_allowed", "GET, POST")
    assert (await program.ask("POST", "/customers", b"{", Content_Type="application/json")).code == "malformed"
    assert (await program.ask("POST", "/customers", b"a=1", Content_Type="text/plain")).code == "media_type_refused"
    assert (await program.ask("POST", "/customers", {"name": "x", "admin": True})).code == "malformed"
    assert (
        await program.ask("POST", "/customers", b" " * 600_000, Content_Type="application/json")
    ).code == "too_large"
    deep = b"[" * 100_000
    assert (await program.ask("POST", "/customers", deep, Content_Type="application/json")).code == "malformed"
    told = await program.ask("OPTIONS", "/customers", Origin="https://evil.example")
    assert told.status == 405
    assert not [name for name in told.headers if name.lower().startswith("access-control")]


async def test_tables_go_out_and_come_in(house: House, key: Key) -> None:
    program = await key()
    await program.ask("POST", "/customers", {"name": "=HYPERLINK(1)", "phone": "+86 138", "email": "a,b"})
    told = await program.ask("GET", "/export/customers?format=csv")
    assert told.body.startswith("\ufeffcustomer_id,name")
    assert "'=HYPERLINK(1)" in told.body
    assert "'+86 138" in told.body
    same = await program.ask("POST", "/import/customers", told.body.encode(), Content_Type="text/csv")
    assert (same.body["same"], same.body["failed"], same.body["created"]) == (1, 0, 0)
    bad = b'{"customer_id":"a","name":"A"}\n{"customer_id":"b"}\n\n{"customer_id":"!","name":"C"}\n'
    tried = await program.ask("POST", "/import/customers?dry_run=true", bad, Content_Type="application/x-ndjson")
    assert (tried.body["created"], tried.body["failed"]) == (1, 2)
    assert [each["line"] for each in tried.body["errors"]] == [2, 4]
    assert (await program.ask("GET", "/customers/a")).code == "not_found"
    done = await program.ask("POST", "/import/customers", bad, Content_Type="application/x-ndjson")
    assert done.body["created"] == 1
    assert (await program.ask("GET", "/customers/a")).status == 200


async def test_exported_notes_need_their_scope(house: House, key: Key) -> None:
    customer, agent = await house.customer(), await on_duty(house)
    conversation_id = await served(house, customer, agent)
    await say(customer, conversation_id, "It beeps")
    await agent.ask({"do": "add_note", "conversation_id": conversation_id, "client_id": "n1", "text": "hush"})
    program = await key("read:conversations")
    plain = await program.ask("GET", "/export/conversations")
    assert "It beeps" in plain.body
    assert "hush" not in plain.body
    assert (await program.ask("GET", "/export/conversations?notes=true")).code == "not_allowed"
    both = await key("read:conversations", "read:notes", name="both")
    assert "hush" in (await both.ask("GET", "/export/conversations?notes=true")).body
