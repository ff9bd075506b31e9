"""Export a bank as a hash list."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from registry.catalogue import banks
from registry.catalogue.banks.model import policy
from registry.catalogue.banks.service.banks import own_bank
from registry.core.audit.service import record_event
from registry.core.errors import BadCursor
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.lists.model.export_lines import ExportFormat
from registry.sharing.lists.store import exports
from registry.sharing.publishing.model.export_writers import Bundle, Lines, Writer
from registry.sharing.publishing.model.threat_bundle import About

FORMATS: Final[Mapping[ExportFormat, str]] = {
    "jsonl": "application/x-ndjson",
    "csv": "text/csv",
    "threatexchange": "application/x-ndjson",
    "text": "text/plain; charset=utf-8",
    "stix": "application/stix+json",
    "misp": "application/json",
}
"""Export formats, each with its media type."""
PAGE: Final = 200
"""Entries that are read in one transaction and held in memory."""


def export_bank(
    service: Service,
    caller: Caller,
    bank: str,
    *,
    format_: ExportFormat = "jsonl",
    after: UUID | None = None,
    unreviewed: bool = False,
) -> Generator[bytes]:
    """Yield the list in pieces of whole lines, in the order in which entries were created.

    `after`: continue after this entry. `unreviewed`: include unreviewed entries in a bundle (`stix`, `misp`).

    Needs `review` or `admin` in the bank's organization. Only reviewers receive intake cases. The export is
    recorded, even if it is interrupted. Raises `NotFound` (`unknown_bank`), `Forbidden` (`foreign_bank`),
    `BadInput` (`bad_cursor`).
    """
    caller.require_any("review", "admin")
    with service.pool.transaction() as connection:
        home = own_bank(connection, caller, bank)
        row = banks.get_bank(connection, caller.organization_id, home.bank_id)
        begin = exports.place(connection, home.bank_id, after) if after else None
    if after is not None and begin is None:
        raise BadCursor("The bank has no entry of that id to go on after.")
    place = (begin, after) if after is not None and begin is not None else None
    if format_ in {"stix", "misp"}:
        shares = policy(row["policy"]).share_claims
        now = datetime.now(UTC)
        about = About(caller.organization_id, row["organization"], home.bank_id, home.name, shares, now)
        writer: Writer = Bundle(format_, about, unreviewed=unreviewed)
    else:
        writer = Lines(format_)
    return _pages(service, caller, home.bank_id, writer, place)


def _pages(
    service: Service,
    caller: Caller,
    bank_id: UUID,
    writer: Writer,
    place: tuple[datetime, UUID] | None,
) -> Generator[bytes]:
    said: dict[str, Any] = {
        "format": writer.format,
        "entries": 0,
        "resumed": place is not None,
        "whole": False,
    }
    try:
        if place is None and (head := writer.head()):
            yield head
        while True:
            with service.pool.transaction() as connection:
                found, last = exports.page(
                    connection, bank_id, cases=caller.sees_cases, after=place, limit=PAGE
                )
            if not found or last is None:
                break
            place = (last, found[-1].entry_id)
            said["entries"] += len(found)
            if piece := b"".join(line for entry in found for line in writer.lines(entry)):
                yield piece
        if tail := writer.tail():
            yield tail
        said["whole"] = True
    finally:
        with service.pool.transaction() as connection:
            record_event(connection, caller, "export.finished", subject={"bank_id": bank_id}, said=said)
