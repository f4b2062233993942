"""Offers: the soonest first, answers by value, ends that say why."""

import pytest

from agent_app.offer.presenter import END_SHOWN_MS, OfferPresenter, why_words
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.messages import routing as q
from shared.strings import phrase, render, set_language
from tests.agent_fakes import NOW, World, offer


@pytest.fixture
def world() -> World:
    world = World()
    world.sign_in()
    return world


@pytest.fixture
def card(world: World) -> OfferPresenter:
    return OfferPresenter(world.desk, world.relay, world.works.spawn)


def test_the_screen_pop_has_questions_answers_and_choices_in_the_language_shown(
    world: World, card: OfferPresenter
) -> None:
    world.desk.on_push(q.OfferArrived(offer=offer()))
    shown = card.view.value
    assert shown is not None
    assert [(render(fact.label), render(fact.value)) for fact in shown.facts][1] == ("Product", "OD-400 servo drive")
    set_language("zh_CN")
    try:
        assert [(render(fact.label), render(fact.value)) for fact in shown.facts][1] == ("产品", "OD-400 伺服驱动器")
    finally:
        set_language("en")


def test_of_two_offers_the_one_that_ends_first_is_shown(world: World, card: OfferPresenter) -> None:
    world.desk.offers.set((offer("k8", deadline_ms=NOW + 30_000), offer("k9")))
    assert card.view.value is not None
    assert (card.view.value.conversation_id, card.view.value.more) == ("k9", 1)


async def test_accepting_opens_the_conversation_and_clears_the_card(world: World, card: OfferPresenter) -> None:
    world.relay.answers[q.AcceptOffer] = c.Done()
    opened: list[str] = []
    card.accepted.watch(opened.append)
    world.desk.on_push(q.OfferArrived(offer=offer()))
    card.accept()
    card.accept()
    await world.works.settle()
    assert opened == ["k9"]
    assert card.view.value is None
    assert world.relay.asked == [q.AcceptOffer(conversation_id="k9")]


async def test_an_offer_that_is_gone_says_so_and_goes_after_a_while(world: World, card: OfferPresenter) -> None:
    world.relay.answers[q.AcceptOffer] = Refused(code="offer_gone")
    world.desk.on_push(q.OfferArrived(offer=offer()))
    card.accept()
    await world.works.settle()
    assert card.view.value is not None
    assert card.view.value.ended == phrase("offer.gone")
    world.now_ms += END_SHOWN_MS
    card.tick()
    assert card.view.value is None


async def test_a_refusal_leaves_the_card_to_be_answered_again(world: World, card: OfferPresenter) -> None:
    world.relay.answers[q.AcceptOffer] = Refused(code="no_capacity")
    world.desk.on_push(q.OfferArrived(offer=offer()))
    card.accept()
    await world.works.settle()
    assert card.view.value is not None
    assert not card.view.value.busy
    assert card.view.value.problem is not None
    assert card.view.value.problem.code == "no_capacity"


async def test_declining_carries_the_reason(world: World, card: OfferPresenter) -> None:
    world.relay.answers[q.DeclineOffer] = c.Done()
    world.desk.on_push(q.OfferArrived(offer=offer()))
    card.decline("no_skill")
    await world.works.settle()
    assert world.relay.asked == [q.DeclineOffer(conversation_id="k9", reason="no_skill")]
    assert card.view.value is None


@pytest.mark.parametrize("why", ["timed_out", "customer_left", "taken", "went_offline"])
def test_a_withdrawn_offer_says_why(world: World, card: OfferPresenter, why: str) -> None:
    world.desk.on_push(q.OfferArrived(offer=offer()))
    push = q.OfferWithdrawn(conversation_id="k9", why=why)
    world.desk.on_push(push)
    assert card.view.value is not None
    assert card.view.value.ended == phrase(f"offer.ended_{why}")
    card.accept()
    assert world.relay.asked == []


def test_a_new_offer_after_one_that_ended_is_shown_when_that_goes(world: World, card: OfferPresenter) -> None:
    world.desk.on_push(q.OfferArrived(offer=offer("k8")))
    world.desk.on_push(q.OfferWithdrawn(conversation_id="k8", why="taken"))
    world.desk.on_push(q.OfferArrived(offer=offer("k9")))
    assert card.view.value is not None
    assert card.view.value.conversation_id == "k8"
    world.now_ms += END_SHOWN_MS
    card.tick()
    assert card.view.value is not None
    assert card.view.value.conversation_id == "k9"


def test_a_reason_of_a_newer_relay_gives_the_plain_words() -> None:
    assert why_words("moon_phase", {"group": "G"}) == phrase("offer.why_free_member", group="G")
