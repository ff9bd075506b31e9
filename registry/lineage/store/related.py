"""Links between entries with the same footage, and media that still have to be searched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from registry.catalogue import entries
from registry.catalogue.entries.model.entry import Manipulation
from registry.catalogue.media.model import Role
from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.lineage.model.related import End, Link, turned
from registry.matching.alignment.model.align import Span

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A medium whose relatives must be searched. `fingerprinted_at`: the version of its fingerprint."""

    end: End
    manipulation: Manipulation | None
    fingerprinted_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Position where a page of relatives ended."""

    at: datetime
    entry_id: UUID
    kind: str


def waiting(connection: Connection, entry_id: UUID, *, model: str) -> list[Waiting]:
    """Return the entry's media that must be searched. Empty if the entry is not matchable or gone."""
    rows = connection.execute(_SQL["waiting"], {"entry_id": entry_id, "model": model}).fetchall()
    return [
        Waiting(_end(entry_id, row["asset_id"], row["role"]), row["manipulation"], row["fingerprinted_at"])
        for row in rows
    ]


def opened(connection: Connection, asset_id: UUID) -> list[UUID]:
    """Return the asset's entries whose media became matchable in this transaction."""
    rows = connection.execute(_SQL["opened"], {"asset_id": asset_id}).fetchall()
    return [row["entry_id"] for row in rows]


def backlog(connection: Connection, *, most: int, rest: float) -> list[UUID]:
    """Return entries to search that have no job, so many that at most `most` jobs are open.

    An entry whose job has failed is left out for `rest` seconds.
    """
    rows = connection.execute(_SQL["backlog"], {"most": most, "rest": rest}).fetchall()
    return [row["entry_id"] for row in rows]


def lock(connection: Connection, entry_id: UUID) -> None:
    """Lock the entry until the transaction ends, so that it does not change and none of its media opens."""
    connection.execute(_SQL["lock"], {"entry_id": entry_id})


def take_turns(connection: Connection) -> None:
    """Serialise the writing of links until the transaction ends. Links of two entries may conflict."""
    connection.execute(_SQL["take_turns"])


def replace(connection: Connection, searched: Waiting, links: Iterable[Link], *, model: str) -> None:
    """Store the links of a medium and replace the earlier ones. Call `take_turns` first."""
    end = searched.end
    side = {"entry_id": end.entry_id, "asset_id": end.asset_id, "role": end.role}
    connection.execute(_SQL["hold_medium"], side)
    connection.execute(_SQL["drop"], side | {"kind": "same_footage"})
    with connection.cursor() as cursor:
        rows = [_row(link.in_order, model=model, found_from=end.entry_id) for link in links]
        cursor.executemany(_SQL["keep"], rows)
    medium = end.entry_id, end.asset_id, end.role
    entries.mark_related(connection, medium, model=model, fingerprinted_at=searched.fingerprinted_at)


def pending(connection: Connection, entry_id: UUID, *, model: str) -> bool:
    """Return whether the search for relatives of the entry is not finished."""
    row = connection.execute(_SQL["pending"], {"entry_id": entry_id, "model": model}).fetchone()
    return bool(row and row["pending"])


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads related entries. `faces`: include entries with the same enrolled person. `cases`: include
    private intake cases."""

    organization_id: UUID
    faces: bool
    cases: bool


def count(connection: Connection, reader: Reader, entry_id: UUID) -> int:
    """Return the number of entries that are linked with this one and that the reader may see."""
    row = connection.execute(_SQL["count"], asdict(reader) | {"entry_id": entry_id}).fetchone()
    return int(row["entries"]) if row else 0


def page(
    connection: Connection, reader: Reader, entry_id: UUID, *, after: Place | None, limit: int
) -> list[dict[str, Any]]:
    """Return the related entries, newest first, each with its most informative pair of media.

    `spans` are seen from the given entry. Entries with the same enrolled person have the kind `same_person`
    and `persons`.
    """
    place = {
        "after_at": after.at if after else None,
        "after_id": after.entry_id if after else None,
        "after_kind": after.kind if after else None,
        "limit": limit,
    }
    rows = connection.execute(_SQL["page"], asdict(reader) | place | {"entry_id": entry_id}).fetchall()
    return [
        row | {"spans": [seen_span(span, forward=row["forward"]) for span in row["spans"]]} for row in rows
    ]


def _end(entry_id: UUID, asset_id: UUID, role: Role) -> End:
    return End(entry_id, asset_id, role)


def _row(link: Link, *, model: str, found_from: UUID) -> dict[str, Any]:
    sides = {
        f"{name}_{field}": getattr(end, field)
        for name, end in (("one", link.one), ("other", link.other))
        for field in ("entry_id", "asset_id", "role")
    }
    return sides | {
        "kind": link.kind,
        "relation": link.relation,
        "faces": link.faces,
        "score": link.score,
        "spans": Jsonb([kept_span(span) for span in link.spans]),
        "model": model,
        "found_from": found_from,
    }


def kept_span(span: Span) -> dict[str, Any]:
    """Return a span in its stored form. The query's side is `one`."""
    return {
        "one": list(span.query),
        "other": list(span.asset),
        "speed": span.speed,
        "mirrored": span.mirrored,
    }


def seen_span(stored: Mapping[str, Any], *, forward: bool) -> Span:
    """Return a stored span. `forward`: as seen from `one`, else from the other side."""
    span = Span(tuple(stored["one"]), tuple(stored["other"]), stored["speed"], stored["mirrored"])
    return span if forward else turned(span)
