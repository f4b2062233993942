"""Inbox, wrap-up, queue, tickets, knowledge and frame, each by its view states."""

import asyncio

from agent_app.desk.desk import LinkView
from agent_app.desk.relay import Failed
from agent_app.frame.presenter import FramePresenter
from agent_app.inbox.presenter import InboxPresenter
from agent_app.knowledge.presenter import KnowledgePresenter
from agent_app.queue.presenter import QueuePresenter
from agent_app.tickets.list_presenter import TicketListPresenter
from agent_app.tickets.page_presenter import TicketPagePresenter
from agent_app.wrapup.presenter import WrapUpPresenter
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.messages import knowledge as k
from shared.protocol.messages import remote as x
from shared.protocol.messages import routing as q
from shared.protocol.messages import tickets as t
from shared.strings import phrase, render
from tests.agent_fakes import GRACE, ME, NOW, TOM, World, article, row, ticket_detail, ticket_row


def test_the_inbox_sorts_by_who_has_to_act_and_then_by_age() -> None:
    world = World()
    world.sign_in()
    world.desk.conversations.set(
        {
            "new": row("new", last_at_ms=NOW - 1000),
            "old": row("old", TOM, last_at_ms=NOW - 9000),
            "theirs": row("theirs", last_by="agent"),
            "done": row("done", state="wrap_up", ended_ms=NOW),
        }
    )
    inbox = InboxPresenter(world.desk)
    sections = inbox.view.value.sections
    assert [(s.name, [r.conversation_id for r in s.rows]) for s in sections] == [
        ("you", ["old", "new"]),
        ("customer", ["theirs"]),
        ("write_up", ["done"]),
    ]
    inbox.step(1)
    assert inbox.view.value.selected == "old"
    inbox.step(-1)
    assert inbox.view.value.selected == "old"
    inbox.step(1)
    inbox.step(1)
    assert inbox.view.value.selected == "theirs"
    inbox.toggle("customer")
    assert [section.open for section in inbox.view.value.sections] == [True, False, True]
    world.desk.conversations.set({})
    assert inbox.view.value.selected == ""


async def test_closing_needs_category_and_result_and_keeps_them_on_a_refusal() -> None:
    world = World()
    world.sign_in()
    wrapup = WrapUpPresenter(world.desk, world.relay, world.works.spawn)
    closed: list[str] = []
    wrapup.closed.watch(closed.append)
    wrapup.open("k1")
    assert wrapup.view.value.missing == phrase("wrapup.need_category")
    wrapup.choose_category("drive")
    assert wrapup.view.value.missing == phrase("wrapup.need_result")
    wrapup.close()
    assert world.relay.asked == []
    wrapup.choose_result("solved")
    wrapup.close()
    await world.works.settle()
    assert (wrapup.view.value.problem, wrapup.view.value.category) == (Failed("link_lost"), "drive")
    wrapup.open("k2")
    wrapup.open("k1")
    assert wrapup.view.value.result == "solved"
    world.relay.answers[c.CloseConversation] = c.Done()
    wrapup.close()
    await world.works.settle()
    assert closed == ["k1"]
    assert world.relay.asked[-1] == c.CloseConversation(conversation_id="k1", category="drive", result="solved")


def queue_of(*names: str) -> tuple[c.ConversationRow, ...]:
    return tuple(row(name, state="queued", owner=None) for name in names)


async def test_rows_stand_still_while_held_and_changes_are_counted() -> None:
    world = World()
    world.sign_in()
    queue = QueuePresenter(world.desk, world.relay, world.works.spawn)
    world.desk.queue.set(queue_of("a", "b"))
    queue.hold(True)
    world.desk.queue.set(queue_of("c", "b"))
    view = queue.view.value
    assert [(r.conversation_id, r.gone) for r in view.rows] == [("a", True), ("b", False)]
    assert view.held_changes == 2
    queue.hold(False)
    assert [r.conversation_id for r in queue.view.value.rows] == ["c", "b"]
    world.relay.answers[q.TakeFromQueue] = Refused(code="offer_gone")
    queue.take("c")
    queue.take("b")
    await world.works.settle()
    assert world.relay.asked == [q.TakeFromQueue(conversation_id="c")]
    assert queue.view.value.problem == Failed("offer_gone")


async def test_ticket_pages_are_joined_and_pushes_change_rows_in_place() -> None:
    world = World()
    world.sign_in()
    tickets = TicketListPresenter(world.desk, world.relay, world.works.spawn)

    def page(command: t.ListTickets) -> t.TicketPage:
        if command.before_ms:
            return t.TicketPage(rows=(ticket_row("t2"), ticket_row("t3")), more=False)
        return t.TicketPage(rows=(ticket_row("t1"), ticket_row("t2")), more=True)

    world.relay.answers[t.ListTickets] = page
    tickets.reload()
    await world.works.settle()
    tickets.load_more()
    tickets.load_more()
    await world.works.settle()
    assert [r.ticket_id for r in tickets.view.value.rows] == ["t1", "t2", "t3"]
    world.desk.on_push(t.TicketChanged(row=ticket_row("t2", state="resolved")))
    assert tickets.view.value.rows[1].state == "resolved"
    world.desk.on_push(t.TicketChanged(row=ticket_row("t9")))
    assert tickets.view.value.rows[0].ticket_id == "t9"
    world.desk.on_push(t.TicketChanged(row=ticket_row("t8", state="closed")))
    assert "t8" not in [r.ticket_id for r in tickets.view.value.rows]


