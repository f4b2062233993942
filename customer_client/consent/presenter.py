"""One question at a time: who asks, for what, why; every answer but a chosen one is no."""

from collections.abc import Callable
from typing import Final

from msgspec import Struct, structs

from customer_client.desk.desk import Desk
from customer_client.desk.relay import Later
from customer_client.desk.timelines import Timelines
from customer_client.sharing.choosing import Choice, Choosing
from shared.common.shown import Shown
from shared.protocol.messages.identity import RecordingTerms
from shared.protocol.messages.remote import CapabilityAsked
from shared.protocol.types import Capability, Grant
from shared.rules.certificates import Fault, Standing
from shared.rules.consent import NEEDS_VIEW
from shared.rules.sharing import Share
from shared.rules.timeline import Timeline
from shared.strings import Words

CAN_GRANT: Final[tuple[Capability, ...]] = (
    "view",
    "point",
    "control",
    "clipboard.read",
    "clipboard.write",
    "files.send",
    "files.receive",
    "audio",
    "record",
    "sysinfo",
    "restart",
)
"""What this program can carry out and enforce; anything else that is asked for is answered no."""
MINUTES: Final = (5, 15, 60)
DEFAULT_MINUTES: Final = 15
DEAF_MS: Final = 600
"""For this long after it opens the sheet takes no yes: the keys were meant for something else."""
_TICK_S: Final = 0.5
_LOOK_AGAIN_MS: Final = 2000


class Row(Struct, frozen=True):
    """One capability. `blocked`: it needs the view, which is neither on here nor granted before."""

    capability: Capability
    on: bool = False
    minutes: int = DEFAULT_MINUTES
    blocked: bool = False


class ConsentView(Struct, frozen=True):
    """The sheet; without `asked` there is none. `sharing` names what is shared already, `share` what is chosen,
    `keep_days` says how long a recording would be kept and `seal_to` by which key it is sealed, `identity` what the
    asking engineer's key is worth: a fault cannot be allowed anything."""

    asked: CapabilityAsked | None = None
    conversation_id: str = ""
    company: str = ""
    sample: bool = False
    rows: tuple[Row, ...] = ()
    share: Share | None = None
    sharing: Words = ""
    identity: Standing | Fault = "unsigned"
    left_s: int = 0
    total_s: int = 1
    keep_days: int = 0
    seal_to: str = ""

    @property
    def chosen(self) -> int:
        """How many capabilities are on."""
        return sum(1 for row in self.rows if row.on)

    @property
    def may_allow(self) -> bool:
        """Whether a yes would mean something: something is on, and what is to be seen is chosen."""
        sees = any(row.on and row.capability == "view" for row in self.rows)
        shown = not sees or bool(self.sharing or self.share)
        return self.chosen > 0 and shown and isinstance(self.identity, Standing)


class Decision(Struct, frozen=True):
    """The customer's answer; no grants means no. `seal_to`: the key that recordings may be sealed to."""

    asked: CapabilityAsked
    conversation_id: str
    grants: tuple[Grant, ...] = ()
    share: Share | None = None
    seal_to: str = ""


