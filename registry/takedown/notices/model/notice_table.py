"""The table of a campaign's notices, one row each, for spreadsheets and for programs. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, get_args
from zoneinfo import ZoneInfo

import orjson

from registry.core.documents.safe_tables import Value

Format = Literal["csv", "xlsx", "jsonl", "lumen"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
TIMES: Final = (
    "since",
    "prepared_at",
    "handed_over_at",
    "delivered_at",
    "acknowledged_at",
    "due_at",
    "breached_at",
    "removed_at",
)
COLUMNS: Final = (
    *("notice_id", "campaign_id", "entry_id", "platform", "url", "content_id", "regime", "state"),
    *("paused_for", "since", "reason", "reason_words", "prepared_at", "handed_over_at", "hand_over_proof"),
    *(
        "delivered_at",
        "receipt",
        "reference",
        "acknowledged_at",
        "due_at",
        "breach",
        "breached_at",
        "removed_at",
    ),
    *("statement_outcome", "statement_ground", "statement_automated"),
    *("dsa_category", "dsa_keywords", "dsa_content_types", "time_zone"),
)
"""The columns of the table.

- `since`, `reason`, `reason_words`: of the last move. `state`: a `notice.Stand`.
- `prepared_at`: when the last letter was fixed.
- `handed_over_at`, `delivered_at`, `reference`: of that letter.
- `hand_over_proof`, `receipt`: SHA-256 of the proof, if a person supplied one.
- `breach`: `breach` if a statutory term passed without an answer, `overdue` if no law sets the term.
- `statement_…`: of the last statement of reasons.
- Times are in `time_zone`.
"""


def row(said: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """Return a row with all columns; missing values are None. Times are converted to the zone."""
    found = {name: said.get(name) for name in COLUMNS} | {"time_zone": zone.key}
    for name in TIMES:
        at = found[name]
        found[name] = at.astimezone(zone) if isinstance(at, datetime) else None
    return found


def cells(item: Mapping[str, Any], *, local: bool = False) -> Sequence[Value]:
    """Return the cells of a row for a table. Lists are joined by spaces.

    `local`: drop the UTC offset from times, because cells of a workbook cannot hold one.
    """
    return [_cell(item[name], local=local) for name in COLUMNS]


def _cell(value: Any, *, local: bool) -> Value:
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    if isinstance(value, datetime):
        return value.replace(tzinfo=None) if local else value
    return None if value is None else str(value)


def lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield rows as JSON lines."""
    for item in rows:
        yield orjson.dumps(item, option=orjson.OPT_APPEND_NEWLINE)
