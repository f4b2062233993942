"""What was done, on screen: summary, receipt, the way back, three questions."""

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from customer_client.after.presenter import AfterPresenter, AfterView, raw_json
from customer_client.after.questions import Questions, SolvedButtons
from customer_client.after.summary import Line, document, lines
from customer_client.desk.desk import Desk
from customer_client.desk.routes import Routes
from customer_client.desk.words import Named, Until
from customer_client.parts.page import Page
from customer_client.parts.rows import RowCard
from shared.strings import phrase, text
from shared.ui.theme import SPACE_M, SPACE_S, theme
from shared.ui.widgets import Button, Card, IconMark, Label, PageHeader, Strip
from shared.ui.words import Words


class AfterPage(Page):
    """Opens the moment sharing ends, with every kind of thing listed, also what did not happen."""

    def __init__(self, presenter: AfterPresenter, routes: Routes, desk: Desk) -> None:
        super().__init__(PageHeader("", object_name="after.header"), "after")
        self._presenter, self._desk = presenter, desk
        self._last = AfterView()
        self.header.back.connect(self._back)
        self._routes = routes
        self._failed = Strip("warn", object_name="after.failed")
        self._saved = Strip("ok", object_name="after.saved")
        self._saved.acted.connect(self._open_folder)
        self.strips.addWidget(self._failed)
        self.strips.addWidget(self._saved)
        self._summary = QWidget()
        self._questions = Questions(presenter)
        self._build_summary()
        self.body.box.addWidget(self._summary)
        self.body.box.addWidget(self._questions)
        self.body.box.addStretch(1)
        self._solved = SolvedButtons(presenter)
        self.foot.box.addWidget(self._solved)
        self.foot.box.addWidget(self._questions.foot)
        presenter.view.watch(self._show)
        theme().language_changed.connect(self._relabel)
        desk.organisation.watch(lambda organisation: self.header.set_sample(bool(organisation and organisation.sample)))

    @override
    def entered(self) -> None:
        self._talk.setFocus(Qt.FocusReason.OtherFocusReason)

    def _build_summary(self) -> None:
        self._icon = IconMark("shield-check", 32, "ok")
        self._title = Label("", "title", weight=600, wrap=True)
        self._words = Label("", "body", tone="muted", wrap=True)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._words)
        head = QHBoxLayout()
        head.setSpacing(SPACE_M)
        head.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        self._rows = RowCard()
        self._save = Button(phrase("after.save"), "secondary", icon="download", object_name="after.save")
        self._save.clicked.connect(self._choose_file)
        self._talk = Button("", "secondary", icon="chat", object_name="after.chat")
        self._talk.clicked.connect(self._presenter.talk)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_S)
        buttons.addWidget(self._save, 1)
        buttons.addWidget(self._talk, 1)
        self._reopen = _Offer("undo", "after.reopen", "after.reopen")
        self._reopen.button.clicked.connect(self._presenter.reopen)
        column = QVBoxLayout(self._summary)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_M)
        column.addLayout(head)
        column.addWidget(self._rows)
        column.addLayout(buttons)
        column.addWidget(self._reopen)

    def _back(self) -> None:
        if self._last.questions:
            self._presenter.skip()
        else:
            self._routes.back()

    def _show(self, view: AfterView) -> None:
        before, self._last = self._last, view
        title = phrase("after.title", number=view.number) if view.number else phrase("after.title_plain")
        asking: Words = phrase("after.questions") if view.questions else title
        who = Named("after.questions_for", view.engineer) if view.engineer and view.questions else view.title
        self.header.set_title(asking, who)
        self._summary.setVisible(not view.questions)
        self._show_state(view)
        if view.receipts != before.receipts or view.conversation_id != before.conversation_id:
            self._relabel()
        self._failed.setVisible(view.failed is not None)
        if view.failed is not None:
            self._failed.say(view.failed)
        self._saved.setVisible(bool(view.saved))
        self._saved.say(phrase("after.saved", path=view.saved))
        company = self._desk.organisation.value
        self._questions.show_view(view, company.name if company else "")
        self._solved.setVisible(view.asks and not view.questions)
        self.foot.setVisible(view.asks or view.questions)

    def _show_state(self, view: AfterView) -> None:
        self._icon.set_icon("check-circle" if view.closed else "shield-check", "ok")
        self._title.set_words(phrase(_title_key(view)))
        self._words.set_words(_words(view))
        self._save.setVisible(bool(view.receipts))
        self._rows.setVisible(bool(view.receipts))
        self._talk.set_words(phrase("after.open_chat" if view.talking else "after.see_chat"))
        self._reopen.setVisible(view.reopen_until_ms > 0)
        until = Until(view.reopen_until_ms, "after.reopen_until")
        self._reopen.say(phrase("after.not_solved"), until)
        self._reopen.button.set_busy(view.reopening, phrase("after.reopening"))

    def _relabel(self) -> None:
        made = lines(self._last.receipts) if self._last.receipts else ()
        self._rows.put([_row(line) for line in made])

    # The receipt as a file

    def _choose_file(self) -> None:
        dialog = QFileDialog(self, text("after.save"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        path = self._presenter.file_for()
        dialog.setDirectory(str(path.parent))
        dialog.selectFile(path.name)
        dialog.fileSelected.connect(self._save_to)
        dialog.open()

    def _save_to(self, path: str) -> None:
        from shared.rules.receipt import digest

        company = self._desk.organisation.value
        name = company.name if company else ""
        parts = [document(each, name, digest(each), raw_json(each)) for each in self._last.receipts]
        self._presenter.save(Path(path), "\n\n".join(parts))

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(self._last.saved).parent)))


class _Offer(Card):
    """A line with one thing to do."""

    def __init__(self, icon: str, action: str, object_name: str) -> None:
        super().__init__("plain", pad=SPACE_M, spacing=SPACE_M, horizontal=True)
        self._title, self._words = Label("", "body", weight=500), Label("", "small", tone="muted", wrap=True)
        self.button = Button(phrase(action), "link", object_name=object_name)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._words)
        self.box.addWidget(IconMark(icon, 20, "muted"))
        self.box.addLayout(words, 1)
        self.box.addWidget(self.button)

    def say(self, title: Words, words: Words) -> None:
        """Say what and until when."""
        self._title.set_words(title)
        self._words.set_words(words)


def _title_key(view: AfterView) -> str:
    if view.writing_up:
        return "after.wrap_title"
    return "after.closed" if view.closed else "after.ended"


def _words(view: AfterView) -> Words:
    if view.loading and not view.receipts:
        return phrase("after.loading")
    if view.rated:
        return phrase("after.thanks")
    if view.writing_up:
        return phrase("after.wrap_words")
    if view.closed:
        return phrase("after.closed_words") if view.receipts else phrase("after.nothing_shared")
    return Named("after.ended_words", view.engineer) if view.engineer else phrase("after.ended_plain")


def _row(line: Line) -> QWidget:
    made = QWidget()
    made.setAccessibleName(f"{line.title}. {line.detail}".strip())
    row = QHBoxLayout(made)
    row.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
    row.setSpacing(SPACE_M)
    words = QVBoxLayout()
    words.setSpacing(0)
    words.addWidget(Label(line.title, "body", weight=500 if line.happened else 400, wrap=True))
    if line.detail:
        words.addWidget(Label(line.detail, "small", tone="muted", wrap=True))
    row.addWidget(IconMark(line.icon, 20, "accent" if line.happened else "muted"), 0, Qt.AlignmentFlag.AlignTop)
    row.addLayout(words, 1)
    return made
