"""The one application object, which there always is where there are widgets."""

from PySide6.QtCore import QCoreApplication


def application() -> QCoreApplication:
    """Raises RuntimeError before it is made."""
    app = QCoreApplication.instance()
    if app is None:
        raise RuntimeError("no application yet")
    return app
