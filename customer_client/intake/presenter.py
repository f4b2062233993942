"""Filling in the form: answers are kept while the program runs, checked on leaving and on sending, sent once."""

from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct, structs

from customer_client.desk.desk import Desk
from customer_client.desk.relay import Failed, Outcome, Relay, failure
from customer_client.desk.routes import Ask, Home, Routes, Talk
from customer_client.desk.words import Wait, Words
from customer_client.intake.rules import Fault, fault, faults, subject
from customer_client.platform.preferences import PreferenceFile
from shared.common.errors import ThreelineError
from shared.common.ids import new_id
from shared.common.shown import Shown, watch_all
from shared.protocol.frames import Refused
from shared.protocol.messages.conversations import LeaveMessage, OpenConversation
from shared.protocol.messages.identity import UpdateProfile
from shared.protocol.messages.organisation import FormField, IntakeForm
from shared.strings import Phrase, phrase

NAME_FIELD: Final = "profile.name"
EMAIL_FIELD: Final = "profile.email"
OWN_NAME: Final = "name"
"""A form that asks for this key asks who the person is; then nothing else does."""
OPEN_KEY: Final = "open/"
MESSAGE_KEY: Final = "message/"


class Left(Struct, frozen=True):
    """A message that arrived, with its ticket number as soon as the relay has told it."""

    number: str = ""
    place_kept: bool = False


class IntakeView(Struct, frozen=True):
    """The form as it stands. `bad` are the answers that cannot go; `focus` is counted up when the first of them is to
    get the focus."""

    message: bool = False
    waiting_for: str = ""
    keep_place: bool = True
    groups: tuple[tuple[str, str], ...] = ()
    group_id: str = ""
    fields: tuple[FormField, ...] = ()
    answers: Mapping[str, str] = {}
    bad: Mapping[str, Phrase] = {}
    focus: int = 0
    searched: bool = False
    asks_name: bool = False
    name: str = ""
    email: str = ""
    system: Mapping[str, str] = {}
    system_attached: bool = True
    caption: Words = ""
    sending: bool = False
    offline: bool = False
    failed: Failed | None = None
    left: Left | None = None

    @property
    def first_bad(self) -> str:
        """The first field in the form's order that is wrong; empty when none is."""
        return next(iter(self.bad), "")


