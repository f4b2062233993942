"""Agents' devices show their keys; only what the organisation's key has signed becomes a certificate."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import structs

from relay_server.engine import audit
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import rows_of
from relay_server.identity import agent_keys, bundle, recording_keys
from relay_server.identity import organisation_key as keys
from relay_server.identity.actors import AgentActor
from relay_server.identity.keys import Keys, SampleKey
from relay_server.identity.organisation_key import certificate_for
from relay_server.organisation import store as organisation
from shared.common.errors import ConfigError
from shared.protocol.frames import Refused
from shared.protocol.messages import trust as w
from shared.rules import certificates as rules
from shared.rules import statements
from tests.relay_house import House, ok, open_house
from tests.trusted import DAY_MS, ORGANISATION, STRANGERS

PRIVATE = bytes([7]) * 32
NEW = keys.OrganisationKey("Northwind Instruments", bytes(range(100, 132)))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path / "relay.sqlite3") as house:
        await house.journal.write(
            lambda tx: agent_keys.add_organisation_key(tx, ORGANISATION.public, ORGANISATION.organisation, None)
        )
        yield house


def service(house: House, room: Path) -> Keys:
    return Keys(house.journal, SampleKey(room / "organisation.key", room / "passphrase"), house.clock)


def register(agent: AgentActor, private: bytes = PRIVATE, device: str = "desk") -> w.RegisterKey:
    return w.RegisterKey(
        key=statements.public_key(private),
        device=device,
        asked_ms=5,
        signature=rules.request(private, agent.id, device, 5),
    )


async def exported(house: House) -> bundle.Bundle:
    return await house.journal.read(lambda sql: bundle.export(rows_of(sql)))


async def taken(house: House, brought: bundle.Bundle) -> int | str | Refused:
    def work(tx: Transaction) -> int | str:
        return bundle.take(tx, brought)

    return await house.journal.write(work)


async def audited(house: House) -> list[str]:
    return await house.journal.read(lambda sql: [row[0] for row in rows_of(sql)("SELECT action FROM audit", ())])


async def test_a_key_waits_until_the_organisation_has_signed(house: House, tmp_path: Path) -> None:
    lin, service_ = house.agents["lin"], service(house, tmp_path)
    assert ok(await service_.register_key(lin, register(lin))) == w.KeyStanding()
    found = await exported(house)
    (asked,) = found.requests
    assert rules.asks_for_itself(asked)
    made = certificate_for(ORGANISATION, asked, house.clock(), 365)
    assert await taken(house, structs.replace(found, certificates=(made,))) == 1
    assert ok(await service_.register_key(lin, register(lin))) == w.KeyStanding(certificate=made)
    assert await audited(house) == ["key_registered", "key_certified"]
    assert isinstance(await house.journal.read(audit.verify), int)


async def test_nobody_registers_what_is_not_theirs(house: House, tmp_path: Path) -> None:
    lin, chen, service_ = house.agents["lin"], house.agents["chen"], service(house, tmp_path)
    ok(await service_.register_key(lin, register(lin)))
    refused = Refused(code="device_key_invalid")
    assert await service_.register_key(chen, register(lin)) == refused
    assert await service_.register_key(chen, register(chen)) == refused
    assert await service_.register_key(lin, structs.replace(register(lin), device="other")) == refused


async def test_waiting_keys_are_bounded(house: House, tmp_path: Path) -> None:
    lin, service_ = house.agents["lin"], service(house, tmp_path)
    for seed in range(agent_keys.MAX_WAITING + 3):
        ok(await service_.register_key(lin, register(lin, bytes([seed]) * 32)))
    assert len((await exported(house)).requests) == agent_keys.MAX_WAITING


async def test_what_the_organisation_did_not_sign_is_not_taken(house: House, tmp_path: Path) -> None:
    lin, service_ = house.agents["lin"], service(house, tmp_path)
    ok(await service_.register_key(lin, register(lin)))
    found = await exported(house)
    asked = found.requests[0]
    elsewhere = structs.replace(asked, key=statements.public_key(bytes([9]) * 32))
    tries = {
        "false_certificate": structs.replace(
            found, certificates=(certificate_for(STRANGERS, asked, house.clock(), 365),)
        ),
        "unknown_agent_key": structs.replace(
            found, certificates=(certificate_for(ORGANISATION, elsewhere, house.clock(), 365),)
        ),
        "false_list": structs.replace(found, revocations=rules.revoke(STRANGERS.private, None, (), 5)),
        "false_rotation": structs.replace(
            found, rotations=(rules.rotate(STRANGERS.private, NEW.private, "Northwind Instruments", 5),)
        ),
    }
    assert {name: await taken(house, brought) for name, brought in tries.items()} == {name: name for name in tries}
    assert (await exported(house)) == found


async def test_a_recording_key_counts_once_the_organisation_has_signed_it(house: House) -> None:
    key = statements.encode(bytes(range(32)))
    await house.journal.write(lambda tx: recording_keys.add(tx, "0123456789abcdef", w.RecordingKey(key=key)))
    found = await exported(house)
    assert found.recording_keys == (w.RecordingKey(key=key),)
    false = w.RecordingKey(key=key, signature=rules.sign_recording_key(STRANGERS.private, key))
    assert await taken(house, structs.replace(found, recording_keys=(false,))) == "false_recording_key"
    other = statements.encode(bytes(range(1, 33)))
    unknown = w.RecordingKey(key=other, signature=rules.sign_recording_key(ORGANISATION.private, other))
    assert await taken(house, structs.replace(found, recording_keys=(unknown,))) == "false_recording_key"
    right = w.RecordingKey(key=key, signature=rules.sign_recording_key(ORGANISATION.private, key))
    assert await taken(house, structs.replace(found, recording_keys=(right,))) == 1
    assert (await exported(house)).recording_keys == (right,)
    terms = ok(await house.journal.read(lambda sql: organisation.recording_terms(rows_of(sql))))
    assert rules.is_recording_key_of(terms.key, terms.signature, ORGANISATION.public)


async def test_a_revoked_key_gets_no_certificate_any_more(house: House, tmp_path: Path) -> None:
    lin, service_ = house.agents["lin"], service(house, tmp_path)
    ok(await service_.register_key(lin, register(lin)))
    found = await exported(house)
    made = certificate_for(ORGANISATION, found.requests[0], house.clock(), 365)
    gone = rules.revoke(ORGANISATION.private, None, [w.Revoked(serial=made.serial, key=made.key)], 5)
    assert await taken(house, structs.replace(found, certificates=(made,), revocations=gone)) == 2
    assert ok(await service_.register_key(lin, register(lin))) == w.KeyStanding(revoked=True)
    customer = await house.customer()
    assert await service_.get_trust(customer, w.GetTrust()) == w.Trust(revocations=gone)
    older = structs.replace(found, revocations=rules.revoke(ORGANISATION.private, None, (), 6))
    assert await taken(house, older) == "false_list"


async def test_after_a_rotation_only_the_new_keys_certificates_count(house: House, tmp_path: Path) -> None:
    lin, service_ = house.agents["lin"], service(house, tmp_path)
    ok(await service_.register_key(lin, register(lin)))
    found = await exported(house)
    made = certificate_for(ORGANISATION, found.requests[0], house.clock(), 365)
    turn = rules.rotate(ORGANISATION.private, NEW.private, "Northwind Instruments", 5)
    await taken(house, structs.replace(found, certificates=(made,)))
    assert await taken(house, bundle.Bundle(rotations=(turn,))) == 1
    assert ok(await service_.register_key(lin, register(lin))) == w.KeyStanding()
    again = rules.certify(NEW.private, made)
    assert await taken(house, bundle.Bundle(rotations=(turn,), certificates=(again,))) == 1
    assert ok(await service_.register_key(lin, register(lin))) == w.KeyStanding(certificate=again)
    assert (await exported(house)).organisation_key == NEW.public


async def test_an_old_certificate_is_not_handed_out(house: House, tmp_path: Path) -> None:
    lin, service_ = house.agents["lin"], service(house, tmp_path)
    ok(await service_.register_key(lin, register(lin)))
    found = await exported(house)
    made = certificate_for(ORGANISATION, found.requests[0], house.clock(), 1)
    await taken(house, structs.replace(found, certificates=(made,)))
    house.clock.at_ms += DAY_MS
    assert ok(await service_.register_key(lin, register(lin))) == w.KeyStanding()


async def test_sample_people_are_certified_by_themselves(house: House, tmp_path: Path) -> None:
    (tmp_path / "organisation.key").write_bytes(keys.seal(ORGANISATION, "open sesame now", keys.LIGHT_WORK))
    (tmp_path / "passphrase").write_text("open sesame now\n", "ascii")
    lin = house.agents["lin"]
    standing = ok(await service(house, tmp_path).register_key(lin, register(lin)))
    assert standing.certificate is not None
    assert rules.is_of(standing.certificate, ORGANISATION.public)


def test_the_key_file_opens_with_its_passphrase_alone(tmp_path: Path) -> None:
    path = tmp_path / "organisation.key"
    path.write_bytes(keys.seal(ORGANISATION, "open sesame now", keys.LIGHT_WORK))
    assert keys.unseal(path, "open sesame now") == ORGANISATION
    assert keys.unseal(path, "open sesame") is None
    assert keys.read(path).public == ORGANISATION.public
    path.write_text("{}", "utf-8")
    with pytest.raises(ConfigError):
        keys.read(path)
