"""Where the person is: a stack of pages, the first page below all. Rooms ask for another; the window shows the top."""

from msgspec import Struct

from shared.common.shown import Shown


class Home(Struct, frozen=True):
    """The first page."""


class ReadArticle(Struct, frozen=True):
    """One article."""

    article_id: str


class Ask(Struct, frozen=True):
    """The group's form; `words` were typed in the search. With `waiting_for`, a message instead of that wait."""

    words: str = ""
    message: bool = False
    waiting_for: str = ""


class Talk(Struct, frozen=True):
    """A conversation, in whatever state it is: waiting, chat, or what is left of it."""

    conversation_id: str


class Result(Struct, frozen=True):
    """What was done in a conversation: summary, receipt, questions."""

    conversation_id: str


class Requests(Struct, frozen=True):
    """All requests."""


class OneRequest(Struct, frozen=True):
    """One request with its steps."""

    conversation_id: str


class Notices(Struct, frozen=True):
    """What the organisation says."""


class Settings(Struct, frozen=True):
    """Language, colours, text size, who I am."""


Route = Home | ReadArticle | Ask | Talk | Result | Requests | OneRequest | Notices | Settings


class Routes:
    """`stack` is never empty and begins with `Home`."""

    def __init__(self) -> None:
        self.stack: Shown[tuple[Route, ...]] = Shown((Home(),))

    @property
    def top(self) -> Route:
        """What is shown."""
        return self.stack.value[-1]

    def go(self, route: Route) -> None:
        """Show another page; one that is in the stack already is gone back to."""
        stack = self.stack.value
        if route in stack:
            self.stack.set(stack[: stack.index(route) + 1])
        else:
            self.stack.set((*stack, route))

    def replace(self, route: Route) -> None:
        """Show another page in place of this one."""
        below = self.stack.value[:-1] or (Home(),)
        self.stack.set(below if below[-1] == route else (*below, route))

    def back(self) -> None:
        """One page back; from the first page nowhere."""
        if len(self.stack.value) > 1:
            self.stack.set(self.stack.value[:-1])

    def home(self) -> None:
        """To the first page."""
        self.stack.set((Home(),))
