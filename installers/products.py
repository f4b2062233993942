"""What each package holds, beside what the program's own imports bring."""

from dataclasses import dataclass
from typing import Final

NOT_SHIPPED: Final = (
    "tkinter",
    "_pytest",
    "pytest",
    "setuptools",
    "pip",
    "PIL",
    "hypothesis",
    "IPython",
    "rich",
    "pynput",
)
RELAY_ONLY: Final = ("relay_server", "sqlalchemy", "alembic", "argon2", "prometheus_client", "uvloop")
WINDOWS_ONLY: Final = ("PySide6", "shiboken6", "qasync", "keyring", "shared.ui")
MEDIA: Final = (
    "aiortc",
    "aioice",
    "av",
    "numpy",
    "mss",
    "pynput",
    "Xlib",
    "shared.media",
    "shared.control",
    "shared.session",
)

X_LIBRARIES: Final = (
    *("libx11-6", "libxcomposite1", "libxext6", "libxdamage1", "libxfixes3", "libxi6", "libxrandr2", "libxtst6"),
    # Qt loads these by name, so no file of the package says that it needs them.
    *("libxcb-cursor0", "libxcb-icccm4", "libxcb-image0", "libxcb-keysyms1", "libxcb-render-util0", "libxcb-util1"),
    *("libxcb-xkb1", "libxkbcommon-x11-0", "libegl1", "libgl1", "libdbus-1-3"),
)


@dataclass(frozen=True, slots=True)
class Product:
    """One package. `package` is its name, its program's name and its folder below /usr/lib."""

    package: str
    module: str
    title: str
    summary: str
    description: str
    section: str
    depends: tuple[str, ...]
    recommends: tuple[str, ...]
    left_out: tuple[str, ...]
    hidden_imports: tuple[str, ...]
    session_role: str = ""
    """What its session process is told to be; empty for a program without windows."""

    @property
    def has_windows(self) -> bool:
        return bool(self.session_role)

    @property
    def bundles_gpl(self) -> bool:
        """PyAV's wheels carry FFmpeg with x264."""
        return "av" not in self.left_out


RELAY: Final = Product(
    package="threeline-relay",
    module="relay_server",
    title="Threeline relay",
    summary="relay of Threeline remote support: sign-in, queue, chat, tickets",
    description="Routes requests for help to people who can help, keeps conversations and tickets, and carries the\n"
    "signalling of consented screen sharing. It never sees a screen and holds no key to one.",
    section="net",
    depends=("passwd", "ca-certificates"),
    recommends=(),
    left_out=(*NOT_SHIPPED, *WINDOWS_ONLY, *MEDIA, "customer_client", "agent_app"),
    hidden_imports=("sqlalchemy.dialects.sqlite", "logging.config"),
)
CLIENT: Final = Product(
    package="threeline-client",
    module="customer_client",
    title="Threeline",
    summary="ask for help and show your screen, on your own terms",
    description="The customer's program of Threeline remote support: search, chat, follow a request, and let an\n"
    "engineer see or control the screen only as far and as long as the person at it allows.\n"
    "Whom to ask is read from /etc/threeline/client.json: the profile that the support desk hands out.",
    section="net",
    depends=X_LIBRARIES,
    recommends=("gnome-keyring | kwalletmanager", "fonts-noto-cjk", "libportaudio2", "libspeexdsp1"),
    left_out=(*NOT_SHIPPED, *RELAY_ONLY, "agent_app"),
    hidden_imports=("keyring.backends.SecretService", "keyring.backends.kwallet", "keyring.backends.chainer"),
    session_role="customer",
)
AGENT: Final = Product(
    package="threeline-agent",
    module="agent_app",
    title="Threeline for agents",
    summary="answer requests for help, chat, and work on a customer's screen with consent",
    description="The engineer's program of Threeline remote support: inbox, offers, conversations, tickets and the\n"
    "remote view of a screen whose owner allows it.",
    section="net",
    depends=X_LIBRARIES,
    recommends=("gnome-keyring | kwalletmanager", "fonts-noto-cjk", "libportaudio2", "libspeexdsp1"),
    left_out=(*NOT_SHIPPED, *RELAY_ONLY, "customer_client"),
    hidden_imports=CLIENT.hidden_imports,
    session_role="agent",
)
PRODUCTS: Final = {"relay": RELAY, "client": CLIENT, "agent": AGENT}
