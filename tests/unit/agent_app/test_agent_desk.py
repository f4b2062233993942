"""The desk: one snapshot, then pushes; timelines told once a turn."""

from agent_app.desk.relay import Failed, ask
from shared.common.errors import PeerBroken
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.messages import identity as i
from shared.protocol.messages import organisation as o
from shared.protocol.messages import routing as q
from tests.agent_fakes import GRACE, GROUP, LIN, ME, NOW, World, offer, row


def desk_view() -> o.Desk:
    return o.Desk(
        state=o.AgentStateView(state="available", since_ms=NOW),
        groups=(GROUP,),
        conversations=(row("k1"), row("k2", state="closed")),
        queue=(row("q1", state="queued", owner=None),),
        offers=(offer(),),
        forms=(o.IntakeForm(group_id="g1", fields=()),),
    )


async def test_the_snapshot_fills_every_list_and_leaves_out_what_is_over() -> None:
    world = World()
    world.relay.answers[o.GetDesk] = desk_view()
    assert await world.desk.refresh() is None
    assert list(world.desk.conversations.value) == ["k1"]
    assert [each.conversation_id for each in world.desk.queue.value] == ["q1"]
    assert world.desk.offers.value[0].row.conversation_id == "k9"
    assert world.desk.group_name("g1") == "Service desk"


async def test_a_snapshot_that_cannot_be_had_says_why() -> None:
    assert await World().desk.refresh() == Failed("link_lost")


async def test_asking_turns_every_kind_of_failure_into_a_value() -> None:
    world = World()
    world.relay.answers[o.GetDesk] = Refused(code="busy")
    assert await ask(world.relay, o.GetDesk(), o.Desk) == Failed("busy")

    def broken(_: object) -> object:
        raise PeerBroken("nonsense")

    world.relay.answers[o.GetDesk] = broken
    assert await ask(world.relay, o.GetDesk(), o.Desk) == Failed("internal")


def test_a_row_leaves_the_list_when_it_is_closed_or_somebody_elses() -> None:
    world = World()
    world.sign_in()
    world.desk.on_push(c.ConversationChanged(row=row("k1")))
    assert "k1" in world.desk.conversations.value
    world.desk.on_push(c.ConversationChanged(row=row("k1", owner=LIN)))
    assert "k1" not in world.desk.conversations.value
    world.desk.on_push(c.ConversationChanged(row=row("k1")))
    world.desk.on_push(c.ConversationChanged(row=row("k1", state="closed")))
    assert world.desk.conversations.value == {}


def test_an_offer_replaces_the_older_one_of_the_same_conversation() -> None:
    world = World()
    seen: list[int] = []
    world.desk.offers.watch(lambda offers: seen.append(len(offers)))
    world.desk.on_push(q.OfferArrived(offer=offer()))
    world.desk.on_push(q.OfferArrived(offer=offer(deadline_ms=NOW + 99_000)))
    assert seen == [0, 1, 1]
    world.desk.on_push(q.OfferWithdrawn(conversation_id="k9", why="taken"))
    assert world.desk.offers.value == ()


def test_the_relays_clock_is_what_deadlines_are_measured_by() -> None:
    world = World()
    welcome = i.Welcome(protocol=1, relay_version="1", organisation=i.OrganisationView(name="N"), server_ms=NOW + 5000)
    world.desk.on_welcome(welcome)
    world.now_ms += 1000
    assert world.desk.now_ms() == NOW + 6000


def test_a_page_of_events_is_told_once_and_marked_delivered_once() -> None:
    world = World()
    world.sign_in()
    told: list[int] = []
    world.timelines.watch("k1", lambda timeline: told.append(timeline.public_seq))
    world.public(c.ConversationQueued(group_id="g1", since_ms=NOW))
    for number in range(20):
        world.chat(GRACE, f"line {number}")
    assert told == [0]
    world.flush()
    assert told == [0, 21]
    assert world.relay.told == [c.MarkDelivered(conversation_id="k1", seq=21)]


def test_a_closed_timeline_follows_nothing_and_takes_nothing_more() -> None:
    world = World()
    world.active()
    assert set(world.relay.followed) == {"c/k1/public", "c/k1/internal"}
    world.chat(ME, "one")
    world.timelines.close_all()
    world.chat(ME, "two")
    world.flush()
    assert world.relay.followed == {}
