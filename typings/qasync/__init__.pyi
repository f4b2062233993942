"""What we use of qasync 0.28, which ships no types."""

import asyncio

from PySide6.QtWidgets import QApplication

class QEventLoop(asyncio.AbstractEventLoop):
    def __init__(
        self, app: QApplication | None = ..., set_running_loop: bool = ..., already_running: bool = ...
    ) -> None: ...
