"""Articles are found in Chinese and in English."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from relay_server.engine.journal import Transaction
from relay_server.knowledge.rules import Posting, minutes_to_read, question_words, ranked, snippet, words_of
from relay_server.knowledge.store import ArticleRow, insert
from shared.protocol.frames import Refused
from shared.protocol.messages.knowledge import OpenArticle, SearchArticles
from tests.relay_house import House, ok, open_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[House]:
    async with open_house(tmp_path / "relay.db") as opened:
        yield opened


def test_words_are_pairs_in_chinese_and_stems_in_english_whatever_the_width() -> None:
    assert words_of("打印机") == ["打印", "印机"]
    assert words_of("Printing printers PRINTED") == ["print", "print", "print"]
    assert words_of("ＬａｂＤｅｓｋ无法启动") == ["labdesk", "无法", "法启", "启动"]
    assert words_of("E-1042 码") == ["e", "1042", "码"]


def test_a_question_drops_what_says_nothing_unless_nothing_else_is_there() -> None:
    assert question_words("How do I reset my password?") == ["reset", "password"]
    assert question_words("what is it") != []
    assert question_words("?!") == []


def test_an_article_with_more_of_the_words_stands_first() -> None:
    postings = {"reset": [Posting("a", 1, 1)], "password": [Posting("a", 1, 1), Posting("b", 2, 40)]}
    assert [article_id for article_id, _ in ranked(["reset", "password"], postings, 10)] == ["a", "b"]


def test_a_snippet_is_the_sentence_that_answers_without_markup() -> None:
    assert snippet("# Top\n\nFirst line. Press **Test** now. Last.", ["test"]) == "Press Test now."
    assert snippet("", ["x"]) == ""


def test_reading_takes_at_least_a_minute() -> None:
    assert minutes_to_read("short") == 1
    assert minutes_to_read("字" * 701) == 3


@pytest.mark.parametrize(
    ("words", "best"),
    [
        ("labels come out blank", "label-printer-en"),
        ("forgot my password", "reset-password-en"),
        ("E-1042", "license-server"),
        ("exporting reports", "export-report-en"),
        ("打印出来是空白的", "label-printer-zh-cn"),
        ("忘记密码了怎么办", "reset-password-zh-cn"),
        ("网关离线", "gateway-offline-zh-cn"),
        ("启动很慢", "slow-start-zh-cn"),
        ("导出 excel", "export-report-zh-cn"),
    ],
)
async def test_the_sample_answers_plain_questions_first(house: House, words: str, best: str) -> None:
    hits = ok(await house.knowledge.search_articles(await house.customer(), SearchArticles(words=words))).hits
    assert hits[0].article_id.startswith(best)
    assert hits[0].snippet


async def test_a_customer_finds_and_opens_public_articles_only(house: House) -> None:
    internal = ArticleRow("secret", "en", "Zanzibar", "other", "Zanzibar zanzibar", 0, 1)

    def work(tx: Transaction) -> None:
        insert(tx, internal)

    await house.journal.write(work)
    li, lin = await house.customer(), house.agents["lin"]
    asked, opened = SearchArticles(words="zanzibar"), OpenArticle(article_id="secret")
    assert ok(await house.knowledge.search_articles(li, asked)).hits == ()
    assert await house.knowledge.open_article(li, opened) == Refused(code="not_found")
    assert ok(await house.knowledge.search_articles(lin, asked)).hits[0].article_id == "secret"
    assert ok(await house.knowledge.open_article(lin, opened)).body == internal.body
