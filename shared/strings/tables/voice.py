"""Talk beside the screen, in both programs."""

from typing import Final

EN: Final[dict[str, str]] = {
    "voice.talk": "Talk",
    "voice.ask_tip": "Ask the customer to talk with you",
    "voice.asked_tip": "The customer has been asked",
    "voice.mute_tip": "Whether the customer hears your microphone",
    "voice.mute": "Mute",
    "voice.unmute": "Unmute",
    "voice.devices": "Sound",
    "voice.microphone": "Microphone",
    "voice.loudspeaker": "Loudspeaker",
    "voice.system_choice": "As the system chooses",
    "voice.level_here": "How loud your microphone is",
    "voice.level_there": "How loud the others are",
    "voice.sound.no_library": "No sound on this computer: its sound library (PortAudio) is not installed.",
    "voice.sound.no_device": "No microphone and no loudspeaker was found. Plug one in, then choose it under Sound.",
    "voice.sound.device_failed": "The sound devices do not answer. Choose others under Sound.",
}

ZH_CN: Final[dict[str, str]] = {
    "voice.talk": "通话",
    "voice.ask_tip": "请求与客户通话",
    "voice.asked_tip": "已向客户发出请求",
    "voice.mute_tip": "客户是否能听到您的麦克风",
    "voice.mute": "静音",
    "voice.unmute": "取消静音",
    "voice.devices": "声音",
    "voice.microphone": "麦克风",
    "voice.loudspeaker": "扬声器",
    "voice.system_choice": "由系统选择",
    "voice.level_here": "您的麦克风音量",
    "voice.level_there": "对方的音量",
    "voice.sound.no_library": "这台电脑没有声音：未安装声音库（PortAudio）。",
    "voice.sound.no_device": "没有找到麦克风和扬声器。请接好设备，然后在“声音”里选择。",
    "voice.sound.device_failed": "声音设备没有响应。请在“声音”里选择其他设备。",
}
