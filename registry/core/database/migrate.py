"""Forward-only migrations under an advisory lock."""

from __future__ import annotations

import contextlib
import hashlib
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict

import registry
from registry.core.database import sql
from registry.core.database.pool import NEXT_STEP
from registry.core.errors import BadSetting
from registry.core.errors.database import (
    DatabaseBusy,
    DatabaseRole,
    DatabaseUnavailable,
    DatabaseVersion,
    SchemaDiverged,
)

_SQL = sql.load(__name__)
LOCK: Final = 0x66616B65  # "fake"
LOCK_INTERVAL: Final = 0.25
"""Seconds between two attempts to get the lock."""
TRIES: Final = 4
"""Attempts of a step that is blocked by a lock or ends in a deadlock."""
_STEP: Final = re.compile(r"^-- step: .+\n", re.MULTILINE)
_INCLUDED: Final = re.compile(r"^\\ir (\S+)$", re.MULTILINE)
_COMMENT: Final = re.compile(r"--[^\n]*")
_BESIDE: Final = re.compile(
    r"\s*CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+IF\s+NOT\s+EXISTS\s+(?P<index>\w+)\s+ON\s[^;]+;\s*"
)


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of `schema/migrations`: its name and its text, with included files expanded."""

    name: str
    text: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def steps(self) -> list[str]:
        """The steps, split at lines `-- step: why`; each is committed on its own. All but the last must be
        repeatable."""
        return _STEP.split(self.text)


def built_beside(step: str) -> str | None:
    """Return the name of the index that a step builds concurrently, or None for other steps. Such a step is a
    single `CREATE INDEX CONCURRENTLY IF NOT EXISTS`, because that statement cannot run in a transaction."""
    match = _BESIDE.fullmatch(_COMMENT.sub("", step))
    return match["index"] if match else None


def schema_folder() -> Path:
    """Return the folder `schema/`: inside the installed package, or beside it in a checkout."""
    home = Path(str(files(registry)))
    packaged = home / "schema"
    return packaged if packaged.is_dir() else home.parent / "schema"


def migrations() -> list[Migration]:
    """Return all migrations in order. The first is the baseline and includes the file of each room."""
    paths = sorted((schema_folder() / "migrations").glob("[0-9][0-9][0-9][0-9]_*.sql"))
    return [Migration(path.stem, _with_included(path)) for path in paths]


def _with_included(path: Path) -> str:
    """Return a file's text with each line `\\ir FILE` replaced by that file, as psql does."""
    text = path.read_text(encoding="utf-8")
    return _INCLUDED.sub(lambda line: (path.parent / line[1]).read_text(encoding="utf-8"), text)


def migrate(database_url: str) -> list[str]:
    """Apply missing migrations, each step in its own transaction, and return the names applied.

    Concurrent calls take turns (advisory lock). A statement that waits more than 5 s for a lock, or runs more
    than 10 minutes, fails and is rolled back. This keeps lookups from being blocked. A step that fails on a
    lock or a deadlock is retried some seconds later, `TRIES` times in all.

    An index that is built concurrently (`built_beside`) blocks nobody. It waits up to 10 minutes for each
    transaction that began before it. Remains of an interrupted build are dropped first.

    Raises `BadInput` (code `bad_setting`) if the address is invalid. Raises `Conflict` (code
    `schema_diverged`) if an applied migration has another text now or is unknown to this version. Raises
    `Unavailable` if the database or pgvector is missing, if the database is read-only, if locks are not
    released (`database_busy`), or if the role lacks the rights (`database_role`).
    """
    _require_address(database_url)
    try:
        with psycopg.connect(database_url, autocommit=True, connect_timeout=10) as connection:
            _require_versions(connection)
            connection.execute(_SQL["patience"])
            with contextlib.suppress(psycopg.DataError):  # not every system allows this check
                connection.execute(_SQL["linked"])
            with migration_lock(connection):
                return _apply(connection)
    except psycopg.errors.ReadOnlySqlTransaction as error:
        raise DatabaseUnavailable(next_step="Migrate the primary.") from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise DatabaseRole(
            f"The database role lacks a permission: {str(error).strip().splitlines()[0]}.",
            next_step="Connect as the owner of the tables. A superuser creates the extension first: "
            "CREATE EXTENSION vector.",
        ) from error
    except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected) as error:
        raise DatabaseBusy(
            f"Other sessions hold locks on the tables: {str(error).strip().splitlines()[0]}.",
            next_step="Run it again: it continues where it stopped. pg_stat_activity shows long "
            "transactions.",
        ) from error
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(
            f"The database cannot be migrated: {str(error).strip().splitlines()[0]}", next_step=NEXT_STEP
        ) from error


