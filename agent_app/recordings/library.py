"""The recordings of a ticket's conversation, and the key that opens them, kept in memory for this run only."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct, structs

from agent_app.desk.relay import Failed, Relay, Spawn, ask
from agent_app.recordings.copy import StartPlayer
from agent_app.recordings.film import FilmPresenter
from agent_app.recordings.player import PlayerPresenter
from agent_app.recordings.port import Shelf
from shared.common.sealed.keys import KeyPair, key_id
from shared.common.shown import Shown
from shared.protocol.messages import conversations as c
from shared.protocol.messages import recordings as r


class LibraryView(Struct, frozen=True, kw_only=True):
    """`found` is None while it is asked for."""

    conversation_id: str = ""
    found: r.Recordings | None = None
    problem: Failed | None = None


class Library:
    """Asks for lists, opens players; the private key never leaves this object but into a player."""

    def __init__(self, relay: Relay, shelf: Shelf, start: StartPlayer, spawn: Spawn) -> None:
        self._relay, self._shelf, self._start, self._spawn = relay, shelf, start, spawn
        self._pairs: dict[str, KeyPair] = {}
        self.view = Shown(LibraryView())

    def show(self, conversation_id: str) -> None:
        """The recordings of a conversation; none for an empty id."""
        if conversation_id != self.view.value.conversation_id:
            self.view.set(LibraryView(conversation_id=conversation_id))
            self.refresh()

    def refresh(self) -> None:
        """Ask anew."""
        if self.view.value.conversation_id:
            self._spawn(self._list(self.view.value.conversation_id), "list recordings")

    def has_key(self, row: r.RecordingRow) -> bool:
        """Whether the key that this one is sealed to was opened in this run."""
        return row.key_id in self._pairs

    def unlock(self, path: Path, passphrase: str, told: Callable[[str], None]) -> None:
        """Opens a key file; `told` gets the code of what is wrong, or nothing."""
        self._spawn(self._unlock(path, passphrase, told), "open recording key")

    def play(self, row: r.RecordingRow) -> PlayerPresenter:
        """A player; raises KeyError without its key."""
        return PlayerPresenter(row, self._pairs[row.key_id], self._relay, self._shelf, self._start, self._spawn)

    def save_film(self, row: r.RecordingRow, path: Path) -> FilmPresenter:
        """A film in the making; raises KeyError without its key."""
        source = row, self._pairs[row.key_id]
        return FilmPresenter(source, path, self._relay, self._shelf, self._start, self._spawn)

    def hold(self, row: r.RecordingRow, held: bool) -> None:
        """Keep it beyond its time, or no longer."""
        self._spawn(self._do(r.HoldRecording(recording_id=row.recording_id, held=held)), "hold recording")

    def delete(self, row: r.RecordingRow) -> None:
        """Before its time."""
        self._spawn(self._do(r.DeleteRecording(recording_id=row.recording_id)), "delete recording")

    def forget(self) -> None:
        """Somebody signs out: the next one finds no key of theirs."""
        self._pairs.clear()
        self.view.set(LibraryView())

    async def _list(self, conversation_id: str) -> None:
        found = await ask(self._relay, r.ListRecordings(conversation_id=conversation_id), r.Recordings)
        if conversation_id != self.view.value.conversation_id:
            return
        if isinstance(found, Failed):
            self.view.set(structs.replace(self.view.value, problem=found))
        else:
            self.view.set(LibraryView(conversation_id=conversation_id, found=found))

    async def _do(self, command: r.HoldRecording | r.DeleteRecording) -> None:
        answer = await ask(self._relay, command, c.Done)
        if isinstance(answer, Failed):
            self.view.set(structs.replace(self.view.value, problem=answer))
        else:
            self.refresh()

    async def _unlock(self, path: Path, passphrase: str, told: Callable[[str], None]) -> None:
        pair = await asyncio.to_thread(_open, path, passphrase)
        if isinstance(pair, KeyPair):
            self._pairs[key_id(pair.public)] = pair
        told("" if isinstance(pair, KeyPair) else pair)


def _open(path: Path, passphrase: str) -> KeyPair | str:
    """The pair, or the code of what is wrong."""
    from shared.common.sealed.keyfile import MAX_FILE_BYTES, KeyFileError, unlock  # loads cryptography

    try:
        with path.open("rb") as file:
            return unlock(file.read(MAX_FILE_BYTES), passphrase)
    except KeyFileError as error:
        return f"recording.{error.code}"
    except OSError:
        return "recording.key_file_bad"
