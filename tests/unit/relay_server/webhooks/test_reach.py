"""Where webhooks may go, and how late they try again."""

import pytest

from relay_server.webhooks import rules
from relay_server.webhooks.reach import Forbidden, GuardedResolver, Reach, reach_of
from shared.common.errors import ConfigError


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.1",
        "10.0.0.1",
        "172.16.5.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "nonsense",
    ],
)
def test_neighbours_are_not_reached(address: str) -> None:
    assert not Reach().allows(address)


def test_public_addresses_and_what_the_settings_name() -> None:
    assert all(Reach().allows(each) for each in ("93.184.216.34", "2606:2800:220:1::1"))
    reach = reach_of(("10.20.0.0/16", "fd00:1::/32"), loopback=False)
    assert all(reach.allows(each) for each in ("10.20.3.4", "::ffff:10.20.3.4", "fd00:1::5"))
    assert not any(reach.allows(each) for each in ("10.21.0.1", "127.0.0.1", "fd00:2::1"))
    assert reach_of((), loopback=True).allows("127.0.0.1")
    with pytest.raises(ConfigError, match="webhook_networks"):
        reach_of(("10.20.0.1/16",), loopback=False)


async def test_a_name_that_leads_inside_is_not_connected_to() -> None:
    for name in ("localhost", "2130706433", "0x7f.1"):
        with pytest.raises(Forbidden):
            await GuardedResolver(Reach()).resolve(name, 443)
    found = await GuardedResolver(Reach(loopback=True)).resolve("localhost", 443)
    assert {each["host"] for each in found} <= {"127.0.0.1", "::1"}


def test_tries_come_later_and_later_and_end() -> None:
    now_ms = 1_000_000
    waits = [(rules.retry_at(tries, now_ms, 10**12, 1.0) or 0) - now_ms for tries in range(1, 15)]
    assert waits[:4] == [5_000, 10_000, 20_000, 40_000]
    assert waits[-1] == rules.RETRY_MAX_MS
    assert rules.retry_at(1, now_ms, 10**12, 0.0) == now_ms + 2_500
    assert rules.retry_at(1, now_ms, now_ms + 4_999, 1.0) is None
    assert rules.retry_at(10**6, now_ms, 10**12, 0.5) is not None


def test_there_is_a_signature_for_each_secret() -> None:
    made = rules.signatures([b"k" * 32, b"o" * 32], "evt_1", 1_700_000_000, b"{}")
    new, old = made.split()
    assert new != old
    assert all(each.startswith("v1,") and len(each) == 47 for each in (new, old))
