"""Both languages say everything, with the same placeholders, in their own punctuation."""

import re
from string import Formatter

import pytest

from shared.protocol.codes import REFUSAL_CODES
from shared.strings import en, zh_cn
from shared.strings.assembly import assemble

KEYS = sorted(en.WORDS)
URL = re.compile(r"\w+://\S+")
HALF_WIDTH_AFTER_HAN = re.compile(r"[\u4e00-\u9fff}][,;:!?]|[\u4e00-\u9fff]\.(?!\w)|[\u4e00-\u9fff]\(")
HAN = re.compile(r"[\u4e00-\u9fff]")
FULL_WIDTH = re.compile(r"[\uff00-\uff60\u3000-\u303f]")


def placeholders(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name}


def test_both_languages_have_the_same_keys() -> None:
    assert set(zh_cn.WORDS) == set(en.WORDS)


@pytest.mark.parametrize("key", KEYS)
def test_both_languages_have_the_same_placeholders(key: str) -> None:
    assert placeholders(zh_cn.WORDS[key]) == placeholders(en.WORDS[key])


def test_no_words_are_empty() -> None:
    for table in (en.WORDS, zh_cn.WORDS):
        assert [key for key, words in table.items() if not words.strip()] == []


def test_chinese_uses_full_width_punctuation() -> None:
    wrong = {key: words for key, words in zh_cn.WORDS.items() if HALF_WIDTH_AFTER_HAN.search(URL.sub("", words))}
    assert wrong == {}


def test_english_uses_no_chinese() -> None:
    wrong = {key: words for key, words in en.WORDS.items() if HAN.search(words) or FULL_WIDTH.search(words)}
    assert wrong == {}


def test_keys_are_named_by_room() -> None:
    assert [key for key in KEYS if not re.fullmatch(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+", key)] == []


@pytest.mark.parametrize("code", REFUSAL_CODES)
def test_every_refusal_has_words(code: str) -> None:
    assert f"error.{code}" in en.WORDS


def test_two_rooms_cannot_claim_one_key() -> None:
    with pytest.raises(ValueError, match=r"room\.thing"):
        assemble([{"room.thing": "a"}, {"room.thing": "b"}])
