"""One question to the relay before sign-in, on a connection of its own."""

from typing import Final

import aiohttp

from shared.common.errors import LinkLost, PeerBroken
from shared.net.endpoint import Endpoint
from shared.protocol import codec, frames, version
from shared.protocol.messages import identity as i
from shared.protocol.messages.base import Result

ANSWER_S: Final = 12.0
"""The relay itself gives a link ten seconds to sign in."""


async def greet(endpoint: Endpoint, *, client_version: str = "") -> i.Welcome | frames.Refused:
    """What the relay says to an agent's program that has not signed in. Raises LinkLost, PeerBroken, ConfigError."""
    answers = await _talk(endpoint, [_hello(client_version)])
    welcome = answers[0]
    if not isinstance(welcome, i.Welcome | frames.Refused):
        raise PeerBroken("expected a welcome")
    return welcome


async def ask_before(endpoint: Endpoint, command: i.Opening, *, client_version: str = "") -> Result | frames.Refused:
    """The answer to one command. Raises LinkLost, PeerBroken, ConfigError."""
    return (await _talk(endpoint, [_hello(client_version), command]))[-1]


def _hello(client_version: str) -> i.Hello:
    return i.Hello(program="agent", protocol=version.CURRENT, oldest=version.OLDEST, version=client_version)


async def _talk(endpoint: Endpoint, commands: list[i.Opening]) -> list[Result | frames.Refused]:
    answers: list[Result | frames.Refused] = []
    connector = aiohttp.TCPConnector(ssl=endpoint.tls(), limit=1)
    timeout = aiohttp.ClientTimeout(total=ANSWER_S)
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
            session.ws_connect(endpoint.url, max_msg_size=codec.MAX_FRAME_BYTES, compress=0) as socket,
        ):
            for number, command in enumerate(commands, 1):
                await socket.send_str(codec.encode_from_opening(frames.Request(id=number, body=command)).decode())
                answers.append(await _answer(socket))
                if isinstance(answers[-1], frames.Refused):
                    break
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise LinkLost(str(error)) from error
    return answers


async def _answer(socket: aiohttp.ClientWebSocketResponse) -> Result | frames.Refused:
    message = await socket.receive(ANSWER_S)
    if message.type is not aiohttp.WSMsgType.TEXT:
        raise LinkLost(f"closed with {socket.close_code}")
    frame = codec.decode_to_agent(str(message.data))
    if isinstance(frame, frames.Refused):
        return frame
    if not isinstance(frame, frames.Reply):
        raise PeerBroken("an answer that is none")
    return frame.body
