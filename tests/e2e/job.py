"""The job: one request for help, from first click to closed ticket, in the real windows as two people would do it.

`./dev demo` plays it with narration when there is no screen; `tests/e2e/test_the_job.py` plays the same script.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from PIL import Image

from tests.e2e.driver.desktop import Desktop
from tests.e2e.driver.geometry import Point, Rect
from tests.e2e.driver.processes import Program
from tests.e2e.driver.waiting import wait_for
from tests.e2e.driver.widgets import Wanted
from tests.e2e.programs import foreign, pattern
from tests.e2e.stage import Stage, open_stage

ENGINEER: Final = "lin"
PICTURES: Final = Path("artifacts/demo")
PATTERN_AT: Final = Rect(40, 360, 384, 288)
"""Where the pattern lies on the customer's screen: free of our windows."""
MIDDLE_OF_LIVE: Final = Point(PATTERN_AT.x + pattern.LIVE.centre.x, PATTERN_AT.y + pattern.LIVE.centre.y)


def play(stage: Stage, room: Path) -> None:
    """The whole story; each part leaves both programs ready for the next."""
    sign_in(stage)
    ask_for_help(stage)
    accept(stage)
    talk(stage)
    survive_the_relay(stage)
    show_the_screen(stage)
    control(stage, room)
    stop(stage)
    close(stage)
    look_back(stage)


def sign_in(stage: Stage) -> None:
    """An engineer signs in and becomes available."""
    app, desk = stage.open_app(), stage.agent
    desk.find(app, "Keep in the keyring", role="check box")  # it comes when the keyring was found, and moves the card
    desk.fill(app, ENGINEER, "User", role="text")
    desk.enter(app, "Password", role="text")
    desk.hands.type(stage.relay.passwords[ENGINEER])
    desk.click(app, "Sign in", role="push button")
    desk.click(app, "Become available")
    desk.find(app, "State: Available")
    stage.told("Lin signs in with a password and becomes available.")


def ask_for_help(stage: Stage) -> None:
    """The customer searches, asks for a person and fills in the form."""
    client, home = stage.open_client(), stage.customer
    home.fill(client, "report export", "What can we help with?", role="text")
    home.find(client, re.compile("Export a report"), role="list item")
    stage.told("Maya searches first: articles are found while she types.")
    home.click(client, "Talk to a person", role="push button")
    choose(home, client, "What is it about?", "Data and reports")
    choose(home, client, "Product", "LabDesk (desktop program)")
    home.fill(client, "The report export stops at 90 %.", re.compile("^What happened"), role="text")
    home.fill(client, "Maya Chen", "Your name", role="text")
    stage.told("She asks for a person and fills in what is required; her words are kept.")
    home.click(client, "Send and join the line")


def choose(desk: Desktop, program: Program, question: str, answer: str) -> None:
    """Opens a combo box and clicks an answer, again if Qt took the click for the one that had opened the list."""
    box = desk.click(program, question, role="combo box")
    item = desk.find(program, answer, role="list item")

    def chosen() -> bool:
        now, still = desk.accessibility.again(box), desk.accessibility.again(item)
        if now is not None and now.name == answer:
            return True
        if still is not None and still.is_showing:
            desk.hands.click(item)
        return False

    wait_for(chosen, f"{answer!r} to be chosen")


def accept(stage: Stage) -> None:
    """The engineer is offered the conversation and takes it."""
    desk, app = stage.agent, stage.app
    desk.find(app, re.compile("Maya Chen"), timeout_s=15)
    stage.told("Lin gets the offer: who, what was written, why her, and a countdown.")
    desk.click(app, "Accept", role="push button")
    stage.customer.click(stage.client, "Open chat", role="push button", timeout_s=15)
    stage.told("Lin accepts; Maya is told and opens the chat.")


def say(stage: Stage, who: str, words: str) -> None:
    """Types a line into a chat and sends it; waits until the other side shows it."""
    if who == "customer":
        stage.customer.enter(stage.client, "Message", role="text")
        stage.customer.hands.type(words)
        stage.customer.hands.key("Return")
        stage.agent.find(stage.app, re.compile(re.escape(words)), role="list item", timeout_s=20)
    else:
        stage.agent.enter(stage.app, "Message", role="text")
        stage.agent.hands.type(words)
        stage.agent.hands.key("ctrl+Return")
        stage.customer.find(stage.client, re.compile(re.escape(words)), role="list item", timeout_s=20)


def talk(stage: Stage) -> None:
    """Both write; a picture is pasted; what was read says so."""
    say(stage, "agent", "Hello Maya, I am looking at it.")
    say(stage, "customer", "Thank you. 到 90% 就停了。")
    stage.customer.find(stage.client, re.compile(r"90% 就停了.*Read"), role="list item", timeout_s=20)
    stage.told("They chat both ways, in two languages; Maya's line says that it was read.")
    paste_picture(stage)
    stage.told("Maya pastes a picture of the dialog; Lin sees it.")


