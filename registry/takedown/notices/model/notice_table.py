"""The table of a campaign's notices, one row each, for spreadsheets and for programs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final, Literal, get_args
from zoneinfo import ZoneInfo

import orjson

from registry.core.documents.safe_tables import Value
from registry.takedown.notices.model.notice import Pause

Format = Literal["csv", "xlsx", "jsonl", "lumen"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)


@dataclass(frozen=True, slots=True, repr=False)
class TableRow:
    """A row of the table.

    - `since`, `reason`, `reason_words`: of the last move. `state`: a `notice.Stand`.
    - `prepared_at`: when the last letter was fixed.
    - `handed_over_at`, `delivered_at`, `reference`: of that letter.
    - `hand_over_proof`, `receipt`: SHA-256 of the proof, if a person supplied one.
    - `breach`: `breach` if a statutory term passed without an answer, `overdue` if no law sets the term.
    - `statement_…`: of the last statement of reasons.
    - Times are in `time_zone`.
    """

    notice_id: str
    campaign_id: str
    entry_id: str
    platform: str
    url: str | None
    content_id: str | None
    regime: str
    state: str
    paused_for: list[Pause]
    since: datetime | None
    reason: str
    reason_words: str | None
    prepared_at: datetime | None
    handed_over_at: datetime | None
    hand_over_proof: str | None
    delivered_at: datetime | None
    receipt: str | None
    reference: str | None
    acknowledged_at: datetime | None
    due_at: datetime | None
    breach: str | None
    breached_at: datetime | None
    removed_at: datetime | None
    statement_outcome: str | None
    statement_ground: str | None
    statement_automated: str | None
    dsa_category: str
    dsa_keywords: list[str]
    dsa_content_types: list[str]
    time_zone: str


COLUMNS: Final = tuple(column.name for column in fields(TableRow))


def in_zone(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    """Return a time in the zone of the table."""
    return moment.astimezone(zone) if moment else None


def cells(row: TableRow, *, local: bool = False) -> Sequence[Value]:
    """Return the cells of a row. Lists are joined by spaces.

    `local`: drop the UTC offset from times, because cells of a workbook cannot hold one.
    """
    return [_cell(getattr(row, name), local=local) for name in COLUMNS]


def _cell(value: object, *, local: bool) -> Value:
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    if isinstance(value, datetime):
        return value.replace(tzinfo=None) if local else value
    return None if value is None else str(value)


def lines(rows: Iterable[TableRow]) -> Iterator[bytes]:
    """Yield rows as JSON lines."""
    for row in rows:
        yield orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
