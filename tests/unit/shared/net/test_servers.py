"""Several addresses of one installation: as written, and as the link goes through them."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shared.common.errors import ConfigError
from shared.net.endpoint import Endpoint
from shared.net.servers import MOST, home_of, split
from tests.unit.shared.net.test_link import Peer, Program, certificate, relay, running

__all__ = ["certificate"]
CHAT = ("wss://a.example/ws", "wss://b.example:7443/ws")


def test_addresses_are_parted_by_spaces_or_commas() -> None:
    assert split(f"{CHAT[0]}, {CHAT[1]} {CHAT[0]}") == CHAT
    assert home_of(f" {CHAT[0]},{CHAT[1]}") == CHAT[0]
    assert home_of("") == ""


@pytest.mark.parametrize("written", ["", "http://a/ws", "wss:///ws", "wss://a/ws ws://b/ws"])
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(ConfigError):
        split(written)


def test_there_is_an_end_to_addresses() -> None:
    with pytest.raises(ConfigError):
        split(" ".join(f"wss://{number}/ws" for number in range(MOST + 1)))


def test_each_address_has_its_turn() -> None:
    endpoint = Endpoint(" ".join(CHAT))
    first = endpoint.url
    endpoint.advance()
    assert {first, endpoint.url} == set(CHAT)
    assert endpoint.http("/blobs").startswith("https://" + endpoint.url.split("/")[2])
    endpoint.advance()
    assert endpoint.url == first


async def stays(peer: Peer) -> None:
    await peer.lets_in()
    await peer.socket.receive()


async def leaves(peer: Peer) -> None:
    await peer.lets_in()


@contextmanager
def deaf() -> Iterator[str]:
    """A node that is frozen: the kernel takes its connections, nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"wss://127.0.0.1:{server.getsockname()[1]}/ws"


async def test_a_link_that_is_lost_goes_on_at_the_next_address(certificate: tuple[Path, Path]) -> None:
    async with relay(certificate, leaves, leaves, leaves) as a, relay(certificate, stays) as b:
        both = Endpoint(f"{a.url} {b.url}", certificate[0])
        async with running(Program(both)) as program:
            await program.until(lambda: program.phase == "ready" and both.url == b.url)


async def test_an_address_where_nobody_listens_is_passed_by_without_a_rest(certificate: tuple[Path, Path]) -> None:
    async with relay(certificate) as gone:
        pass
    async with relay(certificate, stays) as b:
        both = Endpoint(f"{gone.url} {b.url}", certificate[0])
        if both.url == b.url:
            both.advance()
        async with running(Program(both)) as program:
            await program.until(lambda: program.phase == "ready")
            assert "waiting" not in [state.phase for state in program.states]


async def test_a_node_that_only_takes_the_connection_is_given_up(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.net.link.CONNECT_NEXT_S", 0.3)
    with deaf() as frozen:
        async with relay(certificate, stays) as b:
            both = Endpoint(f"{frozen} {b.url}", certificate[0])
            if both.url == b.url:
                both.advance()
            async with running(Program(both)) as program:
                await program.until(lambda: program.phase == "ready")
