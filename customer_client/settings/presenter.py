"""The settings; each is saved as it is changed."""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct, structs

from customer_client.desk.desk import Desk, LinkView
from customer_client.desk.relay import Failed, Relay
from customer_client.platform.preferences import PreferenceFile, Preferences
from shared.common.errors import ThreelineError
from shared.common.ids import new_id
from shared.common.shown import Shown, watch_all
from shared.protocol.messages.identity import UpdateProfile


class SettingsView(Struct, frozen=True):
    """`key_kept` None: not known yet; False: the device key lives for this run only."""

    chosen: Preferences = Preferences()
    link: LinkView = LinkView()
    server: str = ""
    key_kept: bool | None = None
    sample: bool = False
    bad_email: bool = False
    failed: Failed | None = None


class SettingsPresenter:
    """Changes what is kept; the app watches that and changes the look."""

    def __init__(
        self,
        desk: Desk,
        relay: Relay,
        preferences: PreferenceFile,
        server: str,
        valid_email: Callable[[str], bool],
    ) -> None:
        self._desk, self._relay, self._preferences = desk, relay, preferences
        self._valid_email = valid_email
        self.view = Shown(SettingsView(server=server))
        watch_all(self._show, preferences.shown, desk.link, desk.organisation)
        self._show()

    def key_kept(self, kept: bool) -> None:
        """Whether this computer's keyring holds the device key."""
        self.view.set(structs.replace(self.view.value, key_kept=kept))

    # What a person does

    def choose_language(self, language: Literal["en", "zh_CN"]) -> None:
        """Every word at once."""
        self._change(structs.replace(self._preferences.value, language=language))

    def choose_colours(self, colours: Literal["system", "light", "dark"]) -> None:
        """Light, dark, or as the system."""
        self._change(structs.replace(self._preferences.value, colours=colours))

    def choose_text(self, percent: int) -> None:
        """Text size."""
        self._change(structs.replace(self._preferences.value, text_percent=percent))

    def tell_turn(self, tell: bool) -> None:
        """A notification when it is this person's turn."""
        self._change(structs.replace(self._preferences.value, tell_turn=tell))

    def say_who(self, name: str, email: str) -> None:
        """Who the engineers talk with; kept here and told to the relay."""
        name, email = name.strip()[:80], email.strip()[:200]
        before = self._preferences.value
        bad = bool(email) and not self._valid_email(email)
        self.view.set(structs.replace(self.view.value, bad_email=bad))
        if bad or (name, email) == (before.name, before.email):
            return
        self._change(structs.replace(before, name=name, email=email))
        try:
            self._relay.post(f"profile/{new_id()}", UpdateProfile(name=name, email=email))
        except ThreelineError as error:
            self.view.set(structs.replace(self.view.value, failed=Failed(error.code)))

    # How it comes about

    def _change(self, preferences: Preferences) -> None:
        self._preferences.change(preferences)

    def _show(self) -> None:
        organisation = self._desk.organisation.value
        self.view.set(
            structs.replace(
                self.view.value,
                chosen=self._preferences.value,
                link=self._desk.link.value,
                sample=bool(organisation and organisation.sample),
            )
        )
