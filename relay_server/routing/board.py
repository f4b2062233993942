"""What is told about lines: places to who waits, lists to agents, and to all whether somebody can be asked."""

from collections.abc import Callable, Iterable
from typing import Final

from relay_server.engine.bus import Note, ToPerson
from relay_server.engine.raw import Rows
from relay_server.organisation import store as organisation
from relay_server.organisation.rules import open_at
from relay_server.routing import store
from relay_server.routing.estimate import Range, estimate
from shared.protocol.messages.conversations import ConversationRow, QueuePlace, ServiceStatus
from shared.protocol.messages.routing import QueueChanged

QUEUE_SHOWN: Final = 100
PLACES_TOLD: Final = 2000
"""Places told live; who stands further back learns theirs when the line has moved up."""

QueueOf = Callable[[Rows, tuple[str, ...]], tuple[ConversationRow, ...]]


def status(rows: Rows, group: organisation.Group, now_ms: int) -> ServiceStatus:
    """Whether somebody of the group, or of its overflow group, can be asked now, and the wait of a newcomer."""
    duty, waiting = _duty(rows, group, now_ms), store.waiting_count(rows, group.group_id)
    if not duty and group.overflow_id:
        overflow = organisation.group(rows, group.overflow_id)
        duty = _duty(rows, overflow, now_ms) if overflow else 0
    wait = estimate(waiting + 1, store.moved(rows, group.group_id), now_ms)
    return ServiceStatus(
        group_id=group.group_id,
        on_duty=duty,
        waiting=waiting,
        wait_low_s=wait.low_s if wait else None,
        wait_high_s=wait.high_s if wait else None,
    )


def places(rows: Rows, group_id: str, now_ms: int) -> list[tuple[str, QueuePlace]]:
    """Each waiting customer's id and place."""
    duty, moved = store.on_duty(rows, group_id), store.moved(rows, group_id)
    return [
        (each.customer_id, _place(each.conversation_id, place, duty, estimate(place, moved, now_ms), now_ms))
        for place, each in enumerate(store.board_line(rows, group_id, PLACES_TOLD), 1)
    ]


def _place(conversation_id: str, place: int, duty: int, wait: Range | None, now_ms: int) -> QueuePlace:
    return QueuePlace(
        conversation_id=conversation_id,
        place=place,
        on_duty=duty,
        at_ms=now_ms,
        wait_low_s=wait.low_s if wait else None,
        wait_high_s=wait.high_s if wait else None,
    )


def _duty(rows: Rows, group: organisation.Group, now_ms: int) -> int:
    return store.on_duty(rows, group.group_id) if open_at(group.hours, now_ms) else 0


class Board:
    """Remembers what was told, so that only what changed is told again. Used from one task."""

    def __init__(self, queue_of: QueueOf) -> None:
        self._queue_of = queue_of
        self._places: dict[str, tuple[object, ...]] = {}
        self._by_group: dict[str, set[str]] = {}
        self._status: dict[str, tuple[object, ...]] = {}

    def forget(self, conversation_ids: Iterable[str]) -> None:
        """These places are told again at the next look."""
        for conversation_id in conversation_ids:
            self._places.pop(conversation_id, None)

    def look_at_lines(self, rows: Rows, group_ids: frozenset[str], now_ms: int) -> tuple[Note, ...]:
        """Places and lists of the groups whose lines changed."""
        notes: list[Note] = []
        for group_id in sorted(group_ids):
            found = places(rows, group_id, now_ms)
            notes.extend(ToPerson(person, push) for person, push in found if self._is_news(push))
            self._drop_gone(group_id, {push.conversation_id for _, push in found})
        return (*notes, *self._lists(rows, group_ids))

    def look_at_status(
        self, rows: Rows, group_ids: frozenset[str], people: frozenset[str], now_ms: int
    ) -> tuple[Note, ...]:
        """Whether public groups can be asked, for everybody who has the first page open."""
        changed: list[ServiceStatus] = []
        for group in organisation.groups(rows):
            if group.public and (group.group_id in group_ids or group.overflow_id in group_ids):
                stands = status(rows, group, now_ms)
                key = (stands.on_duty, stands.waiting, stands.wait_low_s, stands.wait_high_s)
                if self._status.get(group.group_id) != key:
                    self._status[group.group_id] = key
                    changed.append(stands)
        return tuple(ToPerson(person, push) for push in changed for person in people)

    def _lists(self, rows: Rows, group_ids: frozenset[str]) -> list[Note]:
        lists: dict[tuple[str, ...], QueueChanged] = {}
        notes: list[Note] = []
        for agent_id, mine in store.connected_agents(rows):
            if group_ids.isdisjoint(mine):
                continue
            if mine not in lists:
                lists[mine] = QueueChanged(rows=self._queue_of(rows, mine))
            notes.append(ToPerson(agent_id, lists[mine]))
        return notes

    def _is_news(self, push: QueuePlace) -> bool:
        key = (push.place, push.on_duty, push.wait_low_s, push.wait_high_s)
        if self._places.get(push.conversation_id) == key:
            return False
        self._places[push.conversation_id] = key
        return True

    def _drop_gone(self, group_id: str, present: set[str]) -> None:
        self.forget(self._by_group.get(group_id, set()) - present)
        self._by_group[group_id] = present
