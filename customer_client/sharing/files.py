"""Files of the remote session on the customer's side: each one that would come is asked about, each one that goes is
chosen here."""

from pathlib import Path
from typing import Final

from msgspec import Struct, structs

from customer_client.sharing.presenter import SharingPresenter
from customer_client.sharing.view import SharingView
from shared.common.shown import Shown
from shared.control.files.view import TransferView
from shared.protocol.types import PersonRef
from shared.session import channel as ch
from shared.session import files_messages as f

_OVER: Final = frozenset({"done", "failed"})


class Question(Struct, frozen=True):
    """An engineer asks for a file."""

    id: str
    agent: PersonRef
    words: str


class FilesView(Struct, frozen=True):
    """`giving`: engineers who may be given files now. `files`: each with whose it is."""

    live: bool = False
    files: tuple[tuple[TransferView, PersonRef], ...] = ()
    questions: tuple[Question, ...] = ()
    giving: tuple[PersonRef, ...] = ()

    @property
    def shown(self) -> bool:
        """Whether there is anything to show."""
        return self.live and bool(self.files or self.questions or self.giving)

    @property
    def under_way(self) -> bool:
        """Whether something is not over yet."""
        return bool(self.questions) or any(file.shown not in _OVER for file, _ in self.files)


class FilesPresenter:
    """`landing`: where files come to; `kept`: notes of what is not finished."""

    def __init__(self, sharing: SharingPresenter, landing: Path, kept: Path) -> None:
        self._sharing, self.landing, self._kept = sharing, landing, kept
        self._people: dict[str, PersonRef] = {}
        self._owner: dict[str, str] = {}
        self.view = Shown(FilesView())
        sharing.view.watch(self._shared)
        sharing.reports.watch(self._heard)

    def answer(self, transfer_id: str, yes: bool) -> None:
        """Whether a file may come."""
        self._sharing.order(f.AnswerFile(id=transfer_id, yes=yes, agent_id=self._owner.get(transfer_id, "")))

    def hold(self, transfer_id: str, held: bool) -> None:
        """Pause, or go on."""
        self._sharing.order(f.HoldFile(id=transfer_id, held=held, agent_id=self._owner.get(transfer_id, "")))

    def cancel(self, transfer_id: str) -> None:
        """Nothing is to come of it."""
        self._sharing.order(f.CancelFile(id=transfer_id, agent_id=self._owner.get(transfer_id, "")))

    def give(self, paths: tuple[str, ...], question: Question | None = None) -> None:
        """Give these files: to who asked, else to the one engineer who may have files."""
        giving = self.view.value.giving
        if question is None and not giving:
            return
        agent = question.agent if question is not None else giving[0]
        answers = question.id if question is not None else None
        if paths:
            self._sharing.order(f.OfferFiles(paths=paths[: f.MAX_FILES], agent_id=agent.id, answers=answers))
            if question is not None:
                self._close(question.id)

    def decline(self, question: Question) -> None:
        """No file for this one."""
        self._sharing.order(f.DeclineFile(id=question.id, agent_id=question.agent.id))
        self._close(question.id)

    def _shared(self, view: SharingView) -> None:
        if view.live and not self.view.value.live:
            self.view.set(FilesView(live=True))
            self._owner.clear()
            self._sharing.order(f.OpenFiles(landing=str(self.landing), kept=str(self._kept)))
        for watcher in view.watchers:
            self._people[watcher.person.id] = watcher.person
        giving = tuple(
            watcher.person for watcher in view.watchers if "files.receive" in self._sharing.held(watcher.person.id)
        )
        now = structs.replace(self.view.value, live=view.live, giving=giving)
        if not view.live:
            now = structs.replace(now, questions=(), giving=())
        if now != self.view.value:
            self.view.set(now)

    def _heard(self, report: ch.CustomerReport) -> None:
        match report:
            case f.FileSeen(agent_id=agent_id, file=file) if agent_id in self._people:
                self._owner[file.id] = agent_id
                known = {each.id: (each, who) for each, who in self.view.value.files}
                known[file.id] = (file, self._people[agent_id])
                self.view.set(structs.replace(self.view.value, files=tuple(known.values())))
            case f.FileAsked(agent_id=agent_id, id=question_id, words=words) if agent_id in self._people:
                asked = Question(question_id, self._people[agent_id], words)
                questions = (*self.view.value.questions, asked)
                self.view.set(structs.replace(self.view.value, questions=questions))
            case f.FileUnasked(id=question_id):
                self._close(question_id)
            case _:
                pass

    def _close(self, question_id: str) -> None:
        left = tuple(each for each in self.view.value.questions if each.id != question_id)
        self.view.set(structs.replace(self.view.value, questions=left))
