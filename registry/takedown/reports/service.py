"""Export a campaign's notices, and compute statistics."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from registry.catalogue import platforms
from registry.catalogue.platforms.model.platforms import Table
from registry.core.audit.service import record_event
from registry.core.crypto.keys import Key
from registry.core.documents import safe_tables
from registry.core.service import Service
from registry.core.weeks import WeekValue, last_weeks
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.operator import client_keys
from registry.takedown.campaigns import model as campaigns
from registry.takedown.campaigns import store as campaign_store
from registry.takedown.campaigns.service import access, texts
from registry.takedown.campaigns.service.access import SharedTexts
from registry.takedown.delivery.service.sending import LETTER
from registry.takedown.errors import BadZone, SheetTooLarge
from registry.takedown.notices.model import notice_table
from registry.takedown.notices.model.notice_table import Format, TableRow, in_zone
from registry.takedown.notices.model.texts import NoticeAddress
from registry.takedown.notices.service.creation import zone_of
from registry.takedown.regimes.model.classification import Classification, FakeMedia, classify
from registry.takedown.regimes.model.regime import Regime
from registry.takedown.reports import model as lumen
from registry.takedown.reports import store as report_store
from registry.takedown.reports.errors import WhichRecipient
from registry.takedown.reports.model import By
from registry.takedown.reports.schemas import FigureGroup, Figures
from registry.takedown.reports.store import ExportedNotice

MEDIA_TYPES: Final[Mapping[Format, str]] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/x-ndjson",
    "lumen": "application/x-ndjson",
}
PAGE: Final = 500
"""Number of notices that are read in one transaction and held in memory."""
MOST_IN_SHEET: Final = 100_000
MOST_COUNTED: Final = 50_000
"""Letters that are read for statistics by week."""


@dataclass(frozen=True, slots=True, repr=False)
class _Export:
    """A decrypted campaign. `key` None: its client was erased. `common`: data shared by all its notices."""

    service: Service
    campaign_id: UUID
    key: Key | None
    language: str
    common: SharedTexts
    regimes: Mapping[str, Regime]
    table: Table


def export_notices(
    service: Service,
    caller: Caller,
    campaign_id: UUID,
    *,
    format_: Format = "csv",
    zone: str = "UTC",
    recipient: str | None = None,
) -> Generator[bytes]:
    """Yield pieces of a table of a campaign's notices (`notice_table`), oldest first. Needs `takedown`.

    `zone`: the time zone of the table. Format `lumen`: notices that were handed over, one JSON body per line
    (`takedown.reports.model`); all that was not released to `recipient` is redacted. A workbook is one piece.
    The export is recorded in the audit log, even if the reader stops early.

    Raises `NotFound` (`unknown_campaign`), `BadInput` (`bad_zone`, `bad_receiver`, `which_recipient`),
    `TooLarge` (`sheet_too_large`), and for Lumen `Conflict` (`client_erased`).
    """
    caller.require("takedown")
    zone_ = zone_of(zone)
    name = campaigns.recipient(recipient) if recipient else None
    if name is not None and format_ != "lumen":
        raise WhichRecipient("Only an export in Lumen's format has a recipient.")
    with service.pool.transaction() as connection:
        row = access.find_campaign(connection, caller, campaign_id)
        released = campaign_store.released_fields(connection, campaign_id, name) if name else set()
    if format_ == "lumen":
        access.key_of(service, row.client_id)
    key = client_keys(service).find(row.client_id)
    about = _Export(
        service,
        campaign_id,
        key,
        row.language,
        access.shared(key, row),
        access.all_regimes(service),
        platforms.table(),
    )
    details = {
        "format": format_,
        "recipient": name,
        "released": sorted(released),
        "notices": 0,
        "whole": False,
    }
    return _recorded(caller, about, details, _pieces(about, format_, zone_, released, details))


def _recorded(
    caller: Caller, about: _Export, details: dict[str, Any], pieces: Iterator[bytes]
) -> Generator[bytes]:
    try:
        yield from pieces
        details["whole"] = True
    finally:
        with about.service.pool.transaction() as connection:
            subject = {"campaign_id": about.campaign_id}
            record_event(connection, caller, "campaign.exported", subject=subject, said=details)


def _pieces(
    about: _Export, format_: Format, zone: ZoneInfo, released: Collection[str], details: dict[str, Any]
) -> Iterator[bytes]:
    if format_ == "lumen":
        for page in _pages(about, details, written="texts" in released):
            yield b"".join(_lumen(about, notice, released) for notice in page)
    elif format_ == "jsonl":
        for page in _pages(about, details):
            yield b"".join(notice_table.lines(_row(about, notice, zone) for notice in page))
    elif format_ == "csv":
        yield from safe_tables.csv_lines([notice_table.COLUMNS])
        for page in _pages(about, details):
            rows = (notice_table.cells(_row(about, notice, zone)) for notice in page)
            yield b"".join(safe_tables.csv_lines(rows, mark=False))
    else:
        yield safe_tables.xlsx([("Notices", _sheet(about, zone, details))], datetime.now(UTC))


def _sheet(about: _Export, zone: ZoneInfo, details: dict[str, Any]) -> Iterator[Sequence[safe_tables.Value]]:
    yield notice_table.COLUMNS
    for page in _pages(about, details):
        if details["notices"] > MOST_IN_SHEET:
            raise SheetTooLarge(
                f"A sheet has at most {MOST_IN_SHEET} notices.", next_step="Export them as csv or jsonl."
            )
        for notice in page:
            yield notice_table.cells(_row(about, notice, zone), local=True)


def _pages(
    about: _Export, details: dict[str, Any], *, written: bool = False
) -> Iterator[list[ExportedNotice]]:
    after = None
    while True:
        with about.service.pool.transaction() as connection:
            rows = report_store.page(connection, about.campaign_id, after=after, limit=PAGE, written=written)
        if rows:
            details["notices"] += len(rows)
            yield rows
        if len(rows) < PAGE:
            return
        after = (rows[-1].created_at, rows[-1].notice_id)


def _classified(about: _Export, row: ExportedNotice) -> Classification:
    own = texts.ELEMENTS.decrypt(about.key, row.elements_sealed) or {}
    signatory = about.common.signatory
    elements = {
        **about.common.campaign.elements,
        **own,
        "capacity": signatory.capacity if signatory else None,
    }
    return classify(row.regime, FakeMedia(row.manipulation, row.kinds), row.answers, elements)


def _row(about: _Export, row: ExportedNotice, zone: ZoneInfo) -> TableRow:
    address = texts.ADDRESS.decrypt(about.key, row.place_sealed) or NoticeAddress()
    words = texts.WORDS.decrypt(about.key, row.words_sealed)
    filed = _classified(about, row)
    return TableRow(
        notice_id=str(row.notice_id),
        campaign_id=str(row.campaign_id),
        entry_id=str(row.entry_id),
        platform=row.platform,
        url=address.url,
        content_id=address.content_id,
        regime=row.regime,
        state=row.stands,
        paused_for=row.paused_for,
        since=in_zone(row.since, zone),
        reason=row.reason_code,
        reason_words=words.words if words else None,
        prepared_at=in_zone(row.sent_at, zone),
        handed_over_at=in_zone(row.handed_at, zone),
        hand_over_proof=row.proof_sha256.hex() if row.proof_sha256 else None,
        delivered_at=in_zone(row.delivered_at, zone),
        receipt=row.receipt_sha256.hex() if row.receipt_sha256 else None,
        reference=f"FP-{row.token}" if row.token else None,
        acknowledged_at=in_zone(row.acknowledged_at, zone),
        due_at=in_zone(row.due_at, zone),
        breach=row.breach,
        breached_at=in_zone(row.breached_at, zone),
        removed_at=in_zone(row.removed_at, zone),
        statement_outcome=row.outcome,
        statement_ground=row.statement_ground,
        statement_automated=row.automated_decision,
        dsa_category=filed.category,
        dsa_keywords=list(filed.keywords),
        dsa_content_types=list(filed.content_types),
        time_zone=zone.key,
    )


def _lumen(about: _Export, row: ExportedNotice, released: Collection[str]) -> bytes:
    if row.handed_at is None:  # not handed over yet: nothing to publish
        return b""
    address = texts.ADDRESS.decrypt(about.key, row.place_sealed) or NoticeAddress()
    client, signatory = about.common.client, about.common.signatory
    regime = about.regimes.get(row.regime)
    platform = about.table.platforms.get(row.platform)
    written = LETTER.decrypt(about.key, row.written_sealed) if "texts" in released else None
    contacts = {"email": signatory.email, "address_line_1": signatory.address} if signatory else {}
    source = lumen.Source(
        regime=row.regime,
        title=regime.title["en"] if regime else row.regime,
        laws=[source.law for source in regime.sources[:1]] if regime else [],
        jurisdiction=regime.jurisdiction if regime else "any",
        language=about.language,
        platform_name=platform.name if platform else None,
        host=row.platform,
        state=row.state,
        channel=row.channel,
        handed_at=row.handed_at,
        delivered_at=row.delivered_at,
        manipulation=row.manipulation,
        kinds=row.kinds,
        classified=_classified(about, row),
        url=address.url,
        names={
            "client": client.name if client else None,
            "depicted": client.depicted_name if client else None,
            "signatory": signatory.name if signatory else None,
        },
        contacts={name: value for name, value in contacts.items() if value},
        letter=written.plain if written else None,
        contested_at=row.contested_at,
    )
    return b"".join(
        orjson.dumps(notice, option=orjson.OPT_APPEND_NEWLINE) for notice in lumen.notices(source, released)
    )


_COUNTS: Final = (
    *("prepared_notices", "prepared", "handed_over", "delivered", "acknowledged"),
    *("removed", "refused", "closed", "open"),
    *("open_in_time", "judged", "late", "breaches", "overdue", "reopened", "counter_notices"),
    *("statements", "automated"),
)


def report_statistics(
    service: Service,
    caller: Caller,
    *,
    campaign_id: UUID | None = None,
    by: By = "total",
    zone: str = "UTC",
) -> Figures:
    """Return statistics of a campaign, or of all campaigns of the caller's organization. Needs `takedown`.

    The unit is the letter. A notice that was sent twice has two letters, and counts once in
    `prepared_notices`. `not_prepared` counts notices without a letter. Of the `prepared` letters, some were
    `handed_over`; of these, some are known to be `delivered`.

    `prepared` = `removed` + `refused` + `closed` + `open`: the result of each letter before the next letter
    of the same notice. Removed takes precedence over refused, and refused over closed. Weeks (ISO 8601) and
    months are those in which the letter was prepared, in `zone`.

    Hours to removal start at the hand-over and cover letters that were handed over and removed. `open`
    letters are in no median. The breach rate is `late` / `judged`. Late: the term was reported as passed
    before an answer came (`breaches` if a law sets it, and `overdue`). Judged: late, removed or refused. Open
    letters within their term are in neither. `automated_share`: the share of statements of reasons that
    declare a fully automated decision.

    Raises `NotFound` (`unknown_campaign`), `BadInput` (`bad_zone`).
    """
    caller.require("takedown")
    name = zone_of(zone).key
    with service.pool.transaction() as connection:
        if campaign_id is not None:
            access.find_campaign(connection, caller, campaign_id)
        if name != "UTC" and not report_store.knows_zone(connection, name):
            raise BadZone(f"The database does not know the time zone {name!r}.")
        rows = report_store.statistics(
            connection, caller.organization_id, campaign_id=campaign_id, by=by, zone=name
        )
    return Figures(campaign_id=campaign_id, by=by, time_zone=name, groups=[_group(row) for row in rows])


def weekly_outcomes(service: Service, caller: Caller, zone: tzinfo = UTC) -> list[WeekValue]:
    """Return the letters of the organization's last weeks by outcome: removed, refused, closed or open.

    Needs `takedown`.
    """
    caller.require("takedown")
    last = last_weeks(datetime.now(UTC), zone)
    with service.pool.transaction() as connection:
        return report_store.weeks(connection, caller.organization_id, last, limit=MOST_COUNTED)


def _group(row: Mapping[str, Any]) -> FigureGroup:
    counts = {name: int(row[name] or 0) for name in _COUNTS}
    return FigureGroup(
        name=row["name"],
        notices=counts["prepared_notices"] + int(row["not_prepared"]),
        not_prepared=int(row["not_prepared"]),
        **counts,
        median_hours_to_removal=_hours(row["median"]),
        p90_hours_to_removal=_hours(row["p90"]),
        breach_rate=_share(counts["late"], counts["judged"]),
        automated_share=_share(counts["automated"], counts["statements"]),
    )


def _hours(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / 3600, 2)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
