"""An invented organisation to try Threeline with. Its name says so wherever it is shown; no real firm is meant."""

import json
from collections.abc import Callable
from typing import Final

import msgspec

from relay_server.engine.journal import Transaction
from relay_server.identity.agents import NewAgent
from relay_server.organisation.rules import Hours, Policy
from relay_server.organisation.store import Form, join_group
from shared.protocol.messages.organisation import FormChoice, FormField, Texts

NAME: Final = "Yunlan Instruments"
ACCENT: Final = "#2f6fed"

_BRANCHES: Final = (("hq", None, "Headquarters"), ("north", "hq", "North branch"), ("south", "hq", "South branch"))

_CATEGORIES: Final[tuple[tuple[str, Texts], ...]] = (
    ("account", {"en": "Account and sign-in", "zh_CN": "账号与登录"}),
    ("software", {"en": "Software", "zh_CN": "软件"}),
    ("device", {"en": "Device and printing", "zh_CN": "设备与打印"}),
    ("network", {"en": "Network", "zh_CN": "网络"}),
    ("data", {"en": "Data and reports", "zh_CN": "数据与报表"}),
    ("other", {"en": "Other", "zh_CN": "其他"}),
)

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

_INTAKE: Final = (
    FormField(
        key="category",
        label={"en": "What is it about?", "zh_CN": "属于哪一类问题？"},
        kind="choice",
        choices=tuple(FormChoice(value=value, label=label) for value, label in _CATEGORIES),
    ),
    FormField(key="product", label={"en": "Product", "zh_CN": "产品"}, kind="choice", choices=_PRODUCTS),
    FormField(
        key="problem",
        label={"en": "What happened, and what did you expect?", "zh_CN": "发生了什么？您原本期望怎样？"},
        kind="paragraph",
        max_length=2000,
    ),
)
_MESSAGE: Final = (
    FormField(key="name", label={"en": "Your name", "zh_CN": "您的姓名"}, kind="line", max_length=80),
    FormField(
        key="email", label={"en": "E-mail for the answer", "zh_CN": "接收答复的邮箱"}, kind="email", max_length=200
    ),
    FormField(key="message", label={"en": "Your message", "zh_CN": "留言内容"}, kind="paragraph", max_length=2000),
)

_GROUPS: Final = (
    # id, branch, name, tier, public, priority, overflow
    ("desk", "north", "Service desk", 1, True, 1, None),
    ("desk-south", "south", "Service desk South", 1, True, 1, "desk"),
    ("experts", "north", "Product experts", 2, False, 2, None),
    ("lab", "hq", "Headquarters lab", 3, False, 3, None),
)

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
        tx.run("INSERT INTO branches (id, parent_id, name) VALUES (?,?,?)", (branch_id, parent_id, name))
    _load_groups(tx)
    for place, (value, label) in enumerate(_CATEGORIES):
        tx.run("INSERT INTO categories (value, label, place) VALUES (?,?,?)", (value, _texts(label), place))
    for place, (notice_id, words) in enumerate(_NOTICES):
        tx.run("INSERT INTO notices (id, words, place) VALUES (?,?,?)", (notice_id, _texts(words), place))
    for agent, group_ids in _AGENTS:
        agent_id = add_agent(agent)
        for group_id in group_ids:
            join_group(tx, group_id, agent_id)


def _load_groups(tx: Transaction) -> None:
    form = _json(Form(_INTAKE, _MESSAGE))
    for place, (group_id, branch_id, name, tier, public, priority, overflow) in enumerate(_GROUPS):
        tx.run(
            "INSERT INTO groups (id, branch_id, name, tier, public, priority, overflow_id, hours, form, place)"
            " VALUES (?,?,?,?,?,?,?,?,?,?)",
            (group_id, branch_id, name, tier, int(public), priority, overflow, _json(Hours()), form, place),
        )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _texts(words: Texts) -> str:
    return json.dumps(words, ensure_ascii=False)