@contextmanager
def migration_lock(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Hold the migration lock. Waiting processes poll for it: a single blocking statement would hold a
    snapshot, and a concurrent index build waits for the end of all snapshots."""
    cursor = connection.cursor(row_factory=psycopg.rows.tuple_row)
    while cursor.execute(_SQL["lock"], {"lock": LOCK}).fetchone() != (True,):
        time.sleep(LOCK_INTERVAL)
    try:
        yield
    finally:
        with contextlib.suppress(psycopg.Error):  # a session that has ended holds no lock
            connection.execute(_SQL["unlock"], {"lock": LOCK})


def pending(connection: psycopg.Connection[Any]) -> list[str]:
    """Names of migrations that this database lacks."""
    applied = _applied(connection)
    return [migration.name for migration in migrations() if migration.name not in applied]


def is_empty(database_url: str) -> bool:
    """Whether the database has no tables. Raises `Unavailable` (`database_unavailable`)."""
    _require_address(database_url)
    try:
        with psycopg.connect(database_url, connect_timeout=10) as connection:
            row = connection.execute(_SQL["empty"]).fetchone()
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable("The database cannot be reached.", next_step=NEXT_STEP) from error
    return bool(row and row[0])


def _applied(connection: psycopg.Connection[Any]) -> dict[str, str]:
    cursor = connection.cursor(row_factory=psycopg.rows.tuple_row)
    row = cursor.execute(_SQL["has_table"]).fetchone()
    if not row or not row[0]:
        return {}
    return dict(cursor.execute(_SQL["applied"]).fetchall())


def _apply(connection: psycopg.Connection[Any]) -> list[str]:
    connection.execute(_SQL["create_table"])
    applied = _applied(connection)
    current = migrations()
    for migration in current:
        if migration.name in applied and migration.digest != applied[migration.name]:
            raise SchemaDiverged(
                f"Migration {migration.name} was applied with another text.",
                next_step="Restore the file; a change of the schema is a new migration.",
            )
    if foreign := set(applied) - {migration.name for migration in current}:
        raise SchemaDiverged(
            f"The database has migrations that this version does not know ({', '.join(sorted(foreign))}).",
            next_step="Upgrade this installation. A database of a version before 0.1.0 cannot be upgraded: "
            "create a new one.",
        )
    missing = [migration for migration in current if migration.name not in applied]
    for migration in missing:
        *before, last = migration.steps
        for step in before:
            _run_with_retries(connection, step)
        _run_with_retries(connection, last, migration)
    return [migration.name for migration in missing]


def _run_with_retries(connection: psycopg.Connection[Any], step: str, ends: Migration | None = None) -> None:
    """Run a step, with retries while other transactions block it. They continue to work and take locks in
    their own order."""
    for pause in range(1, TRIES):
        try:
            return _run_step(connection, step, ends)
        except psycopg.errors.DeadlockDetected:
            pass
        except psycopg.errors.LockNotAvailable:
            if built_beside(step):  # it has already waited long
                raise
        time.sleep(pause)
    return _run_step(connection, step, ends)


def _run_step(connection: psycopg.Connection[Any], step: str, ends: Migration | None = None) -> None:
    """Run a step. After the last step of a migration (`ends`), record the migration as applied."""
    index = built_beside(step)
    if index:
        _build(connection, index, step)
    with connection.transaction():
        connection.execute(_SQL["limits"])
        if not index:
            connection.execute(step)
        if ends:
            connection.execute(_SQL["record"], {"name": ends.name, "sha256": ends.digest})


def _build(connection: psycopg.Connection[Any], index: str, step: str) -> None:
    """Build an index concurrently. First drop the remains of an interrupted build: no query uses them, but
    every write maintains them."""
    cursor = connection.cursor(row_factory=psycopg.rows.tuple_row)
    for (statement,) in cursor.execute(_SQL["unfinished"], {"index": index}).fetchall():
        connection.execute(statement.encode())
    connection.execute(step)


def _require_address(database_url: str) -> None:
    try:
        conninfo_to_dict(database_url)
    except psycopg.ProgrammingError:  # the message may hold the password
        raise BadSetting(
            "FAKEPRINT_DATABASE_URL is not a valid PostgreSQL address.",
            next_step="Write it as postgresql://ROLE:PASSWORD@HOST/DATABASE, special characters as %XX.",
        ) from None


def _require_versions(connection: psycopg.Connection[Any]) -> None:
    cursor = connection.cursor(row_factory=psycopg.rows.tuple_row)
    row = cursor.execute(_SQL["versions"]).fetchone()
    server, vector = row or (0, None)
    if server < 170000:
        raise DatabaseVersion(f"PostgreSQL {server // 10000} is too old; 17 or newer is needed.")
    if vector is None or tuple(map(int, vector.split(".")[:2])) < (0, 8):
        raise DatabaseVersion(
            f"pgvector 0.8 or newer is needed; the server offers {vector or 'none'}.",
            next_step="Install pgvector for this PostgreSQL (Debian: postgresql-17-pgvector).",
        )
