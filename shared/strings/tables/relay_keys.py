"""Words of the command line of keys."""

from typing import Final

EN: Final[dict[str, str]] = {
    "relay.help_org_key": (
        "make and use the organisation's key, which certifies agents; needs no relay and is best kept off it"
    ),
    "relay.help_key_create": "make a new organisation key, sealed by a passphrase",
    "relay.help_key_show": "print the public key that customers' programs pin",
    "relay.help_key_certify": "sign the requests in an exported file, after asking for each",
    "relay.help_key_revoke": "take certificates back, in an exported file",
    "relay.help_key_rotate": "hand over to a new key; who pins the old one follows",
    "relay.help_key_file": "file of the organisation's key",
    "relay.help_key_new": "new file for the new key; the same passphrase opens it",
    "relay.help_key_bundle": "file that goes between the relay and the organisation's key; no secrets in it",
    "relay.help_key_who": "serial, agent's name or agent's id",
    "relay.help_key_only": "only this agent or this key; may be given more than once",
    "relay.help_key_yes": "do not ask; you have compared every key with its agent",
    "relay.help_passphrase": "file with the passphrase; otherwise it is asked for",
    "relay.help_agent_keys": "agents' keys in this relay: what waits, export, import, certify",
    "relay.help_keys_list": "list every key that an agent's program has shown",
    "relay.help_keys_export": "write requests and certificates to a file for `org-key`",
    "relay.help_keys_import": "take in what the organisation's key has signed",
    "relay.help_keys_certify": "certify waiting keys here, with the organisation's key that lies on this machine",
    "relay.passphrase_prompt": "Passphrase of the organisation's key: ",
    "relay.passphrase_again": "The same again: ",
    "relay.key_public": "Organisation key {key} ({short}): {path}",
    "relay.recording_key_asks": "Let recordings be encrypted to the key {key}? Compare it with its file first. [y/N]",
    "relay.recording_key_signed": "Signed: recordings may be encrypted to the key {key}.",
    "relay.refused_false_recording_key": (
        "A recording key in the file is unknown here, or not signed by the organisation's key. Nothing was taken in."
    ),
    "relay.key_asks": "Certify {name}, device {device}, key {key}? Compare the key with the agent first. [y/N]",
    "relay.key_certified": "Certified: {name}, key {key}, serial {serial}",
    "relay.key_revoked": "Revoked: {name}, key {key}, serial {serial}",
    "relay.key_line": "{username}  {key}  {device}  {state}",
    "relay.key_has": "certified, serial {serial}",
    "relay.key_waits": "waits for a certificate",
    "relay.keys_taken": "Taken in: {count} new",
    "relay.ready_profile": "Start customers' programs with this profile: {path}",
    "relay.ready_passphrase": "Passphrase of the organisation's key {path}, shown only now: {passphrase}",
    "relay.refused_passphrase_short": "The passphrase needs at least {count} characters.",
    "relay.refused_passphrase_differs": "The two entries differ.",
    "relay.refused_passphrase_wrong": "That passphrase does not open {path}.",
    "relay.refused_request_false": "A request in the name of {name} is not signed by its own key. Nothing was signed.",
    "relay.refused_no_such_certificate": "No certificate for: {what}",
    "relay.refused_other_organisation_key": "{path} belongs to another organisation key.",
    "relay.refused_no_organisation_key": "This relay has no organisation key.",
    "relay.refused_false_rotation": (
        "A change of the organisation's key in the file is not signed by the key before it. Nothing was taken in."
    ),
    "relay.refused_false_certificate": (
        "A certificate in the file is not signed by the organisation's key. Nothing was taken in."
    ),
    "relay.refused_unknown_agent_key": (
        "A certificate in the file is for a key that this relay does not know. Nothing was taken in."
    ),
    "relay.refused_false_list": (
        "The list of revoked keys in the file is false or older than the one here. Nothing was taken in."
    ),
}

