"""One rating a conversation, by its customer, once it is over."""

from pathlib import Path

from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.messages.insight import GiveRating, RatingGiven
from shared.protocol.messages.organisation import GetHome
from tests.relay_house import MESSAGE, ok, open_house


async def test_a_rating_is_given_once_after_the_end(tmp_path: Path) -> None:
    async with open_house(tmp_path / "relay.db") as house:
        li, eve = await house.customer("Li"), await house.customer("Eve")
        lin = await house.served(li, "C1")
        rating = GiveRating(conversation_id="C1", solved="yes", easy=5, comment=" fine ")
        early = await house.insight.give_rating(li, rating)
        assert early == Refused(code="wrong_state", params={"state": "active", "event": "rate"})
        ok(await house.conversations.end_conversation(lin, c.EndConversation(conversation_id="C1")))
        empty = await house.insight.give_rating(li, GiveRating(conversation_id="C1"))
        assert empty == Refused(code="form_incomplete", params={"fields": "solved"})
        assert await house.insight.give_rating(eve, rating) == Refused(code="not_found")
        ok(await house.insight.give_rating(li, rating))
        assert await house.insight.give_rating(li, rating) == Refused(code="already_rated")
        ratings = [event for _, event in await house.events("c/C1/public") if isinstance(event, RatingGiven)]
        assert ratings == [RatingGiven(by=li.person, solved="yes", easy=5, comment="fine")]
        assert ok(await house.routing.get_home(li, GetHome())).requests[0].rated


async def test_a_message_that_nobody_answered_is_not_rated(tmp_path: Path) -> None:
    async with open_house(tmp_path / "relay.db") as house:
        li = await house.customer("Li")
        left = c.LeaveMessage(conversation_id="C1", group_id="desk", subject="x", answers=MESSAGE)
        ok(await house.routing.leave_message(li, left))
        refused = await house.insight.give_rating(li, GiveRating(conversation_id="C1", solved="no"))
        assert refused == Refused(code="wrong_state", params={"state": "closed", "event": "rate"})
