"""Remaining data of persons who have ended, and its deletion."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from registry import jobs
from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def photo_blobs(connection: Connection, person_id: UUID) -> list[str]:
    """Return the blob keys of the person's photos."""
    rows = connection.execute(_SQL["photo_blobs"], {"person_id": person_id}).fetchall()
    return [row["blob_key"] for row in rows]


def forget(connection: Connection, person_id: UUID) -> None:
    """Delete photos, their jobs, matches of lookups and links of registered media. First lock the person and
    delete the photos' blobs: nothing names the blobs afterwards."""
    photos = connection.execute(_SQL["forget_photos"], {"person_id": person_id}).fetchall()
    jobs.drop_all(connection, "read_photo", [row["photo_id"] for row in photos])
    for name in ("forget_matches", "forget_links"):
        connection.execute(_SQL[name], {"person_id": person_id})


def unerased(connection: Connection, person_ids: Iterable[UUID]) -> list[UUID]:
    """Return those of the persons that are not erased here: an old backup restored them."""
    rows = connection.execute(_SQL["unerased"], {"person_ids": list(person_ids)}).fetchall()
    return [row["person_id"] for row in rows]


def erased_of(connection: Connection, person_ids: Iterable[UUID]) -> list[UUID]:
    """Return those of the persons that are erased here: no key of theirs should exist."""
    rows = connection.execute(_SQL["erased_of"], {"person_ids": list(person_ids)}).fetchall()
    return [row["person_id"] for row in rows]


def forget_outside(connection: Connection) -> None:
    """Delete matches and links in media that the persons' consent no longer covers."""
    for name in ("forget_matches_outside", "forget_links_outside"):
        connection.execute(_SQL[name])


def remains(connection: Connection, *, limit: int = 100) -> list[UUID]:
    """Return erased persons with remaining data, written by a process that did not know of the erasure
    yet."""
    return [row["person_id"] for row in connection.execute(_SQL["remains"], {"limit": limit}).fetchall()]
