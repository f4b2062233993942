"""Files beside the picture: the two ends of `shared.control.files` in the session processes."""

from collections.abc import Coroutine
from pathlib import Path
from typing import Final, assert_never

from shared.common.clock import now_ms
from shared.common.errors import PeerBroken
from shared.control.files.exchange import Exchange
from shared.control.files.view import TransferView
from shared.session import files_messages as f
from shared.session.parts import AgentHost, CustomerHost

CHANNEL: Final = "files"


class CustomerFiles:
    """One exchange for each agent; each piece is allowed or not at the moment when it comes or goes."""

    channel = CHANNEL

    def __init__(self, host: CustomerHost) -> None:
        self._host = host
        self._places: f.OpenFiles | None = None
        self._exchanges: dict[str, Exchange] = {}
        self._stopped = False

    def order(self, order: f.FilesOrder) -> None:
        """What the window wants."""
        match order:
            case f.OpenFiles():
                self._places = self._places or order
            case f.AskForFile():
                pass  # only an agent asks
            case _:
                exchange = self._with(order.agent_id)
                if exchange is not None:
                    obey(exchange, order)

    def message(self, agent_id: str, data: bytes) -> None:
        """From an agent. Raises PeerBroken."""
        exchange = self._with(agent_id)
        if exchange is not None:
            exchange.message(data)

    def standing_changed(self) -> None:
        """What is not allowed any more stops; what is allowed again goes on."""
        for exchange in self._exchanges.values():
            exchange.standing()

    def stop(self) -> None:
        """Nothing is written or sent from here on."""
        self._stopped = True
        for exchange in self._exchanges.values():
            exchange.close()

    async def close(self) -> None:
        """Nothing runs any more."""
        self.stop()

    def _with(self, agent_id: str) -> Exchange | None:
        found = self._exchanges.get(agent_id)
        if found is None and self._places is not None and not self._stopped:
            found = self._exchanges[agent_id] = _exchange(_CustomerLink(self._host, agent_id), agent_id, self._places)
            found.standing()
        return found


class AgentFiles:
    """The agent's end; what may go or come, the customer's machine says."""

    channel = CHANNEL

    def __init__(self, host: AgentHost) -> None:
        self._link = _AgentLink(host)
        self._exchange: Exchange | None = None
        self._closed = False

    def order(self, order: f.FilesOrder) -> None:
        """What the window wants."""
        if isinstance(order, f.OpenFiles):
            if self._exchange is None and not self._closed:
                self._exchange = _exchange(self._link, order.peer, order)
                self._exchange.standing()
        elif self._exchange is not None:
            obey(self._exchange, order)

    def message(self, data: bytes) -> None:
        """From the customer's machine. Raises PeerBroken."""
        if self._exchange is not None:
            self._exchange.message(data)

    def connected(self, live: bool) -> None:
        """The channel is open, or gone."""
        self._link.live = live
        if self._exchange is not None:
            self._exchange.standing()

    async def close(self) -> None:
        """The session ends; what is unfinished stays for another time."""
        self._closed = True
        if self._exchange is not None:
            self._exchange.close()


Directed = f.OfferFiles | f.AnswerFile | f.HoldFile | f.CancelFile | f.AskForFile | f.DeclineFile


def obey(exchange: Exchange, order: Directed) -> None:
    """An order about one exchange."""
    match order:
        case f.OfferFiles(paths=paths, answers=answers):
            exchange.offer([Path(path) for path in paths], answers)
        case f.AnswerFile(id=transfer_id, yes=yes):
            exchange.answer(transfer_id, yes)
        case f.HoldFile(id=transfer_id, held=held):
            exchange.hold(transfer_id, held)
        case f.CancelFile(id=transfer_id):
            exchange.cancel(transfer_id)
        case f.AskForFile(id=question_id, words=words):
            exchange.ask(question_id, words)
        case f.DeclineFile(id=question_id):
            exchange.decline(question_id)
        case _:
            assert_never(order)


class _CustomerLink:
    leads = False

    def __init__(self, host: CustomerHost, agent_id: str) -> None:
        self._host, self._agent_id = host, agent_id

    def say(self, data: bytes) -> bool:
        return self._host.say(self._agent_id, CHANNEL, data)

    def may_send(self) -> bool:
        return self._host.allows(self._agent_id, "files.receive")

    def may_receive(self) -> bool:
        return self._host.allows(self._agent_id, "files.send")

    def asked(self, question_id: str, words: str) -> None:
        self._host.report(f.FileAsked(agent_id=self._agent_id, id=question_id, words=words))

    def unasked(self, question_id: str) -> None:
        self._host.report(f.FileUnasked(agent_id=self._agent_id, id=question_id))

    def seen(self, view: TransferView) -> None:
        self._host.report(f.FileSeen(agent_id=self._agent_id, file=view))

    def used(self, *, incoming: bool, refused: bool) -> None:
        self._host.used(self._agent_id, "files.send" if incoming else "files.receive", refused=refused)

    def now_ms(self) -> int:
        return self._host.now_ms()

    def spawn(self, work: Coroutine[object, object, None], name: str) -> None:
        self._host.spawn(work, name)


class _AgentLink:
    leads = True

    def __init__(self, host: AgentHost) -> None:
        self._host = host
        self.live = False

    def say(self, data: bytes) -> bool:
        return self._host.say(CHANNEL, data)

    def may_send(self) -> bool:
        return self.live

    def may_receive(self) -> bool:
        return self.live

    def asked(self, question_id: str, words: str) -> None:
        raise PeerBroken("a customer's machine asks an agent for files")

    def unasked(self, question_id: str) -> None:
        self._host.report(f.FileUnasked(id=question_id))

    def seen(self, view: TransferView) -> None:
        self._host.report(f.FileSeen(file=view))

    def used(self, *, incoming: bool, refused: bool) -> None:
        pass  # the receipt is written on the customer's machine

    def now_ms(self) -> int:
        return now_ms()

    def spawn(self, work: Coroutine[object, object, None], name: str) -> None:
        self._host.spawn(work, name)


def _exchange(link: "_CustomerLink | _AgentLink", peer: str, places: f.OpenFiles) -> Exchange:
    return Exchange(link, peer, Path(places.landing), Path(places.kept))