def paste_picture(stage: Stage) -> None:
    """Puts a picture on the customer's clipboard, pastes it into the chat and sends it."""
    path = stage.customer.room / "dialog.png"
    picture = Image.new("RGB", (320, 180), (200, 30, 60))
    picture.paste((255, 255, 255), (20, 20, 300, 60))
    picture.save(path)
    stage.customer.start("xclip", ["xclip", "-selection", "clipboard", "-t", "image/png", "-i", str(path)])
    stage.customer.enter(stage.client, "Message", role="text")
    stage.customer.hands.key("ctrl+v")
    stage.agent.find(stage.app, re.compile(r"picture\.png"), role="list item", timeout_s=20)
    shows_colour(stage, (200, 30, 60))


def shows_colour(stage: Stage, colour: tuple[int, int, int]) -> None:
    """Waits until the engineer's window shows a patch of the picture's colour."""

    def found() -> bool:
        picture = stage.agent.window_picture(stage.app)
        colours = picture.getcolors(picture.width * picture.height) or []
        return sum(count for count, each in colours if near(each, colour)) > 2000

    wait_for(found, f"the picture with {colour} in the engineer's window", 20)


def near(one: object, other: tuple[int, int, int]) -> bool:
    """Within what scaling and rounding change."""
    return isinstance(one, tuple) and all(abs(a - b) <= 6 for a, b in zip(one, other, strict=False))


def survive_the_relay(stage: Stage) -> None:
    """The relay is killed and started again; nothing is lost or doubled, and nobody has to do anything."""
    stage.relay.kill_9()
    stage.customer.enter(stage.client, "Message", role="text")
    stage.customer.hands.type("Should I restart now?")
    stage.customer.hands.key("Return")
    stage.customer.find(stage.client, re.compile(r"Should I restart now\?.*Waiting"), role="list item")
    stage.told("The relay is killed with -9. Maya writes on; her line waits and says so.")
    stage.relay.start()
    stage.agent.find(stage.app, re.compile(r"Should I restart now\?"), role="list item", timeout_s=45)
    stage.customer.find(stage.client, re.compile(r"Should I restart now\?.*Read"), role="list item", timeout_s=45)
    for words in ("Hello Maya, I am looking at it.", "90% 就停了", "Should I restart now?"):
        for desk, program in ((stage.customer, stage.client), (stage.agent, stage.app)):
            wanted = Wanted(
                re.compile(f": .*{re.escape(words)}"), "list item", re.compile(r"chat\.timeline$"), hidden=True
            )
            lines = desk.accessibility.all_matching(program, wanted)
            assert len(lines) == 1, f"{words!r} stands {len(lines)} times in {program.name}"
    stage.told("The relay is back: both windows resume by themselves, every line stands once.")


def show_the_screen(stage: Stage) -> None:
    """The engineer asks to see the screen; the customer chooses a monitor and grants; the real picture arrives."""
    shown = foreign.open_pattern(stage.customer, PATTERN_AT)
    stage.agent.click(stage.app, "Ask for screen", role="push button")
    stage.agent.fill(stage.app, "To see where the export stops", "Reason", role="text")
    stage.agent.click(stage.app, "Ask", role="push button")
    grant(stage, "See the part you choose", "To see where the export stops")
    stage.customer.find(stage.client, "Stop sharing", role="push button", timeout_s=15)
    wait_for_the_picture(stage)
    shown.send_line("live #00a000")
    shown.wait_output("live #00a000")
    wait_for_live(stage, (0, 160, 0))
    stage.told("The real screen is in Lin's window, pixel by pixel; the banner says who sees it.")


def grant(stage: Stage, capability: str, reason: str) -> None:
    """The customer reads the sheet, turns one capability on and allows it."""
    home, client = stage.customer, stage.client
    home.find(client, re.compile(re.escape(reason)), role="label", timeout_s=15)
    home.find(client, re.compile(r"Lin Yue.*asks to help on your computer"), role="label")
    stage.told("A sheet names Lin, the ticket and the reason. All is off, and No has the focus.")
    switch = home.click(client, capability, role="check box")

    def turned_on() -> bool:
        now = home.accessibility.again(switch)
        if now is not None and not now.is_checked:
            home.hands.click(now)  # the sheet takes no click in its first moment
        return now is not None and now.is_checked

    wait_for(turned_on, f"{capability!r} to be on", poll_s=0.3)
    home.click(client, re.compile("^Allow"), role="push button")


