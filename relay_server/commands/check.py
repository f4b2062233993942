"""Looks whether a relay's data is whole: settings, certificates, schema, store, audit chain, folds, private files."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy import text as statement

from relay_server.app import Adapters
from relay_server.commands.store import ready
from relay_server.engine import audit, migrate
from relay_server.gateway import certificates, tls
from relay_server.settings import Settings
from shared.common.errors import ConfigError
from shared.strings import text as words


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `problem` is empty when all is well."""

    what: str
    problem: str = ""


async def run(settings: Settings, adapters: Adapters, now: dt.datetime) -> list[Finding]:
    """Reads only. Raises CommandRefused when there is nothing to check."""
    store = await ready(settings, adapters)
    findings = [Finding(words("relay.check_settings")), _certificate(settings, now), _private(settings)]
    findings.append(Finding(words("relay.check_integrity"), "; ".join(await store.faults())))
    looks: tuple[Callable[[Connection], Finding], ...] = (_schema, _audit, _folds)
    return findings + [await store.look(look) for look in looks]


def _certificate(settings: Settings, now: dt.datetime) -> Finding:
    name = words("relay.check_certificate_name")
    try:
        until = certificates.valid_until(settings.server_certificate)
        tls.context(settings.server_certificate, settings.server_key, settings.tls_minimum)
    except ConfigError as error:
        return Finding(name, str(error))
    day = until.date().isoformat()
    if until - now < tls.SOON:
        return Finding(name, words("relay.check_certificate_ends", until=day))
    return Finding(words("relay.check_certificate", until=day))


def _private(settings: Settings) -> Finding:
    secret = (
        settings.store_file,
        settings.server_key,
        settings.tls_dir / "ca.key",
        settings.pass_key_file,
        settings.turn_secret_file,
        settings.sealing_key_file,
        settings.organisation_key_file,
        settings.sample_passphrase_file,
    )
    open_ones = [str(path) for path in secret if _others_may_read(path)]
    problem = words("relay.check_readable", path=", ".join(open_ones)) if open_ones else ""
    return Finding(words("relay.check_private"), problem)


def _others_may_read(path: Path) -> bool:
    return path.is_file() and bool(path.stat().st_mode & 0o077)


def _schema(sql: Connection) -> Finding:
    found, wanted = migrate.revision_of(sql) or "-", migrate.NEWEST
    if found != wanted:
        problem = words("relay.check_schema_old", found=found, wanted=wanted)
        return Finding(words("relay.check_schema_name"), problem)
    return Finding(words("relay.check_schema", revision=found))


def _audit(sql: Connection) -> Finding:
    held = audit.verify(sql)
    if isinstance(held, audit.Broken):
        problem = words("relay.check_audit_broken", row=held.row_id)
        return Finding(words("relay.check_audit_name"), problem)
    return Finding(words("relay.check_audit", count=held))


def _folds(sql: Connection) -> Finding:
    failed = sql.execute(statement("SELECT error FROM fold_failures ORDER BY id")).scalars().all()
    problem = words("relay.check_folds_failed", count=len(failed), error=str(failed[-1])) if failed else ""
    return Finding(words("relay.check_folds"), problem)
