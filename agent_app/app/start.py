"""From arguments to a running window."""

import asyncio
import sys
from collections.abc import Sequence

from PySide6.QtWidgets import QApplication

from agent_app.app.config import Config, parse
from agent_app.platform.choices import PROGRAM, Choices, config_dir, load_choices
from shared.common import plainlogs
from shared.strings import set_language, text
from shared.ui.icons import app_icon
from shared.ui.loop import run
from shared.ui.platform.instance import SingleInstance
from shared.ui.platform.qt_log import log_qt_messages
from shared.ui.platform.qt_words import QtWords
from shared.ui.theme import install_theme


def start(arguments: Sequence[str]) -> int:
    """Runs the window until it is closed; 0 at once when another one of this user runs already."""
    choices = load_choices(config_dir() / "choices.json")
    config = parse(arguments, choices)
    plainlogs.set_up(config.log_level)
    log_qt_messages()
    set_language(config.language)
    app = QApplication([sys.argv[0]])
    app.setApplicationName(PROGRAM)
    app.setDesktopFileName(PROGRAM)
    app.setApplicationDisplayName(text("common.product"))
    instance = SingleInstance(PROGRAM)
    if not instance.claim([]):
        return 0
    install_theme(app, choices.look)
    app.setWindowIcon(app_icon())
    words = QtWords(app)
    try:
        return run(lambda: _live(config, choices, instance), app)
    finally:
        instance.close()
        del words


async def _live(config: Config, choices: Choices, instance: SingleInstance) -> int:
    from agent_app.app.program import Program

    async with asyncio.TaskGroup() as tasks:
        program = Program(config, choices, instance, tasks)
        program.show()
        await program.live()
    return 0
