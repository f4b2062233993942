"""What a new organisation begins with: the plainest questions and categories, to be changed to its own."""

from typing import Final

from shared.protocol.messages.organisation import FormField, Texts

BRANCH_ID: Final = "main"
GROUP_ID: Final = "desk"
GROUP_NAME: Final = "Service desk"

CATEGORIES: Final[tuple[tuple[str, Texts], ...]] = (
    ("account", {"en": "Account and sign-in", "zh_CN": "账号与登录"}),
    ("software", {"en": "Software", "zh_CN": "软件"}),
    ("device", {"en": "Device and printing", "zh_CN": "设备与打印"}),
    ("network", {"en": "Network", "zh_CN": "网络"}),
    ("data", {"en": "Data and reports", "zh_CN": "数据与报表"}),
    ("other", {"en": "Other", "zh_CN": "其他"}),
)

PROBLEM: Final = FormField(
    key="problem",
    label={"en": "What happened, and what did you expect?", "zh_CN": "发生了什么？您原本期望怎样？"},
    kind="paragraph",
    max_length=2000,
)
QUESTIONS: Final = (PROBLEM,)
MESSAGE: Final = (
    FormField(key="name", label={"en": "Your name", "zh_CN": "您的姓名"}, kind="line", max_length=80),
    FormField(
        key="email", label={"en": "E-mail for the answer", "zh_CN": "接收答复的邮箱"}, kind="email", max_length=200
    ),
    FormField(key="message", label={"en": "Your message", "zh_CN": "留言内容"}, kind="paragraph", max_length=2000),
)
