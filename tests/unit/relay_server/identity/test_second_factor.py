"""Second factors: codes once each, drift of a step, guesses by account, recovery codes, enrolment that is required."""

import pytest
from sqlalchemy import text

from relay_server.identity import administration, agents, factors
from relay_server.identity.sealed import SealingKeys
from relay_server.identity.service import SignedIn
from shared.protocol.frames import Refused
from shared.protocol.messages import account as a
from shared.protocol.messages.conversations import Done
from shared.protocol.messages.identity import EnrolTotp, TotpOffer
from tests.identity_house import PASSWORD, Authenticator, House

WRONG = Refused(code="code_wrong")


def wrong_code(phone: Authenticator) -> str:
    near = {phone.code(off) for off in (-1, 0, 1)}
    return next(code for code in ("000000", "111111", "222222", "333333") if code not in near)


async def test_a_second_factor_is_asked_for_after_the_password_only(amys: House) -> None:
    signed_in = await amys.in_there()
    phone, _ = await amys.enrolled(signed_in.actor)
    assert await amys.sign_in() == Refused(code="code_needed")
    assert await amys.sign_in(phone.code(), password="wrong password") == Refused(code="sign_in_failed")
    assert isinstance(await amys.sign_in(phone.code()), SignedIn)
    assert (await amys.account(signed_in.actor)).totp


@pytest.mark.parametrize("off", [-1, 0, 1])
async def test_a_clock_may_be_a_step_off(amys: House, off: int) -> None:
    phone, _ = await amys.enrolled((await amys.in_there()).actor)
    amys.clock.pass_ms(90_000)
    assert isinstance(await amys.sign_in(phone.code(off)), SignedIn)


@pytest.mark.parametrize("off", [-2, 2])
async def test_but_not_two(amys: House, off: int) -> None:
    phone, _ = await amys.enrolled((await amys.in_there()).actor)
    amys.clock.pass_ms(90_000)
    assert await amys.sign_in(phone.code(off)) == WRONG


async def test_a_code_is_good_once_and_none_before_it_after_that(amys: House) -> None:
    phone, _ = await amys.enrolled((await amys.in_there()).actor)
    code, earlier, later = phone.code(), phone.code(-1), phone.code(1)
    assert isinstance(await amys.sign_in(f"{code[:3]} {code[3:]}"), SignedIn)
    assert await amys.sign_in(code) == WRONG
    assert await amys.sign_in(earlier) == WRONG
    assert isinstance(await amys.sign_in(later), SignedIn)


async def test_the_code_that_confirmed_is_spent_too(amys: House) -> None:
    actor = (await amys.in_there()).actor
    offer = await amys.accounts.begin_totp(actor, a.BeginTotp(password=PASSWORD))
    assert isinstance(offer, TotpOffer)
    code = Authenticator(offer.secret, amys.clock).code()
    assert isinstance(await amys.accounts.confirm_totp(actor, a.ConfirmTotp(code=code)), a.RecoveryCodes)
    assert await amys.sign_in(code) == WRONG


async def test_guesses_count_by_account_whatever_address_they_come_from(amys: House) -> None:
    phone, _ = await amys.enrolled((await amys.in_there()).actor)
    answers = [await amys.sign_in(wrong_code(phone), f"6.6.6.{n}") for n in range(5)]
    assert answers[:3] == [WRONG] * 3
    assert isinstance(answers[-1], Refused)
    assert answers[-1].code == "sign_in_delayed"
    assert isinstance(await amys.sign_in(phone.code(), "7.7.7.7"), Refused)


async def test_a_guesser_with_the_password_keeps_nobody_out_of_their_usual_place(amys: House) -> None:
    phone, _ = await amys.enrolled((await amys.in_there(address="10.0.0.1")).actor)
    for n in range(8):
        await amys.sign_in(wrong_code(phone), f"6.6.6.{n}")
    assert isinstance(await amys.sign_in(phone.code(), "10.0.0.1"), SignedIn)


async def test_a_recovery_code_is_good_once(amys: House) -> None:
    actor = (await amys.in_there()).actor
    _, codes = await amys.enrolled(actor)
    assert len(set(codes)) == 10
    assert isinstance(await amys.sign_in(codes[0].upper()), SignedIn)
    assert await amys.sign_in(codes[0]) == WRONG
    assert isinstance(await amys.sign_in(codes[1].replace("-", " ")), SignedIn)
    assert (await amys.account(actor)).recovery_left == 8
    assert (await amys.audited()).count("recovery_code_used") == 2


async def test_new_recovery_codes_replace_the_old_ones(amys: House) -> None:
    actor = (await amys.in_there()).actor
    phone, old = await amys.enrolled(actor)
    renew = a.RenewRecoveryCodes(password=PASSWORD, code=phone.code())
    fresh = await amys.accounts.renew_recovery_codes(actor, renew)
    assert isinstance(fresh, a.RecoveryCodes)
    assert await amys.sign_in(old[0]) == WRONG
    assert isinstance(await amys.sign_in(fresh.codes[0]), SignedIn)


