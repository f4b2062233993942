"""Words of a customer's requests and their steps."""

from typing import Final

EN: Final[dict[str, str]] = {
    "requests.title": "My requests",
    "requests.received": "Received",
    "requests.understood": "Understood",
    "requests.fixing": "Trying a fix",
    "requests.solved": "Solved",
    "requests.step": "Step {step} of 4: {name}",
    "requests.with": "With {who}",
    "requests.answer_us": "We need one answer from you",
    "requests.answer_needed": "Answer needed",
    "requests.in_line": "In line",
    "requests.cancelled": "You left the line",
    "requests.nobody_yet": "Not taken up yet",
    "requests.row": "{subject}, {number}, step {step} of 4: {name}",
    "requests.none": "No requests yet",
    "requests.none_next": "What you ask for is kept here, with each step.",
    "requests.changed": "Last change: {time}",
    "requests.open_chat": "Open chat",
    "requests.to_line": "See my place in line",
    "requests.read_chat": "Read the chat",
    "requests.result": "What was done",
}

ZH_CN: Final[dict[str, str]] = {
    "requests.title": "我的请求",
    "requests.received": "已收到",
    "requests.understood": "已了解",
    "requests.fixing": "尝试修复",
    "requests.solved": "已解决",
    "requests.step": "第 {step} 步，共 4 步：{name}",
    "requests.with": "{who}正在处理",
    "requests.answer_us": "需要您回答一个问题",
    "requests.answer_needed": "等您答复",
    "requests.in_line": "排队中",
    "requests.cancelled": "您已退出排队",
    "requests.nobody_yet": "尚未受理",
    "requests.row": "{subject}，{number}，第 {step} 步，共 4 步：{name}",
    "requests.none": "还没有请求",
    "requests.none_next": "您的请求及每一步进展都会保留在这里。",
    "requests.changed": "最近变化：{time}",
    "requests.open_chat": "打开聊天",
    "requests.to_line": "查看我的位置",
    "requests.read_chat": "查看聊天",
    "requests.result": "处理结果",
}
