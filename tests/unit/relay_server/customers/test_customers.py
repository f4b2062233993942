"""Customers are their device keys; what they say about themselves merges nobody."""

from pathlib import Path

from relay_server.customers.rules import newcomer, plain_line, updated
from shared.protocol.messages.identity import UpdateProfile
from tests.relay_house import ok, open_house


def test_a_newcomer_goes_by_a_few_characters_of_the_key() -> None:
    assert newcomer("id", "+ab/cdEF", 1).person.name == "#ABCD"


def test_what_was_left_out_stays() -> None:
    record = updated(newcomer("id", "key", 1), "Li", "li@example.com", "")
    changed = updated(record, "", "", "123")
    assert (changed.person.name, changed.email, changed.phone) == ("Li", "li@example.com", "123")


def test_a_line_has_no_marks_that_turn_or_hide_text() -> None:
    assert plain_line("a\u202eb\x00\n\tc\u200b") == "ab c"
    assert len(plain_line("x" * 500)) == 200


async def test_the_same_words_on_two_devices_are_two_customers(tmp_path: Path) -> None:
    async with open_house(tmp_path / "relay.db") as house:
        first = ok(await house.customers.customer_for_device("A" * 43, "Li", "li@example.com", "1"))
        second = ok(await house.customers.customer_for_device("B" * 43, "Li", "li@example.com", "1"))
        assert first.person.id != second.person.id
        again = ok(await house.customers.customer_for_device("A" * 43))
        assert again == first


async def test_a_profile_is_changed_by_its_own_customer(tmp_path: Path) -> None:
    async with open_house(tmp_path / "relay.db") as house:
        li = await house.customer("Li", "A" * 43)
        ok(await house.customers.update_profile(li, UpdateProfile(name="Li Wei", phone="5")))
        record = ok(await house.customers.customer_for_device("A" * 43))
        assert (record.person.name, record.phone) == ("Li Wei", "5")
