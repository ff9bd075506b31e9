"""Assets: the media files of a bank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from registry.catalogue.media.model import Media
from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.jobs import Task

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True)
class AssetRef:
    """State of an asset during registration."""

    asset_id: UUID
    status: str
    blob_key: str | None
    created: bool
    recomputed: bool

    @property
    def fingerprinted(self) -> bool:
        """Return whether fingerprints are stored."""
        return self.status == "fingerprinted"


def upsert(
    connection: Connection, *, bank_id: UUID, sha256: str, filename: str, size: int, blob_key: str | None
) -> AssetRef:
    """Return the bank's asset of this file. Create it if it is new."""
    row = connection.execute(
        _SQL["upsert"],
        {
            "bank_id": bank_id,
            "sha256": bytes.fromhex(sha256),
            "filename": filename,
            "bytes": size,
            "blob_key": blob_key,
        },
    ).fetchone()
    assert row is not None  # noqa: S101 - an upsert returns its row
    return AssetRef(row["asset_id"], row["status"], row["blob_key"], row["created"], row["recomputed"])


def mark_fingerprinted(
    connection: Connection,
    asset_id: UUID,
    media: Media,
    notes: Sequence[str],
    *,
    recomputed: bool,
) -> str | None:
    """Mark the asset as fingerprinted and return its registered sha256. None if the asset is gone.

    `recomputed`: the fingerprint was computed from the media, so any earlier error is cleared.
    """
    row = connection.execute(
        _SQL["mark_fingerprinted"],
        {
            "asset_id": asset_id,
            "kind": media.kind,
            "duration": media.duration,
            "width": media.width,
            "height": media.height,
            "bytes": media.bytes,
            "notes": list(notes),
            "recomputed": recomputed,
        },
    ).fetchone()
    return row["sha256"] if row else None


def save_md5(connection: Connection, asset_id: UUID, md5: bytes) -> None:
    """Store the MD5 of the media, the usual video signal of other registries."""
    connection.execute(_SQL["save_md5"], {"asset_id": asset_id, "md5": md5})


def fail(connection: Connection, asset_id: UUID, code: str, message: str) -> None:
    """Record why the media cannot be fingerprinted. The asset fails unless fingerprints of a document are
    stored."""
    connection.execute(_SQL["fail"], {"asset_id": asset_id, "code": code, "message": message})


def reset(connection: Connection, asset_id: UUID) -> None:
    """Clear the error before another attempt. A failed asset becomes pending again."""
    connection.execute(_SQL["reset"], {"asset_id": asset_id})


def let_media_go(connection: Connection, asset_id: UUID) -> None:
    """Record that the media is not kept, unless a job still needs it. Thumbnails in its manifest are removed
    too."""
    connection.execute(_SQL["let_media_go"], {"asset_id": asset_id})


def retry(connection: Connection, entry_id: UUID) -> list[tuple[UUID, str | None]]:
    """Reset all media of an entry that have an error (see `reset`). Returns their ids and blob keys."""
    rows = connection.execute(_SQL["retry"], {"entry_id": entry_id}).fetchall()
    return [(row["asset_id"], row["blob_key"]) for row in rows]


def of_entry(connection: Connection, entry_id: UUID) -> list[dict[str, Any]]:
    """Return the media of an entry."""
    return connection.execute(_SQL["of_entry"], {"entry_id": entry_id}).fetchall()


def blob_of(connection: Connection, asset_id: UUID) -> str | None:
    """Return the blob key of the media. None if it is not kept."""
    row = connection.execute(_SQL["blob_of"], {"asset_id": asset_id}).fetchone()
    return row["blob_key"] if row else None


def suspend_forged(connection: Connection, asset_id: UUID) -> list[dict[str, Any]]:
    """Note that the asset's document was forged. Returns its entries that stop answering, with their
    organizations."""
    connection.execute(_SQL["note_forged"], {"asset_id": asset_id})
    return connection.execute(_SQL["suspend_forged"], {"asset_id": asset_id}).fetchall()


def unproved(connection: Connection, asset_id: UUID) -> bool:
    """Return whether the stored fingerprint comes from a document that nobody has compared with the media."""
    row = connection.execute(_SQL["unproved"], {"asset_id": asset_id}).fetchone()
    return bool(row and row["unproved"])


def by_md5(connection: Connection, md5: bytes) -> list[UUID]:
    """Return the assets whose media may have this MD5 (16 bytes)."""
    return [row["asset_id"] for row in connection.execute(_SQL["by_md5"], {"md5": md5}).fetchall()]


def give_media(connection: Connection, asset_id: UUID, blob_key: str) -> None:
    """Set the blob key of an asset that had no media."""
    connection.execute(_SQL["give_media"], {"asset_id": asset_id, "blob_key": blob_key})


def fail_of_organization(connection: Connection, organization_id: UUID, code: str, message: str) -> None:
    """Fail the media of an organization that wait to be fingerprinted."""
    parameters = {"organization_id": organization_id, "code": code, "message": message}
    connection.execute(_SQL["fail_of_organization"], parameters)


def open_jobs(connection: Connection, organization_id: UUID) -> dict[Task, list[UUID]]:
    """Return the subjects of the open jobs that fingerprint an organization's media, by task."""
    rows = connection.execute(_SQL["open_jobs"], {"organization_id": organization_id}).fetchall()
    return {row["task"]: row["subject_ids"] for row in rows}
