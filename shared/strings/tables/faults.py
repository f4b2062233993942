"""What went wrong on this computer rather than at the relay: happened, kept, next."""

from typing import Final

EN: Final[dict[str, str]] = {
    "error.file_not_saved": "The file could not be saved: {reason}. It is still in the chat. Choose another place.",
    "error.link_lost": (
        "The connection dropped before an answer came. What you wrote is kept. The program tries again by itself."
    ),
    "error.peer_broken": (
        "The server answered in a way this program cannot read. What you wrote is kept. Update this program "
        "if it happens again."
    ),
    "error.outbox_full": (
        "Too much is waiting to be sent, or the disk is full. Your words are still in the box. Wait for the "
        "connection, then send again."
    ),
    "error.session_process_lost": (
        "The part of this program that shares the screen ended by itself, and sharing ended with it. The "
        "conversation goes on. It can be asked again."
    ),
    "error.not_saved": "The file could not be saved: {reason}. The receipt is still here. Choose another place.",
    "error.capture.no_screen": (
        "This program finds no screen that it can share. Nothing is shared. Tell the engineer in the chat."
    ),
    "error.capture.monitor_gone": (
        "The shared monitor is not there any more, so sharing ended. Another monitor can be chosen when asked again."
    ),
    "error.capture.window_gone": "That window was closed. Nothing is shared. Another one can be chosen.",
    "error.capture.too_large": "The chosen monitors do not fit into one picture. Choose fewer of them.",
    "error.capture.no_windows": "Single windows cannot be shared on this system. Choose a monitor.",
    "error.capture.lost": (
        "The screen could not be read any more, so sharing ended. The conversation goes on. It can be asked again."
    ),
    "error.capture.refused": (
        "The system does not let this program read the screen. Nothing is shared. Tell the engineer in the chat."
    ),
}

ZH_CN: Final[dict[str, str]] = {
    "error.file_not_saved": "文件无法保存：{reason}。文件仍在聊天中，请另选位置。",
    "error.link_lost": "连接在收到答复之前中断。您写的内容已保留。程序会自动重试。",
    "error.peer_broken": "服务器的答复无法读取。您写的内容已保留。如再次发生，请更新本程序。",
    "error.outbox_full": "等待发送的内容太多，或磁盘已满。您写的内容仍在输入框中。请等连接恢复后再发送。",
    "error.session_process_lost": "负责屏幕共享的程序部分意外结束，共享也随之结束。会话仍在继续，对方可以再次请求。",
    "error.not_saved": "文件无法保存：{reason}。凭据仍在这里，请另选位置。",
    "error.capture.no_screen": "程序找不到可以共享的屏幕。没有共享任何内容。请在聊天中告诉工程师。",
    "error.capture.monitor_gone": "所共享的显示器已不存在，共享已结束。再次被请求时可以选择其他显示器。",
    "error.capture.window_gone": "该窗口已关闭，没有共享任何内容，可以选择其他窗口。",
    "error.capture.too_large": "所选显示器放不进一幅画面，请少选几个。",
    "error.capture.no_windows": "此系统无法只共享一个窗口，请选择显示器。",
    "error.capture.lost": "屏幕无法继续读取，共享已结束。会话仍在继续，对方可以再次请求。",
    "error.capture.refused": "系统不允许本程序读取屏幕。没有共享任何内容。请在聊天中告诉工程师。",
}
