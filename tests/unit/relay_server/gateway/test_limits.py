"""Buckets, the table of kinds, and addresses behind proxies."""

from pathlib import Path

import pytest

from relay_server.gateway.addresses import Proxies, line, networks, source
from relay_server.gateway.limits import OF_COMMAND, OF_OPENING, TABLE, Limits, resolved
from relay_server.gateway.ratelimit import Bucket, Buckets, Limit
from relay_server.settings import load
from shared.common.errors import ConfigError
from shared.protocol.messages.identity import SignInWithPassword
from shared.protocol.messages.knowledge import SearchArticles
from shared.protocol.messages.organisation import GetHome


def test_a_bucket_gives_its_burst_then_its_rate() -> None:
    bucket = Bucket(rate=2, burst=3, level=3, at_s=0)
    assert [bucket.take(0) for _ in range(4)] == [True, True, True, False]
    assert bucket.wait_s() == 0.5
    assert [bucket.take(0.5), bucket.take(0.5)] == [True, False]
    assert [bucket.take(100) for _ in range(4)] == [True, True, True, False]


def test_addresses_have_buckets_of_their_own() -> None:
    buckets = Buckets(Limit(rate=1, burst=1))
    assert [buckets.wait_s(key, 0) for key in ("a", "a", "b")] == [0, 1, 0]


def test_whoever_comes_from_many_addresses_resets_nobodys_bucket_and_grows_nothing() -> None:
    buckets = Buckets(Limit(rate=0.001, burst=1), room=10)
    assert buckets.wait_s("known", 0) == 0
    for n in range(100_000):
        buckets.wait_s(f"a{n}", 0)
    assert buckets.wait_s("known", 0) > 0
    assert len(buckets) <= 10 + 1024


def test_buckets_that_are_full_again_make_room() -> None:
    buckets = Buckets(Limit(rate=1, burst=2), room=10)
    for n in range(10):
        buckets.wait_s(f"a{n}", 0)
    for n in range(10):
        assert buckets.wait_s(f"b{n}", 60) == 0
    assert len(buckets) == 10


def limits(tmp_path: Path, **flags: str) -> Limits:
    return Limits(load(tmp_path, {}, flags).settings)


def test_a_refusal_says_how_long_to_wait(tmp_path: Path) -> None:
    kept = limits(tmp_path, limits="search=0.1/2")
    bucket = kept.commands("amy", 0)
    search, home = SearchArticles(words="printer"), GetHome()
    assert [kept.command(bucket, search, "amy", 0) for _ in range(2)] == [None, None]
    refused = kept.command(bucket, search, "amy", 0)
    assert refused is not None
    assert (refused.code, refused.params) == ("rate_limited", {"retry_s": "10"})
    assert kept.command(bucket, home, "amy", 0) is None
    assert kept.command(kept.commands("bob", 0), search, "bob", 0) is None
    assert kept.command(bucket, search, "amy", 10) is None


def test_all_links_of_an_account_share_what_it_may_send(tmp_path: Path) -> None:
    kept = limits(tmp_path, link_rate="1", link_burst="2")
    one, two = kept.commands("amy", 0), kept.commands("amy", 0)
    home = GetHome()
    assert [kept.command(each, home, "amy", 0) is None for each in (one, two, one)] == [True, True, False]


def test_passwords_are_counted_by_address_before_they_are_looked_at(tmp_path: Path) -> None:
    kept = limits(tmp_path, limits="password=1/2")
    guess = SignInWithPassword(username="lin", password="x")
    assert [kept.opening(guess, "a", 0) is None for _ in range(3)] == [True, True, False]
    assert kept.opening(guess, "b", 0) is None


def test_every_kind_has_a_limit(tmp_path: Path) -> None:
    table = resolved(load(tmp_path, {}, {}).settings)
    assert {*OF_COMMAND.values(), *OF_OPENING.values(), *TABLE} <= set(table)


@pytest.mark.parametrize(
    "words",
    ["search", "search=0/5", "search=5/0", "search=1e9/5", "connect=5/5", "sleep=1/1", "search=5/5/5", "=", "/"],
)
def test_limits_out_of_bounds_are_named(tmp_path: Path, words: str) -> None:
    with pytest.raises(ConfigError, match="limits"):
        limits(tmp_path, limits=words)


NEAR = Proxies(networks(["10.0.0.0/24", "2001:db8:ffff::/48"], "trusted_proxies"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.5", [], "203.0.113.5"),
        ("203.0.113.5", ["198.51.100.7"], "203.0.113.5"),
        ("10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["198.51.100.7:4711"], "198.51.100.7"),
        ("10.0.0.1", ["1.1.1.1, 198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["1.1.1.1", "198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["198.51.100.7, 10.0.0.2"], "198.51.100.7"),
        ("10.0.0.1", ["10.0.0.9", "10.0.0.2"], "10.0.0.9"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.1.1", ["198.51.100.7"], "10.0.1.1"),
        ("10.0.0.1", ["<script>"], "unknown"),
        ("10.0.0.1", ["198.51.100.7,"], "unknown"),
        ("10.0.0.1", ["198.51.100.7, , 10.0.0.2"], "unknown"),
        ("10.0.0.1", ["fe80::1%eth0"], "unknown"),
        ("10.0.0.1", [", ".join(["1.1.1.1"] * 17)], "unknown"),
        ("10.0.0.1", ["1.1.1.1" * 500], "unknown"),
        ("2001:db8:1:2:aaaa::1", [], "2001:db8:1:2::/64"),
        ("2001:db8:ffff::1", ["[2001:db8:1:2:aaaa::1]:443"], "2001:db8:1:2::/64"),
        ("fe80::1%eth0", [], "fe80::/64"),
        ("::ffff:203.0.113.5", [], "203.0.113.5"),
        ("::ffff:10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("", [], "unknown"),
    ],
)
def test_only_listed_proxies_are_believed(peer: str, forwarded: list[str], expected: str) -> None:
    assert line(source(peer, forwarded, NEAR)) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (["for=198.51.100.7"], "198.51.100.7"),
        (['for="198.51.100.7:4711";proto=https;by=10.0.0.1'], "198.51.100.7"),
        (['For="[2001:db8:1:2::17]:4711"'], "2001:db8:1:2::/64"),
        (["for=1.1.1.1, for=198.51.100.7"], "198.51.100.7"),
        (["for=198.51.100.7, for=10.0.0.2"], "198.51.100.7"),
        (['for="1.1.1.1\\", for=2.2.2.2"', "for=198.51.100.7"], "198.51.100.7"),
        (["for=198.51.100.7;for=1.1.1.1"], "unknown"),
        (['for=1.1.1.1, for="198.51.100.7'], "unknown"),
        (["for=unknown"], "unknown"),
        (["for=_hidden"], "unknown"),
        (["proto=https"], "unknown"),
        (["for = 198.51.100.7"], "unknown"),
    ],
)
def test_forwarded_is_read_strictly(said: list[str], expected: str) -> None:
    assert line(source("10.0.0.1", said, Proxies(NEAR.networks, "forwarded"))) == expected


@pytest.mark.parametrize("word", ["10.0.0.1/8", "proxy.example", "10.0.0.0/33", ""])
def test_networks_that_are_none_are_named(word: str) -> None:
    with pytest.raises(ConfigError, match="trusted_proxies"):
        networks([word], "trusted_proxies")
