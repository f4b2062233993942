"""A small real window for the driver's own tests: a field, a button, a text, a switch, a box of colour."""

import sys

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)


def main() -> int:
    app = QApplication(sys.argv)
    window = QWidget()
    window.setWindowTitle("Sample")
    field = QLineEdit(accessibleName="Your name", objectName="nameField")
    field.setPlaceholderText("Name")
    greeting = QLabel("Nobody yet", objectName="greeting")
    button = QPushButton("Greet", objectName="greetButton")
    button.clicked.connect(lambda: greeting.setText(f"Hello {field.text()}"))
    later = QPushButton("Later", objectName="laterButton", enabled=False)
    switch = QCheckBox("Allow later", objectName="laterSwitch")
    switch.toggled.connect(later.setEnabled)
    notes = QPlainTextEdit(accessibleName="Notes", objectName="notes")
    swatch = QWidget(accessibleName="Swatch", objectName="swatch")
    swatch.setFixedHeight(60)
    swatch.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    swatch.setStyleSheet("background: #2060c0")
    layout = QVBoxLayout(window)
    for widget in (field, button, greeting, switch, later, notes, swatch):
        layout.addWidget(widget)
    window.resize(400, 420)
    window.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