@dataclass(frozen=True, slots=True)
class Fitted:
    """Where the engineer's remote window paints the customer's screen: fitted, centred, never enlarged."""

    view: Rect
    size: tuple[int, int]

    def place(self, point: Point) -> Point:
        """Where a point of the customer's screen lies on the engineer's."""
        scale = min(self.view.width / self.size[0], self.view.height / self.size[1], 1)
        left = self.view.x + (self.view.width - self.size[0] * scale) / 2
        top = self.view.y + (self.view.height - self.size[1] * scale) / 2
        return Point(round(left + (point.x + 0.5) * scale), round(top + (point.y + 0.5) * scale))


def fitted(stage: Stage) -> Fitted:
    """Looks where the picture is now."""
    return Fitted(stage.agent.find(stage.app, re.compile("^Screen of"), timeout_s=20).rect, stage.customer.size)


def wait_for_the_picture(stage: Stage) -> None:
    """Waits until the engineer sees every still cell of the pattern in its colour."""
    cells = [(column, row) for column in range(12) for row in range(9) if not in_live_patch(column, row)]
    picture = fitted(stage)
    places = [(as_pair(picture.place(centre_of(cell))), pattern.still_colour(*cell)) for cell in cells]

    def alike() -> bool:
        seen = stage.agent.eyes.picture()
        return all(near(seen.getpixel(place), colour) for place, colour in places)

    wait_for(alike, "the customer's pattern in the engineer's window", 20)


def wait_for_live(stage: Stage, colour: tuple[int, int, int]) -> None:
    """Waits until the engineer sees the pattern's changing patch in this colour."""
    place = fitted(stage).place(MIDDLE_OF_LIVE)
    wait_for(lambda: near(stage.agent.eyes.colour(place), colour), f"{colour} on the engineer's screen", 10)


def in_live_patch(column: int, row: int) -> bool:
    return 4 <= column < 10 and 4 <= row < 8


def centre_of(cell: tuple[int, int]) -> Point:
    half = pattern.CELL // 2
    return Point(PATTERN_AT.x + cell[0] * pattern.CELL + half, PATTERN_AT.y + cell[1] * pattern.CELL + half)


def as_pair(point: Point) -> tuple[int, int]:
    return point.x, point.y


def control(stage: Stage, room: Path) -> None:
    """Nothing lands before the grant; after it, what the engineer types stands in a real text program."""
    kept = room / "typed.txt"
    terminal, place = foreign.open_terminal(stage.customer, kept)
    del terminal
    target = fitted(stage).place(place.centre)
    stage.agent.hands.click(target)
    stage.agent.hands.type("before the grant")
    stage.agent.hands.key("Return")
    stage.agent.click(stage.app, re.compile("Ask for control"), identifier=re.compile(r"remote\.control$"))
    stage.agent.fill(stage.app, "To set the export folder", "Reason", role="text")
    stage.agent.click(stage.app, "Ask", role="push button")
    assert read(kept) == "", "something landed without a grant"
    grant(stage, "Use mouse and keyboard", "To set the export folder")
    stage.customer.find(stage.client, re.compile("controls mouse and keyboard"))
    wait_until_input_lands(stage, place, kept)
    type_remotely(stage, place, "echo 你好 from afar")
    wait_for(lambda: "echo 你好 from afar" in read(kept), "the engineer's words in the customer's terminal", 20)
    assert "before the grant" not in read(kept)
    stage.told("Control is asked for and granted on its own; only then do Lin's keys land, Chinese too.")
    stage.customer.click(stage.client, "Take back control", role="push button")
    stage.customer.find(stage.client, "Nobody controls it but you")
    stage.agent.hands.type("after taking back")
    stage.agent.hands.key("Return")
    wait_for_live(stage, (0, 160, 0))
    assert "after taking back" not in read(kept)
    stage.told("Maya takes control back with one button; Lin still sees, and nothing lands any more.")


def wait_until_input_lands(stage: Stage, place: Rect, kept: Path) -> None:
    """The customer's own last click suspends remote input for a moment; empty lines tell when that is over."""
    stage.agent.find(stage.app, re.compile("^Mouse and keys go to"), timeout_s=15)
    stage.agent.hands.click(fitted(stage).place(place.centre))

    def landed() -> bool:
        stage.agent.hands.key("Return")
        return read(kept) != ""

    wait_for(landed, "an empty line in the customer's terminal", 15, poll_s=0.2)


