"""What Qt says goes to our log."""

import logging

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

_log = logging.getLogger(__name__)

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def log_qt_messages() -> None:
    """Call once at start."""
    qInstallMessageHandler(_take)


def _take(kind: QtMsgType, context: QMessageLogContext, words: str) -> None:
    _log.log(_LEVELS.get(kind, logging.WARNING), "%s: %s", context.category, words)
