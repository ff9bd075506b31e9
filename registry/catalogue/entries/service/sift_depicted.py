"""Sift a list for the entries that say that they depict somebody: they are kept sealed, read one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from registry.catalogue.entries.service.describe_entry import depicting
from registry.core.database.pool import Connection
from registry.core.service import Service

READ_AT_ONCE: Final = 200
MOST_READ: Final = 2_000
"""Entries whose people are read for one page of those that depict somebody; the next page goes on."""

Row = dict[str, Any]
Read = Callable[[Row | None, int], Sequence[Row]]
"""The rows after one (None: from where the page begins), so many at most. Each has an `entry_id`."""


def sift_depicted(
    service: Service,
    connection: Connection,
    wanted: str,
    read: Read,
    *,
    is_own: Callable[[Row], bool],
    limit: int,
) -> tuple[list[Row], Row | None]:
    """The rows whose entries depict somebody who is meant, and the row after which the next page begins; None
    where there is none. A page may be short, or empty, and have a next. `is_own`: whether the entry is the
    reader's, all of whose names count. Raises `Unavailable` (`keys_unavailable`)."""
    kept: list[Row] = []
    last: Row | None = None
    for _ in range(0, MOST_READ, READ_AT_ONCE):
        rows = read(last, READ_AT_ONCE)
        meant = depicting(service, connection, {row["entry_id"]: is_own(row) for row in rows}, wanted)
        for last in rows:
            if last["entry_id"] in meant:
                kept.append(last)
                if len(kept) == limit:
                    return kept, last
        if len(rows) < READ_AT_ONCE:
            return kept, None
    return kept, last
