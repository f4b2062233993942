"""Talk: what window and session process say to each other about it, on either side."""

from typing import Annotated

from msgspec import Meta, Struct

from shared.session.message import Message

DeviceId = Annotated[str, Meta(max_length=200)]
Decibels = Annotated[float, Meta(ge=-60, le=0)]


class FindSound(Message, frozen=True, kw_only=True):
    """Answered by `SoundFound`."""


class UseSound(Message, frozen=True, kw_only=True):
    """Which devices, empty for the system's choice, and whether the microphone is muted. May be sent at any time."""

    input_id: DeviceId = ""
    output_id: DeviceId = ""
    muted: bool = False


class Device(Struct, frozen=True, kw_only=True):
    """A microphone or a loudspeaker."""

    id: str
    name: str


class SoundFound(Message, frozen=True, kw_only=True):
    """What there is; the first is the system's choice. `fault` is a code for `shared.strings` when there is nothing."""

    inputs: Annotated[tuple[Device, ...], Meta(max_length=32)] = ()
    outputs: Annotated[tuple[Device, ...], Meta(max_length=32)] = ()
    fault: str = ""


class VoiceChanged(Message, frozen=True, kw_only=True):
    """`on`: microphone and loudspeaker run for at least one person. `fault`: why they do not although somebody may."""

    on: bool
    fault: str = ""


class VoiceLevels(Message, frozen=True, kw_only=True):
    """Five times a second while it is on."""

    here_db: Decibels
    there_db: Decibels


VoiceOrder = FindSound | UseSound
VoiceReport = SoundFound | VoiceChanged | VoiceLevels
