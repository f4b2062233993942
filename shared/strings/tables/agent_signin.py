"""Words of the sign-in page."""

from typing import Final

EN: Final[dict[str, str]] = {
    "signin.title": "Sign in",
    "signin.subtitle": "Threeline at your own server",
    "signin.window": "Sign in, Threeline",
    "signin.server": "Server",
    "signin.server_hint": "Its certificate is checked at every connection.",
    "signin.server_ca": "Checked against {file}",
    "signin.name": "User",
    "signin.password": "Password",
    "signin.button": "Sign in",
    "signin.busy": "Signing in",
    "signin.restoring": "Signing in as {name}",
    "signin.stop": "Stop trying",
    "signin.keep_title": "Stay signed in on this computer",
    "signin.keep_text": "The sign-in key is kept in the system keyring, never in a file.",
    "signin.keep": "Keep in the keyring",
    "signin.keyring_checking": "Looking for the system keyring",
    "signin.keyring_none": (
        "No working keyring was found on this computer, so nothing is kept: you sign in each time."
    ),
    "signin.need_server": "Enter the server's address, for example wss://help.example/ws",
    "signin.bad_server": "This is not a server address. It begins with wss://",
    "signin.bad_ca": ("The certificate file of your organisation cannot be read. Ask your administrator for it."),
    "signin.need_name": "Enter your user name.",
    "signin.need_password": "Enter your password.",
    "signin.unreachable": (
        "The server cannot be reached or its certificate is not trusted. It is tried again by itself."
    ),
    "signin.next_try": "Next try in {seconds} s",
    "signin.wait": "Signing in is open again in {seconds} s",
    "signin.restore_ended": "Your kept sign-in has ended. Sign in with your password.",
    "signin.signed_out": "You are signed out.",
}

ZH_CN: Final[dict[str, str]] = {
    "signin.title": "登录",
    "signin.subtitle": "三线，您自己的服务器",
    "signin.window": "登录，三线",
    "signin.server": "服务器",
    "signin.server_hint": "每次连接都会验证其证书。",
    "signin.server_ca": "以 {file} 验证",
    "signin.name": "用户",
    "signin.password": "密码",
    "signin.button": "登录",
    "signin.busy": "正在登录",
    "signin.restoring": "正在以 {name} 登录",
    "signin.stop": "停止尝试",
    "signin.keep_title": "在此电脑上保持登录",
    "signin.keep_text": "登录密钥保存在系统密钥环中，绝不写入文件。",
    "signin.keep": "保存在密钥环中",
    "signin.keyring_checking": "正在查找系统密钥环",
    "signin.keyring_none": "此电脑上没有可用的密钥环，不会保存任何内容：每次都需要登录。",
    "signin.need_server": "请输入服务器地址，例如 wss://help.example/ws",
    "signin.bad_server": "这不是服务器地址，应以 wss:// 开头。",
    "signin.bad_ca": "无法读取贵组织的证书文件，请向管理员索取。",
    "signin.need_name": "请输入用户名。",
    "signin.need_password": "请输入密码。",
    "signin.unreachable": "无法连接服务器，或其证书不受信任。将自动重试。",
    "signin.next_try": "{seconds} 秒后重试",
    "signin.wait": "{seconds} 秒后可再次登录",
    "signin.restore_ended": "保存的登录已失效，请用密码登录。",
    "signin.signed_out": "您已退出登录。",
}
