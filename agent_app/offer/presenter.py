"""The offer that is shown, its screen pop, and what answering it leads to."""

from typing import Final, Literal

from msgspec import Struct, structs

from agent_app.desk.desk import Desk
from agent_app.desk.relay import Failed, Relay, Spawn, ask
from agent_app.desk.words import Fact, facts, system_facts
from shared.common.shown import Heard, Shown
from shared.protocol.messages import conversations as c
from shared.protocol.messages import organisation as o
from shared.protocol.messages import routing as q
from shared.strings import Phrase, phrase

DeclineReason = Literal["wrong_group", "finishing", "no_skill", "other"]
DECLINE_REASONS: Final[tuple[DeclineReason, ...]] = ("wrong_group", "finishing", "no_skill", "other")
END_SHOWN_MS: Final = 4000
"""How long the card stays to say why it goes."""
MAX_FACTS: Final = 8
_WHY: Final = ("free_member", "only_member", "longest_available", "least_load", "preferred", "returned", "taken")


class OfferCard(Struct, frozen=True, kw_only=True):
    """What the card shows. `ended` says why it goes; `gone_ms` is when."""

    conversation_id: str
    name: str
    vip: bool
    subject: str
    group: str
    waiting_since_ms: int
    deadline_ms: int
    window_s: int
    facts: tuple[Fact, ...]
    system: tuple[Fact, ...]
    earlier: tuple[o.RequestView, ...]
    why: Phrase
    ticket: str
    more: int = 0
    busy: bool = False
    ended: Phrase | None = None
    gone_ms: int = 0
    problem: Failed | None = None


class OfferPresenter:
    """Shows the offer that ends first. Answering is a click or a chord, never Enter."""

    def __init__(self, desk: Desk, relay: Relay, spawn: Spawn) -> None:
        self._desk, self._relay, self._spawn = desk, relay, spawn
        self.view: Shown[OfferCard | None] = Shown(None)
        self.accepted = Heard[str]()
        self.arrived = Heard[OfferCard]()
        desk.offers.watch(self._fill)
        desk.withdrawn.watch(self._withdrawn)

    def accept(self) -> None:
        """Take it."""
        card = self._answerable()
        if card is not None:
            self._change(busy=True, problem=None)
            self._spawn(self._accept(card.conversation_id), "accept offer")

    def decline(self, reason: DeclineReason) -> None:
        """Leave it to somebody else."""
        card = self._answerable()
        if card is not None:
            self._change(busy=True, problem=None)
            self._spawn(self._decline(card.conversation_id, reason), "decline offer")

    def tick(self) -> None:
        """A second has passed: what ended goes, what ran out unanswered is said to have."""
        card = self.view.value
        if card is None:
            return
        now_ms = self._desk.now_ms()
        if card.ended is not None and now_ms >= card.gone_ms:
            self._show_next()
        elif card.ended is None and not card.busy and now_ms > card.deadline_ms + END_SHOWN_MS:
            self._desk.drop_offer(card.conversation_id)
            self._show_next()

    async def _accept(self, conversation_id: str) -> None:
        answer = await ask(self._relay, q.AcceptOffer(conversation_id=conversation_id), c.Done)
        if isinstance(answer, Failed):
            self._failed(conversation_id, answer)
            return
        self._leave(conversation_id)
        self.accepted.tell(conversation_id)

    async def _decline(self, conversation_id: str, reason: DeclineReason) -> None:
        answer = await ask(self._relay, q.DeclineOffer(conversation_id=conversation_id, reason=reason), c.Done)
        if isinstance(answer, Failed):
            self._failed(conversation_id, answer)
        else:
            self._leave(conversation_id)

    def _failed(self, conversation_id: str, why: Failed) -> None:
        card = self.view.value
        if card is None or card.conversation_id != conversation_id:
            return
        if why.code == "offer_gone":
            self._end(phrase("offer.gone"))
        else:
            self._change(busy=False, problem=why)

    def _leave(self, conversation_id: str) -> None:
        self._desk.drop_offer(conversation_id)
        card = self.view.value
        if card is not None and card.conversation_id == conversation_id:
            self._show_next()

    def _answerable(self) -> OfferCard | None:
        card = self.view.value
        return card if card is not None and not card.busy and card.ended is None else None

    def _withdrawn(self, push: q.OfferWithdrawn) -> None:
        card = self.view.value
        if card is not None and card.conversation_id == push.conversation_id and push.why != "answered":
            self._end(phrase(f"offer.ended_{push.why}"))

    def _end(self, why: Phrase) -> None:
        card = self.view.value
        if card is not None:
            self._change(ended=why, busy=False, problem=None, gone_ms=self._desk.now_ms() + END_SHOWN_MS)
            self._desk.drop_offer(card.conversation_id)

    def _fill(self, offers: tuple[o.OfferView, ...]) -> None:
        card = self.view.value
        still = card is not None and any(each.row.conversation_id == card.conversation_id for each in offers)
        if card is None or (not still and card.ended is None and not card.busy):
            self._show_next()
        elif still:
            self._change(more=len(offers) - 1)

    def _show_next(self) -> None:
        offers = sorted(self._desk.offers.value, key=lambda each: each.deadline_ms)
        if not offers:
            self.view.set(None)
            return
        shown = self._card(offers[0], len(offers) - 1)
        self.view.set(shown)
        self.arrived.tell(shown)

    def _card(self, offer: o.OfferView, more: int) -> OfferCard:
        row = offer.row
        return OfferCard(
            conversation_id=row.conversation_id,
            name=row.customer.name,
            vip=row.vip_level > 0,
            subject=row.subject,
            group=self._desk.group_name(row.group_id),
            waiting_since_ms=row.since_ms,
            deadline_ms=offer.deadline_ms,
            window_s=offer.window_s,
            facts=facts(offer.fields, offer.answers)[:MAX_FACTS],
            system=system_facts(offer.system)[:MAX_FACTS],
            earlier=offer.earlier[:3],
            why=why_words(offer.why, offer.why_params),
            ticket=row.ticket_number,
            more=more,
        )

    def _change(self, **fields: object) -> None:
        if self.view.value is not None:
            self.view.set(structs.replace(self.view.value, **fields))


def why_words(code: str, params: dict[str, str]) -> Phrase:
    """Why this agent was chosen, in words; a reason of a newer relay gives the plain one."""
    group = params.get("group", "")
    return phrase(f"offer.why_{code}" if code in _WHY else "offer.why_free_member", group=group)
