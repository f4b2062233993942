"""What a machine that pins the organisation's key believes, and what not."""

import pytest
from msgspec import structs

from shared.protocol.messages.trust import AgentCertificate, Revoked
from shared.protocol.types import PersonRef
from shared.rules import certificates as rules
from shared.rules import statements
from shared.rules.certificates import Anchor, Seen, Shown, Standing
from tests.trusted import DAY_MS, ORGANISATION, START_MS, STRANGERS, device_of

LIN = PersonRef(id="lin", name="Lin Wei", kind="agent", tier=2)
ANCHOR = Anchor(ORGANISATION.public)
NOW = START_MS + DAY_MS


def certificate(**changes: object) -> AgentCertificate:
    made = device_of(LIN).certificate
    assert made is not None
    return structs.replace(made, **changes)


def shown(held: AgentCertificate | None, person: PersonRef = LIN, seed: int = 7) -> Shown:
    return Shown(person, statements.public_key(bytes([seed]) * 32), held)


def test_the_organisations_word_is_enough() -> None:
    assert rules.judge(shown(certificate()), ANCHOR, None, NOW) == Standing("certified", "Northwind Instruments")


def test_each_way_of_lying_has_its_own_name() -> None:
    forged = device_of(LIN, by=STRANGERS).certificate
    pretended = certificate(name="Ana Torres")
    tries = {
        "issuer_unknown": (shown(forged), NOW),
        "certificate_false": (shown(pretended, structs.replace(LIN, name="Ana Torres")), NOW),
        "name_differs": (shown(certificate(), structs.replace(LIN, name="Ana Torres")), NOW),
        "mixed_up": (shown(certificate(), seed=8), NOW),
        "certificate_expired": (shown(certificate()), START_MS + 365 * DAY_MS),
    }
    assert {fault: rules.judge(who, ANCHOR, None, at) for fault, (who, at) in tries.items()} == {
        fault: fault for fault in tries
    }


def test_a_certificate_of_another_agents_is_not_this_ones() -> None:
    assert rules.judge(shown(certificate(), structs.replace(LIN, id="ana")), ANCHOR, None, NOW) == "mixed_up"


def test_a_certificate_may_begin_a_little_in_the_future_but_not_much() -> None:
    assert isinstance(rules.judge(shown(certificate()), ANCHOR, None, START_MS - rules.SLACK_MS), Standing)
    assert rules.judge(shown(certificate()), ANCHOR, None, START_MS - rules.SLACK_MS - 1) == "certificate_expired"


def test_a_revoked_key_is_worth_nothing_with_or_without_its_certificate() -> None:
    held = certificate()
    gone = rules.revoke(ORGANISATION.private, None, [Revoked(serial=held.serial, key=held.key)], NOW)
    anchor = Anchor(ORGANISATION.public, gone)
    known = Seen(held.key, "code", NOW)
    for who in (shown(held), shown(None)):
        assert rules.judge(who, anchor, known, NOW) == "certificate_revoked"


def test_without_a_certificate_the_code_decides_and_a_changed_key_never_passes() -> None:
    key = shown(None).key
    assert rules.judge(shown(None), ANCHOR, None, NOW) == Standing("unknown")
    assert rules.judge(shown(None), ANCHOR, Seen(key, "code", NOW), NOW) == Standing("known")
    assert rules.judge(shown(None, seed=8), ANCHOR, Seen(key, "code", NOW), NOW) == "key_changed"
    assert rules.judge(shown(None, seed=8), ANCHOR, Seen(key, "certificate", NOW), NOW) == "key_changed"


def test_taking_the_certificate_off_does_not_make_a_key_known() -> None:
    seen = Seen(shown(None).key, "certificate", NOW)
    assert rules.judge(shown(None), ANCHOR, seen, NOW) == Standing("unknown")


def test_who_pins_no_key_believes_no_certificate() -> None:
    assert rules.judge(shown(certificate()), None, None, NOW) == Standing("unknown")


def test_a_rotation_is_followed_only_from_the_pinned_key() -> None:
    new = bytes(range(100, 132))
    turn = rules.rotate(ORGANISATION.private, new, "Northwind Instruments", NOW)
    assert rules.follow(ANCHOR, [turn], None) == Anchor(statements.public_key(new))
    assert rules.follow(Anchor(STRANGERS.public), [turn], None) == Anchor(STRANGERS.public)
    for broken in (
        structs.replace(turn, signature=turn.new_signature),
        structs.replace(turn, new_signature=turn.signature),
        structs.replace(turn, new=STRANGERS.public),
    ):
        assert rules.follow(ANCHOR, [broken], None) == ANCHOR
    after = rules.follow(ANCHOR, [turn], None)
    assert isinstance(after, Anchor)
    assert rules.judge(shown(certificate()), after, None, NOW) == "issuer_unknown"
    assert rules.judge(shown(rules.certify(new, certificate())), after, None, NOW) == Standing(
        "certified", "Northwind Instruments"
    )


def test_lists_only_grow_newer() -> None:
    first = rules.revoke(ORGANISATION.private, None, [Revoked(serial="a", key=STRANGERS.public)], NOW)
    second = rules.revoke(ORGANISATION.private, first, [Revoked(serial="b", key=ORGANISATION.public)], NOW)
    assert [each.serial for each in second.revoked] == ["a", "b"]
    anchor = Anchor(ORGANISATION.public, second)
    assert rules.follow(anchor, [], None) == anchor
    assert rules.follow(anchor, [], first) == "list_older"
    assert rules.follow(ANCHOR, [], structs.replace(second, revoked=())) == "signature"
    assert rules.follow(ANCHOR, [], rules.revoke(STRANGERS.private, None, (), NOW)) == "issuer_unknown"


def test_the_list_is_bounded() -> None:
    many = [Revoked(serial=f"s{n}", key=STRANGERS.public) for n in range(rules.MAX_REVOKED + 1)]
    with pytest.raises(ValueError, match="allowed"):
        rules.revoke(ORGANISATION.private, None, many, NOW)
