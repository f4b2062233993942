"""The table of tickets: a view, words, pages of a hundred, kept fresh by pushes."""

from typing import Final, Literal

from msgspec import Struct, structs

from agent_app.desk.desk import Desk
from agent_app.desk.relay import Failed, Relay, Spawn, ask
from shared.common.shown import Shown
from shared.protocol.messages.tickets import ListTickets, TicketPage, TicketRow

TicketFilter = Literal["open", "mine", "all"]
FILTERS: Final[tuple[TicketFilter, ...]] = ("open", "mine", "all")
PAGE: Final = 100
MAX_WORDS: Final = 200


class TicketListView(Struct, frozen=True, kw_only=True):
    """`loaded` is False until the first page of this view and these words has come."""

    view: TicketFilter = "open"
    words: str = ""
    rows: tuple[TicketRow, ...] = ()
    more: bool = False
    busy: bool = False
    loaded: bool = False
    problem: Failed | None = None


class TicketListPresenter:
    """A newer question overtakes an older one; its rows are then not taken."""

    def __init__(self, desk: Desk, relay: Relay, spawn: Spawn) -> None:
        self._desk, self._relay, self._spawn = desk, relay, spawn
        self._asked = 0
        self.view = Shown(TicketListView())
        desk.tickets.watch(self._changed)

    def show(self, view: TicketFilter) -> None:
        """Another view."""
        self._load(view, self.view.value.words)

    def search(self, words: str) -> None:
        """Only those with these words."""
        words = words.strip()[:MAX_WORDS]
        if words != self.view.value.words:
            self._load(self.view.value.view, words)

    def reload(self) -> None:
        """The same again, fresh."""
        self._load(self.view.value.view, self.view.value.words)

    def load_more(self) -> None:
        """The next page, when there is one and none is under way."""
        view = self.view.value
        if view.more and not view.busy and view.rows:
            self._fetch(before_ms=view.rows[-1].updated_ms)

    def _load(self, view: TicketFilter, words: str) -> None:
        same = (view, words) == (self.view.value.view, self.view.value.words)
        rows = self.view.value.rows if same else ()
        self._change(view=view, words=words, rows=rows, loaded=same and self.view.value.loaded)
        self._fetch(before_ms=0)

    def _fetch(self, before_ms: int) -> None:
        self._asked += 1
        self._change(busy=True, problem=None)
        self._spawn(self._get(self._asked, before_ms), "list tickets")

    async def _get(self, asked: int, before_ms: int) -> None:
        view = self.view.value
        command = ListTickets(view=view.view, words=view.words, before_ms=before_ms, limit=PAGE)
        page = await ask(self._relay, command, TicketPage)
        if asked != self._asked:
            return
        if isinstance(page, Failed):
            self._change(busy=False, problem=page)
            return
        kept = view.rows if before_ms else ()
        known = {row.ticket_id for row in kept}
        rows = kept + tuple(row for row in page.rows if row.ticket_id not in known)
        self._change(rows=rows, more=page.more, busy=False, loaded=True)

    def _changed(self, row: TicketRow) -> None:
        """In its place when shown already (nothing moves under the pointer), else on top when it belongs here."""
        view = self.view.value
        if any(each.ticket_id == row.ticket_id for each in view.rows):
            self._change(rows=tuple(row if each.ticket_id == row.ticket_id else each for each in view.rows))
        elif view.loaded and not view.words and self._belongs(row):
            self._change(rows=(row, *view.rows))

    def _belongs(self, row: TicketRow) -> bool:
        match self.view.value.view:
            case "all":
                return True
            case "open":
                return row.state not in {"resolved", "closed"}
            case "mine":
                return row.owner is not None and row.owner.id == self._desk.my_id

    def _change(self, **fields: object) -> None:
        self.view.set(structs.replace(self.view.value, **fields))
