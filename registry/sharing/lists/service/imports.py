"""Import hash lists into a bank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, get_args
from uuid import UUID

from registry.catalogue import entries
from registry.catalogue.banks.errors import BankFull
from registry.catalogue.banks.service.banks import own_bank
from registry.catalogue.entries.service.status import record_statuses
from registry.core import cursor
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import Conflict, NotFound
from registry.core.labels import file_label
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.lists.errors import BadFormat, BankClosed, ImportFinished, ImportMoved, UnknownImport
from registry.sharing.lists.model import hash_rows
from registry.sharing.lists.model.list_lines import FORMATS, Dialect, Line, Position, Reader
from registry.sharing.lists.model.listed import Fault, HashType, Row
from registry.sharing.lists.model.listing import Plan, Planner
from registry.sharing.lists.schemas import Import, ImportFault, ImportPage
from registry.sharing.lists.store import imports, listings
from registry.sharing.lists.store.listings import Origin


def get_import(service: Service, caller: Caller, import_id: UUID) -> Import:
    """Return an import of the organization. Needs `register`. Raises `NotFound` (`unknown_import`)."""
    caller.require("register")
    with service.pool.transaction() as connection:
        return Import.model_validate(_find(connection, caller, import_id))


def _find(connection: Connection, caller: Caller, import_id: UUID, *, lock: bool = False) -> dict[str, Any]:
    row = imports.find(connection, caller.organization_id, import_id, lock=lock)
    if row is None:
        raise unknown_import()
    return row


def unknown_import() -> NotFound:
    """Return the error for an import that does not exist or belongs to another organization."""
    return UnknownImport("There is no import of that id in your organization.")


def begin_import(
    service: Service,
    caller: Caller,
    *,
    bank: str | None = None,
    name: str = "",
    format_: str = "auto",
    assumed: str | None = None,
) -> Import:
    """Create an import without rows; `store_rows` adds them. Needs `register`.

    `assumed`: the type of hashes that do not name their own. Raises `BadInput` (`bad_format`, `unknown_type`,
    `unsupported_type`), `NotFound` (`unknown_bank`), `Forbidden` (`foreign_bank`).
    """
    caller.require("register")
    if format_ not in FORMATS:
        raise BadFormat(
            f"{format_[:50]!r} is no format of lists.", next_step=f"Choose among {', '.join(FORMATS)}."
        )
    if assumed is not None and assumed not in get_args(HashType):
        assumed = hash_rows.hash_type(assumed)[0]
    dialect = Dialect(format_, assumed)
    with service.pool.transaction() as connection:
        home = own_bank(connection, caller, bank)
        import_id = imports.insert(connection, caller, home.bank_id, file_label(name), dialect)
        return Import.model_validate(_find(connection, caller, import_id))


BATCH_ROWS: Final = 2_000
"""Maximum lines of a commit. Other writers to the bank wait for a commit, about half a second."""
BATCH_BYTES: Final = 4 << 20
"""Approximate maximum bytes of a commit."""
MOST_FAULTS: Final = 1_000_000
"""Maximum faults stored for a list. Further faults are only counted."""


@dataclass(frozen=True, slots=True)
class ParsedLines:
    """Parsed lines: their rows and faults, and the positions where they begin and end."""

    begin: Position
    end: Position
    dialect: Dialect
    results: tuple[Row | Fault, ...]


def position_and_dialect(service: Service, caller: Caller, import_id: UUID) -> tuple[Position, Dialect]:
    """Return where an import continues, and how to read its lines. Raises `NotFound` (`unknown_import`)."""
    with service.pool.transaction() as connection:
        row = _find(connection, caller, import_id)
    dialect = Dialect(row["format"], row["assumed"], row["header"])
    return Position(row["bytes"], row["line"], row["crc32"]), dialect


def read_lines(lines: Sequence[Line], dialect: Dialect, begin: Position, end: Position) -> ParsedLines:
    """Parse lines. This needs no database, so it can run while the previous lines are being stored."""
    reader = Reader(dialect)
    results = tuple(reader.read(lines))
    return ParsedLines(begin, end, reader.dialect, results)


def store_rows(
    service: Service, caller: Caller, import_id: UUID, parsed: ParsedLines, *, last: bool = False
) -> Import:
    """Store parsed lines and return the import. `last`: no lines follow. Needs `register`.

    Rows become entries at tier `unreviewed`. Media that the bank already holds are not stored again. Raises
    `NotFound` (`unknown_import`), `Conflict`: `import_moved` if the import's position is not where these
    lines begin, `import_finished`, `bank_full`, `bank_closed`.
    """
    caller.require("register")
    with service.pool.transaction() as connection:
        row = _find(connection, caller, import_id, lock=True)
        _require_position(row, parsed.begin)
        faults = [result for result in parsed.results if isinstance(result, Fault)]
        rows = [result for result in parsed.results if isinstance(result, Row)]
        plan, statuses = _write(connection, Origin(row["bank_id"], caller.caller_id, import_id), rows)
        record_statuses(
            connection,
            caller,
            statuses,
            organization_id=caller.organization_id,
            subject={"import_id": import_id},
        )
        faults += plan.faults
        space = MOST_FAULTS - row["rejected"] - row["conflicts"]
        imports.add_faults(
            connection, import_id, sorted(faults, key=lambda fault: fault.line)[: max(0, space)]
        )
        imports.advance(
            connection,
            import_id,
            parsed.end,
            parsed.dialect,
            read=len(parsed.results),
            added=len(plan.entries),
            duplicates=plan.duplicates,
            conflicts=plan.conflicts,
            rejected=len(parsed.results) - len(rows),
        )
        if last:
            _finish(connection, caller, import_id)
        return Import.model_validate(_find(connection, caller, import_id))


def _require_position(row: dict[str, Any], begin: Position) -> None:
    if row["state"] == "finished":
        raise ImportFinished("This import is finished.")
    if (row["bytes"], row["crc32"]) != (begin.bytes, begin.crc32):
        raise import_moved(row["bytes"], f"{row['crc32']:08x}")


def import_moved(bytes_: int, crc32: str) -> Conflict:
    """Return the error for lines that do not begin at the import's position."""
    return ImportMoved(
        f"This import is at byte {bytes_}, CRC-32 {crc32}.", extra={"bytes": bytes_, "crc32": crc32}
    )


