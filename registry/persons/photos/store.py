"""Photos of proposed persons: states, reasons and encrypted findings. Lock the person first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def add(
    connection: Connection,
    *,
    photo_id: UUID,
    person_id: UUID,
    digest: bytes,
    blob_key: str | None,
    sealed_reading: bytes,
) -> None:
    """Insert a photo, `pending`, with the person's first free number."""
    connection.execute(
        _SQL["add"],
        {
            "photo_id": photo_id,
            "person_id": person_id,
            "digest": digest,
            "blob_key": blob_key,
            "sealed_reading": sealed_reading,
        },
    )


def of_person(connection: Connection, person_id: UUID) -> list[dict[str, Any]]:
    """Return the person's photos by number."""
    return connection.execute(_SQL["of_person"], {"person_id": person_id}).fetchall()


def viewed_photos(connection: Connection, person_id: UUID, caller_id: UUID) -> set[UUID]:
    """Return the person's photos that the caller has viewed."""
    parameters = {"person_id": person_id, "caller_id": caller_id}
    return {row["photo_id"] for row in connection.execute(_SQL["viewed_photos"], parameters).fetchall()}


def whose(connection: Connection, photo_id: UUID) -> UUID | None:
    """Return the person of a photo; None if the photo is gone."""
    row = connection.execute(_SQL["whose"], {"photo_id": photo_id}).fetchone()
    return row["person_id"] if row else None


def save_findings(connection: Connection, photo_id: UUID, sealed_reading: bytes, reason: str | None) -> None:
    """Store a worker's findings."""
    parameters = _judged(photo_id, reason, None) | {"sealed_reading": sealed_reading}
    connection.execute(_SQL["save_findings"], parameters)


def judge(connection: Connection, photo_id: UUID, reason: str | None, other: UUID | None = None) -> None:
    """Mark the photo as usable, or refused for `reason`."""
    connection.execute(_SQL["judge"], _judged(photo_id, reason, other))


def fail(connection: Connection, photo_id: UUID, reason: str) -> None:
    """Mark a pending photo as not analysed, for a reason other than the photo itself."""
    connection.execute(_SQL["fail"], {"photo_id": photo_id, "reason": reason})


def remove(connection: Connection, person_id: UUID, photo_id: UUID) -> tuple[bool, str | None]:
    """Delete a photo. Return whether it existed, and the key of its encrypted file."""
    parameters = {"person_id": person_id, "photo_id": photo_id}
    row = connection.execute(_SQL["remove"], parameters).fetchone()
    return (True, row["blob_key"]) if row else (False, None)


def close(connection: Connection, person_id: UUID) -> None:
    """Delete the findings in the person's photos."""
    connection.execute(_SQL["close"], {"person_id": person_id})


def blobs(connection: Connection, person_id: UUID) -> list[str]:
    """Return the blob keys of the person's encrypted files."""
    rows = connection.execute(_SQL["blobs"], {"person_id": person_id}).fetchall()
    return [row["blob_key"] for row in rows]


def forget_blobs(connection: Connection, person_id: UUID) -> None:
    """Remove the keys of deleted files."""
    connection.execute(_SQL["forget_blobs"], {"person_id": person_id})


def decided(connection: Connection) -> list[UUID]:
    """Return accepted persons whose photos are still stored."""
    return [row["person_id"] for row in connection.execute(_SQL["decided"]).fetchall()]


def needed_blobs(connection: Connection, keys: Sequence[str], _letter_days: int) -> set[str]:
    """Return those of the blobs that are in use."""
    rows = connection.execute(_SQL["needed_blobs"], {"keys": list(keys)}).fetchall()
    return {row["blob_key"] for row in rows}


def named_blobs(connection: Connection) -> list[str]:
    """Return all blobs in use."""
    return [row["blob_key"] for row in connection.execute(_SQL["named_blobs"]).fetchall()]


def _judged(photo_id: UUID, reason: str | None, other: UUID | None) -> dict[str, Any]:
    return {
        "photo_id": photo_id,
        "state": "refused" if reason else "usable",
        "reason": reason,
        "other_photo_id": other,
    }
