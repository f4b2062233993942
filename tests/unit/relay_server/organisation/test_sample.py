"""What a store begins with."""

from pathlib import Path

from relay_server.engine.bus_local import LocalBus
from relay_server.engine.create import create_all
from relay_server.engine.journal import Transaction
from relay_server.engine.journal_sqlite import open_journal
from relay_server.engine.raw import rows_of
from relay_server.organisation import store
from relay_server.organisation.service import Organisation
from shared.protocol.messages.knowledge import SearchArticles
from tests.relay_house import ok, open_house


async def test_the_sample_says_that_it_is_one_and_has_groups_of_three_tiers(tmp_path: Path) -> None:
    async with open_house(tmp_path / "relay.db") as house:
        view = await Organisation(house.journal).view()
        groups = await house.journal.read(lambda sql: store.groups(rows_of(sql)))
        forms = await house.journal.read(lambda sql: store.forms(rows_of(sql)))
        assert view.sample
        assert {group.tier for group in groups} == {1, 2, 3}
        assert all(agent.profile.group_ids and agent.profile.branch for agent in house.agents.values())
        for form in forms:
            for field in (*form.fields, *form.message_fields):
                assert set(field.label) == {"en", "zh_CN"}
        for words in ("license", "许可证"):
            agent = house.agents["lin"]
            assert ok(await house.knowledge.search_articles(agent, SearchArticles(words=words))).hits


async def test_an_organisation_to_begin_with_can_be_asked(tmp_path: Path) -> None:
    path = tmp_path / "relay.db"
    create_all(path)

    def work(tx: Transaction) -> tuple[bool, bool]:
        store.create(tx, "Ours")
        (group,) = store.groups(tx.rows)
        form = store.form(tx.rows, group.group_id)
        return group.public, bool(form.fields and form.message_fields and store.categories(tx.rows))

    async with open_journal(path, LocalBus()) as journal:
        assert ok(await journal.write(work)) == (True, True)
        view = await Organisation(journal).view()
        assert (view.name, view.sample) == ("Ours", False)
