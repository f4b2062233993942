"""What happens to a remote session, within a transaction: the event on the public stream and the rows."""

from relay_server.conversations import access
from relay_server.conversations import store as conversations
from relay_server.conversations.store import Conversation
from relay_server.engine.journal import Transaction
from relay_server.identity.actors import Actor, AgentActor, CustomerActor
from relay_server.organisation import store as organisation
from relay_server.remote import rules, store
from relay_server.remote.rules import Question
from relay_server.remote.store import Ask, Session
from shared.common.ids import new_id
from shared.protocol.frames import Refused
from shared.protocol.messages import remote as x
from shared.protocol.messages.base import EventBody
from shared.protocol.messages.conversations import Done, public_stream
from shared.protocol.types import PersonRef
from shared.rules import receipt as receipts


def ask(tx: Transaction, actor: AgentActor, command: x.AskCapabilities) -> Done | Refused:
    """A question to the customer; the same `request_id` again is the same question."""
    found = access.find(tx.rows, actor, command.conversation_id, "remote.ask")
    if isinstance(found, Refused):
        return found
    if found.state not in ("active", "held"):
        return Refused(code="wrong_state", params={"state": found.state, "event": "ask"})
    known = store.ask(tx.rows, command.request_id)
    if known is not None:
        same = known.agent.id == actor.id and known.conversation_key == found.key
        return Done() if same else Refused(code="not_allowed")
    session_id = _session_for(tx, found, actor.person)
    expires_ms = tx.now_ms + organisation.policy(tx.rows).consent_timeout_s * 1000
    capabilities = tuple(dict.fromkeys(command.capabilities))
    question = Question(actor.id, capabilities, "open", expires_ms)
    store.insert_ask(tx, Ask(command.request_id, session_id, found.key, actor.person, question))
    asked = x.CapabilityAsked(
        request_id=command.request_id,
        session_id=session_id,
        agent=actor.person,
        capabilities=capabilities,
        reason=command.reason,
        expires_ms=expires_ms,
        ticket_number=found.ticket_number,
        proof=command.proof,
    )
    _say(tx, found, asked)
    return Done()


def withdraw(tx: Transaction, actor: AgentActor, command: x.WithdrawAsk) -> Done | Refused:
    """The agent takes their own question back."""
    found = access.find(tx.rows, actor, command.conversation_id, "remote.ask")
    if isinstance(found, Refused):
        return found
    asked = store.ask(tx.rows, command.request_id)
    if asked is None or asked.conversation_key != found.key or asked.agent.id != actor.id:
        return Refused(code="not_found")
    if asked.question.state == "open":
        store.settle_ask(tx, asked.request_id, "withdrawn")
        _say(tx, found, x.AskWithdrawn(request_id=asked.request_id))
    return Done()


def answer(tx: Transaction, actor: CustomerActor, command: x.AnswerConsent) -> Done | Refused:
    """The customer's answer goes on record; the first view makes the session live, a plain no may end it."""
    found = access.find(tx.rows, actor, command.conversation_id, "remote.answer")
    if isinstance(found, Refused):
        return found
    asked = store.ask(tx.rows, command.request_id)
    session = store.session(tx.rows, asked.session_id) if asked else None
    if asked is None or session is None or asked.conversation_key != found.key:
        return Refused(code="not_found")
    if asked.question.state == "answered":
        return Done()
    limit_ms = organisation.policy(tx.rows).grant_limit_s * 1000
    if refused := rules.judge_answer(asked.question, command.grants, tx.now_ms, limit_ms):
        return refused
    store.settle_ask(tx, asked.request_id, "answered")
    store.grant_all(tx, session.session_id, command.grants)
    answered = x.ConsentAnswered(
        request_id=asked.request_id,
        session_id=session.session_id,
        agent=asked.agent,
        grants=command.grants,
        source=command.source,
    )
    _say(tx, found, answered)
    _after_answer(tx, found, session, asked, actor.person, any(each.capability == "view" for each in command.grants))
    return Done()


