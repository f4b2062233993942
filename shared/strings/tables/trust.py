"""Words about who is who: certificates, short code, and why somebody was not believed."""

from typing import Final

EN: Final[dict[str, str]] = {
    "trust.certified": "Identity certified by {organisation}",
    "trust.certified_agent": "Certified by {organisation}",
    "trust.known": "Identity known: you both compared the code before",
    "trust.known_agent": "Known by an earlier code",
    "trust.unknown": "Identity not confirmed. Before anything is seen, you both compare a short code.",
    "trust.unknown_agent": "Not confirmed: compare the code",
    "trust.introducing": "Checking who is there",
    "trust.compared": "Code compared",
    "trust.failed": "Identity false",
    "trust.code": "Code {code}",
    "trust.compared_at": "Code {code} confirmed, {time}",
    "trust.with_code": "{words}, code {code}",
    "trust.compare_customer": "Nothing is shown yet. Read this code to {who} on the phone or ask them to read theirs.",
    "trust.compare_agent": "Nothing is shown yet. Read this code to the customer, or let them read theirs to you.",
    "trust.same": "The codes are the same",
    "trust.differs": "They differ",
    "trust.waits_customer": "You have confirmed the code. Waiting for {who} to confirm it too.",
    "trust.waits_agent": "You have confirmed the code. Waiting for the customer to confirm it too.",
    "trust.waits_here": "The other side has confirmed. Compare the code and confirm it here.",
    "trust.your_key": "Your key: {key}. An administrator can certify it, then nobody needs the code.",
    "trust.key_for_run": "No keyring: your key lasts until you close the program, and cannot be certified.",
    "trust.spoken_code": "Short code {code}",
    "error.trust_unsigned": "The other side did not sign who they are. The connection was refused.",
    "error.trust_signature": (
        "A signature of the other side is false. Somebody may be between you. The connection was refused."
    ),
    "error.trust_mixed_up": "What the other side signed was for another session, person or connection. It was refused.",
    "error.trust_certificate_false": "The engineer's certificate is false. The connection was refused.",
    "error.trust_certificate_expired": "The engineer's certificate is out of date. The connection was refused.",
    "error.trust_certificate_revoked": (
        "The organisation has withdrawn this engineer's key. The connection was refused."
    ),
    "error.trust_issuer_unknown": (
        "The certificate is from an organisation key that this computer does not know. It was refused."
    ),
    "error.trust_name_differs": "The name shown is not the name in the certificate. The connection was refused.",
    "error.trust_key_changed": (
        "The other side has another key than last time. Somebody may pretend to be them. It was refused."
    ),
    "error.trust_list_older": "The server handed out an old list of withdrawn keys. The connection was refused.",
    "error.trust_nonce_false": "The other side changed its part of the code afterwards. The connection was refused.",
    "error.trust_code_differs": "The codes were not the same. Somebody may be between you. The session has ended.",
    "error.trust_too_many": "The code has changed too often in this session. The session has ended.",
}

ZH_CN: Final[dict[str, str]] = {
    "trust.certified": "身份由{organisation}证明",
    "trust.certified_agent": "由{organisation}证明",
    "trust.known": "身份已知：你们以前核对过验证码",
    "trust.known_agent": "以前核对过验证码",
    "trust.unknown": "身份尚未确认。在对方看到任何内容之前，你们要先核对一个短验证码。",
    "trust.unknown_agent": "未确认：请核对验证码",
    "trust.introducing": "正在核对对方身份",
    "trust.compared": "验证码已核对",
    "trust.failed": "身份不真实",
    "trust.code": "验证码 {code}",
    "trust.compared_at": "验证码 {code} 已确认，{time}",
    "trust.with_code": "{words}，验证码 {code}",
    "trust.compare_customer": "目前什么都没有显示。请通过电话把此验证码念给{who}听，或请对方念给您听。",
    "trust.compare_agent": "目前什么都没有显示。请把此验证码念给客户听，或请客户念给您听。",
    "trust.same": "两边一致",
    "trust.differs": "不一致",
    "trust.waits_customer": "您已确认验证码。正在等待{who}确认。",
    "trust.waits_agent": "您已确认验证码。正在等待客户确认。",
    "trust.waits_here": "对方已确认。请核对验证码并在此确认。",
    "trust.your_key": "您的密钥：{key}。管理员签发证书后，就不再需要验证码。",
    "trust.key_for_run": "没有密钥环：您的密钥只保留到程序关闭，无法签发证书。",
    "trust.spoken_code": "短验证码 {code}",
    "error.trust_unsigned": "对方没有签名证明身份，已拒绝连接。",
    "error.trust_signature": "对方的签名不真实，可能有人从中作梗，已拒绝连接。",
    "error.trust_mixed_up": "对方签名的内容属于别的会话、人员或连接，已拒绝。",
    "error.trust_certificate_false": "工程师的证书不真实，已拒绝连接。",
    "error.trust_certificate_expired": "工程师的证书已过期，已拒绝连接。",
    "error.trust_certificate_revoked": "组织已撤销这位工程师的密钥，已拒绝连接。",
    "error.trust_issuer_unknown": "证书来自此电脑不认识的组织密钥，已拒绝。",
    "error.trust_name_differs": "显示的姓名与证书中的姓名不同，已拒绝连接。",
    "error.trust_key_changed": "对方的密钥与上次不同，可能有人冒充，已拒绝。",
    "error.trust_list_older": "服务器给出的撤销名单是旧的，已拒绝连接。",
    "error.trust_nonce_false": "对方事后更改了验证码中自己的部分，已拒绝连接。",
    "error.trust_code_differs": "两边的验证码不一致，可能有人从中作梗。会话已结束。",
    "error.trust_too_many": "本次会话中验证码更换过多。会话已结束。",
}
