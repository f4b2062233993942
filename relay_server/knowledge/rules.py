"""How articles are found: the same words are made of an article and of a question, in Chinese and in English.

Chinese has no blanks: each pair of neighbouring characters is a word (a lone one stands for itself). English words lose
their commonest endings, so that "printing" finds "printer". Scores are tf-idf with the title counted three times.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

WORDS_MAX: Final = 40
"""Words of a question that are looked at."""
_TITLE_WEIGHT: Final = 3.0
_RUN: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+|[^\W_]+")
_CJK: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_ENDINGS: Final = ("ingly", "edly", "ings", "ing", "ers", "er", "ies", "ied", "ed", "es", "ly", "s", "e")
_STEM_MIN: Final = 3
_SAY_NOTHING: Final = (
    "a an and are as at be by can do does for from has have how i if in is it its me my not of on or our so that the"
    " then there this to was we what when where which who why will with you your"
)
_COMMON: Final = frozenset(_SAY_NOTHING.split())
_COMMON_CHINESE: Final = frozenset(
    {"怎么", "什么", "如何", "一个", "可以", "我的", "不能", "我们", "没有", "为什", "么办"}
)
_MARKUP: Final = re.compile(r"[#*`>|_\[\]()!-]+")
_SNIPPET: Final = 110
_CHINESE_A_MINUTE: Final = 350
_ENGLISH_A_MINUTE: Final = 200


@dataclass(frozen=True, slots=True)
class Posting:
    """How often a word is in one article."""

    article_id: str
    title_count: int
    body_count: int


def words_of(text: str) -> list[str]:
    """The words that a text is found by, in order, repeated as often as they occur."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    found: list[str] = []
    for run in _RUN.findall(plain):
        found.extend(_pairs(run) if _CJK.match(run) else _english(run))
    return found


def question_words(text: str) -> list[str]:
    """The words of a question, each once, without those that say nothing; all of them when nothing would be left."""
    found = list(dict.fromkeys(words_of(text)))[:WORDS_MAX]
    telling = [word for word in found if word not in _COMMON_STEMS and word not in _COMMON_CHINESE]
    return telling or found


def counts_of(title: str, body: str) -> dict[str, tuple[int, int]]:
    """Each word of an article with how often title and body have it."""
    in_title, in_body = Counter(words_of(title)), Counter(words_of(body))
    return {word: (in_title[word], in_body[word]) for word in in_title | in_body}


def ranked(asked: Sequence[str], postings: Mapping[str, Sequence[Posting]], articles: int) -> list[tuple[str, float]]:
    """Article ids with their scores, the best first. An article that has more of the asked words stands before one
    that has one of them often."""
    scores: dict[str, float] = {}
    hits: Counter[str] = Counter()
    weights = {word: _rarity(len(postings.get(word, ())), articles) for word in asked}
    for word in asked:
        for each in postings.get(word, ()):
            often = _TITLE_WEIGHT * min(each.title_count, 2) + math.log1p(each.body_count)
            scores[each.article_id] = scores.get(each.article_id, 0.0) + weights[word] * often
            hits[each.article_id] += 1
    covered = {article_id: score * (hits[article_id] / len(asked)) for article_id, score in scores.items()}
    return sorted(covered.items(), key=lambda each: (-each[1], each[0]))


def snippet(body: str, asked: Iterable[str]) -> str:
    """One line of the article: the first sentence in which an asked word is, else its first."""
    sentences = [each for line in body.splitlines() for each in re.split(r"(?<=[.!?。！？])\s*", line) if each.strip()]
    wanted = set(asked)
    best = next((each for each in sentences if wanted.intersection(words_of(each))), sentences[0] if sentences else "")
    plain = " ".join(_MARKUP.sub(" ", best).split())
    return plain if len(plain) <= _SNIPPET else plain[: _SNIPPET - 1].rstrip() + "…"


def minutes_to_read(body: str) -> int:
    """Whole minutes, at least one."""
    chinese = len(_CJK.findall(body))
    english = len(re.findall(r"[A-Za-z]+", body))
    return max(1, math.ceil(chinese / _CHINESE_A_MINUTE + english / _ENGLISH_A_MINUTE))


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


def _english(word: str) -> list[str]:
    parts = re.findall(r"[\u3400-\u9fff]+|[^\u3400-\u9fff]+", word)
    if len(parts) > 1:
        return [each for part in parts for each in (_pairs(part) if _CJK.match(part) else [_stem(part)])]
    return [_stem(word)]


def _stem(word: str) -> str:
    if not word.isalpha():
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _STEM_MIN:
            bare = word[: -len(ending)]
            return bare[:-1] if len(bare) > _STEM_MIN and bare[-1] == bare[-2] and bare[-1] not in "aeiouls" else bare
    return word


def _rarity(having: int, articles: int) -> float:
    return math.log(1 + (articles - having + 0.5) / (having + 0.5)) if having else 0.0


_COMMON_STEMS: Final = frozenset(_stem(word) for word in _COMMON) | _COMMON
