"""Searches for enrolled persons: their record, matches of lookups, and links of registered media."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import numpy as np

from registry.catalogue.fingerprints.model import expressions, timeline
from registry.catalogue.fingerprints.model.algorithms import FACE_SFACE
from registry.catalogue.fingerprints.model.timeline import FaceTimeline
from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)
_VECTOR = np.dtype([("dimensions", ">u2"), ("unused", ">u2"), ("vector", ">f2", FACE_SFACE.dimensions)])


@dataclass(frozen=True, slots=True)
class DueAsset:
    """A registered medium whose faces are to be compared with an organization's persons."""

    asset_id: UUID
    organization_id: UUID
    duration: float


def keep_match(connection: Connection, lookup_id: UUID, person_id: UUID, sealed: bytes) -> bool:
    """Store a lookup's match with a person. False if the person's consent has ended meanwhile. The person is
    locked until the transaction ends."""
    parameters = {"lookup_id": lookup_id, "person_id": person_id, "sealed": sealed}
    return connection.execute(_SQL["keep_match"], parameters).fetchone() is not None


def delete_matches(connection: Connection, *, before: UUID) -> None:
    """Delete the matches of all lookups with a lower id."""
    connection.execute(_SQL["delete_matches"], {"lookup_id": before})


def keep_link(connection: Connection, asset_id: UUID, person_id: UUID) -> bool:
    """Store that a registered medium shows a person. False as for `keep_match`."""
    parameters = {"asset_id": asset_id, "person_id": person_id}
    return connection.execute(_SQL["keep_link"], parameters).fetchone() is not None


def clear_links(connection: Connection, asset_id: UUID) -> None:
    """Delete the links between a medium and persons."""
    connection.execute(_SQL["clear_links"], {"asset_id": asset_id})


@dataclass(frozen=True, slots=True)
class RecordedSearch:
    """A search to record: of a lookup's file for a caller, or of a registered medium.

    `tracks` were compared with `persons`; `skipped` could not be decrypted; `matched` were found.
    """

    organization_id: UUID
    tracks: int
    persons: int
    skipped: int
    matched: Sequence[UUID]
    caller_id: UUID | None = None
    lookup_id: UUID | None = None
    asset_id: UUID | None = None


def record(connection: Connection, search: RecordedSearch) -> None:
    """Record a search."""
    connection.execute(_SQL["record"], asdict(search))


def matches(connection: Connection, organization_id: UUID, lookup_id: UUID) -> Mapping[UUID, bytes]:
    """Return a lookup's encrypted matches by person, for persons whose consent is in force now."""
    parameters = {"organization_id": organization_id, "lookup_id": lookup_id}
    rows = connection.execute(_SQL["matches"], parameters).fetchall()
    return {row["person_id"]: row["sealed"] for row in rows}


def page(
    connection: Connection, organization_id: UUID, *, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Return the organization's searches, newest first: face_search_id, at, caller_id, lookup_id, asset_id,
    tracks, persons, skipped, matched."""
    parameters = {"organization_id": organization_id, "before": before, "limit": limit}
    return connection.execute(_SQL["page"], parameters).fetchall()


def protects(connection: Connection, organization_id: UUID) -> bool:
    """Whether the organization has persons to search for in lookups."""
    row = connection.execute(_SQL["protects"], {"organization_id": organization_id}).fetchone()
    return bool(row and row["protects"])


def due_assets(connection: Connection, *, settled: float, limit: int) -> list[DueAsset]:
    """Return registered media not searched since they, or a person of their organization, were added.
    `settled`: the fewest seconds since then, so that running transactions are not missed."""
    rows = connection.execute(_SQL["due_assets"], {"settled": settled, "limit": limit}).fetchall()
    return [DueAsset(**row) for row in rows]


def faces(connection: Connection, asset_id: UUID) -> FaceTimeline:
    """Return the faces of a registered medium."""
    row = connection.execute(_SQL["faces"], {"asset_id": asset_id}, binary=True).fetchone() or {}
    return FaceTimeline(
        times=_reals(row.get("times")),
        tracks=np.array(row.get("tracks") or [], dtype=np.int64),
        pixels=_reals(row.get("pixels")),
        quality=_reals(row.get("quality")),
        centres=timeline.nowhere(len(row.get("tracks") or [])),
        embeddings=np.frombuffer(row.get("embeddings") or b"", dtype=_VECTOR)["vector"].astype(np.float32),
        expressions=expressions.unknown(len(row.get("tracks") or [])),
    )


def _reals(packed: bytes | None) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.round(np.frombuffer(packed or b"", dtype=">f4").astype(np.float64), 4)
