"""Pointing and drawing in the two session processes: what an agent draws is checked where it would show."""

import asyncio
from typing import Final

from shared.control.drawing import (
    BLANK,
    MAX_REACH,
    Aim,
    Begin,
    Drawing,
    Reach,
    Sketch,
    Unaim,
    Wiped,
    decode_drawing,
    decode_wiped,
    drawn,
    encode,
)
from shared.rules.coordinates import Area, to_screen
from shared.session.drawing_messages import AgentSketch, DrawingsShown, DrawingWiped, SendDrawing
from shared.session.parts import AgentHost, CustomerHost

MARKS_A_SECOND: Final = 240
"""What the customer's side takes of one agent; our own sends about 60 and never more than 130."""
_BATCH_S: Final = 0.016
_MAX_WAITING: Final = 256


class CustomerDrawing:
    """Keeps what each agent shows; the window paints it. The grant is `point`, asked for at each mark."""

    channel = "drawing"

    def __init__(self, host: CustomerHost) -> None:
        self._host = host
        self._monitor = Area(0, 0, 1, 1)
        self._sketches: dict[str, Sketch] = {}
        self._second: dict[str, tuple[int, int]] = {}
        self._stopped = False

    def set_monitor(self, area: Area) -> None:
        """The monitor that the agents see; what was drawn over another one goes."""
        if area != self._monitor:
            self._monitor = area
            self.wipe()

    def message(self, agent_id: str, data: bytes) -> None:
        mark = decode_drawing(data)
        if self._stopped or not self._in_time(agent_id):
            return
        allowed = self._host.allows(agent_id, "point")
        before = self._sketches.get(agent_id, BLANK)
        if isinstance(mark, Begin) or (isinstance(mark, Aim) and before.aim is None):
            self._host.used(agent_id, "point", refused=not allowed)
        if allowed:
            self._sketches[agent_id] = drawn(before, mark, self._place)
            self._show()

    def standing_changed(self) -> None:
        """What somebody drew goes with their grant, with the pause and with the connection."""
        for agent_id in [one for one in self._sketches if not self._host.allows(one, "point")]:
            self._wipe(agent_id)

    def wipe(self) -> None:
        """Everything goes; whoever drew it is told."""
        for agent_id in list(self._sketches):
            self._wipe(agent_id)

    def stop(self) -> None:
        self._stopped = True
        if self._sketches:
            self._sketches.clear()
            self._show()

    async def close(self) -> None:
        """Nothing runs."""

    def _wipe(self, agent_id: str) -> None:
        del self._sketches[agent_id]
        self._host.say(agent_id, self.channel, encode(Wiped()))
        self._show()

    def _show(self) -> None:
        shown = [AgentSketch(agent_id=one, sketch=sketch) for one, sketch in self._sketches.items() if sketch != BLANK]
        self._host.report_latest(DrawingsShown(sketches=tuple(shown)))

    def _place(self, x: int, y: int, width: int, height: int) -> tuple[int, int]:
        at = to_screen(self._monitor, width, height, x, y)
        return at.x, at.y

    def _in_time(self, agent_id: str) -> bool:
        second = self._host.now_ms() // 1000
        before, count = self._second.get(agent_id, (second, 0))
        count = count + 1 if before == second else 1
        self._second[agent_id] = (second, count)
        return count <= MARKS_A_SECOND


class AgentDrawing:
    """Sends marks, 60 times a second at most: what a mouse says in between is joined."""

    channel = "drawing"

    def __init__(self, host: AgentHost) -> None:
        self._host = host
        self._waiting: list[Drawing] = []

    def send(self, order: SendDrawing) -> None:
        """What the window wants drawn."""
        if not self._waiting:
            self._host.spawn(self._flush(), "send drawing")
        for mark in order.marks:
            if not _join(self._waiting, mark) and len(self._waiting) < _MAX_WAITING:
                self._waiting.append(mark)

    def message(self, data: bytes) -> None:
        decode_wiped(data)
        self._host.report(DrawingWiped())

    def connected(self, live: bool) -> None:
        """A lost connection has taken everything from the customer's screen."""
        if not live:
            self._host.report(DrawingWiped())

    async def close(self) -> None:
        """What waits is not worth a word any more."""
        self._waiting.clear()

    async def _flush(self) -> None:
        await asyncio.sleep(_BATCH_S)
        waiting, self._waiting = self._waiting, []
        for mark in waiting:
            self._host.say(self.channel, encode(mark))


def _join(waiting: list[Drawing], new: Drawing) -> bool:
    """Puts a mark into one that waits, where that says the same; pointing and drawing do not wait for each other."""
    aims = isinstance(new, Aim | Unaim)
    at = next((at for at in range(len(waiting) - 1, -1, -1) if isinstance(waiting[at], Aim | Unaim) == aims), None)
    if at is None:
        return False
    match waiting[at], new:
        case Aim(), Aim():
            waiting[at] = new
            return True
        case Reach(spots, width, height), Reach(more) if (width, height) == (new.width, new.height):
            if len(spots) + len(more) <= MAX_REACH:
                waiting[at] = Reach((*spots, *more), width, height)
                return True
            return False
        case _:
            return False