class ConsentPresenter:
    """`decided` gets each answer; `look` asks the session process what there is to share; `held` says what an agent
    may do already, `sharing` what is shared now, `judge` who asks, `believes` whether a key for recordings is the
    organisation's."""

    def __init__(
        self,
        desk: Desk,
        timelines: Timelines,
        later: Later,
        decided: Callable[[Decision], None],
        look: Callable[[], None],
        held: Callable[[str], frozenset[Capability]],
        sharing: Callable[[], Words],
        choosing: Choosing,
        judge: Callable[[CapabilityAsked, str], Standing | Fault],
        believes: Callable[[RecordingTerms], bool],
        can_restart: bool,
    ) -> None:
        self._desk, self._later, self._judge, self._believes = desk, later, judge, believes
        self._can_restart = can_restart
        self._decided, self._look, self._held, self._sharing = decided, look, held, sharing
        self._stop_clock: Callable[[], None] = _nothing
        self._opened_ms = self._looked_ms = 0
        self._answered: set[str] = set()
        self.choosing = choosing
        self.view = Shown(ConsentView())
        choosing.view.watch(self._chosen)
        timelines.changed.watch(self._take)

    # What a person does

    def switch(self, capability: Capability, on: bool) -> None:
        """Turn one capability on or off; nothing is ever turned on for the person."""
        rows = tuple(
            structs.replace(row, on=on) if row.capability == capability else row for row in self.view.value.rows
        )
        self.view.set(structs.replace(self.view.value, rows=self._with_blocks(rows)))

    def choose_minutes(self, capability: Capability, minutes: int) -> None:
        """For how long."""
        if minutes in MINUTES:
            rows = self.view.value.rows
            changed = (structs.replace(row, minutes=minutes) if row.capability == capability else row for row in rows)
            self.view.set(structs.replace(self.view.value, rows=tuple(changed)))

    def allow(self) -> bool:
        """Yes to what is on. Within the first 600 ms, or with nothing on, it is not heard."""
        view, now = self.view.value, self._desk.now_ms()
        if view.asked is None or not view.may_allow or now - self._opened_ms < DEAF_MS:
            return False
        grants = tuple(
            Grant(capability=row.capability, agent_id=view.asked.agent.id, until_ms=now + row.minutes * 60_000)
            for row in view.rows
            if row.on
        )
        self._answer(grants)
        return True

    def refuse(self) -> None:
        """No."""
        self._answer(())

    # How it comes about

    def _chosen(self, choice: Choice) -> None:
        if self.view.value.asked is not None:
            self.view.set(structs.replace(self.view.value, share=choice.share))

    def _take(self, timeline: Timeline) -> None:
        view = self.view.value
        here = view.asked is not None and view.conversation_id == timeline.conversation_id
        if here and view.asked is not None and view.asked.request_id not in {each.request_id for each in timeline.asks}:
            self._close()
        if self.view.value.asked is None:
            now = self._desk.now_ms()
            fresh = (a for a in timeline.asks if a.expires_ms > now and a.request_id not in self._answered)
            if (first := next(fresh, None)) is not None:
                self._open(first, timeline)

    def _open(self, asked: CapabilityAsked, timeline: Timeline) -> None:
        organisation = self._desk.organisation.value
        now = self._opened_ms = self._desk.now_ms()
        terms = organisation.recording if organisation else None
        if terms is not None and not self._believes(terms):
            terms = None
        cannot = {"record": terms is None, "restart": not self._can_restart}
        can = [each for each in CAN_GRANT if not cannot.get(each, False)]
        rows = tuple(Row(capability) for capability in can if capability in asked.capabilities)
        self.view.set(
            ConsentView(
                asked=asked,
                conversation_id=timeline.conversation_id,
                company=organisation.name if organisation else "",
                sample=bool(organisation and organisation.sample),
                rows=(),
                share=self.choosing.view.value.share,
                sharing=self._sharing(),
                identity=self._judge(asked, timeline.conversation_id),
                left_s=_seconds(asked.expires_ms - now),
                total_s=max(1, _seconds(asked.expires_ms - now)),
                keep_days=terms.keep_days if terms else 0,
                seal_to=terms.key if terms else "",
            )
        )
        if not rows:
            self.refuse()
            return
        self.view.set(structs.replace(self.view.value, rows=self._with_blocks(rows)))
        self._looked_ms = 0
        self._tick()

    def _with_blocks(self, rows: tuple[Row, ...]) -> tuple[Row, ...]:
        asked = self.view.value.asked
        held = self._held(asked.agent.id) if asked else frozenset[Capability]()
        sees = "view" in held or any(row.capability == "view" and row.on for row in rows)
        blocked = (row.capability in NEEDS_VIEW and not sees for row in rows)
        return tuple(
            structs.replace(row, blocked=block, on=row.on and not block)
            for row, block in zip(rows, blocked, strict=True)
        )

    def _tick(self) -> None:
        view, now = self.view.value, self._desk.now_ms()
        if view.asked is None:
            return
        if now >= view.asked.expires_ms:
            self.refuse()
            return
        if now - self._looked_ms >= _LOOK_AGAIN_MS and not view.sharing:
            self._looked_ms = now
            self._look()
        self.view.set(structs.replace(self.view.value, left_s=_seconds(view.asked.expires_ms - now)))
        self._stop_clock = self._later(_TICK_S, self._tick)

    def _answer(self, grants: tuple[Grant, ...]) -> None:
        view = self.view.value
        if view.asked is None:
            return
        seal_to = view.seal_to if any(each.capability == "record" for each in grants) else ""
        decision = Decision(view.asked, view.conversation_id, grants, view.share if grants else None, seal_to)
        self._close()
        self._decided(decision)

    def _close(self) -> None:
        asked = self.view.value.asked
        if asked is not None:
            self._answered.add(asked.request_id)
        self._stop_clock()
        self.view.set(ConsentView())


def _seconds(left_ms: int) -> int:
    return max(0, -(-left_ms // 1000))


def _nothing() -> None:
    pass