def read(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""


def type_remotely(stage: Stage, place: Rect, words: str) -> None:
    """Clicks through the picture into a window of the customer's screen and types there."""
    stage.agent.hands.click(fitted(stage).place(place.centre))
    stage.agent.hands.type(words)
    stage.agent.hands.key("Return")


def stop(stage: Stage) -> None:
    """The stop key ends everything at once, also while the customer's window hangs."""
    stage.client.freeze()
    try:
        stage.customer.hands.key("ctrl+shift+F12")
        stage.agent.find(stage.app, re.compile("The session has ended"), timeout_s=15)
        stage.told("Maya's window hangs; the stop key ends sharing all the same, and Lin's window says so.")
    finally:
        stage.client.thaw()
    stage.customer.find(stage.client, "Sharing has ended", timeout_s=15)
    stage.told("Her window is back and sums up what was seen and controlled, and when.")


def close(stage: Stage) -> None:
    """The engineer ends, writes up, and closes the ticket."""
    desk, app = stage.agent, stage.app
    desk.click(app, "Close this window", role="push button")
    desk.click(app, "End", role="push button")
    desk.click(app, "End", identifier=re.compile(r"confirm\.do$"))
    desk.find(app, "Write up")
    stage.told("Lin ends the talk and writes up what was done.")
    choose(desk, app, "Category", "Data and reports")
    desk.click(app, "Solved", role="check box")
    desk.click(app, "Close conversation", role="push button")
    stage.customer.find(stage.client, "Not solved after all?", timeout_s=15)


def look_back(stage: Stage) -> None:
    """The ticket is resolved and closed with all its steps; the customer rates, sees the steps, keeps the receipt."""
    desk, app, home, client = stage.agent, stage.app, stage.customer, stage.client
    open_ticket(stage)
    for step in (
        "Ticket YL-",
        "Assigned to Lin",
        "The customer allowed",
        "The customer stopped sharing",
        "Receipt stored",
    ):
        find_step(stage, step)
    find_step(stage, "State: .*Resolved")
    desk.click(app, "Close ticket", role="push button")
    find_step(stage, "State: .*Closed")
    stage.told("The ticket tells every step, who and when; it was resolved with the talk, and Lin closes it.")
    home.click(client, "Yes", role="push button")
    home.click(client, "5", identifier=re.compile(r"questions\.easy"))
    home.click(client, "4", identifier=re.compile(r"questions\.in-control"))
    home.click(client, "Send answers", role="push button")
    home.find(client, "Thank you, your answers have arrived.", timeout_s=15)
    find_step(stage, "The customer rated: solved")
    stage.told("Maya answers three short questions; the rating is a step of the ticket.")
    home.click(client, "Save receipt", role="push button")
    home.click(client, "Save", role="push button")
    home.find(client, re.compile("^Saved as"))
    receipt = next(home.room.rglob("receipt-YL-*.txt")).read_text("utf-8")
    assert "Lin Yue" in receipt
    home.click(client, "Back", role="push button")
    home.click(client, "Back", identifier=re.compile(r"chat\.header\.page\.back$"))
    home.find(client, re.compile("YL-.*step 4 of 4: Solved"), role="push button", timeout_s=15)
    stage.told("The receipt is saved, and My requests shows all four steps done.")


def open_ticket(stage: Stage) -> None:
    """By the list of tickets, with the keyboard."""
    desk, app = stage.agent, stage.app
    desk.click(app, re.compile("^Tickets"), identifier=re.compile(r"rail\.tickets"))
    desk.click(app, "All", role="check box")
    desk.hands.click(desk.find(app, re.compile("The report export stops"), role="cell", timeout_s=15), count=2)
    desk.find(app, "Step log", timeout_s=15)


def find_step(stage: Stage, words: str) -> None:
    """Waits until the ticket's log holds such a step, on the screen or above it."""
    wanted = Wanted(re.compile(words), "label", re.compile(r"ticket\.step"), hidden=True)
    wait_for(lambda: stage.agent.accessibility.all_matching(stage.app, wanted), f"the step {words!r}", 15)


def leave_a_message(stage: Stage) -> None:
    """Nobody is signed in: required fields are asked for, and the message becomes a ticket with a number."""
    client, home = stage.open_client(), stage.customer
    home.click(client, "Leave a message", role="push button", timeout_s=20)
    home.click(client, "Leave message", role="push button")
    home.find(client, "Please fill this in.")
    home.fill(client, "The lamp of the gateway blinks red.", re.compile("happened|message"), role="text")
    home.fill(client, "maya@example.com", "E-mail for the answer", role="text")
    home.fill(client, "Maya Chen", "Your name", role="text")
    home.click(client, "Leave message", role="push button")
    home.find(client, re.compile(r"^YL-\d+"), identifier=re.compile(r"intake\.number$"), timeout_s=20)


def main(arguments: list[str]) -> int:
    """`./dev demo`: the story with narration, or with `--windows` the two programs for a person to play with."""
    if "--windows" in arguments:
        from tests.e2e import windows

        return windows.open_for_a_person()
    with open_stage(PICTURES, narrate=True) as stage, TemporaryDirectory() as room:
        try:
            play(stage, Path(room))
        except BaseException:
            stage.keep_evidence(PICTURES / "failure")
            raise
    sys.stdout.write(f"The job is done. A picture of each window at each step: {PICTURES}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
