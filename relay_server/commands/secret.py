"""One secret takes over from another, step by step, while the relay serves; every step is in the audit."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from relay_server.app import Adapters
from relay_server.commands.store import CommandRefused, opened, settled
from relay_server.engine import audit
from relay_server.engine.journal import Transaction
from relay_server.identity import shared_secrets as kept
from relay_server.identity.passes import PASS_MS
from relay_server.settings import Settings

Which = Literal["pass", "turn"]
Step = Literal["add", "use", "drop"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a secret is kept, and how long what was made with it is good."""

    path: Path
    good_for_s: int


def place_of(settings: Settings, which: Which) -> Place:
    """Raises CommandRefused for a secret that is a setting: those are changed in the settings."""
    if which == "pass":
        return Place(settings.pass_key_file, PASS_MS // 1000)
    if settings.turn_secret:
        raise CommandRefused("secret_is_setting", name="turn_secret")
    return Place(settings.turn_secret_file, settings.turn_ttl_s)


def names(settings: Settings, which: Which) -> list[str]:
    """What the secrets are called, the one in use first. Raises CommandRefused."""
    return [kept.name_of(each) for each in kept.read(place_of(settings, which).path)]


async def carry_out(settings: Settings, adapters: Adapters, which: Which, step: Step, *, now: bool) -> str:
    """The name of the secret that came, took over or went. `now`: drop the old one although what was made with it
    would still be good. Raises CommandRefused; the file is only written once the audit row is."""
    place = place_of(settings, which)
    after, name = _after(place, which, step, now=now)

    def work(tx: Transaction) -> None:
        audit.record(tx, "cli", f"secret_{step}", which, name)

    async with opened(settings, adapters) as journal:
        settled(await journal.write(work))
    kept.write(place.path, after)
    return name


def _after(place: Place, which: Which, step: Step, *, now: bool) -> tuple[list[str], str]:
    """What the file holds next, and whom the step is about."""
    found = list(kept.read(place.path))
    if step == "add":
        if len(found) >= kept.AT_ONCE:
            raise CommandRefused("secret_two", path=str(place.path))
        made = kept.MAKERS[which]()
        return [*found, made], kept.name_of(made)
    if len(found) < kept.AT_ONCE:
        raise CommandRefused("secret_alone", path=str(place.path))
    if step == "use":
        return found[::-1], kept.name_of(found[1])
    left_s = place.path.stat().st_mtime + place.good_for_s - time.time()
    if left_s > 0 and not now:
        raise CommandRefused("secret_young", minutes=int(left_s // 60) + 1)
    return found[:1], kept.name_of(found[1])