class IntakePresenter:
    """One form at a time. `system` gives the facts of this machine when the form opens."""

    def __init__(
        self,
        desk: Desk,
        relay: Relay,
        routes: Routes,
        preferences: PreferenceFile,
        system: Callable[[], Mapping[str, str]],
        make_id: Callable[[], str] = new_id,
    ) -> None:
        self._desk, self._relay, self._routes = desk, relay, routes
        self._preferences, self._system, self._make_id = preferences, system, make_id
        self._conversation_id = ""
        self.view = Shown(IntakeView())
        watch_all(self._refresh, desk.link, desk.status, desk.requests, desk.forms, desk.groups)
        desk.outcomes.watch(self._answered)

    # What a person does

    def open(self, route: Ask) -> None:
        """Begin or go on: the words searched for go into the first free answer, unless something is there already."""
        before = self.view.value
        if before.left is not None or not before.sending:
            self._begin(route)
        self._refresh()

    def choose_group(self, group_id: str) -> None:
        """Ask another group; answers to questions that both have stay."""
        self.view.set(structs.replace(self.view.value, group_id=group_id, bad={}))
        self._refresh()

    def answer(self, key: str, value: str) -> None:
        """An answer as typed so far; what was wrong with it goes as soon as it is right."""
        view = self.view.value
        answers = {**view.answers, key: value}
        bad = dict(view.bad)
        if key in bad and self._fault(key, value) is None:
            del bad[key]
        self.view.set(structs.replace(view, answers=answers, bad=bad, failed=None))

    def leave(self, key: str) -> None:
        """The focus left a field: say what is wrong with it, if anything."""
        view = self.view.value
        field = next((each for each in self._all_fields() if each.key == key), None)
        wrong = self._fault(key, view.answers.get(key, ""))
        bad = {each: words for each, words in view.bad.items() if each != key}
        if field is not None and wrong is not None:
            bad[key] = _words(field, wrong)
        self.view.set(structs.replace(view, bad=self._in_order(bad)))

    def attach_system(self, attached: bool) -> None:
        """Send the system summary along, or not."""
        self.view.set(structs.replace(self.view.value, system_attached=attached))

    def keep_place(self, keep: bool) -> None:
        """Whether the place in line stays while the message is left."""
        self.view.set(structs.replace(self.view.value, keep_place=keep))

    def change_profile(self) -> None:
        """Ask for name and e-mail again."""
        view = self.view.value
        answers = {**view.answers, NAME_FIELD: view.name, EMAIL_FIELD: view.email}
        self.view.set(structs.replace(view, asks_name=True, answers=answers))

    def send(self) -> None:
        """Check everything, then hand it over; from there on it is kept until it arrives."""
        view = self.view.value
        if view.sending or not view.group_id:
            return
        found = faults(self._all_fields(), view.answers)
        bad = {field.key: _words(field, found[field.key]) for field in self._all_fields() if field.key in found}
        if bad:
            self.view.set(structs.replace(view, bad=bad, focus=view.focus + 1, failed=None))
            return
        try:
            self._keep_profile()
            self._post(view)
        except ThreelineError as error:
            self.view.set(structs.replace(view, failed=Failed(error.code)))
            return
        self.view.set(structs.replace(self.view.value, sending=True, bad={}, failed=None))

    def done(self) -> None:
        """The message is left and its number was read."""
        waiting_for = self.view.value.waiting_for
        kept = self.view.value.left is not None and self.view.value.left.place_kept
        self.view.set(IntakeView())
        self._routes.home()
        if waiting_for and kept:
            self._routes.go(Talk(waiting_for))

    # How it comes about

    def _begin(self, route: Ask) -> None:
        before, chosen = self.view.value, self._preferences.value
        answers = {} if before.left is not None else dict(before.answers)
        free = self._first_free(route)
        if route.words and free is not None:
            answers.setdefault(free, route.words)
        for field in self._fields_for(route):
            known = chosen.email if field.kind == "email" else chosen.name if field.key == OWN_NAME else ""
            if known:
                answers.setdefault(field.key, known)
        self._conversation_id = route.waiting_for or self._make_id()
        self.view.set(
            IntakeView(
                message=route.message or bool(route.waiting_for),
                waiting_for=route.waiting_for,
                answers={key: value for key, value in answers.items() if value},
                group_id=before.group_id,
                searched=bool(route.words),
                asks_name=not chosen.name and all(f.key != OWN_NAME for f in self._fields_for(route)),
                name=chosen.name,
                email=chosen.email,
                system=dict(self._system()),
                system_attached=before.system_attached,
            )
        )

    def _first_free(self, route: Ask) -> str | None:
        fields = self._fields_for(route)
        kinds = ("paragraph", "line")
        return next((f.key for kind in kinds for f in fields if f.kind == kind and f.key != OWN_NAME), None)

    def _fields_for(self, route: Ask) -> tuple[FormField, ...]:
        form = self._form(self.view.value.group_id or self._default_group())
        return _fields(form, route.message or bool(route.waiting_for))

    def _refresh(self) -> None:
        view, desk = self.view.value, self._desk
        groups = tuple((group.group_id, group.name) for group in desk.public_groups())
        group_id = view.group_id if view.group_id in dict(groups) else self._default_group()
        fields = _fields(self._form(group_id), view.message)
        offline = desk.link.value.phase != "ready"
        changed = structs.replace(
            view, groups=groups, group_id=group_id, fields=fields, offline=offline, caption=self._caption(group_id)
        )
        self.view.set(structs.replace(changed, left=self._with_number(view.left)))

    def _with_number(self, left: Left | None) -> Left | None:
        request = self._desk.request(self._conversation_id)
        return structs.replace(left, number=request.number) if left and request else left

    def _default_group(self) -> str:
        groups = self._desk.public_groups()
        open_now = [g for g in groups if (s := self._desk.status.value.get(g.group_id)) and s.on_duty]
        return (open_now or list(groups))[0].group_id if groups else ""

    def _form(self, group_id: str) -> IntakeForm | None:
        return self._desk.forms.value.get(group_id)

    def _caption(self, group_id: str) -> Words:
        view, status = self.view.value, self._desk.status.value.get(group_id)
        if self._desk.link.value.phase != "ready":
            return phrase("intake.kept_until")
        if view.message or status is None:
            return phrase("intake.number_follows") if view.message else ""
        if status.wait_low_s is None or status.wait_high_s is None:
            return phrase("intake.ahead", count=status.waiting) if status.waiting else phrase("intake.none_ahead")
        if not status.waiting:
            return Wait(status.wait_low_s, status.wait_high_s, "intake.none_ahead_wait")
        return Wait(status.wait_low_s, status.wait_high_s, "intake.ahead_wait", (("count", str(status.waiting)),))

    def _all_fields(self) -> tuple[FormField, ...]:
        view = self.view.value
        return (*view.fields, *(PROFILE_FIELDS if view.asks_name else ()))

    def _fault(self, key: str, value: str) -> Fault | None:
        field = next((each for each in self._all_fields() if each.key == key), None)
        return fault(field, value) if field else None

    def _in_order(self, bad: Mapping[str, Phrase]) -> dict[str, Phrase]:
        return {field.key: bad[field.key] for field in self._all_fields() if field.key in bad}

    def _keep_profile(self) -> None:
        view, chosen = self.view.value, self._preferences.value
        name = view.answers.get(NAME_FIELD if view.asks_name else OWN_NAME, "").strip() or chosen.name
        email = self._email(view) or chosen.email
        if (name, email) == (chosen.name, chosen.email):
            return
        self._preferences.change(structs.replace(self._preferences.value, name=name, email=email))
        self._relay.post(f"profile/{self._make_id()}", UpdateProfile(name=name, email=email))
        self.view.set(structs.replace(view, asks_name=False, name=name, email=email))

    def _email(self, view: IntakeView) -> str:
        asked = next((field.key for field in view.fields if field.kind == "email"), EMAIL_FIELD)
        return view.answers.get(asked, "").strip()

    def _post(self, view: IntakeView) -> None:
        answers = {field.key: view.answers[field.key].strip() for field in view.fields if view.answers.get(field.key)}
        title = subject(view.fields, answers)
        system = dict(view.system) if view.system_attached else None
        if not view.message:
            command = OpenConversation(
                conversation_id=self._conversation_id,
                group_id=view.group_id,
                subject=title,
                answers=answers,
                system=system,
            )
            self._relay.post(OPEN_KEY + self._conversation_id, command)
            return
        message = LeaveMessage(
            conversation_id=self._conversation_id,
            group_id=view.group_id,
            subject=title,
            answers=answers,
            keep_place=bool(view.waiting_for) and view.keep_place,
            system=system,
        )
        self._relay.post(MESSAGE_KEY + self._conversation_id, message)

    def _answered(self, outcome: Outcome) -> None:
        if outcome.key == OPEN_KEY + self._conversation_id:
            self._opened(outcome)
        elif outcome.key == MESSAGE_KEY + self._conversation_id:
            self._message_left(outcome)

    def _opened(self, outcome: Outcome) -> None:
        if not isinstance(outcome.answer, Refused):
            conversation_id = self._conversation_id
            self.view.set(IntakeView())
            self._leave_form(Talk(conversation_id))
        elif outcome.answer.code == "nobody_on_duty":
            self._turn_into_message()
        else:
            self._give_back(outcome.answer)

    def _turn_into_message(self) -> None:
        """Everybody went home while the form was filled in: the same words become a message."""
        view = self.view.value
        self._conversation_id = self._make_id()
        fields = _fields(self._form(view.group_id), message=True)
        free = next((f.key for f in fields if f.kind == "paragraph"), None)
        own = next((view.answers[f.key] for f in view.fields if f.kind == "paragraph" and f.key in view.answers), "")
        answers = {**view.answers, **({free: own} if free and not view.answers.get(free) else {})}
        failed = Failed("nobody_on_duty")
        self.view.set(structs.replace(view, message=True, sending=False, answers=answers, failed=failed))
        self._refresh()

    def _message_left(self, outcome: Outcome) -> None:
        view = self.view.value
        if isinstance(outcome.answer, Refused):
            self._give_back(outcome.answer)
            return
        kept = bool(view.waiting_for) and view.keep_place
        self.view.set(structs.replace(view, sending=False, left=Left(place_kept=kept)))
        self._refresh()

    def _give_back(self, refused: Refused) -> None:
        self._conversation_id = self.view.value.waiting_for or self._make_id()
        self.view.set(structs.replace(self.view.value, sending=False, failed=failure(refused)))

    def _leave_form(self, route: Talk) -> None:
        if isinstance(self._routes.top, Ask):
            self._routes.home()
            self._routes.go(route)
        elif isinstance(self._routes.top, Home):
            self._routes.go(route)


PROFILE_FIELDS: Final = (
    FormField(key=NAME_FIELD, label={"en": ""}, kind="line", max_length=80),
    FormField(key=EMAIL_FIELD, label={"en": ""}, kind="email", required=False, max_length=200),
)
"""Asked once, when the person has not said yet who they are; the widgets have the words."""


def _fields(form: IntakeForm | None, message: bool) -> tuple[FormField, ...]:
    if form is None:
        return ()
    return (form.message_fields or form.fields) if message else form.fields


def _words(field: FormField, wrong: Fault) -> Phrase:
    if wrong == "missing" and field.kind != "paragraph":
        return phrase("intake.no_choice" if field.kind == "choice" else "intake.missing_line")
    return phrase(f"intake.{wrong}")
