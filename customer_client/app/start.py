"""From arguments to a running window."""

import asyncio
import os
import sys
from collections.abc import Sequence

from PySide6.QtWidgets import QApplication

from customer_client.app.config import PROGRAM, Config, parse
from customer_client.platform.folders import config_folder
from customer_client.platform.preferences import PreferenceFile
from shared.common.errors import ConfigError
from shared.strings import set_language, system_language, text
from shared.ui.icons import app_icon
from shared.ui.loop import run
from shared.ui.platform.instance import SingleInstance
from shared.ui.platform.qt_log import log_qt_messages
from shared.ui.platform.qt_words import QtWords
from shared.ui.theme import install_theme

_USAGE = 2


def start(arguments: Sequence[str]) -> int:
    """Runs the window until it is closed; 0 at once when another one of this user runs already."""
    preferences = PreferenceFile(config_folder() / "settings.json")
    chosen = preferences.value
    set_language(chosen.language or system_language(os.environ))
    try:
        config = parse(arguments)
    except ConfigError as error:
        sys.stderr.write(text("client.bad_config", detail=str(error)) + "\n")
        return _USAGE
    log_qt_messages()
    set_language(config.language or chosen.language or system_language(os.environ))
    app = QApplication([sys.argv[0]])
    app.setApplicationName(PROGRAM)
    app.setDesktopFileName(PROGRAM)
    app.setApplicationDisplayName("")
    instance = SingleInstance(PROGRAM)
    if not instance.claim([]):
        return 0
    install_theme(app, chosen.colours, chosen.text_percent)
    app.setWindowIcon(app_icon())
    words = QtWords(app)
    try:
        return run(lambda: _live(config, preferences, instance), app)
    finally:
        instance.close()
        del words


async def _live(config: Config, preferences: PreferenceFile, instance: SingleInstance) -> int:
    from customer_client.app.program import Program

    async with asyncio.TaskGroup() as tasks:
        program = Program(config, preferences, instance, tasks)
        program.show()
        await program.live()
    return 0
