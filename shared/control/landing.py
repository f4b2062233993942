"""The thread in which remote input lands: while a slow X server or a long text holds it up, orders are still heard."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Final

from shared.control.gate import Gate, Protected
from shared.control.guard import Guarded
from shared.control.injector import ControlFault, Injector
from shared.control.input import Input, LetGo, PointerMove
from shared.rules.consent import Consent
from shared.rules.sharing import Ground

_log = logging.getLogger(__name__)

MAX_WAITING: Final = 512
_TICK_S: Final = 0.25


class Landing:
    """Owns the gate. `open_injector` runs in the thread; until it has, and when it fails, nothing lands.

    `on_ready(works)` is called in the thread once the machine is known to take input, or not (any longer).
    """

    def __init__(
        self,
        open_injector: Callable[[], Injector],
        clock_ms: Callable[[], int],
        on_ready: Callable[[bool], None],
    ) -> None:
        self._open_injector = open_injector
        self._clock_ms = clock_ms
        self._on_ready = on_ready
        self._waiting: deque[tuple[str, Input]] = deque()
        self._changed = threading.Condition()
        self._poked = threading.Event()
        self._ended = False
        self._gate: Gate | None = None
        self._rules = _Rules()
        self._thread = threading.Thread(target=self._run, name="landing", daemon=True)

    def start(self) -> None:
        """Begins to open the injector."""
        self._thread.start()

    def offer(self, agent_id: str, message: Input) -> None:
        """Takes a message to land; never blocks. Too many waiting: this agent's are dropped, what it holds comes up."""
        with self._changed:
            last = self._waiting[-1] if self._waiting else None
            if last and last[0] == agent_id and type(last[1]) is PointerMove and type(message) is PointerMove:
                self._waiting[-1] = (agent_id, message)
                return
            if len(self._waiting) >= MAX_WAITING:
                self._waiting = deque(item for item in self._waiting if item[0] != agent_id)
                message = LetGo()
            self._waiting.append((agent_id, message))
            self._changed.notify()

    def set_consent(self, consent: Consent) -> None:
        """In force for the very next event; what may no longer be held comes up."""
        self._rules.consent = consent
        self._apply()

    def set_connected(self, agents: frozenset[str]) -> None:
        """Whose connection stands; nothing of anybody else lands."""
        self._rules.connected = agents
        self._apply()

    def set_protected(self, protected: Protected) -> None:
        """Our windows."""
        self._rules.protected = protected
        self._apply()

    def set_ground(self, ground: Ground | None) -> None:
        """What the agents see; None: nothing."""
        self._rules.ground = ground
        self._apply()

    def set_guarded(self, guarded: Guarded) -> None:
        """A lock screen or a prompt is up, or gone. From any thread."""
        self._rules.guarded = guarded
        self._apply()

    def note_local(self, now_ms: int) -> None:
        """The person used mouse or keyboard. From any thread."""
        gate = self._gate
        if gate is not None:
            fresh = now_ms >= gate.local_until_ms
            gate.note_local(now_ms)
            if fresh:  # else everything is up already, and a mouse moves a thousand times a second
                self._poke()

    def shut(self) -> None:
        """Nothing lands from here on. From any thread; waits for nobody."""
        self._rules.shut = True
        if self._gate is not None:
            self._gate.shut()
        self._poked.set()

    def tallies(self) -> dict[str, tuple[int, int, int, int]]:
        """Landed, refused, first and last time (ms) by agent."""
        gate = self._gate
        if gate is None:
            return {}
        return {agent: (one.landed, one.refused, one.first_ms, one.last_ms) for agent, one in gate.tallies.items()}

    def close(self, timeout_s: float = 2.0) -> None:
        """Lets go of everything and ends the thread; blocks up to `timeout_s`. Idempotent."""
        self.shut()
        with self._changed:
            self._ended = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _apply(self) -> None:
        if self._gate is not None:
            self._rules.apply(self._gate)
        self._poke()

    def _poke(self) -> None:
        self._poked.set()
        with self._changed:
            self._changed.notify()

    def _run(self) -> None:
        try:
            gate = Gate(self._open_injector, self._clock_ms, self._pause_s)
        except ControlFault as fault:
            _log.warning("remote control is not possible here: %s", fault.code)
            self._on_ready(False)
            return
        self._rules.apply(gate)
        self._gate = gate
        self._rules.apply(gate)  # what was set between the first and the line before
        self._on_ready(True)
        try:
            self._land_all(gate)
        except ControlFault as fault:
            _log.warning("remote control has ended: %s", fault.code)
            self._on_ready(False)
        finally:
            gate.close()

    def _land_all(self, gate: Gate) -> None:
        while not self._ended:
            with self._changed:
                if not self._waiting and not self._poked.is_set():
                    self._changed.wait(_TICK_S)
                item = self._waiting.popleft() if self._waiting else None
            self._poked.clear()
            gate.settle()
            if item is not None:
                gate.land(*item)

    def _pause_s(self, seconds: float) -> None:
        if self._poked.wait(seconds):
            self._poked.clear()
            if self._gate is not None:
                self._gate.settle()


class _Rules:
    """What the gate must know, kept here too for the moment before it is open."""

    def __init__(self) -> None:
        self.consent: Consent | None = None
        self.connected: frozenset[str] = frozenset()
        self.protected = Protected()
        self.ground: Ground | None = None
        self.guarded: Guarded = ""
        self.shut = False

    def apply(self, gate: Gate) -> None:
        gate.connected = self.connected
        gate.protected = self.protected
        gate.guarded = self.guarded
        if self.consent is not None:
            gate.consent = self.consent
        gate.ground = self.ground
        if self.shut:
            gate.shut()
