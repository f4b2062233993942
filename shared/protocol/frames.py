"""The unions by audience, and the frames that carry them.

`ToCustomer` cannot hold an internal event: `InternalEvent` is not in it, and the codec refuses to build a `PublicEvent`
from any other kind of stream.
"""

from typing import Annotated, Generic, TypeVar

from msgspec import Meta, Struct

from shared.protocol.codes import RefusalCode
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
from shared.protocol.types import Params, Seq, StreamName

CustomerCommand = (
    i.UpdateProfile
    | w.GetTrust
    | o.GetHome
    | k.SearchArticles
    | k.OpenArticle
    | c.OpenConversation
    | c.LeaveMessage
    | c.CancelWaiting
    | c.Reopen
    | c.SendChat
    | c.MarkDelivered
    | c.MarkRead
    | c.Typing
    | c.Follow
    | c.Unfollow
    | x.AnswerConsent
    | x.ReportGrantEnded
    | x.SendSignal
    | x.GetIceServers
    | x.EndRemote
    | x.StoreReceipt
    | x.GetReceipts
    | m.GiveRating
    | i.Pong
)

AgentCommand = (
    a.Asking
    | i.SignOut
    | i.RenewTokens
    | w.RegisterKey
    | o.GetDesk
    | o.GetCustomer
    | q.SetState
    | q.AcceptOffer
    | q.DeclineOffer
    | q.TakeFromQueue
    | k.SearchArticles
    | k.OpenArticle
    | c.SendChat
    | c.AddNote
    | c.MarkDelivered
    | c.MarkRead
    | c.Typing
    | c.Follow
    | c.Unfollow
    | c.EndConversation
    | c.CloseConversation
    | x.AskCapabilities
    | x.WithdrawAsk
    | x.SendSignal
    | x.GetIceServers
    | x.EndRemote
    | x.GetReceipts
    | r.ListRecordings
    | r.OpenRecording
    | r.HoldRecording
    | r.DeleteRecording
    | t.ListTickets
    | t.OpenTicket
    | t.ChangeTicket
    | i.Pong
)

PublicEventBody = (
    c.ConversationOpened
    | c.ConversationQueued
    | c.MessageLeft
    | c.ConversationAbandoned
    | c.ParticipantJoined
    | c.ParticipantLeft
    | c.ChatPosted
    | c.MessagesDelivered
    | c.MessagesRead
    | c.ConversationEnded
    | c.ConversationClosed
    | c.ConversationReopened
    | c.ContentErased
    | x.CapabilityAsked
    | x.AskWithdrawn
    | x.ConsentAnswered
    | x.RemoteStarted
    | x.GrantEnded
    | x.RemoteEnded
    | x.ReceiptStored
    | r.RecordingStarted
    | r.RecordingEnded
    | r.RecordingDeleted
    | m.RatingGiven
)

InternalEventBody = c.NoteAdded | c.OfferMade | c.OfferEnded

TicketEventBody = t.TicketOpened | t.TicketAssigned | t.TicketStateChanged | t.TicketFieldChanged | t.SessionStep

CustomerResult = (
    i.CustomerSignedIn
    | w.Trust
    | i.Welcome
    | i.Challenge
    | o.Home
    | k.ArticleHits
    | k.Article
    | c.ConversationOpen
    | c.ChatAccepted
    | c.StreamPage
    | x.IceServers
    | x.Receipts
    | c.Done
)

AgentResult = (
    i.AgentSignedIn
    | i.TotpOffer
    | i.SingleSignOnBegun
    | a.Account
    | a.RecoveryCodes
    | w.KeyStanding
    | i.Welcome
    | o.Desk
    | o.CustomerCard
    | k.ArticleHits
    | k.Article
    | c.ConversationOpen
    | c.ChatAccepted
    | c.NoteAccepted
    | c.StreamPage
    | x.IceServers
    | x.Receipts
    | r.Recordings
    | r.RecordingOpened
    | t.TicketPage
    | t.TicketDetail
    | c.Done
)

CustomerPush = o.RequestChanged | c.QueuePlace | c.ServiceStatus | c.TypingNow | c.PresenceChanged | x.SignalArrived

AgentPush = (
    q.OfferArrived
    | q.OfferWithdrawn
    | q.StateChanged
    | q.QueueChanged
    | c.ConversationChanged
    | t.TicketChanged
    | c.TypingNow
    | c.PresenceChanged
    | x.SignalArrived
    | a.AccountChanged
)

B = TypeVar("B")
RequestNumber = Annotated[int, Meta(ge=0, lt=2**31)]


class Request(Struct, Generic[B], frozen=True, kw_only=True, tag="request", tag_field="f"):
    """Client to relay. `id` comes back in the answer and is never used twice on a link."""

    id: RequestNumber
    body: B


class Reply(Struct, Generic[B], frozen=True, kw_only=True, tag="reply", tag_field="f"):
    """Carried out."""

    id: RequestNumber
    body: B


class Refused(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="refused", tag_field="f"):
    """Not carried out, and why. Inside the relay this same value is what a rule or service returns for a refusal."""

    code: RefusalCode
    params: Params = {}
    id: RequestNumber = 0


class PublicEvent(Struct, frozen=True, kw_only=True, tag="event", tag_field="f"):
    """An event of a stream that its customer may read (or of a ticket's log, for agents)."""

    record: c.EventRecord


class InternalEvent(Struct, frozen=True, kw_only=True, tag="internal", tag_field="f"):
    """An event of an internal stream or a ticket's log. In no customer's union."""

    record: c.EventRecord


class Push(Struct, Generic[B], frozen=True, kw_only=True, tag="push", tag_field="f"):
    """How something stands now."""

    body: B


class Ping(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="ping", tag_field="f"):
    """Sent every 20 s. `heads` has the newest `seq` of each followed stream: who is behind asks `Follow` again."""

    heads: dict[StreamName, Seq] = {}
    at_ms: int = 0


FromOpening = Request[i.Opening]
FromCustomer = Request[CustomerCommand]
FromAgent = Request[AgentCommand]
ToCustomer = Reply[CustomerResult] | Refused | PublicEvent | Push[CustomerPush] | Ping
ToAgent = Reply[AgentResult] | Refused | PublicEvent | InternalEvent | Push[AgentPush] | Ping
EventBody = PublicEventBody | InternalEventBody | TicketEventBody