async def test_a_newer_search_overtakes_an_older_one() -> None:
    world = World()
    world.sign_in()
    tickets = TicketListPresenter(world.desk, world.relay, world.works.spawn)
    world.relay.answers[t.ListTickets] = lambda command: t.TicketPage(rows=(ticket_row(command.words or "none"),))
    tickets.search("one")
    tickets.search("two")
    await world.works.settle()
    assert [r.ticket_id for r in tickets.view.value.rows] == ["two"]


async def test_a_ticket_is_followed_while_open_and_its_log_only_grows() -> None:
    world = World()
    world.sign_in()
    page = TicketPagePresenter(world.desk, world.relay, world.timelines, world.works.spawn)
    world.relay.answers[t.OpenTicket] = ticket_detail()
    world.relay.answers[x.GetReceipts] = x.Receipts(receipts=())
    page.open("t1")
    await world.works.settle()
    assert world.relay.followed == {"t/t1": 6}
    words = [render(step.words) for step in page.view.value.steps]
    assert words[0] == "Ticket T-20418 opened"
    assert words[3] == "Asked to see the screen"
    world._seqs["t/t1"] = 6
    world.event("t/t1", t.TicketFieldChanged(field="category", old="", new="drive", by=ME))
    assert render(page.view.value.steps[-1].words) == "Category: Drives"
    world.event("t/t1", t.SessionStep(what="remote_ended", by=ME, params={"reason": "agent_ended"}))
    assert render(page.view.value.steps[-1].words) == "The engineer ended the screen session"
    world.event("t/t1", t.SessionStep(what="consent_answered", by=GRACE, params={"granted": ""}))
    assert render(page.view.value.steps[-1].words) == "The customer did not allow it"
    page.open("")
    assert world.relay.followed == {}


async def test_a_refused_change_says_so_and_leaves_the_ticket() -> None:
    world = World()
    world.sign_in()
    page = TicketPagePresenter(world.desk, world.relay, world.timelines, world.works.spawn)
    world.relay.answers[t.OpenTicket] = ticket_detail()
    world.relay.answers[t.ChangeTicket] = Refused(code="ticket_needs")
    page.open("t1")
    await world.works.settle()
    page.change(state="resolved", note=" done ")
    page.change(state="closed")
    await world.works.settle()
    assert page.view.value.problem == Failed("ticket_needs")
    changes = [command for command in world.relay.asked if isinstance(command, t.ChangeTicket)]
    assert changes == [t.ChangeTicket(ticket_id="t1", state="resolved", note="done")]


async def test_searching_asks_for_the_newest_words_and_reads_articles() -> None:
    world = World()
    knowledge = KnowledgePresenter(world.relay, world.works.spawn)
    world.relay.answers[k.SearchArticles] = lambda command: k.ArticleHits(words=command.words, hits=())
    world.relay.answers[k.OpenArticle] = article()
    knowledge.search("lo")
    knowledge.search("loc")
    knowledge.search("lock")
    await world.works.settle()
    asked = [command.words for command in world.relay.asked if isinstance(command, k.SearchArticles)]
    assert asked == ["lock"]
    assert knowledge.view.value.searched == "lock"
    knowledge.read("kb1")
    await world.works.settle()
    assert knowledge.view.value.article == article()
    knowledge.leave()
    assert knowledge.view.value.article is None
    knowledge.search("")
    assert (knowledge.view.value.hits, knowledge.view.value.searched) == ((), "")


async def test_the_frame_tells_state_queue_and_link() -> None:
    world = World()
    world.sign_in()
    frame = FramePresenter(world.desk, world.relay, world.works.spawn)
    world.desk.queue.set(queue_of("a", "b"))
    assert (frame.view.value.queue, frame.view.value.oldest_ms) == (2, NOW - 600_000)
    assert (frame.view.value.name, frame.view.value.group, frame.view.value.sample) == (
        "Ana Torres",
        "Service desk",
        True,
    )
    frame.set_state("break", "lunch")
    assert frame.view.value.changing
    await asyncio.sleep(0)
    await world.works.settle()
    assert frame.view.value.problem == Failed("link_lost")
    world.desk.link.set(LinkView(phase="waiting", since_ms=NOW))
    assert frame.view.value.link.phase == "waiting"
    frame.try_now()
    assert world.relay.tries == 1
