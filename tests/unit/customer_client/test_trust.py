"""What the customer's windows make of who asks and who answers."""

from msgspec import structs

from customer_client.sharing.introductions import Introduction
from shared.protocol.messages import conversations as c
from shared.protocol.messages import identity as i
from shared.protocol.messages import remote as x
from shared.rules import certificates, introduction, statements
from shared.rules.certificates import Standing
from shared.session import channel as ch
from shared.strings import text
from tests.customer_fakes import LIN, Stage, monitors
from tests.trusted import ORGANISATION, STRANGERS, device_of


def granted(stage: Stage) -> None:
    """Lin asks, and may see."""
    stage.connect()
    stage.talk()
    stage.relay.answers[x.GetIceServers] = x.IceServers(servers=())
    stage.relay.answers[x.SendSignal] = c.Done()
    stage.ask("view")
    stage.session.report(monitors())
    stage.timers.pass_s(1)
    stage.rooms.consent.switch("view", True)
    assert stage.rooms.consent.allow()
    stage.answer("consent/ask-1", c.Done())


def shown(stage: Stage) -> Introduction:
    (watcher,) = stage.rooms.sharing.view.value.watchers
    assert watcher.introduction is not None
    return watcher.introduction


def sent(stage: Stage, kind: str) -> list[x.Signal]:
    signals = [each.signal for each in stage.relay.asked if isinstance(each, x.SendSignal)]
    return [each for each in signals if each.kind == kind]


def test_the_sheet_says_who_vouches(stage: Stage) -> None:
    stage.connect()
    stage.talk()
    stage.ask("view")
    assert stage.rooms.consent.view.value.identity == Standing("certified", "Northwind Instruments")
    stage.device = device_of(LIN, by=None)
    stage.rooms.consent.refuse()
    stage.ask("view", request_id="ask-2")
    assert stage.rooms.consent.view.value.identity == Standing("unknown")


def test_recording_is_offered_only_under_a_key_that_the_organisation_signed(stage: Stage) -> None:
    key = statements.encode(bytes(range(32)))
    stage.connect()
    stage.talk()
    for signer, offered in ((STRANGERS, False), (ORGANISATION, True)):
        signature = certificates.sign_recording_key(signer.private, key)
        stage.desk.organisation.set(
            i.OrganisationView(name="Northwind", recording=i.RecordingTerms(key=key, keep_days=30, signature=signature))
        )
        stage.ask("view", "record", request_id=f"ask-{offered}")
        shown = {row.capability for row in stage.rooms.consent.view.value.rows}
        assert ("record" in shown) is offered
        assert stage.rooms.consent.view.value.seal_to == (key if offered else "")
        stage.rooms.consent.refuse()


def test_the_key_that_was_agreed_to_goes_to_the_session(stage: Stage) -> None:
    key = statements.encode(bytes(range(32)))
    signature = certificates.sign_recording_key(ORGANISATION.private, key)
    stage.connect()
    stage.talk()
    stage.desk.organisation.set(
        i.OrganisationView(name="Northwind", recording=i.RecordingTerms(key=key, keep_days=30, signature=signature))
    )
    stage.ask("view", "record")
    stage.session.report(monitors())
    stage.timers.pass_s(1)
    stage.rooms.consent.switch("view", True)
    stage.rooms.consent.switch("record", True)
    assert stage.rooms.consent.allow()
    (given,) = [order for order in stage.session.orders if isinstance(order, ch.GiveGrants)]
    assert given.seal_to == key


def test_a_question_that_nobody_signed_cannot_be_answered_yes(stage: Stage) -> None:
    stage.connect()
    stage.talk()
    for request_id, device, fault in (
        ("ask-1", device_of(LIN, by=STRANGERS), "issuer_unknown"),
        ("ask-2", device_of(structs.replace(LIN, name="Your bank")), "name_differs"),
    ):
        stage.device = device
        stage.ask("view", request_id=request_id)
        stage.session.report(monitors())
        stage.timers.pass_s(1)
        stage.rooms.consent.switch("view", True)
        assert stage.rooms.consent.view.value.identity == fault
        assert not stage.rooms.consent.allow()
        stage.rooms.consent.refuse()