def report_ended(tx: Transaction, actor: CustomerActor, command: x.ReportGrantEnded) -> Done | Refused:
    """The customer's machine says that a grant is over; with the last one the session is."""
    found = access.find(tx.rows, actor, command.conversation_id, "remote.report")
    if isinstance(found, Refused):
        return found
    session = store.session(tx.rows, command.session_id)
    if session is None or session.conversation_key != found.key:
        return Refused(code="not_found")
    if store.end_grant(tx, session.session_id, command.agent_id, command.capability):
        ended = x.GrantEnded(
            session_id=session.session_id,
            agent_id=command.agent_id,
            capability=command.capability,
            why=command.why,
        )
        _say(tx, found, ended)
        if not any(grant.until_ms > tx.now_ms for grant in store.grants(tx.rows, session.session_id)):
            end(tx, found, session, actor.person, rules.end_reason(command.why))
    return Done()


def end_by_hand(tx: Transaction, actor: Actor, command: x.EndRemote) -> Done | Refused:
    """Either side ends the session; once more is no harm. Neither speaks for the other."""
    session = store.session(tx.rows, command.session_id)
    found = conversations.by_key(tx.rows, session.conversation_key) if session else None
    if session is None or found is None:
        return Refused(code="not_found")
    if refused := access.check(tx.rows, actor, found, "remote.end"):
        return refused
    reason = rules.reason_said(command.reason, by_agent=isinstance(actor, AgentActor))
    end(tx, found, session, actor.person, reason)
    return Done()


def end(tx: Transaction, conversation: Conversation, session: Session, by: PersonRef, reason: x.EndReason) -> None:
    """Nobody sees or controls anything any more, as far as the record goes."""
    state = rules.TABLE.get((session.state, "end"))
    if state is not None:
        store.set_state(tx, session.session_id, state)
        _say(tx, conversation, x.RemoteEnded(session_id=session.session_id, by=by, reason=reason))


def keep_receipt(
    tx: Transaction, actor: CustomerActor, receipt: x.Receipt, device_keys: tuple[str, ...]
) -> Done | Refused:
    """A receipt whose chain and signature were verified already, of one of the customer's own devices. Once a session;
    the same one again is no harm."""
    session = store.session(tx.rows, receipt.session_id)
    found = conversations.by_key(tx.rows, session.conversation_key) if session else None
    if found is None or found.conversation_id != receipt.conversation_id:
        return Refused(code="not_found")
    if refused := access.check(tx.rows, actor, found, "receipt.store"):
        return refused
    known, digest = store.receipt_digest(tx.rows, receipt.session_id), receipts.digest(receipt)
    if known is not None:
        return Done() if known == digest else Refused(code="receipt_invalid")
    if receipt.device_key not in device_keys:
        return Refused(code="receipt_invalid")
    store.insert_receipt(tx, found.key, receipt, digest)
    _say(tx, found, x.ReceiptStored(session_id=receipt.session_id, digest=digest, lines=len(receipt.entries)))
    return Done()


def _session_for(tx: Transaction, conversation: Conversation, agent: PersonRef) -> str:
    current = store.open_session(tx.rows, conversation.key)
    if current is not None:
        return current.session_id
    session_id = new_id()
    store.insert_session(tx, session_id, conversation.key, agent)
    return session_id


def _after_answer(
    tx: Transaction, conversation: Conversation, session: Session, asked: Ask, customer: PersonRef, sees: bool
) -> None:
    if sees and session.state == "asked":
        store.set_state(tx, session.session_id, "live")
        _say(tx, conversation, x.RemoteStarted(session_id=session.session_id, agent=asked.agent))
    unanswered = store.open_asks(tx.rows, session.session_id, tx.now_ms)
    if session.state == "asked" and not unanswered and not store.grants(tx.rows, session.session_id):
        end(tx, conversation, session, customer, "refused")


def _say(tx: Transaction, conversation: Conversation, event: EventBody) -> None:
    tx.append(public_stream(conversation.conversation_id), event)
