"""A recording's chunks: every prefix opens, and nothing that was changed, moved, doubled or left out does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.common.sealed.container import Opener, Sealer, content_key
from shared.common.sealed.heads import KEY, LAST, About, Damaged, Walk, read_about
from shared.common.sealed.keyfile import KeyFileError, lock, make_pair, unlock
from shared.common.sealed.keys import KeyPair

PAIR, OTHER = make_pair(), make_pair()
ABOUT = About(recording_id="R1", session_id="S1", conversation_id="C1", agent_id="lin", started_ms=1, key_id="0" * 16)
BODIES = st.lists(st.binary(min_size=1, max_size=60), min_size=1, max_size=6)


def sealed(bodies: list[bytes]) -> list[bytes]:
    sealer = Sealer(ABOUT, PAIR.public)
    return [sealer.opening] + [
        sealer.seal(body, from_ms=at, until_ms=at, flags=KEY | (LAST if at == len(bodies) - 1 else 0))
        for at, body in enumerate(bodies)
    ]


def opened(data: bytes, pair: KeyPair = PAIR) -> tuple[list[bytes], bool]:
    """The bodies, and whether the end was there. Raises Damaged."""
    walk, opener, found = Walk(), None, list[bytes]()
    for chunk in walk.feed(data):
        if opener is None:
            opener = Opener(content_key(chunk.raw, pair))
        else:
            found.append(opener.open(chunk.head, chunk.raw, chunk.before))
    return found, walk.ended


@given(BODIES)
def test_what_was_sealed_opens_with_the_key_and_no_other(bodies: list[bytes]) -> None:
    data = b"".join(sealed(bodies))
    assert opened(data) == (bodies, True)
    with pytest.raises(Damaged):
        opened(data, OTHER)
    with pytest.raises(Damaged):
        opened(data, KeyPair(OTHER.private, PAIR.public))


@given(BODIES, st.data())
def test_every_prefix_opens_up_to_its_last_whole_chunk(bodies: list[bytes], data: st.DataObject) -> None:
    chunks = sealed(bodies)
    whole = b"".join(chunks)
    size = data.draw(st.integers(len(chunks[0]), len(whole) - 1))
    found, ended = opened(whole[:size])
    assert not ended
    assert found == bodies[: len(found)]
    assert len(b"".join(chunks[: len(found) + 2])) > size


@given(BODIES, st.data())
def test_a_changed_bit_is_seen(bodies: list[bytes], data: st.DataObject) -> None:
    whole = bytearray(b"".join(sealed(bodies)))
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    whole[bit // 8] ^= 1 << bit % 8
    try:
        found, ended = opened(bytes(whole))
    except Damaged:
        return
    assert not ended, "a longer length waits for more"
    assert found == bodies[: len(found)]


@given(BODIES, st.data())
def test_chunks_out_of_their_place_are_seen(bodies: list[bytes], data: st.DataObject) -> None:
    chunks, others = sealed(bodies), sealed(bodies)
    at = data.draw(st.integers(1, len(chunks) - 1))
    what = data.draw(st.sampled_from(["left out", "doubled", "of another", "moved"]))
    match what:
        case "left out":
            wrong = [*chunks[:at], *chunks[at + 1 :]]
        case "doubled":
            wrong = [*chunks[:at], chunks[at], *chunks[at:]]
        case "of another":
            wrong = [*chunks[:at], others[at], *chunks[at + 1 :]]
        case _:
            wrong = [chunks[0], *chunks[at:], *chunks[1:at]]
    if wrong == chunks:
        return
    try:
        _, ended = opened(b"".join(wrong))
    except Damaged:
        return
    assert not ended


def test_another_beginning_is_seen() -> None:
    chunks, others = sealed([b"a", b"b"]), sealed([b"a", b"b"])
    with pytest.raises(Damaged):
        opened(b"".join([others[0], *chunks[1:]]))
    changed = chunks[0].replace(b"lin", b"eve")
    assert read_about(changed).agent_id == "eve"
    with pytest.raises(Damaged):
        opened(b"".join([changed, *chunks[1:]]))


def test_a_key_file_opens_with_its_passphrase_alone() -> None:
    data = lock(PAIR, "four words and more", scrypt_n=2**10)
    assert PAIR.private not in data
    assert unlock(data, "four words and more") == PAIR
    with pytest.raises(KeyFileError, match="key_file_wrong"):
        unlock(data, "four words")
    with pytest.raises(KeyFileError, match="key_file_bad"):
        unlock(data[:-20], "four words and more")
    with pytest.raises(KeyFileError, match="key_file_bad"):
        unlock(b"\xff\x00", "four words and more")