def test_a_certified_engineer_is_connected_and_both_have_a_code(stage: Stage) -> None:
    granted(stage)
    stage.arrive(stage.answered(stage.make_offer()))
    assert shown(stage).state == "trusted"
    assert len(shown(stage).code) == 6
    (reveal,) = sent(stage, "reveal")
    assert not reveal.compare
    assert stage.session.sent(ch.SignalIn)


def test_an_unknown_engineer_waits_for_both_people_and_is_known_next_time(stage: Stage) -> None:
    stage.device = device_of(LIN, by=None)
    granted(stage)
    offer = stage.make_offer()
    answer = stage.answered(offer)
    stage.arrive(answer)
    assert shown(stage).state == "comparing"
    assert sent(stage, "reveal")[0].compare
    stage.arrive(x.Signal(kind="again"))  # a further connection would change the code while it is being read
    stage.timers.pass_s(20)
    assert len(stage.session.sent(ch.AddViewer)) == 1
    stage.rooms.sharing.confirm_code(LIN.id)
    assert (shown(stage).state, len(sent(stage, "confirm"))) == ("here", 1)
    assert not stage.session.sent(ch.SignalIn)
    assert offer.signed is not None
    assert answer.signed is not None
    met = introduction.Met(offer.signed, answer.signed, sent(stage, "reveal")[0].nonce)
    stage.arrive(x.Signal(kind="confirm", signature=introduction.confirmation(stage.device, met)))
    assert len(stage.session.sent(ch.AddViewer)) == 2
    stage.arrive(stage.answered(stage.make_offer()))
    assert shown(stage).state == "trusted"
    assert stage.session.sent(ch.SignalIn)
    stage.rooms.sharing.stop()
    stage.session.report(ch.Stopped(reason="customer_stopped"))
    stage.ask("view", request_id="ask-2")
    assert stage.rooms.consent.view.value.identity == Standing("known")


def test_codes_that_differ_end_everything_and_say_why(stage: Stage) -> None:
    stage.device = device_of(LIN, by=None)
    granted(stage)
    stage.arrive(stage.answered(stage.make_offer()))
    stage.rooms.sharing.deny_code(LIN.id)
    assert stage.session.sent(ch.StopSharing) == [ch.StopSharing(reason="unverified")]
    failed = stage.rooms.sharing.view.value.failed
    assert failed is not None
    assert failed() == text("error.trust_code_differs")


def test_a_false_answer_ends_the_session_with_its_reason(stage: Stage) -> None:
    granted(stage)
    answer = stage.answered(stage.make_offer())
    stage.arrive(structs.replace(answer, sdp="another"))
    assert shown(stage).fault == "mixed_up"
    assert not stage.session.sent(ch.SignalIn)
    assert stage.session.sent(ch.StopSharing) == [ch.StopSharing(reason="unverified")]


def test_a_slow_answer_to_an_offer_that_was_replaced_is_no_lie(stage: Stage) -> None:
    granted(stage)
    slow = stage.answered(stage.make_offer())
    newest = stage.make_offer("v=0 again")
    stage.arrive(slow)
    assert shown(stage).state == "introducing"
    assert not stage.session.sent(ch.SignalIn)
    stage.arrive(stage.answered(newest))
    assert shown(stage).state == "trusted"


def test_only_so_many_codes_are_put_before_a_person(stage: Stage) -> None:
    stage.device = device_of(LIN, by=None)
    granted(stage)
    for _ in range(5):
        stage.arrive(stage.answered(stage.make_offer()))
        assert shown(stage).state == "comparing"
    stage.arrive(stage.answered(stage.make_offer()))
    assert shown(stage).fault == "too_many"
