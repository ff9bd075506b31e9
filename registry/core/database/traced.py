"""A cursor that opens a tracing span for each statement."""

from __future__ import annotations

from typing import Any, Final, Self, override

import psycopg

from registry.core import tracing

LONGEST: Final = 2000
"""Longest statement text in a span, in characters."""


class TracedCursor(psycopg.Cursor[Any]):
    """psycopg's cursor with a span around `execute` and `executemany`. Spans never contain parameter
    values."""

    @override
    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        with _span(query):
            return super().execute(query, params, **options)

    @override
    def executemany(self, query: Any, params_seq: Any, *, returning: bool = False) -> None:
        with _span(query):
            super().executemany(query, params_seq, returning=returning)


def _span(query: Any) -> Any:
    text = query.decode() if isinstance(query, bytes) else str(query)
    attributes = {"db.system.name": "postgresql", "db.query.text": text[:LONGEST]}
    verb = next(iter(text.split(maxsplit=1)), "")
    return tracing.span(f"sql {verb}", kind="client", attributes=attributes)
