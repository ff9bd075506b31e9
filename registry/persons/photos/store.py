"""The photos by which persons are proposed: states, reasons and sealed readings. Lock the person first."""

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
    """Keep a photo, `pending`, at the person's first free number."""
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
    """The person's photos in the order of their numbers."""
    return connection.execute(_SQL["of_person"], {"person_id": person_id}).fetchall()


def viewed(connection: Connection, person_id: UUID, caller_id: UUID) -> set[UUID]:
    """The person's photos that the caller has looked at."""
    parameters = {"person_id": person_id, "caller_id": caller_id}
    return {row["photo_id"] for row in connection.execute(_SQL["viewed"], parameters).fetchall()}


def whose(connection: Connection, photo_id: UUID) -> UUID | None:
    """The person of a photo; None where the photo is gone."""
    row = connection.execute(_SQL["whose"], {"photo_id": photo_id}).fetchone()
    return row["person_id"] if row else None


def read(connection: Connection, photo_id: UUID, sealed_reading: bytes, reason: str | None) -> None:
    """Keep what a worker saw in it."""
    parameters = _judged(photo_id, reason, None) | {"sealed_reading": sealed_reading}
    connection.execute(_SQL["read"], parameters)


def judge(connection: Connection, photo_id: UUID, reason: str | None, other: UUID | None = None) -> None:
    """Usable, or refused for `reason`."""
    connection.execute(_SQL["judge"], _judged(photo_id, reason, other))


def fail(connection: Connection, photo_id: UUID, reason: str) -> None:
    """A photo that still waits was not read, for a reason that is not the photo's."""
    connection.execute(_SQL["fail"], {"photo_id": photo_id, "reason": reason})


def remove(connection: Connection, person_id: UUID, photo_id: UUID) -> tuple[bool, str | None]:
    """Whether there was such a photo, and where its sealed file lies."""
    parameters = {"person_id": person_id, "photo_id": photo_id}
    row = connection.execute(_SQL["remove"], parameters).fetchone()
    return (True, row["blob_key"]) if row else (False, None)


def close(connection: Connection, person_id: UUID) -> None:
    """Let go what was read in the person's photos."""
    connection.execute(_SQL["close"], {"person_id": person_id})


def blobs(connection: Connection, person_id: UUID) -> list[str]:
    """Where the person's sealed files lie."""
    rows = connection.execute(_SQL["blobs"], {"person_id": person_id}).fetchall()
    return [row["blob_key"] for row in rows]


def forget_blobs(connection: Connection, person_id: UUID) -> None:
    """They were deleted."""
    connection.execute(_SQL["forget_blobs"], {"person_id": person_id})


def decided(connection: Connection) -> list[UUID]:
    """Who was accepted and whose photos are still kept."""
    return [row["person_id"] for row in connection.execute(_SQL["decided"]).fetchall()]


def needed_blobs(connection: Connection, keys: Sequence[str], _letter_days: int) -> set[str]:
    """Those of the files that are kept."""
    rows = connection.execute(_SQL["needed_blobs"], {"keys": list(keys)}).fetchall()
    return {row["blob_key"] for row in rows}


def named_blobs(connection: Connection) -> list[str]:
    """All files that are kept."""
    return [row["blob_key"] for row in connection.execute(_SQL["named_blobs"]).fetchall()]


def _judged(photo_id: UUID, reason: str | None, other: UUID | None) -> dict[str, Any]:
    return {
        "photo_id": photo_id,
        "state": "refused" if reason else "usable",
        "reason": reason,
        "other_photo_id": other,
    }
