"""Words about recordings, in every window."""

from typing import Final

EN: Final[dict[str, str]] = {
    "recording.event_started": "{name} records the screen. The recording is kept encrypted for {days} days.",
    "recording.event_whole": "The recording by {name} has ended, {length}.",
    "recording.event_cut": "The recording by {name} was cut off after {length}.",
    "recording.event_deleted_retention": "The recording was deleted: its time was over.",
    "recording.event_deleted_by_hand": "The recording was deleted by {name}.",
}

ZH_CN: Final[dict[str, str]] = {
    "recording.event_started": "{name} 正在录制屏幕。录像加密保存 {days} 天。",
    "recording.event_whole": "{name} 的录制已结束，时长 {length}。",
    "recording.event_cut": "{name} 的录制在 {length} 后中断。",
    "recording.event_deleted_retention": "录像已删除：保存期已满。",
    "recording.event_deleted_by_hand": "录像已由 {name} 删除。",
}
