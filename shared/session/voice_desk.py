"""Talk as a person handles it, on either side: mute, levels, which microphone and loudspeaker. No Qt, no media."""

from collections.abc import Callable

from msgspec import Struct, structs

from shared.common.shown import Shown
from shared.session.voice_messages import (
    Device,
    FindSound,
    SoundFound,
    UseSound,
    VoiceChanged,
    VoiceLevels,
    VoiceOrder,
)

QUIET_DB = -60.0


class VoiceView(Struct, frozen=True, kw_only=True):
    """`on`: the devices run. `fault`: a code why they do not; `chosen` ids are empty for the system's choice."""

    on: bool = False
    muted: bool = False
    fault: str = ""
    here_db: float = QUIET_DB
    there_db: float = QUIET_DB
    inputs: tuple[Device, ...] = ()
    outputs: tuple[Device, ...] = ()
    input_id: str = ""
    output_id: str = ""


class VoiceDesk:
    """`order` reaches the session process; hand every report of it to `hear`."""

    def __init__(self, order: Callable[[VoiceOrder], None]) -> None:
        self._order = order
        self.view = Shown(VoiceView())

    def hear(self, report: object) -> None:
        """What the session process says; anything but voice is not for here."""
        match report:
            case VoiceChanged(on=on, fault=fault):
                self._change(on=on, fault=fault, here_db=QUIET_DB, there_db=QUIET_DB)
                if on:
                    self._order(FindSound())
                    self._use()
            case VoiceLevels(here_db=here, there_db=there):
                self._change(here_db=here, there_db=there)
            case SoundFound(inputs=inputs, outputs=outputs):
                self._change(inputs=inputs, outputs=outputs)
            case _:
                pass

    def over(self) -> None:
        """The session has ended; which devices were chosen is kept for the next."""
        view = self.view.value
        self.view.set(VoiceView(input_id=view.input_id, output_id=view.output_id))

    def mute(self, muted: bool) -> None:
        """Nobody hears the microphone while it is muted."""
        self._change(muted=muted)
        self._use()

    def choose_input(self, device_id: str) -> None:
        """Another microphone."""
        self._change(input_id=device_id)
        self._use()

    def choose_output(self, device_id: str) -> None:
        """Another loudspeaker."""
        self._change(output_id=device_id)
        self._use()

    def _use(self) -> None:
        view = self.view.value
        self._order(UseSound(input_id=view.input_id, output_id=view.output_id, muted=view.muted))

    def _change(self, **fields: object) -> None:
        self.view.set(structs.replace(self.view.value, **fields))
