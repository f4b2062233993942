"""Words about the clipboard beside the picture."""

from typing import Final

EN: Final[dict[str, str]] = {
    "clip.tool": "Clipboard",
    "clip.tool_tip": "Share what is copied, each direction with the customer's permission",
    "clip.get": "Get what the customer copies",
    "clip.get_ask": "Ask for what the customer copies…",
    "clip.get_asked": "Asked for what the customer copies",
    "clip.give": "Give what I copy when I come back to this window",
    "clip.give_ask": "Ask to give what I copy…",
    "clip.give_asked": "Asked to give what I copy",
    "clip.came": "The clipboard holds what the customer copied.",
    "clip.went": "What you copied is on the customer's clipboard.",
}

ZH_CN: Final[dict[str, str]] = {
    "clip.tool": "剪贴板",
    "clip.tool_tip": "共享复制的内容，每个方向都需客户允许",
    "clip.get": "接收客户复制的内容",
    "clip.get_ask": "请求接收客户复制的内容…",
    "clip.get_asked": "已请求接收客户复制的内容",
    "clip.give": "回到此窗口时，把我复制的内容给客户",
    "clip.give_ask": "请求把我复制的内容给客户…",
    "clip.give_asked": "已请求把我复制的内容给客户",
    "clip.came": "剪贴板中现在是客户复制的内容。",
    "clip.went": "您复制的内容已放到客户的剪贴板。",
}