def _write(connection: Connection, origin: Origin, rows: Sequence[Row]) -> tuple[Plan, Mapping[UUID, str]]:
    """Plan and write the rows. Return the plan, and the new status of existing entries that changed."""
    if not rows:
        return Plan(), {}
    entries.lock_registrations(connection, origin.bank_id)
    held = listings.held_media(connection, origin.bank_id, rows)
    plan = Planner(held).add(rows)
    require_capacity(connection, origin.bank_id, len(plan.entries))
    return plan, listings.write(connection, origin, plan)


def require_capacity(connection: Connection, bank_id: UUID, new_entries: int) -> None:
    """Raise `Conflict` (`bank_closed`, `bank_full`) if the bank cannot hold `new_entries` more entries."""
    open_, room = listings.capacity(connection, bank_id)
    if not open_:
        raise BankClosed("The bank is closed.")
    if room is not None and new_entries > room:
        raise BankFull(
            f"The bank's quota leaves room for {room} more entries.",
            next_step="Raise its quota, then resume.",
        )


def _finish(connection: Connection, caller: Caller, import_id: UUID) -> None:
    imports.finish(connection, import_id)
    row = _find(connection, caller, import_id)
    names = ("bytes", "line", "crc32", "read", "added", "duplicates", "conflicts", "rejected")
    record_event(
        connection,
        caller,
        "import.finished",
        subject={"import_id": import_id, "bank_id": row["bank_id"]},
        said={name: row[name] for name in names},
    )


def list_imports(
    service: Service,
    caller: Caller,
    *,
    name: str | None = None,
    state: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> ImportPage:
    """List the organization's imports, newest first. `next` is the cursor of the next page. Needs `register`.

    Raises `BadInput` (`bad_cursor`).
    """
    caller.require("register")
    with service.pool.transaction() as connection:
        rows = imports.page(
            connection,
            caller.organization_id,
            name=name,
            state=state,
            after=_decode(after) if after else None,
            limit=limit + 1,
        )
    more = len(rows) > limit
    rows = rows[:limit]
    last = cursor.encode(rows[-1]["created_at"].isoformat(), rows[-1]["import_id"]) if more else None
    return ImportPage(imports=[Import.model_validate(row) for row in rows], next=last)


def _decode(text: str) -> tuple[datetime, UUID]:
    at, import_id = cursor.decode(text, words=2)
    try:
        return datetime.fromisoformat(at), UUID(import_id)
    except ValueError as error:
        raise cursor.refused() from error


def list_faults(
    service: Service, caller: Caller, import_id: UUID, *, after: int = 0, limit: int = 1000
) -> list[ImportFault]:
    """List faults after line `after`, in line order: line, code, message, next_step. Needs `register`.

    Raises `NotFound` (`unknown_import`).
    """
    caller.require("register")
    with service.pool.transaction() as connection:
        _find(connection, caller, import_id)
        rows = imports.faults(connection, import_id, after=after, limit=limit)
    return [ImportFault.model_validate(row) for row in rows]
