"""What one remote session leaves behind: the receipt's lines here, and every answer, end and receipt at the relay."""

import logging
from collections.abc import Callable, Iterable
from typing import Final

from customer_client.desk.relay import Failed, Relay
from customer_client.sharing.choosing import Choice, numbers_of, source_of
from customer_client.sharing.log import ReceiptLog
from customer_client.sharing.port import Signer
from customer_client.sharing.returning import ReturnNote
from shared.common.errors import ThreelineError
from shared.protocol.messages import remote as x
from shared.protocol.types import Grant
from shared.rules.sharing import Share, SharedWindow
from shared.session.channel import GrantOver

_log = logging.getLogger(__name__)
CONSENT_KEY: Final = "consent/"


class Record:
    """`failed` is told when the relay's outbox takes nothing. Nothing here decides anything."""

    def __init__(self, relay: Relay, sign: Signer, now: Callable[[], int], failed: Callable[[Failed], None]) -> None:
        self._relay, self._sign, self._now, self._failed = relay, sign, now, failed
        self.forget()

    def forget(self) -> None:
        """The session is over."""
        self.log = ReceiptLog()
        self.ticket_number = self.source = ""
        self.relay_knows = False
        """The relay has said itself that the session is over."""

    def take_up(self, note: ReturnNote) -> None:
        """Goes on where a restart of this computer has broken it off."""
        self.log = ReceiptLog(note.entries)
        self.log.restarted(self._now(), back=True)
        self.ticket_number = note.ticket_number

    def shown(self, choice: Choice, share: Share) -> None:
        """What is seen from now on."""
        self.source, now = source_of(choice, share), self._now()
        if isinstance(share, SharedWindow):
            self.log.window(self.source, now)
            return
        names = [monitor for monitor in choice.monitors if monitor.id in share.ids]
        for number, monitor in zip(numbers_of(choice, share), names, strict=True):
            self.log.source(monitor.name, number, now)

    def answered(self, asked: x.CapabilityAsked, conversation_id: str, grants: tuple[Grant, ...]) -> None:
        """The customer's answer; no grants: no."""
        self.log.answered(asked, grants, self._now())
        command = x.AnswerConsent(
            conversation_id=conversation_id,
            request_id=asked.request_id,
            grants=grants,
            source=self.source if grants else "",
        )
        self._post(CONSENT_KEY + asked.request_id, command)

    def ended(self, report: GrantOver, session_id: str, conversation_id: str) -> None:
        """One grant is over; the whole session's end is told by `finish`, which says better why."""
        now = self._now()
        self.log.ended(report.agent_id, report.capability, report.why, now)
        if report.why == "stopped":
            return
        command = x.ReportGrantEnded(
            conversation_id=conversation_id,
            session_id=session_id,
            agent_id=report.agent_id,
            capability=report.capability,
            why=report.why,
        )
        self._post(f"grant/{session_id}/{report.agent_id}/{report.capability}/{now}", command)

    def finish(self, session_id: str, conversation_id: str, grants: Iterable[Grant], reason: x.EndReason) -> x.Receipt:
        """Everything is over: the signed receipt."""
        for grant in grants:
            self.log.ended(grant.agent_id, grant.capability, reason, self._now())
        receipt = self._sign(
            session_id=session_id,
            conversation_id=conversation_id,
            ticket_number=self.ticket_number,
            entries=self.log.entries,
        )
        if not self.relay_knows:
            self._post(f"remote/{session_id}", x.EndRemote(session_id=session_id, reason=reason))
        self._post(f"receipt/{session_id}", x.StoreReceipt(receipt=receipt))
        return receipt

    def _post(self, key: str, command: x.AnswerConsent | x.ReportGrantEnded | x.EndRemote | x.StoreReceipt) -> None:
        try:
            self._relay.post(key, command)
        except ThreelineError as error:
            _log.error("the record could not be kept: %s", error.code)
            self._failed(Failed(error.code))
