"""A Qt program with one line to write on; what stands there goes to a file."""

import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication, QLineEdit

file = Path(sys.argv[1])
application = QApplication(sys.argv)
line = QLineEdit()
line.resize(500, 40)
line.textChanged.connect(lambda words: file.write_text(words, encoding="utf-8"))
line.show()
line.activateWindow()
line.setFocus()
file.touch()
application.exec()
