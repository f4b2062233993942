"""What a window and its session process say about files. `agent_id`: which agent's; empty on the agent's side."""

from typing import Annotated, Final

from msgspec import Meta

from shared.control.files.view import TransferView
from shared.control.files.wire import MAX_WORDS, TransferId
from shared.session.message import Message

MAX_FILES: Final = 100
FilePath = Annotated[str, Meta(min_length=1, max_length=4096)]
AgentId = Annotated[str, Meta(max_length=64)]


class FileOrder(Message, frozen=True, kw_only=True):
    """From a window; `FilesOrder` says which there are."""


class OpenFiles(FileOrder, frozen=True, kw_only=True):
    """Where files land, and where notes about those that this computer sends are kept; once, before anything else.

    `peer`: whose computer this is, on the agent's side: unfinished transfers are gone on with under the same name.
    """

    landing: FilePath
    kept: FilePath
    peer: AgentId = ""


class OfferFiles(FileOrder, frozen=True, kw_only=True):
    """These could go to the other computer; `answers` names the question that they answer."""

    paths: Annotated[tuple[FilePath, ...], Meta(min_length=1, max_length=MAX_FILES)]
    agent_id: AgentId = ""
    answers: TransferId | None = None


class AnswerFile(FileOrder, frozen=True, kw_only=True):
    """Whether a file that was offered may come."""

    id: TransferId
    yes: bool
    agent_id: AgentId = ""


class HoldFile(FileOrder, frozen=True, kw_only=True):
    """Let one rest, or go on."""

    id: TransferId
    held: bool
    agent_id: AgentId = ""


class CancelFile(FileOrder, frozen=True, kw_only=True):
    """Nothing is to come of it."""

    id: TransferId
    agent_id: AgentId = ""


class AskForFile(FileOrder, frozen=True, kw_only=True):
    """The agent asks; the customer chooses which, or none."""

    id: TransferId
    words: Annotated[str, Meta(max_length=MAX_WORDS)] = ""


class DeclineFile(FileOrder, frozen=True, kw_only=True):
    """No file for that question; from the agent: it is taken back."""

    id: TransferId
    agent_id: AgentId = ""


FilesOrder = OpenFiles | OfferFiles | AnswerFile | HoldFile | CancelFile | AskForFile | DeclineFile


class FileReport(Message, frozen=True, kw_only=True):
    """From a session process; `FilesReport` says which there are."""


class FileSeen(FileReport, frozen=True, kw_only=True):
    """How one stands; at every change and about four times a second while it moves."""

    file: TransferView
    agent_id: str = ""


class FileAsked(FileReport, frozen=True, kw_only=True):
    """To the customer: the agent would like a file."""

    agent_id: str
    id: str
    words: str


class FileUnasked(FileReport, frozen=True, kw_only=True):
    """That question is closed: taken back, or, on the agent's side, answered with none."""

    id: str
    agent_id: str = ""


FilesReport = FileSeen | FileAsked | FileUnasked
