"""A cursor that makes a span of each statement."""

from __future__ import annotations

from typing import Any, Final, Self, override

import psycopg

from registry.core import tracing

LONGEST: Final = 2000
"""Characters of a statement that a span shows."""


class TracedCursor(psycopg.Cursor[Any]):
    """psycopg's, with a span around `execute` and `executemany`. Values are never in it."""

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
