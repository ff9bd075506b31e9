"""Take some lines of a hash list in: the rows and how far the list has come, in one commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from registry.catalogue.entries.service.record_statuses import record_statuses
from registry.catalogue.entries.store import entries
from registry.core.audit.service.record_event import record_event
from registry.core.database.pool import Connection
from registry.core.errors import Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.lists.model.list_lines import Line, Manner, Place, Reader
from registry.sharing.lists.model.listed import Fault, Row
from registry.sharing.lists.model.listing import Plan, Planner
from registry.sharing.lists.service.show_import import shape, unknown_import
from registry.sharing.lists.store import imports, listings
from registry.sharing.lists.store.listings import Origin

BATCH_ROWS: Final = 2_000
"""Lines of one commit at most: others that write to the bank wait for it, half a second."""
BATCH_BYTES: Final = 4 << 20
"""And their bytes, about."""
MOST_FAULTS: Final = 1_000_000
"""Lines of one list of which it is kept what was wrong; more are counted."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Lines, read: rows and faults, from the place where they begin to the place where they end."""

    begin: Place
    end: Place
    manner: Manner
    found: tuple[Row | Fault, ...]


def place_and_manner(service: Service, caller: Caller, import_id: UUID) -> tuple[Place, Manner]:
    """Where a list goes on, and how its lines are read. Raises `NotFound` (`unknown_import`)."""
    with service.pool.transaction() as connection:
        row = imports.show(connection, caller.organization_id, import_id)
    if row is None:
        raise unknown_import()
    return Place(row["bytes"], row["line"], row["crc32"]), Manner(
        row["format"], row["assumed"], row["header"]
    )


def read_lines(lines: Sequence[Line], manner: Manner, begin: Place, end: Place) -> Taken:
    """What lines say; no database is asked, so that the next ones may be read while these are kept."""
    reader = Reader(manner)
    found = tuple(reader.read(lines))
    return Taken(begin, end, reader.manner, found)


def take_rows(
    service: Service, caller: Caller, import_id: UUID, taken: Taken, *, last: bool = False
) -> dict[str, Any]:
    """The import as it stands afterwards. `last`: nothing follows. Needs `register`.

    Rows become entries at tier `unreviewed`, `unverified`. Those that the bank has are kept once. Raises
    `NotFound` (`unknown_import`), `Conflict`: `import_moved` where the list does not stand where these lines
    begin, `import_finished`, `bank_full`, `bank_closed`.
    """
    caller.require("register")
    with service.pool.transaction() as connection:
        row = imports.show(connection, caller.organization_id, import_id, lock=True)
        if row is None:
            raise unknown_import()
        _require_here(row, taken.begin)
        faults = [one for one in taken.found if isinstance(one, Fault)]
        rows = [one for one in taken.found if isinstance(one, Row)]
        plan, statuses = _keep(connection, Origin(row["bank_id"], caller.caller_id, import_id), rows)
        record_statuses(
            connection,
            caller,
            statuses,
            organization_id=caller.organization_id,
            subject={"import_id": import_id},
        )
        faults += plan.faults
        room = MOST_FAULTS - row["rejected"] - row["conflicts"]
        imports.add_faults(connection, import_id, sorted(faults, key=lambda one: one.line)[: max(0, room)])
        imports.advance(
            connection,
            import_id,
            taken.end,
            taken.manner,
            read=len(taken.found),
            added=len(plan.entries),
            duplicates=plan.duplicates,
            conflicts=plan.conflicts,
            rejected=len(taken.found) - len(rows),
        )
        if last:
            _finish(connection, caller, import_id)
        after = imports.show(connection, caller.organization_id, import_id)
    assert after is not None  # noqa: S101 - it is locked
    return shape(after)


def _require_here(row: dict[str, Any], begin: Place) -> None:
    if row["state"] == "finished":
        raise Conflict(
            "This import is finished.",
            code="import_finished",
            next_step="Begin another: rows that the bank has already are kept once.",
        )
    if (row["bytes"], row["crc32"]) != (begin.bytes, begin.crc32):
        raise import_moved(row["bytes"], f"{row['crc32']:08x}")


def import_moved(bytes_: int, crc32: str) -> Conflict:
    """The error for lines that do not continue a list where it stands."""
    return Conflict(
        f"This import stands at byte {bytes_}, CRC-32 {crc32}.",
        code="import_moved",
        next_step="Continue there, with the same list; or begin another import.",
        extra={"bytes": bytes_, "crc32": crc32},
    )


def _keep(connection: Connection, origin: Origin, rows: Sequence[Row]) -> tuple[Plan, Mapping[UUID, str]]:
    """What was planned and done, and which entries have another status now."""
    if not rows:
        return Plan(), {}
    entries.lock_bank(connection, origin.bank_id)
    known = listings.known(connection, origin.bank_id, (item for row in rows for item in row.items))
    plan = Planner(known).add(rows)
    require_room(connection, origin.bank_id, len(plan.entries))
    return plan, listings.write(connection, origin, plan)


def require_room(connection: Connection, bank_id: UUID, entries_: int) -> None:
    """Raises `Conflict` (`bank_closed`, `bank_full`) where the bank does not take so many more entries."""
    open_, room = listings.room(connection, bank_id)
    if not open_:
        raise Conflict("The bank is closed.", code="bank_closed")
    if room is not None and entries_ > room:
        raise Conflict(
            f"The bank holds as many entries as it may: {room} more.",
            code="bank_full",
            next_step="Raise its quota, then resume.",
        )


def _finish(connection: Connection, caller: Caller, import_id: UUID) -> None:
    imports.finish(connection, import_id)
    row = imports.show(connection, caller.organization_id, import_id)
    assert row is not None  # noqa: S101 - it is locked
    names = ("bytes", "line", "crc32", "read", "added", "duplicates", "conflicts", "rejected")
    record_event(
        connection,
        caller,
        "import.finished",
        subject={"import_id": import_id, "bank_id": row["bank_id"]},
        said={name: row[name] for name in names},
    )
