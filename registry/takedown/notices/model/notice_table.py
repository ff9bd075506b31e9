"""How a campaign's notices stand, one a row, for people's spreadsheets and for programs. Pure."""

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
"""`since`, `reason`, `reason_words`: of its last move. `state`: a `notice.Stand`. `prepared_at`: when its
last letter was fixed; `handed_over_at`, `delivered_at`, `reference`: of that letter; `hand_over_proof`,
`receipt`: SHA-256 of what bears them out, where a person gave it. `breach`: `breach` where a law's term was
over without an answer, `overdue` where no law sets it. Of several statements of reasons the last. Times are
in `time_zone`."""


def row(said: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """A row by its columns; what is not said is None. Times get the zone."""
    found = {name: said.get(name) for name in COLUMNS} | {"time_zone": zone.key}
    for name in TIMES:
        at = found[name]
        found[name] = at.astimezone(zone) if isinstance(at, datetime) else None
    return found


def cells(item: Mapping[str, Any], *, local: bool = False) -> Sequence[Value]:
    """A row for a table: lists are joined by spaces. `local`: times without their offset, as a cell of a
    workbook has them."""
    return [_cell(item[name], local=local) for name in COLUMNS]


def _cell(value: Any, *, local: bool) -> Value:
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    if isinstance(value, datetime):
        return value.replace(tzinfo=None) if local else value
    return None if value is None else str(value)


def lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[bytes]:
    """Rows as JSON lines."""
    for item in rows:
        yield orjson.dumps(item, option=orjson.OPT_APPEND_NEWLINE)
