"""Words about recordings, in every window."""

from typing import Final

EN: Final[dict[str, str]] = {
    "recording.tool": "Record",
    "recording.tool_asked": "Recording asked",
    "recording.tool_stop": "Stop recording",
    "recording.tool_tip": "Ask the customer to let the screen be recorded",
    "recording.tool_no_key": "Your organisation has no recording key, so nothing can be recorded",
    "recording.mark": "Recording {time}",
    "recording.mark_waits": "Recording waits, {time}",
    "recording.fault_disk": "The recording could not be written to this computer's disk. What was recorded is kept.",
    "recording.fault_no_room": "There is no room for more of the recording here. What was recorded is kept.",
    "recording.fault_slow": "This computer's disk is too slow to record. What was recorded is kept.",
    "recording.event_started": "{name} records the screen. The recording is kept encrypted for {days} days.",
    "recording.event_whole": "The recording by {name} has ended, {length}.",
    "recording.event_cut": "The recording by {name} was cut off after {length}.",
    "recording.event_deleted_retention": "The recording was deleted: its time was over.",
    "recording.event_deleted_by_hand": "The recording was deleted by {name}.",
}

ZH_CN: Final[dict[str, str]] = {
    "recording.tool": "录制",
    "recording.tool_asked": "已请求录制",
    "recording.tool_stop": "停止录制",
    "recording.tool_tip": "请求客户允许录制屏幕",
    "recording.tool_no_key": "贵组织没有录像密钥，无法录制",
    "recording.mark": "录制中 {time}",
    "recording.mark_waits": "录制暂停，{time}",
    "recording.fault_disk": "录像无法写入本机磁盘。已录制的部分已保留。",
    "recording.fault_no_room": "本机没有空间继续录制。已录制的部分已保留。",
    "recording.fault_slow": "本机磁盘太慢，无法录制。已录制的部分已保留。",
    "recording.event_started": "{name} 正在录制屏幕。录像加密保存 {days} 天。",
    "recording.event_whole": "{name} 的录制已结束，时长 {length}。",
    "recording.event_cut": "{name} 的录制在 {length} 后中断。",
    "recording.event_deleted_retention": "录像已删除：保存期已满。",
    "recording.event_deleted_by_hand": "录像已由 {name} 删除。",
}
