"""Which microphone and which loudspeaker: a menu for both programs."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from shared.session.voice_desk import VoiceDesk
from shared.session.voice_messages import Device
from shared.strings import text


def sound_menu(parent: QWidget, desk: VoiceDesk) -> QMenu:
    """Deletes itself when it closes; open it with `popup()`."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    view = desk.view.value
    _section(menu, text("voice.microphone"), view.inputs, view.input_id, desk.choose_input)
    _section(menu, text("voice.loudspeaker"), view.outputs, view.output_id, desk.choose_output)
    return menu


def _section(menu: QMenu, title: str, devices: tuple[Device, ...], chosen: str, choose: Callable[[str], None]) -> None:
    menu.addSection(title)
    group = QActionGroup(menu)
    system = Device(id="", name=text("voice.system_choice"))
    for device in (system, *devices):
        action = menu.addAction(device.name.replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(device.id == chosen)
        action.triggered.connect(_chooser(choose, device.id))
        group.addAction(action)


def _chooser(choose: Callable[[str], None], device_id: str) -> Callable[[], None]:
    return lambda: choose(device_id)
