"""What each refusal means: what happened, what was kept, what to do next.

One entry for each code of `shared/protocol/codes.py`.
"""

from typing import Final

EN: Final[dict[str, str]] = {
    "error.malformed": (
        "The server could not read what this program sent. Nothing was changed. Update this program if "
        "it happens again."
    ),
    "error.too_large": (
        "This is larger than the server takes, so it was not sent. It is kept here. Shorten it and send again."
    ),
    "error.unknown_command": (
        "The server does not know this action. Nothing was changed. The server may be older than this "
        "program: ask for its update."
    ),
    "error.out_of_order": (
        "Something arrived in the wrong order and was not carried out. The program is catching up. Try "
        "again in a moment."
    ),
    "error.protocol_too_old": (
        "This program is too old for the server. What you wrote is kept. Update this program, then go on."
    ),
    "error.protocol_too_new": (
        "This program is newer than the server. What you wrote is kept. Ask your administrator to update the server."
    ),
    "error.origin_refused": (
        "The server does not accept connections from this address. Nothing was sent. Ask your administrator."
    ),
    "error.rate_limited": "Too much was sent in a short time. What you wrote is kept. Wait a moment, then send again.",
    "error.sign_in_first": "You are not signed in. What you wrote is kept. Sign in and go on.",
    "error.sign_in_failed": "Name or password is not right. Check both and try again.",
    "error.sign_in_delayed": "Too many tries. Signing in is open again in a short while. Wait, then try once more.",
    "error.code_needed": "Your account needs a second step: the code from your authenticator.",
    "error.code_wrong": (
        "This code is not right, too old or used already. Take the one that is shown now, or a recovery code."
    ),
    "error.enrolment_needed": "Your organisation requires a second step. Set it up to go on.",
    "error.second_factor_required": "Your organisation requires a second step, so it stays on.",
    "error.password_wrong": "Your present password is not right. Nothing was changed.",
    "error.password_weak": "This password is too easy to guess. Nothing was changed. Choose another one.",
    "error.single_sign_on_off": "This server has no single sign-on. Sign in with your password.",
    "error.single_sign_on_failed": "Your organisation's sign-in did not confirm who you are. Try once more from here.",
    "error.single_sign_on_down": (
        "Your organisation's sign-in does not answer. Try again later, or sign in with your password."
    ),
    "error.single_sign_on_stranger": (
        "Your organisation knows you, but no account here is yours. Ask your administrator to link it."
    ),
    "error.token_expired": "Your sign-in has run out. What you wrote is kept. Sign in again.",
    "error.token_revoked": "Your sign-in was ended, here or on another device. What you wrote is kept. Sign in again.",
    "error.device_key_invalid": (
        "The server does not accept this computer's key. What you wrote is kept. Start the program "
        "again; if that does not help, ask support."
    ),
    "error.not_allowed": (
        "You do not have the right to do this. Nothing was changed. Ask your administrator if you need it."
    ),
    "error.not_found": "This is not there any more, or you may not see it. Nothing was changed.",
    "error.wrong_state": "This cannot be done at this point. Nothing was changed. The screen shows the present state.",
    "error.conversation_ended": (
        "This conversation has ended, so the message was not sent. Its text is kept. Reopen the request "
        "or start a new one."
    ),
    "error.not_owner": "Someone else leads this conversation now. Nothing was changed.",
    "error.offer_gone": "This offer is over: it ran out or someone else took it. The customer keeps the place in line.",
    "error.no_capacity": (
        "You have as much work as you may hold. The customer keeps the place in line. End a conversation first."
    ),
    "error.nobody_on_duty": (
        "Nobody is on duty now. What you wrote is kept. Leave it as a message and you get a ticket number."
    ),
    "error.form_incomplete": (
        "Some required answers are missing. What you filled in is kept. Answer the marked fields and send again."
    ),
    "error.form_invalid": (
        "Some answers cannot be right. What you filled in is kept. Correct the marked fields and send again."
    ),
    "error.blob_too_large": (
        "This file is larger than the server takes. It was not sent, your file is unchanged. Send a smaller one."
    ),
    "error.blob_type_refused": (
        "This kind of file is not accepted. It was not sent, your file is unchanged. Send a picture instead."
    ),
    "error.blob_missing": "The server cannot find this file just now. Try again later, or tell who runs the server.",
    "error.blob_damaged": (
        "The file was damaged on its way and was not kept. Your own file is unchanged. Send it again."
    ),
    "error.consent_expired": (
        "The question ran out before it was answered, which counts as no. Nothing was shared. It can be asked again."
    ),
    "error.receipt_invalid": (
        "The server could not verify the receipt. It is kept on this computer. Save it as a file and tell support."
    ),
    "error.recording_gap": (
        "The server has another part of the recording than this program thought. It goes on from there by itself."
    ),
    "error.recording_damaged": (
        "Part of the recording is damaged or not what was recorded. What came before it plays. Tell your administrator."
    ),
    "error.recording_too_large": (
        "The recording is longer than the server keeps ({max_gib} GiB). What is there plays. Start a new one."
    ),
    "error.recording_held": "The recording is held. It was not deleted. Let it go first, then delete it.",
    "error.already_open": "You have an open request already. What you wrote is kept. Go on in that one.",
    "error.already_rated": "This request was rated already. The first rating stays.",
    "error.already_exists": (
        "There is one of that name already. Nothing was changed. Choose another name or change that one."
    ),
    "error.changed_meanwhile": (
        "Somebody else changed this meanwhile. Nothing was changed. Read it again and try once more."
    ),
    "error.reopen_too_late": (
        "The time to reopen this request is over. Its history is kept. Ask again and the new request links back to it."
    ),
    "error.ticket_needs": (
        "The ticket still needs some answers before this step. Nothing was changed. Fill in the marked fields."
    ),
    "error.store_full": (
        "The server has no room left and took nothing. What you wrote is kept and is sent later. Tell "
        "your administrator."
    ),
    "error.shutting_down": "The server is being restarted. What you wrote is kept and is sent when it is back.",
    "error.busy": "The server is very busy. What you wrote is kept. Try again in a moment.",
    "error.internal": "Something failed on the server. What you wrote is kept. Try again; if it goes on, tell support.",
    "error.unknown": "This could not be done ({code}). What you wrote is kept. Try again, or update this program.",
}

