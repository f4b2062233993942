"""Files of one remote session, from the agent's side. What may go or come, the customer's machine says."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from msgspec import Struct, structs

from agent_app.remote.presenter import RemotePresenter, RemoteView, Stand
from shared.common.ids import new_id
from shared.common.shown import Shown
from shared.control.files.view import TransferView
from shared.protocol.types import Capability
from shared.session import channel as s
from shared.session import files_messages as f

_GRANT_MS: Final = 5000
"""A yes on record is followed by the customer's machine saying so within this time."""
_LIVE: Final = frozenset({"connecting", "playing", "paused", "lost"})


class FilesView(Struct, frozen=True, kw_only=True):
    """`sends` and `receives`: how those two capabilities stand. `asked`: a question for a file is open."""

    files: tuple[TransferView, ...] = ()
    name: str = ""
    sends: Stand = "none"
    receives: Stand = "none"
    asked: bool = False
    live: bool = False

    @property
    def moving(self) -> int:
        """How many are not over."""
        return sum(1 for file in self.files if file.shown not in ("done", "failed"))


class FilesPresenter:
    """`wanted` opens the question for a capability; what was to go then waits for the customer's answer."""

    def __init__(self, remote: RemotePresenter, landing: Path, kept: Path, now_ms: Callable[[], int]) -> None:
        self._remote, self._landing, self._kept = remote, landing, kept
        self._now_ms = now_ms
        self._answered_ms = 0
        self._open = False
        self._waiting: tuple[str, ...] = ()
        self._waiting_words = ""
        self._question = ""
        self.wanted: Callable[[Capability], None] = _nobody
        self.view = Shown(FilesView())
        self._forget = [remote.view.watch(self._remote_changed), remote.reports.watch(self._heard)]

    def send(self, paths: tuple[str, ...]) -> None:
        """Send these; asks for the capability first where it is missing."""
        if not paths:
            return
        self._waiting = (*self._waiting, *paths)[: f.MAX_FILES]
        if self.view.value.sends == "granted":
            self._send_waiting()
        elif self.view.value.sends == "none":
            self.wanted("files.send")

    def ask(self, words: str) -> None:
        """Ask the customer for a file; which one, they choose."""
        self._waiting_words = words
        if self.view.value.receives == "granted":
            self._ask_waiting()
        elif self.view.value.receives == "none":
            self.wanted("files.receive")

    def answer(self, transfer_id: str, yes: bool) -> None:
        """A file that the customer gives unasked."""
        self._remote.order(f.AnswerFile(id=transfer_id, yes=yes))

    def hold(self, transfer_id: str, held: bool) -> None:
        """Pause, or go on."""
        self._remote.order(f.HoldFile(id=transfer_id, held=held))

    def cancel(self, transfer_id: str) -> None:
        """Nothing is to come of it."""
        self._remote.order(f.CancelFile(id=transfer_id))

    def close(self) -> None:
        """The window goes."""
        for forget in self._forget:
            forget()

    def _remote_changed(self, remote: RemoteView) -> None:
        if remote.phase in _LIVE and not self._open:
            self._open = True
            peer = self._remote.customer_id or remote.conversation_id
            self._remote.order(f.OpenFiles(landing=str(self._landing), kept=str(self._kept), peer=peer))
        before = self.view.value
        now = structs.replace(
            before,
            name=remote.name,
            sends=remote.stands("files.send"),
            receives=remote.stands("files.receive"),
            live=remote.ended is None,
        )
        self.view.set(now)
        for was, stands in ((before.sends, now.sends), (before.receives, now.receives)):
            if was == "asked" and stands == "none":
                self._answered_ms = self._now_ms()
        if now.sends == "granted":
            self._send_waiting()
        if now.receives == "granted":
            self._ask_waiting()
        elif self._answered_ms and self._now_ms() - self._answered_ms > _GRANT_MS:
            self._forget_waiting()

    def _forget_waiting(self) -> None:
        """The answer was no: nothing is sent by surprise when it is yes another time."""
        self._answered_ms = 0
        if self.view.value.sends == "none":
            self._waiting = ()
        if self.view.value.receives == "none":
            self._waiting_words = ""

    def _send_waiting(self) -> None:
        paths, self._waiting = self._waiting, ()
        if paths:
            self._remote.order(f.OfferFiles(paths=paths))

    def _ask_waiting(self) -> None:
        words, self._waiting_words = self._waiting_words, ""
        if words and not self._question:
            self._question = new_id()
            self._remote.order(f.AskForFile(id=self._question, words=words[: f.MAX_WORDS]))
            self.view.set(structs.replace(self.view.value, asked=True))

    def _heard(self, report: s.AgentReport) -> None:
        match report:
            case f.FileSeen(file=file):
                self._seen(file)
            case f.FileUnasked():
                self._close_question()
            case _:
                pass

    def _seen(self, file: TransferView) -> None:
        if file.incoming:
            self._close_question()
        known = {each.id: each for each in self.view.value.files}
        known[file.id] = file
        self.view.set(structs.replace(self.view.value, files=tuple(known.values())))

    def _close_question(self) -> None:
        if self._question:
            self._question = ""
            self.view.set(structs.replace(self.view.value, asked=False))


def _nobody(_: Capability) -> None:
    pass
