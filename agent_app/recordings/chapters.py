"""What a line of a recording's table of contents says."""

from typing import Final

from agent_app.desk.words import capability
from shared.session.recording_messages import ChapterSeen
from shared.strings import text

_CAPABILITIES: Final = frozenset({"on", "off", "asked", "granted"})


def chapter_words(chapter: ChapterSeen) -> str:
    """In the language of the program."""
    words = chapter.words
    if chapter.what in _CAPABILITIES:
        words = text("recording.joint").join(capability(each)() for each in words.split(",") if each)
    return text(f"recording.chapter_{chapter.what}", who=chapter.who, words=words)