ZH_CN: Final[dict[str, str]] = {
    "error.malformed": "服务器无法读取本程序发送的内容，没有任何改动。如再次出现，请更新本程序。",
    "error.too_large": "内容超过服务器允许的大小，没有发送，已保留在这里。请缩短后再发送。",
    "error.unknown_command": "服务器不认识此操作，没有任何改动。服务器版本可能较旧，请联系管理员更新。",
    "error.out_of_order": "消息到达顺序有误，没有执行。程序正在同步，请稍后重试。",
    "error.protocol_too_old": "本程序版本过旧，无法连接服务器。您输入的内容已保留。请更新本程序后继续。",
    "error.protocol_too_new": "本程序比服务器新。您输入的内容已保留。请联系管理员更新服务器。",
    "error.origin_refused": "服务器不接受来自此地址的连接，没有发送任何内容。请联系管理员。",
    "error.rate_limited": "短时间内发送过多。您输入的内容已保留。请稍候再发送。",
    "error.sign_in_first": "您尚未登录。您输入的内容已保留。请登录后继续。",
    "error.sign_in_failed": "用户名或密码不正确。请检查后重试。",
    "error.sign_in_delayed": "尝试次数过多，稍后才能再次登录。请等待后重试。",
    "error.code_needed": "您的账户需要第二步：验证器中的验证码。",
    "error.code_wrong": "验证码不正确、已过期或已用过。请输入现在显示的验证码，或使用恢复码。",
    "error.enrolment_needed": "贵组织要求两步登录，请先设置。",
    "error.second_factor_required": "贵组织要求两步登录，因此不能关闭。",
    "error.password_wrong": "当前密码不正确。未更改任何内容。",
    "error.password_weak": "此密码太容易被猜到。未更改任何内容，请换一个。",
    "error.single_sign_on_off": "此服务器没有单点登录，请用密码登录。",
    "error.single_sign_on_failed": "贵组织的登录未能确认您的身份，请从这里再试一次。",
    "error.single_sign_on_down": "贵组织的登录服务没有响应。请稍后再试，或用密码登录。",
    "error.single_sign_on_stranger": "贵组织认识您，但这里没有您的账户。请让管理员为您关联。",
    "error.token_expired": "登录已过期。您输入的内容已保留。请重新登录。",
    "error.token_revoked": "您的登录已在本机或其他设备上结束。您输入的内容已保留。请重新登录。",
    "error.device_key_invalid": (
        "服务器不接受这台电脑的密钥。您输入的内容已保留。请重新启动程序；如仍不行，请联系支持人员。"
    ),
    "error.not_allowed": "您没有此操作的权限，没有任何改动。如有需要，请联系管理员。",
    "error.not_found": "该内容已不存在，或您无权查看。没有任何改动。",
    "error.wrong_state": "当前状态下不能进行此操作，没有任何改动。屏幕上显示的是最新状态。",
    "error.conversation_ended": "会话已结束，消息没有发送，文字已保留。请重新打开请求或新建请求。",
    "error.not_owner": "此会话现在由其他人负责，没有任何改动。",
    "error.offer_gone": "此派单已失效：已超时或被他人接起。客户的排队位置不变。",
    "error.no_capacity": "您的在办数量已满。客户的排队位置不变。请先结束一个会话。",
    "error.nobody_on_duty": "现在无人值班。您输入的内容已保留。您可以留言，并会得到一个工单号。",
    "error.form_incomplete": "有必填项未填。已填内容已保留。请补全标出的项目后再发送。",
    "error.form_invalid": "有的内容不符合要求。已填内容已保留。请更正标出的项目后再发送。",
    "error.blob_too_large": "文件超过服务器允许的大小，没有发送，原文件未改动。请发送较小的文件。",
    "error.blob_type_refused": "不接受这种类型的文件，没有发送，原文件未改动。请改发图片。",
    "error.blob_missing": "服务器暂时找不到这个文件。请稍后再试，或告知服务器管理员。",
    "error.blob_damaged": "文件在传输中损坏，服务器没有保存。原文件未改动。请重新发送。",
    "error.consent_expired": "询问在回答前已超时，视为不同意，没有共享任何内容。可以重新请求。",
    "error.receipt_invalid": "服务器无法验证回执。回执已保存在这台电脑上。请另存为文件并告知支持人员。",
    "error.recording_gap": "服务器已有的录像部分与本程序的记录不同。程序会自动从那里继续。",
    "error.recording_damaged": "部分录像已损坏或不是原始内容。之前的部分可以播放。请告知管理员。",
    "error.recording_too_large": "录像超过服务器的保存上限（{max_gib} GiB）。已有部分可以播放。请重新开始录制。",
    "error.recording_held": "录像已被保留，未删除。请先取消保留再删除。",
    "error.already_open": "您已有一个进行中的请求。您输入的内容已保留。请在该请求中继续。",
    "error.already_rated": "此请求已评价过，保留第一次的评价。",
    "error.already_exists": "已有同名的项目，没有任何改动。请换一个名称，或修改已有的项目。",
    "error.changed_meanwhile": "其他人刚刚做了修改，没有任何改动。请重新读取后再试。",
    "error.reopen_too_late": "已超过重新打开的期限，历史记录已保留。请重新提出请求，新请求会关联到它。",
    "error.ticket_needs": "进入这一步前，工单还缺少一些内容。没有任何改动。请填写标出的项目。",
    "error.store_full": "服务器空间已满，没有接收。您输入的内容已保留，稍后会发送。请告知管理员。",
    "error.shutting_down": "服务器正在重新启动。您输入的内容已保留，恢复后会发送。",
    "error.busy": "服务器繁忙。您输入的内容已保留。请稍后重试。",
    "error.internal": "服务器出错。您输入的内容已保留。请重试；如仍出错，请告知支持人员。",
    "error.unknown": "操作未能完成（{code}）。您输入的内容已保留。请重试，或更新本程序。",
}
