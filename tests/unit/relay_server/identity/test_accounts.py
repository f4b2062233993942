"""One's own account: password, devices, and what ends with what."""

from relay_server.identity import administration, agents
from relay_server.identity.rules import FREE_FAILURES
from relay_server.identity.service import SignedIn
from shared.protocol.frames import Refused
from shared.protocol.messages import account as a
from shared.protocol.messages.conversations import Done
from tests.identity_house import PASSWORD, House

NEW = "a cat on the roof"
REVOKED = Refused(code="token_revoked")


async def test_another_password_ends_every_other_sign_in(amys: House) -> None:
    here, there = await amys.in_there(), await amys.in_there()
    change = a.ChangePassword(password=PASSWORD, new_password=NEW)
    assert await amys.accounts.change_password(here.actor, change) == Done()
    assert isinstance(await amys.come_back(here), SignedIn)
    assert await amys.come_back(there) == REVOKED
    assert await amys.sign_in() == Refused(code="sign_in_failed")
    assert isinstance(await amys.sign_in(password=NEW), SignedIn)


async def test_weak_passwords_are_refused_with_the_reason(amys: House) -> None:
    actor = (await amys.in_there()).actor
    for new, why in (("short", "short"), ("AmyLin12345", "name"), ("password1234", "common"), (PASSWORD, "same")):
        answer = await amys.accounts.change_password(actor, a.ChangePassword(password=PASSWORD, new_password=new))
        assert answer == Refused(code="password_weak", params={"why": why, "least": "10"})


async def test_guessing_the_present_password_slows_down_this_sign_in_alone(amys: House) -> None:
    thief, owner = await amys.in_there(), await amys.in_there()
    guess = a.ChangePassword(password="guess", new_password=NEW)
    answers = [await amys.accounts.change_password(thief.actor, guess) for _ in range(FREE_FAILURES + 1)]
    assert answers[0] == Refused(code="password_wrong")
    assert isinstance(answers[-1], Refused)
    assert answers[-1].code == "sign_in_delayed"
    assert isinstance(await amys.sign_in(), SignedIn)
    right = a.ChangePassword(password=PASSWORD, new_password=NEW)
    assert await amys.accounts.change_password(owner.actor, right) == Done()


async def test_devices_say_where_and_when(amys: House) -> None:
    first = await amys.in_there(address="10.0.0.1")
    amys.clock.pass_ms(600_000)
    second = await amys.in_there(address="10.0.0.2")
    devices = (await amys.account(second.actor)).devices
    assert [(each.address, each.this, each.way) for each in devices] == [
        ("10.0.0.2", True, "password"),
        ("10.0.0.1", False, "password"),
    ]
    assert devices[0].first_ms - devices[1].first_ms == 600_000
    await amys.come_back(first, "10.0.0.9")
    devices = (await amys.account(second.actor)).devices
    assert {each.address for each in devices} == {"10.0.0.2", "10.0.0.9"}


async def test_one_device_ends_and_only_ones_own(amys: House) -> None:
    here, there = await amys.in_there(), await amys.in_there()
    assert await amys.accounts.end_device(here.actor, a.EndDevice(device_id=there.actor.family)) == Done()
    assert await amys.come_back(there) == REVOKED
    again = await amys.accounts.end_device(here.actor, a.EndDevice(device_id=there.actor.family))
    assert again == Refused(code="not_found")
    stranger = type(here.actor)(
        type(here.actor.profile)(
            person=type(here.actor.person)(id="other", name="O", kind="agent"),
            username="o",
            group_ids=(),
            tier=1,
            branch="",
        ),
        "f",
    )
    foreign = await amys.accounts.end_device(stranger, a.EndDevice(device_id=here.actor.family))
    assert foreign == Refused(code="not_found")
    assert isinstance(await amys.come_back(here), SignedIn)


async def test_every_other_device_ends(amys: House) -> None:
    signed_in = [await amys.in_there() for _ in range(4)]
    assert await amys.accounts.end_other_devices(signed_in[1].actor, a.EndOtherDevices()) == Done()
    back = [isinstance(await amys.come_back(each), SignedIn) for each in signed_in]
    assert back == [False, True, False, False]
    assert len((await amys.account(signed_in[1].actor)).devices) == 1


async def test_disabling_ends_everything_and_enabling_brings_nothing_back(amys: House) -> None:
    signed_in = await amys.in_there()
    row = await amys.journal.read(lambda sql: agents.by_username(sql, "amy"))
    assert row is not None
    assert await amys.journal.write(lambda tx: administration.disable(tx, row, "cli")) == 1
    assert await amys.come_back(signed_in) == REVOKED
    assert await amys.sign_in() == Refused(code="sign_in_failed")
    change = a.ChangePassword(password=PASSWORD, new_password=NEW)
    assert await amys.accounts.change_password(signed_in.actor, change) == REVOKED
    await amys.journal.write(lambda tx: administration.enable(tx, row, "cli"))
    assert await amys.come_back(signed_in) == REVOKED
    assert isinstance(await amys.sign_in(), SignedIn)
