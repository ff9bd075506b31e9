"""What is left of a person who has ended, and its deletion."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def photo_blobs(connection: Connection, person_id: UUID) -> list[str]:
    """Where the person's photos lie."""
    rows = connection.execute(_SQL["photo_blobs"], {"person_id": person_id}).fetchall()
    return [row["blob_key"] for row in rows]


def forget(connection: Connection, person_id: UUID) -> None:
    """Delete photos, the work on them, matches of lookups and links of registered media. Lock the person
    first, and delete the photos' blobs before: nothing names them afterwards."""
    for name in ("forget_jobs", "forget_photos", "forget_matches", "forget_links"):
        connection.execute(_SQL[name], {"person_id": person_id})


def unerased(connection: Connection, person_ids: Iterable[UUID]) -> list[UUID]:
    """Those of the persons that are not erased here: an old backup has brought them back."""
    rows = connection.execute(_SQL["unerased"], {"person_ids": list(person_ids)}).fetchall()
    return [row["person_id"] for row in rows]


def erased_of(connection: Connection, person_ids: Iterable[UUID]) -> list[UUID]:
    """Those of the persons that are erased here: nobody should have a key of theirs."""
    rows = connection.execute(_SQL["erased_of"], {"person_ids": list(person_ids)}).fetchall()
    return [row["person_id"] for row in rows]


def forget_outside(connection: Connection) -> None:
    """Delete what was found of persons in media that their consent covers no longer."""
    for name in ("forget_matches_outside", "forget_links_outside"):
        connection.execute(_SQL[name])


def remains(connection: Connection, *, limit: int = 100) -> list[UUID]:
    """Persons erased of whom something is left, written by who did not know yet."""
    return [row["person_id"] for row in connection.execute(_SQL["remains"], {"limit": limit}).fetchall()]
