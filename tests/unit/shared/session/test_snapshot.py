"""What the snapshot says of this machine, and what it leaves out."""

import getpass
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.control.facts import MAX_FACTS, MAX_VALUE, SECTIONS, Facts, decode_told, encode
from shared.session.snapshot import gather, made, network, programs


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small Linux: a wired and a wireless interface, a bridge, a route, a neighbour."""
    for name, has, state in (("zz-eth", "device", "up"), ("zz-wlan", "wireless", "down"), ("zz-br", "", "up")):
        place = tmp_path / "sys/class/net" / name
        place.mkdir(parents=True)
        (place / "operstate").write_text(f"{state}\n")
        (place / "type").write_text("1\n")
        if has:
            (place / has).mkdir()
    (tmp_path / "sys/class/net/lo").mkdir()
    (tmp_path / "proc/net").mkdir(parents=True)
    (tmp_path / "proc/net/route").write_text("Iface\tDestination\tGateway\nzz-eth\t00000000\t0101A8C0\n")
    (tmp_path / "proc/net/arp").write_text("IP HW Flags\n192.168.1.1 0x1 0x2\n")
    (tmp_path / "etc").mkdir()
    return tmp_path


@pytest.fixture
def name_server() -> Iterator[int]:
    """Answers the first question on 127.0.0.1 at this port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as serving:
        serving.bind(("127.0.0.1", 0))
        serving.settimeout(10)

        def answer() -> None:
            question, asker = serving.recvfrom(512)
            serving.sendto(question[:2] + b"\x81\x80" + question[4:], asker)

        answering = threading.Thread(target=answer)
        answering.start()
        yield serving.getsockname()[1]
        answering.join()


def test_networks_are_told_by_kind_without_an_address(root: Path) -> None:
    told = {(fact.key, fact.name): fact.value for fact in network.kinds(root)}
    assert told == {
        ("interface", "zz-eth"): "wired, up, no_address",
        ("interface", "zz-wlan"): "wireless, down, no_address",
        ("interface", "zz-br"): "virtual, up, no_address",
        ("route", ""): "yes",
        ("gateway", ""): "answers",
        ("dns", ""): "no",
    }


def test_a_silent_gateway_and_no_route_are_said(root: Path) -> None:
    (root / "proc/net/arp").write_text("IP HW Flags\n192.168.1.1 0x1 0x0\n")
    assert {fact.key: fact.value for fact in network.kinds(root)}["gateway"] == "silent"
    (root / "proc/net/route").write_text("Iface\tDestination\tGateway\n")
    told = {fact.key: fact.value for fact in network.kinds(root)}
    assert told["route"] == "no"
    assert "gateway" not in told


def test_addresses_are_a_part_of_their_own(root: Path) -> None:
    (root / "etc/resolv.conf").write_text("nameserver 127.0.0.1\nnameserver 127.0.0.2\nnameserver 127.0.0.3\n")
    told = {fact.key: fact.value for fact in network.addresses(root)}
    assert told["gateway_address"] == "192.168.1.1"
    assert told["dns_address"] == "127.0.0.1, 127.0.0.2"


def test_a_name_server_thatanswers(name_server: int) -> None:
    assert network.answers("127.0.0.1", name_server)


def test_a_name_server_that_is_not_there_or_no_address() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert not network.answers("127.0.0.1", port)
    assert not network.answers("nonsense address", port)


def test_programs_are_names_only(tmp_path: Path) -> None:
    told = [fact.value.rsplit(" ", 2)[0] for fact in _while_busy(Path("/proc"))]
    assert Path("/proc/self/comm").read_text().strip() in told
    assert not any("/" in name for name in told)
    assert list(programs.busiest(tmp_path / "nowhere")) == []


def test_threads_of_the_kernel_are_no_programs(tmp_path: Path) -> None:
    for pid, name, flags in ((7, "kworker/0:1-events", 0x0420_8060), (8, "editor (2)", 0x0040_0000)):
        (tmp_path / str(pid)).mkdir()
        fields = ["S", "2", "0", "0", "0", "-1", str(flags), "0", "0", "0", "0", "40", "2"]
        (tmp_path / str(pid) / "stat").write_text(f"{pid} ({name}) {' '.join(fields)}")
    assert programs._ticks(tmp_path) == {"8": ("editor (2)", 42)}


def _while_busy(proc: Path) -> list[made.Fact]:
    done = threading.Event()

    def spin() -> None:
        while not done.is_set():
            sum(range(1000))

    spinning = threading.Thread(target=spin)
    spinning.start()
    try:
        return list(programs.busiest(proc))
    finally:
        done.set()
        spinning.join()


def test_the_account_and_its_home_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/grace")
    monkeypatch.setattr(getpass, "getuser", lambda: "gracec")
    assert made.fact("disk", "1", "/home/grace/photos").name == "~/photos"
    assert made.fact("disk", "1", "/media/gracec/stick").name == "/media/.../stick"
    assert made.fact("process", "grace-sync").value == "...-sync"
    assert made.fact("process", "gracenote").value == "gracenote"


def test_the_whole_snapshot_fits_and_keeps_its_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "name_servers", lambda _root=Path("/"): list[str]())
    monkeypatch.setenv("SECRET_TOKEN", "hunter2-hunter2")
    sections = gather()
    names = [section.name for section in sections]
    assert names == [name for name in SECTIONS if name in names]
    assert {"system", "hardware", "storage", "region"} <= set(names)
    assert decode_told(encode(Facts(sections))) == Facts(sections)
    facts = [fact for section in sections for fact in section.facts]
    assert all(fact.value and len(fact.value) <= MAX_VALUE for fact in facts)
    assert all(len(section.facts) <= MAX_FACTS for section in sections)
    said = " ".join(f"{fact.name} {fact.value}" for fact in facts)
    assert "hunter2" not in said
    assert socket.gethostname() not in said.split()
