"""An invented organisation to try Threeline with. Its name says so wherever it is shown; no real firm is meant."""

from collections.abc import Callable
from typing import Final

import msgspec

from relay_server.engine.journal import Transaction
from relay_server.identity.agents import NewAgent
from relay_server.organisation import plain
from relay_server.organisation.rules import Hours, Policy
from relay_server.organisation.store import (
    Form,
    Group,
    insert_branch,
    insert_category,
    insert_group,
    join_group,
)
from shared.protocol.messages.organisation import FormChoice, FormField, Texts

NAME: Final = "Yunlan Instruments"
ACCENT: Final = "#2f6fed"

_BRANCHES: Final = (("hq", None, "Headquarters"), ("north", "hq", "North branch"), ("south", "hq", "South branch"))

_NOTICES: Final[tuple[tuple[str, Texts], ...]] = (
    (
        "sample",
        {
            "en": "This is a sample organisation with invented people and articles.",
            "zh_CN": "这是示例机构，人员和文章均为虚构。",
        },
    ),
)

_PRODUCTS: Final = (
    FormChoice(value="labdesk", label={"en": "LabDesk (desktop program)", "zh_CN": "LabDesk（桌面程序）"}),
    FormChoice(value="gateway", label={"en": "YL-200 data gateway", "zh_CN": "YL-200 数据网关"}),
    FormChoice(value="printer", label={"en": "Label printer", "zh_CN": "标签打印机"}),
    FormChoice(value="other", label={"en": "Something else", "zh_CN": "其他"}),
)

_QUESTIONS: Final = (
    FormField(
        key="category",
        label={"en": "What is it about?", "zh_CN": "属于哪一类问题？"},
        kind="choice",
        choices=tuple(FormChoice(value=value, label=label) for value, label in plain.CATEGORIES),
    ),
    FormField(key="product", label={"en": "Product", "zh_CN": "产品"}, kind="choice", choices=_PRODUCTS),
    plain.PROBLEM,
)

_GROUPS: Final = (
    Group("desk", "Service desk", 1, "north", True, 1, "", Hours()),
    Group("desk-south", "Service desk South", 1, "south", True, 1, "desk", Hours()),
    Group("experts", "Product experts", 2, "north", False, 2, "", Hours()),
    Group("lab", "Headquarters lab", 3, "hq", False, 3, "", Hours()),
)
"""Here `branch` is the branch's id."""

_AGENTS: Final = (
    (NewAgent("lin", "Lin Yue 林悦", "", tier=1, max_units=3), ("desk", "desk-south")),
    (NewAgent("chen", "Chen Hao 陈浩", "", tier=1, max_units=3), ("desk",)),
    (NewAgent("maria", "Maria Soto", "", tier=1, max_units=2), ("desk-south", "desk")),
    (NewAgent("wu", "Wu Qing 吴清", "", tier=2, max_units=2), ("experts",)),
    (NewAgent("han", "Han Zhe 韩哲", "", tier=3, max_units=2), ("lab",)),
)


def load(tx: Transaction, add_agent: Callable[[NewAgent], str]) -> None:
    """Writes the sample into an empty store. `add_agent` gives each a password and returns the id."""
    tx.run(
        "INSERT INTO organisation (id, name, sample, accent, policy) VALUES (1,?,1,?,?)",
        (NAME, ACCENT, _json(Policy(ticket_prefix="YL-"))),
    )
    for branch_id, parent_id, name in _BRANCHES:
        insert_branch(tx, branch_id, parent_id, name)
    for place, group in enumerate(_GROUPS):
        insert_group(tx, group, group.branch, Form(_QUESTIONS, plain.MESSAGE), place)
    for place, (value, label) in enumerate(plain.CATEGORIES):
        insert_category(tx, value, label, place)
    for place, (notice_id, words) in enumerate(_NOTICES):
        tx.run("INSERT INTO notices (id, words, place) VALUES (?,?,?)", (notice_id, _json(words), place))
    for agent, group_ids in _AGENTS:
        agent_id = add_agent(agent)
        for group_id in group_ids:
            join_group(tx, group_id, agent_id)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
