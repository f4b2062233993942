"""The tool for a restart of the customer's computer: asks for the permission, then calls for the restart itself."""

from collections.abc import Callable

from agent_app.parts.tile_button import TileButton
from agent_app.remote.presenter import RemotePresenter, RemoteView
from shared.strings import phrase


class RestartTool(TileButton):
    """`ask` opens the dialog that asks the customer."""

    def __init__(self, presenter: RemotePresenter, ask: Callable[[], None]) -> None:
        super().__init__("refresh", phrase("remote.restart"), object_name="remote.restart")
        self._presenter, self._ask = presenter, ask
        self.clicked.connect(self._press)
        self.stop = presenter.view.watch(self._show)
        """When the window goes."""

    def _press(self) -> None:
        if self._presenter.view.value.stands("restart") == "granted":
            self._presenter.restart()
        else:
            self._ask()

    def _show(self, view: RemoteView) -> None:
        stand = view.stands("restart")
        self.setEnabled(view.phase == "playing" and stand != "asked")
        self.set_icon("refresh", "accent" if stand == "granted" else "text")
        self.explain(phrase(f"remote.restart_{stand}"))
