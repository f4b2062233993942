"""A running relay under pressure, and a neighbour whose talk must not suffer from it."""

import json

from tests.crash.process import RelayProcess
from tests.protocol.talk import say
from tests.protocol.wire import House, Wire, new_id

DOORS = ("link_rate=1000000", "link_burst=1000000", "address_rate=100000", "address_burst=100000", "link_queue_kib=256")
MIB = 1024


class Pressed:
    """Both; `talk` is the neighbour's conversation."""

    def __init__(self, process: RelayProcess, house: House, neighbour: Wire, talk: str) -> None:
        self.process, self.house, self.neighbour, self.talk = process, house, neighbour, talk
        self.before_kib = process.rss_kib()

    def grown_kib(self) -> int:
        """Memory since everybody was there."""
        return self.process.rss_kib() - self.before_kib

    async def neighbour_talks(self) -> None:
        """Every line is acknowledged."""
        for number in range(10):
            assert (await say(self.neighbour, self.talk, f"line {number}"))["is"] == "chat_accepted"


def chat(conversation_id: str, number: int, length: int) -> str:
    body = {"do": "send_chat", "conversation_id": conversation_id, "client_id": new_id(), "text": "x" * length}
    return json.dumps({"f": "request", "id": 1000 + number, "body": body})
