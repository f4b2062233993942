"""Pointing and drawing as the agent does it. Marks go out and are kept here too, to be seen before they come back."""

from typing import Final, Literal

from msgspec import Struct, structs

from agent_app.remote.presenter import RemotePresenter, RemoteView
from shared.common.shown import Forget, Shown
from shared.control import drawing as d
from shared.rules.coordinates import Placement, to_nearest, to_picture
from shared.session.channel import AgentReport
from shared.session.drawing_messages import DrawingWiped, SendDrawing

Choice = Literal["none", "pointer", "arrow", "box", "ellipse", "pen", "words"]
TOOLS: Final[tuple[d.Tool, ...]] = ("arrow", "box", "ellipse", "pen", "words")


class DrawView(Struct, frozen=True, kw_only=True):
    """`sketch` is ours, in pixels of a picture of `size`."""

    choice: Choice = "none"
    tool: d.Tool = "arrow"
    colour: int = 0
    sketch: d.Sketch = d.BLANK
    size: tuple[int, int] = (0, 0)


class DrawingPresenter:
    """Positions that come in are device pixels of the picture's widget."""

    def __init__(self, remote: RemotePresenter) -> None:
        self._remote = remote
        self._drawing = False
        colour = sum(remote.my_id.encode()) % 6  # people differ from the start, and each may take another
        self.view = Shown(DrawView(colour=colour))
        self._forget: list[Forget] = [remote.view.watch(self._stood), remote.reports.watch(self._heard)]

    @property
    def may(self) -> bool:
        """Whether the customer lets us, now."""
        view = self._remote.view.value
        return view.stands("point") == "granted" and view.phase == "playing" and not view.paused

    def choose(self, choice: Choice) -> None:
        """Take up a tool; the same one again puts it down."""
        view = self.view.value
        choice = "none" if choice == view.choice or not self.may else choice
        if view.choice == "pointer":
            self._send(d.Unaim())
        tool = view.tool if choice in ("none", "pointer") else choice
        self._drawing = False
        self.view.set(structs.replace(self.view.value, choice=choice, tool=tool))

    def take_colour(self, colour: int) -> None:
        """From now on."""
        self.view.set(structs.replace(self.view.value, colour=colour))

    def press(self, placement: Placement, x: int, y: int) -> None:
        """A stroke begins; words are begun with `write`."""
        at, choice = to_picture(placement, x, y), self.view.value.choice
        if at is not None and choice in ("arrow", "box", "ellipse", "pen"):
            self._drawing = True
            self._send(d.Begin(choice, self.view.value.colour, at.x, at.y, *_size(placement)))

    def move(self, placement: Placement, x: int, y: int) -> None:
        """The pointer is there: the stroke goes on, or we point."""
        if self._drawing:
            at = to_nearest(placement, x, y)
            self._send(d.Reach(((at.x, at.y),), *_size(placement)))
        elif self.view.value.choice == "pointer":
            at = to_picture(placement, x, y)
            aim = None if at is None else d.Aim(at.x, at.y, *_size(placement), self.view.value.colour)
            self._send(aim or d.Unaim())

    def lift(self) -> None:
        """The stroke is done."""
        self._drawing = False

    def leave(self) -> None:
        """The pointer has left the picture."""
        if self.view.value.choice == "pointer":
            self._send(d.Unaim())

    def write(self, placement: Placement, x: int, y: int, words: str) -> None:
        """Put words there."""
        at, line = to_picture(placement, x, y), words.strip()[: d.MAX_WORDS]
        if at is not None and line:
            self._send(d.Begin("words", self.view.value.colour, at.x, at.y, *_size(placement), line))

    def undo(self) -> None:
        """The newest goes."""
        self._send(d.Undo())

    def clear(self) -> None:
        """All of ours goes."""
        self._send(d.Clear())

    def shut(self) -> None:
        """The window goes."""
        for forget in self._forget:
            forget()

    def _send(self, mark: d.Drawing) -> None:
        view = self.view.value
        if not self.may:
            return
        sketch, size = view.sketch, view.size
        if isinstance(mark, d.Aim | d.Begin | d.Reach):
            size = (mark.width, mark.height)
            sketch = sketch if size == view.size else d.BLANK
        if isinstance(mark, d.Unaim) and sketch.aim is None:
            return
        self.view.set(structs.replace(view, sketch=d.drawn(sketch, mark, _as_it_is), size=size))
        self._remote.order(SendDrawing(marks=(mark,)))

    def _heard(self, report: AgentReport) -> None:
        if isinstance(report, DrawingWiped):
            self._drawing = False
            self.view.set(structs.replace(self.view.value, sketch=d.BLANK))

    def _stood(self, _view: RemoteView) -> None:
        if not self.may and (self.view.value.choice != "none" or self.view.value.sketch != d.BLANK):
            self._drawing = False
            self.view.set(structs.replace(self.view.value, choice="none", sketch=d.BLANK))


def _as_it_is(x: int, y: int, _width: int, _height: int) -> tuple[int, int]:
    return x, y


def _size(placement: Placement) -> tuple[int, int]:
    return placement.picture_size
