"""Links between entries with the same footage, and which media are still to be looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from registry.catalogue.entries.model.entry import Manipulation
from registry.catalogue.media.model import Role
from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.lineage.model.related import End, Link, turned
from registry.matching.alignment.model.align import Span

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A medium whose relatives are to be looked for. `fingerprinted_at`: which fingerprint of it was met."""

    end: End
    manipulation: Manipulation | None
    fingerprinted_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of relatives ended."""

    at: datetime
    entry_id: UUID
    kind: str


def waiting(connection: Connection, entry_id: UUID, *, model: str) -> list[Waiting]:
    """The entry's media that are to be looked at; none where it is not matchable or not there."""
    rows = connection.execute(_SQL["waiting"], {"entry_id": entry_id, "model": model}).fetchall()
    return [
        Waiting(_end(entry_id, row["asset_id"], row["role"]), row["manipulation"], row["fingerprinted_at"])
        for row in rows
    ]


def opened(connection: Connection, asset_id: UUID) -> list[UUID]:
    """The asset's entries of which media became matchable in this transaction."""
    rows = connection.execute(_SQL["opened"], {"asset_id": asset_id}).fetchall()
    return [row["entry_id"] for row in rows]


def backlog(connection: Connection, *, most: int, rest: float) -> list[UUID]:
    """Entries to be looked at for which no job waits, so many that at most `most` jobs are open.

    One whose job has failed rests for `rest` seconds."""
    rows = connection.execute(_SQL["backlog"], {"most": most, "rest": rest}).fetchall()
    return [row["entry_id"] for row in rows]


def lock(connection: Connection, entry_id: UUID) -> None:
    """Keep the entry from changing, and its media from opening, until the transaction ends."""
    connection.execute(_SQL["lock"], {"entry_id": entry_id})


def take_turns(connection: Connection) -> None:
    """Write links alone until the transaction ends: those of two entries lie in each other's way."""
    connection.execute(_SQL["take_turns"])


def replace(connection: Connection, looked: Waiting, links: Iterable[Link], *, model: str) -> None:
    """Put what was found of a medium now in place of what was found of it before; `take_turns` first."""
    end = looked.end
    side = {"entry_id": end.entry_id, "asset_id": end.asset_id, "role": end.role}
    connection.execute(_SQL["hold_medium"], side)
    connection.execute(_SQL["drop"], side | {"kind": "same_footage"})
    with connection.cursor() as cursor:
        rows = [_row(link.in_order, model=model, found_from=end.entry_id) for link in links]
        cursor.executemany(_SQL["keep"], rows)
    connection.execute(_SQL["looked"], side | {"model": model, "fingerprinted_at": looked.fingerprinted_at})


def pending(connection: Connection, entry_id: UUID, *, model: str) -> bool:
    """Whether the entry may have relatives that nobody has looked for yet."""
    row = connection.execute(_SQL["pending"], {"entry_id": entry_id, "model": model}).fetchone()
    return bool(row and row["pending"])


def count(connection: Connection, organization_id: UUID, entry_id: UUID, *, faces: bool, cases: bool) -> int:
    """How many entries that the organization may see are linked with this one. `faces`: those that show the
    same enrolled person too. `cases`: private cases too."""
    parameters = {"organization_id": organization_id, "entry_id": entry_id, "faces": faces, "cases": cases}
    row = connection.execute(_SQL["count"], parameters).fetchone()
    return int(row["entries"]) if row else 0


def page(
    connection: Connection,
    organization_id: UUID,
    entry_id: UUID,
    *,
    faces: bool,
    cases: bool,
    after: Place | None,
    limit: int,
) -> list[dict[str, Any]]:
    """These entries, newest first, each with the pair of media that says most; `spans` are seen from the
    entry asked about. `faces`: also those with the same enrolled person (kind `same_person`, `persons`).
    `cases`: private cases too."""
    rows = connection.execute(
        _SQL["page"],
        {
            "organization_id": organization_id,
            "entry_id": entry_id,
            "faces": faces,
            "cases": cases,
            "after_at": after.at if after else None,
            "after_id": after.entry_id if after else None,
            "after_kind": after.kind if after else None,
            "limit": limit,
        },
    ).fetchall()
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
    """A span as it is kept: the query's side is `one`."""
    return {
        "one": list(span.query),
        "other": list(span.asset),
        "speed": span.speed,
        "mirrored": span.mirrored,
    }


def seen_span(kept: Mapping[str, Any], *, forward: bool) -> Span:
    """A kept span; `forward`: as seen from `one`."""
    span = Span(tuple(kept["one"]), tuple(kept["other"]), kept["speed"], kept["mirrored"])
    return span if forward else turned(span)
