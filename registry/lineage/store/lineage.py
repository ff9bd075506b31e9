"""Lineage of an entry: alignments of its fakes with its originals, links, and who added what and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.lineage.model.related import Link
from registry.lineage.store.related import kept_span, seen_span

_SQL = sql.load(__name__)

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Pair:
    """A fake and an original of one entry."""

    fake_id: UUID
    original_id: UUID


def pairs(connection: Connection, entry_id: UUID, *, most: int) -> list[Pair]:
    """Return the entry's pairs that answer lookups. Empty if the entry does not answer."""
    rows = connection.execute(_SQL["pairs"], {"entry_id": entry_id, "most": most}).fetchall()
    return [Pair(**row) for row in rows]


def replace(connection: Connection, entry_id: UUID, pair: Pair, link: Link | None, *, model: str) -> None:
    """Store the alignment of a pair and replace the earlier one. `link`: its `one` is the fake."""
    pair_ids = {"entry_id": entry_id, "fake_id": pair.fake_id, "original_id": pair.original_id}
    if link is None:
        connection.execute(_SQL["drop"], pair_ids)
        return
    spans = Jsonb([kept_span(span) for span in link.spans])
    values = {"faces": link.faces, "score": link.score, "spans": spans, "model": model}
    connection.execute(_SQL["keep"], pair_ids | values)


def derivations(connection: Connection, entry_id: UUID) -> Rows:
    """Return the alignments of the entry's pairs. `spans` have the fake's seconds as the query's."""
    rows = connection.execute(_SQL["derivations"], {"entry_id": entry_id}).fetchall()
    return [row | {"spans": [seen_span(span, forward=True) for span in row["spans"]]} for row in rows]


def links(connection: Connection, organization_id: UUID, entry_id: UUID, *, most: int, cases: bool) -> Rows:
    """Return media of other visible entries with the same footage: every pair, newest entries first.

    `spans` are seen from the given entry. `cases`: include private intake cases.
    """
    values = {"organization_id": organization_id, "entry_id": entry_id, "most": most, "cases": cases}
    rows = connection.execute(_SQL["links"], values).fetchall()
    return [
        row | {"spans": [seen_span(span, forward=row["forward"]) for span in row["spans"]]} for row in rows
    ]


def media(connection: Connection, entry_id: UUID) -> Rows:
    """Return the entry's media, with who added each and when."""
    return connection.execute(_SQL["media"], {"entry_id": entry_id}).fetchall()


def owner(connection: Connection, entry_id: UUID) -> dict[str, Any]:
    """Return the entry's organization: `organization_id`, `name`."""
    return connection.execute(_SQL["owner"], {"entry_id": entry_id}).fetchall()[0]
