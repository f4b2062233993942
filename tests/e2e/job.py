"""The job: one request for help, from the first click to the closed ticket, done in the real windows as two people would.

`./dev demo` plays it with narration when there is no screen; `tests/e2e/test_the_job.py` plays the same script.
"""

import re
from pathlib import Path
from typing import Final

from PIL import Image

from tests.e2e.driver.eyes import largest_difference
from tests.e2e.driver.geometry import Point, Rect
from tests.e2e.driver.waiting import wait_for
from tests.e2e.programs import foreign, pattern
from tests.e2e.stage import Stage

ENGINEER: Final = "lin"
PATTERN_AT: Final = Rect(40, 360, 384, 288)
"""Where the pattern lies on the customer's screen: free of our windows."""


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
    desk.fill(app, ENGINEER, "User", role="text")
    desk.click(app, "Password", role="text")
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
    choose(stage, "What is it about?", "Data and reports")
    choose(stage, "Product", "LabDesk (desktop program)")
    home.fill(client, "The report export stops at 90 %.", re.compile("^What happened"), role="text")
    home.fill(client, "Maya Chen", "Your name", role="text")
    stage.told("She asks for a person and fills in what is required; her words are kept.")
    home.click(client, "Send and join the line")


def choose(stage: Stage, question: str, answer: str) -> None:
    """Opens a combo box of the form and clicks an answer."""
    home, client = stage.customer, stage.client
    home.click(client, question, role="combo box")
    home.click(client, answer, role="list item")


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
        stage.customer.click(stage.client, "Message", role="text")
        stage.customer.hands.type(words + "\n")
        stage.agent.find(stage.app, re.compile(re.escape(words)), role="list item", timeout_s=20)
    else:
        stage.agent.click(stage.app, "Message", role="text")
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
    stage.customer.click(stage.client, "Message", role="text")
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
    stage.customer.click(stage.client, "Message", role="text")
    stage.customer.hands.type("Should I restart now?\n")
    stage.customer.find(stage.client, re.compile(r"Should I restart now\?.*Waiting"), role="list item")
    stage.told("The relay is killed with -9. Maya writes on; her line waits and says so.")
    stage.relay.start()
    stage.agent.find(stage.app, re.compile(r"Should I restart now\?"), role="list item", timeout_s=45)
    stage.customer.find(stage.client, re.compile(r"Should I restart now\?.*Read"), role="list item", timeout_s=45)
    for words in ("Hello Maya, I am looking at it.", "90% 就停了", "Should I restart now?"):
        for desk, program in ((stage.customer, stage.client), (stage.agent, stage.app)):
            shown = desk.find_all(program, re.compile(re.escape(words)), role="list item", identifier="chat.timeline")
            assert len(shown) == 1, f"{words!r} stands {len(shown)} times in {program.name}"
    stage.told("The relay is back: both windows resume by themselves, every line stands once.")