ZH_CN: Final[dict[str, str]] = {
    "relay.help_org_key": "生成并使用为客服签发证书的组织密钥；无需中继服务器，最好存放在别的机器上",
    "relay.help_key_create": "生成新的组织密钥，用口令封存",
    "relay.help_key_show": "显示客户端所固定的公钥",
    "relay.help_key_certify": "逐一询问后，为导出文件中的请求签名",
    "relay.help_key_revoke": "在导出文件中撤销证书",
    "relay.help_key_rotate": "移交给新密钥；固定旧密钥的程序会随之更换",
    "relay.help_key_file": "组织密钥文件",
    "relay.help_key_new": "新密钥的新文件；口令不变",
    "relay.help_key_bundle": "在中继服务器与组织密钥之间传递的文件，不含机密",
    "relay.help_key_who": "序列号、客服姓名或客服编号",
    "relay.help_key_only": "只处理此客服或此密钥；可多次给出",
    "relay.help_key_yes": "不再询问；您已与每位客服核对过密钥",
    "relay.help_passphrase": "口令文件；不给出则会询问",
    "relay.help_agent_keys": "本中继服务器上的客服密钥：列出、导出、导入、签发",
    "relay.help_keys_list": "列出客服程序出示过的所有密钥",
    "relay.help_keys_export": "把请求和证书写入文件，供 `org-key` 使用",
    "relay.help_keys_import": "收下组织密钥已签名的内容",
    "relay.help_keys_certify": "用本机上的组织密钥为等待中的密钥签发证书",
    "relay.passphrase_prompt": "组织密钥的口令：",
    "relay.passphrase_again": "请再输入一次：",
    "relay.key_public": "组织密钥 {key}（{short}）：{path}",
    "relay.recording_key_asks": "允许用密钥 {key} 加密录像吗？请先与密钥文件核对。[y/N]",
    "relay.recording_key_signed": "已签名：录像可用密钥 {key} 加密。",
    "relay.refused_false_recording_key": "文件中有录像密钥不为本机所知，或不是由组织密钥签名。未收下任何内容。",
    "relay.key_asks": "为 {name}（设备 {device}，密钥 {key}）签发证书吗？请先与本人核对密钥。[y/N]",
    "relay.key_certified": "已签发：{name}，密钥 {key}，序列号 {serial}",
    "relay.key_revoked": "已撤销：{name}，密钥 {key}，序列号 {serial}",
    "relay.key_line": "{username}  {key}  {device}  {state}",
    "relay.key_has": "已有证书，序列号 {serial}",
    "relay.key_waits": "等待证书",
    "relay.keys_taken": "已收下 {count} 项新内容",
    "relay.ready_profile": "请用此配置文件启动客户端：{path}",
    "relay.ready_passphrase": "组织密钥 {path} 的口令，仅此一次显示：{passphrase}",
    "relay.refused_passphrase_short": "口令至少需要 {count} 个字符。",
    "relay.refused_passphrase_differs": "两次输入不一致。",
    "relay.refused_passphrase_wrong": "此口令打不开 {path}。",
    "relay.refused_request_false": "有一项以 {name} 名义的请求并非由其自身密钥签名。未签署任何内容。",
    "relay.refused_no_such_certificate": "没有对应的证书：{what}",
    "relay.refused_other_organisation_key": "{path} 属于另一个组织密钥。",
    "relay.refused_no_organisation_key": "此中继服务器没有组织密钥。",
    "relay.refused_false_rotation": "文件中的组织密钥更换未经前一密钥签名。未收下任何内容。",
    "relay.refused_false_certificate": "文件中有证书不是由组织密钥签署。未收下任何内容。",
    "relay.refused_unknown_agent_key": "文件中有证书对应的密钥是此中继服务器不认识的。未收下任何内容。",
    "relay.refused_false_list": "文件中的撤销名单不真实，或比现有的更旧。未收下任何内容。",
}
