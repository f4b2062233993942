"""Which service carries out which command: one `match` an audience, and the checker proves that none is forgotten."""

from typing import assert_never

from relay_server.gateway.connection import Connection
from relay_server.gateway.connections import Connections
from relay_server.gateway.services import Services
from relay_server.identity.actors import AgentActor, CustomerActor
from shared.protocol import frames
from shared.protocol.frames import Refused
from shared.protocol.messages import account as a
from shared.protocol.messages import conversations as c
from shared.protocol.messages import identity as i
from shared.protocol.messages import insight as m
from shared.protocol.messages import knowledge as k
from shared.protocol.messages import organisation as o
from shared.protocol.messages import recordings as r
from shared.protocol.messages import remote as x
from shared.protocol.messages import routing as q
from shared.protocol.messages import tickets as t
from shared.protocol.messages import trust as w


class Dispatch:
    """Answers commands of signed-in links. `None`: nothing to answer."""

    def __init__(self, services: Services, connections: Connections) -> None:
        self._s = services
        self._connections = connections

    async def customer(
        self, link: Connection, actor: CustomerActor, command: frames.CustomerCommand
    ) -> frames.CustomerResult | Refused | None:
        """A customer's command."""
        s = self._s
        match command:
            case c.SendChat():
                return await s.conversations.send_chat(actor, command)
            case c.MarkDelivered():
                return await s.conversations.mark_delivered(actor, command)
            case c.MarkRead():
                return await s.conversations.mark_read(actor, command)
            case c.Typing():
                return await s.conversations.typing(actor, command)
            case c.Follow():
                return await self._connections.follow(
                    link, command.stream, lambda: s.conversations.follow(actor, command)
                )
            case c.Unfollow():
                return self._unfollow(link, command)
            case i.Pong():
                return None
            case i.UpdateProfile():
                return await s.customers.update_profile(actor, command)
            case w.GetTrust():
                return await s.keys.get_trust(actor, command)
            case o.GetHome():
                return await s.routing.get_home(actor, command)
            case k.SearchArticles():
                return await s.knowledge.search_articles(actor, command)
            case k.OpenArticle():
                return await s.knowledge.open_article(actor, command)
            case c.OpenConversation():
                return await s.routing.open_conversation(actor, command)
            case c.LeaveMessage():
                return await s.routing.leave_message(actor, command)
            case c.CancelWaiting():
                return await s.routing.cancel_waiting(actor, command)
            case c.Reopen():
                return await s.routing.reopen(actor, command)
            case x.AnswerConsent():
                return await s.remote.answer_consent(actor, command)
            case x.ReportGrantEnded():
                return await s.remote.report_grant_ended(actor, command)
            case x.SendSignal():
                return await s.remote.send_signal(actor, command)
            case x.GetIceServers():
                return await s.remote.get_ice_servers(actor, command)
            case x.EndRemote():
                return await s.remote.end_remote(actor, command)
            case x.StoreReceipt():
                return await s.remote.store_receipt(actor, command)
            case x.GetReceipts():
                return await s.remote.get_receipts(actor, command)
            case m.GiveRating():
                return await s.insight.give_rating(actor, command)
            case _:
                assert_never(command)

    async def agent(
        self, link: Connection, actor: AgentActor, command: frames.AgentCommand
    ) -> frames.AgentResult | Refused | None:
        """An agent's command."""
        s = self._s
        match command:
            case c.SendChat():
                return await s.conversations.send_chat(actor, command)
            case c.AddNote():
                return await s.conversations.add_note(actor, command)
            case c.MarkDelivered():
                return await s.conversations.mark_delivered(actor, command)
            case c.MarkRead():
                return await s.conversations.mark_read(actor, command)
            case c.Typing():
                return await s.conversations.typing(actor, command)
            case c.Follow():
                return await self._follow(link, actor, command)
            case c.Unfollow():
                return self._unfollow(link, command)
            case i.Pong():
                return None
            case i.SignOut():
                return await s.identity.sign_out(actor, command)
            case i.RenewTokens():
                return await self._renew(actor, command)
            case (
                a.GetAccount()
                | a.BeginTotp()
                | a.ConfirmTotp()
                | a.RenewRecoveryCodes()
                | a.TurnOffTotp()
                | a.ChangePassword()
                | a.EndDevice()
                | a.EndOtherDevices()
            ):
                return await self._account(actor, command)
            case w.RegisterKey():
                return await s.keys.register_key(actor, command)
            case o.GetDesk():
                return await s.routing.get_desk(actor, command)
            case o.GetCustomer():
                return await s.conversations.get_customer(actor, command)
            case q.SetState():
                return await s.routing.set_state(actor, command)
            case q.AcceptOffer():
                return await s.routing.accept_offer(actor, command)
            case q.DeclineOffer():
                return await s.routing.decline_offer(actor, command)
            case q.TakeFromQueue():
                return await s.routing.take_from_queue(actor, command)
            case k.SearchArticles():
                return await s.knowledge.search_articles(actor, command)
            case k.OpenArticle():
                return await s.knowledge.open_article(actor, command)
            case c.EndConversation():
                return await s.conversations.end_conversation(actor, command)
            case c.CloseConversation():
                return await s.conversations.close_conversation(actor, command)
            case x.AskCapabilities():
                return await s.remote.ask_capabilities(actor, command)
            case x.WithdrawAsk():
                return await s.remote.withdraw_ask(actor, command)
            case x.SendSignal():
                return await s.remote.send_signal(actor, command)
            case x.GetIceServers():
                return await s.remote.get_ice_servers(actor, command)
            case x.EndRemote():
                return await s.remote.end_remote(actor, command)
            case x.GetReceipts():
                return await s.remote.get_receipts(actor, command)
            case r.ListRecordings():
                return await s.recordings.list_recordings(actor, command)
            case r.OpenRecording():
                return await s.recordings.open_recording(actor, command)
            case r.HoldRecording():
                return await s.recordings.hold_recording(actor, command)
            case r.DeleteRecording():
                return await s.recordings.delete_recording(actor, command)
            case t.ListTickets():
                return await s.tickets.list_tickets(actor, command)
            case t.OpenTicket():
                return await self._open_ticket(link, actor, command)
            case t.ChangeTicket():
                return await s.tickets.change_ticket(actor, command)
            case _:
                assert_never(command)

    async def _account(
        self, actor: AgentActor, command: a.Asking
    ) -> a.Account | a.RecoveryCodes | i.TotpOffer | c.Done | Refused:
        accounts = self._s.accounts
        match command:
            case a.GetAccount():
                return await accounts.get_account(actor, command)
            case a.BeginTotp():
                return await accounts.begin_totp(actor, command)
            case a.ConfirmTotp():
                return await accounts.confirm_totp(actor, command)
            case a.RenewRecoveryCodes():
                return await accounts.renew_recovery_codes(actor, command)
            case a.TurnOffTotp():
                return await accounts.turn_off_totp(actor, command)
            case a.ChangePassword():
                return await accounts.change_password(actor, command)
            case a.EndDevice():
                return await accounts.end_device(actor, command)
            case a.EndOtherDevices():
                return await accounts.end_other_devices(actor, command)
            case _:
                assert_never(command)

    async def _follow(self, link: Connection, actor: AgentActor, command: c.Follow) -> c.StreamPage | Refused:
        rooms = self._s.tickets if command.stream.startswith("t/") else self._s.conversations
        return await self._connections.follow(link, command.stream, lambda: rooms.follow(actor, command))

    async def _open_ticket(
        self, link: Connection, actor: AgentActor, command: t.OpenTicket
    ) -> t.TicketDetail | Refused:
        details: list[t.TicketDetail] = []

        async def fetch() -> c.StreamPage | Refused:
            answer = await self._s.tickets.open_ticket(actor, command)
            if isinstance(answer, Refused):
                return answer
            details.append(answer)
            return answer.steps

        refused = await self._connections.follow(link, t.ticket_stream(command.ticket_id), fetch)
        return refused if isinstance(refused, Refused) else details[0]

    async def _renew(self, actor: AgentActor, command: i.RenewTokens) -> i.AgentSignedIn | Refused:
        answer = await self._s.identity.renew_tokens(command)
        if isinstance(answer, Refused):
            return answer
        if answer.actor.family != actor.family:
            return Refused(code="not_allowed")
        return i.AgentSignedIn(agent=answer.actor.profile, tokens=answer.tokens)

    def _unfollow(self, link: Connection, command: c.Unfollow) -> c.Done:
        self._connections.unfollow(link, command.stream)
        return c.Done()
