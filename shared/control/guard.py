"""What keeps remote input out whatever was granted: a lock screen, or a prompt for more rights."""

from typing import Final, Literal, Protocol

Guarded = Literal["", "locked", "prompt"]
"""Nothing of the kind; the screen is locked or blanked; a prompt for a password or more rights is up."""

LOCKERS: Final = frozenset(
    {"i3lock", "xsecurelock", "slock", "xlock", "xtrlock", "swaylock", "xscreensaver", "light-locker", "physlock"}
)
PROMPTS: Final = frozenset(
    {
        "polkit-gnome-authentication-agent-1",
        "polkit-kde-authentication-agent-1",
        "polkit-mate-authentication-agent-1",
        "lxqt-policykit-agent",
        "lxpolkit",
        "xfce-polkit",
        "polkit-dumb-agent",
        "gcr-prompter",
        "pinentry",
        "pinentry-gtk-2",
        "pinentry-gtk",
        "pinentry-qt",
        "pinentry-gnome3",
        "kdesu",
        "gksu",
        "gksudo",
        "lxqt-sudo",
        "ssh-askpass",
    }
)
"""Window classes, in small letters, with which those programs show themselves. A desktop that draws its prompts itself
(GNOME Shell, Plasma on some versions) cannot be told by them."""


def kind_of(names: tuple[str, ...]) -> Guarded:
    """What a window with this class is."""
    small = {name.lower() for name in names}
    if small & LOCKERS:
        return "locked"
    return "prompt" if small & PROMPTS else ""


class Guarding(Protocol):
    """Calls back in its own thread; see `guard_x11.Guard`."""

    def start(self) -> None:
        """Begins to look."""
        ...

    def close(self) -> None:
        """Ends. Idempotent."""
        ...