async def test_turning_off_wants_password_and_code(amys: House) -> None:
    actor = (await amys.in_there()).actor
    phone, _ = await amys.enrolled(actor)
    off = amys.accounts.turn_off_totp
    assert await off(actor, a.TurnOffTotp(password="wrong", code=phone.code())) == Refused(code="password_wrong")
    assert await off(actor, a.TurnOffTotp(password=PASSWORD, code="")) == Refused(code="code_needed")
    assert await off(actor, a.TurnOffTotp(password=PASSWORD, code=wrong_code(phone))) == WRONG
    amys.rules.totp_required = True
    asked = a.TurnOffTotp(password=PASSWORD, code=phone.code())
    assert await off(actor, asked) == Refused(code="second_factor_required")
    amys.rules.totp_required = False
    assert await off(actor, asked) == Done()
    assert isinstance(await amys.sign_in(), SignedIn)


async def test_another_authenticator_takes_over_only_once_it_is_confirmed(amys: House) -> None:
    actor = (await amys.in_there()).actor
    old, _ = await amys.enrolled(actor)
    assert await amys.accounts.begin_totp(actor, a.BeginTotp(password=PASSWORD)) == Refused(code="code_needed")
    offer = await amys.accounts.begin_totp(actor, a.BeginTotp(password=PASSWORD, code=old.code()))
    assert isinstance(offer, TotpOffer)
    amys.clock.pass_ms(30_000)
    assert isinstance(await amys.sign_in(old.code()), SignedIn)
    new = Authenticator(offer.secret, amys.clock)
    assert isinstance(await amys.accounts.confirm_totp(actor, a.ConfirmTotp(code=new.code())), a.RecoveryCodes)
    amys.clock.pass_ms(30_000)
    assert await amys.sign_in(old.code()) == WRONG
    assert isinstance(await amys.sign_in(new.code()), SignedIn)


async def test_who_must_have_one_sets_it_up_on_the_way_in(amys: House) -> None:
    amys.rules.totp_required = True
    assert await amys.sign_in() == Refused(code="enrolment_needed")
    assert await amys.sign_in("123456") == Refused(code="enrolment_needed")
    bad = EnrolTotp(username="amy", password="wrong")
    assert await amys.identity.enrol_totp(bad, "10.0.0.1") == Refused(code="sign_in_failed")
    offer = await amys.identity.enrol_totp(EnrolTotp(username="Amy", password=PASSWORD), "10.0.0.1")
    assert isinstance(offer, TotpOffer)
    assert offer.uri.startswith("otpauth://totp/Acme:amy?secret=")
    phone = Authenticator(offer.secret, amys.clock)
    assert await amys.sign_in(wrong_code(phone)) == WRONG
    signed_in = await amys.in_there(phone.code())
    assert len(signed_in.recovery_codes) == 10
    again = await amys.identity.enrol_totp(EnrolTotp(username="amy", password=PASSWORD), "10.0.0.1")
    assert again == Refused(code="wrong_state"), "a second factor in force is not replaced by the password alone"


async def test_without_the_requirement_nobody_enrols_before_signing_in(amys: House) -> None:
    offer = await amys.identity.enrol_totp(EnrolTotp(username="amy", password=PASSWORD), "10.0.0.1")
    assert offer == Refused(code="wrong_state")


async def test_an_administrator_helps_who_lost_the_authenticator(amys: House) -> None:
    signed_in = await amys.in_there()
    await amys.enrolled(signed_in.actor)
    row = await amys.journal.read(lambda sql: agents.by_username(sql, "amy"))
    assert row is not None
    assert await amys.journal.write(lambda tx: administration.reset_totp(tx, row, "cli"))
    assert await amys.come_back(signed_in) == Refused(code="token_revoked")
    assert isinstance(await amys.sign_in(), SignedIn)
    assert "totp_reset" in await amys.audited()


async def test_neither_secrets_nor_recovery_codes_lie_open_in_the_store(amys: House) -> None:
    phone, codes = await amys.enrolled((await amys.in_there()).actor)
    every = ("SELECT * FROM second_factors", "SELECT * FROM recovery_codes", "SELECT * FROM audit")
    dump = await amys.journal.read(lambda sql: "".join(str(sql.execute(text(each)).all()) for each in every))
    assert phone.secret not in dump
    assert not [code for code in codes if code in dump or code.replace("-", "") in dump]


async def test_the_sealing_key_changes_while_the_relay_serves(amys: House) -> None:
    phone, _ = await amys.enrolled((await amys.in_there()).actor)
    administrators = SealingKeys(amys.key_file)
    administrators.add()
    assert await amys.journal.write(lambda tx: factors.seal_again(tx, administrators)) == 1
    assert administrators.drop_all_but_newest() == 1
    assert isinstance(await amys.sign_in(phone.code()), SignedIn)
    with amys.key_file.open() as file:
        assert len(file.readlines()) == 1
    assert amys.key_file.stat().st_mode & 0o777 == 0o600


async def test_a_sealed_secret_is_of_its_agent_alone(amys: House) -> None:
    sealed = amys.keys.seal(b"x", factors.about("amy"))
    assert amys.keys.open(sealed, factors.about("bob")) is None
    name, _, packed = sealed.partition(".")
    assert amys.keys.open(f"{name}.{packed[:-6]}AAAAA=", factors.about("amy")) is None
    assert amys.keys.open("nobody.AAAA", factors.about("amy")) is None
    assert amys.keys.open("", factors.about("amy")) is None
