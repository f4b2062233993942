"""Words of the command line of certificates and secrets."""

from typing import Final

EN: Final[dict[str, str]] = {
    "relay.help_secret": "let one secret take over from another while the relay serves: add, use, drop the old one",
    "relay.help_secret_which": "pass: seals customers' passes; turn: shared with coturn",
    "relay.help_secret_step": (
        "list: their names, never themselves; add: a new one is accepted from now on; use: it is used from now on; "
        "drop: the old one is worth nothing from now on"
    ),
    "relay.help_secret_now": "drop the old one at once, although what was made with it would still be good",
    "relay.secret_add": "New secret {name} is accepted. Carry it to everybody who must accept it, then use it.",
    "relay.secret_use": "Secret {name} is in use. Drop the old one when nothing made with it is needed any more.",
    "relay.secret_drop": "Secret {name} is worth nothing any more.",
    "relay.secret_line_used": "  {name}  in use",
    "relay.secret_line": "  {name}  accepted",
    "relay.refused_secret_two": "{path} holds two secrets already; drop the old one first.",
    "relay.refused_secret_alone": "{path} does not hold two secrets; add one first.",
    "relay.refused_secret_young": (
        "What was made with the old secret is good for up to {minutes} more minutes. Wait, or say --now to cut it off."
    ),
    "relay.refused_secret_is_setting": "That secret is the setting {name}; change it there.",
    "relay.help_certificate": "show the server's certificate, or renew it from the private authority",
    "relay.help_certificate_step": "show: when it ends; renew: a new one for the same names",
    "relay.help_certificate_ca": "the authority's key, when it is not kept in the data directory",
    "relay.help_certificate_new_key": "with a new private key as well",
    "relay.certificate_for": "New certificate for: {names}",
    "relay.certificate_until": "{path} is valid until {until}.",
}

ZH_CN: Final[dict[str, str]] = {
    "relay.help_secret": "在服务运行中让新密钥接替旧密钥：先添加，再启用，最后停用旧的",
    "relay.help_secret_which": "pass：用于客户通行证；turn：与 coturn 共用",
    "relay.help_secret_step": (
        "list：列出名称，不显示密钥本身；add：从现在起接受新密钥；use：从现在起使用新密钥；drop：旧密钥从现在起失效"
    ),
    "relay.help_secret_now": "立即停用旧密钥，即使用它签发的凭据尚未到期",
    "relay.secret_add": "新密钥 {name} 已被接受。请先送达所有需要接受它的地方，然后启用。",
    "relay.secret_use": "密钥 {name} 已启用。待旧密钥签发的凭据不再需要后，请停用旧密钥。",
    "relay.secret_drop": "密钥 {name} 已失效。",
    "relay.secret_line_used": "  {name}  使用中",
    "relay.secret_line": "  {name}  可接受",
    "relay.refused_secret_two": "{path} 中已有两个密钥；请先停用旧的。",
    "relay.refused_secret_alone": "{path} 中不足两个密钥；请先添加一个。",
    "relay.refused_secret_young": "旧密钥签发的凭据最多还有 {minutes} 分钟有效。请等待，或用 --now 立即截断。",
    "relay.refused_secret_is_setting": "该密钥由设置项 {name} 给出，请在设置中修改。",
    "relay.help_certificate": "查看服务器证书，或在服务运行中由私有证书机构续签",
    "relay.help_certificate_step": "show：显示到期时间；renew：为相同的名称签发新证书",
    "relay.help_certificate_ca": "证书机构的密钥（不在数据目录中时）",
    "relay.help_certificate_new_key": "同时更换私钥",
    "relay.certificate_for": "新证书适用于：{names}",
    "relay.certificate_until": "{path} 有效期至 {until}。",
}
