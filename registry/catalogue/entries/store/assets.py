"""Assets: media files of a bank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from registry.catalogue.media.model import Media
from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True)
class AssetRef:
    """An asset as registration meets it."""

    asset_id: UUID
    status: str
    blob_key: str | None
    created: bool
    recomputed: bool

    @property
    def fingerprinted(self) -> bool:
        return self.status == "fingerprinted"


def upsert(
    connection: Connection, *, bank_id: UUID, sha256: str, filename: str, size: int, blob_key: str | None
) -> AssetRef:
    """The bank's asset of this file, made if it is new."""
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


def fingerprinted(
    connection: Connection,
    asset_id: UUID,
    media: Media,
    notes: Sequence[str],
    *,
    keep_media: bool,
    recomputed: bool,
) -> str | None:
    """Mark it fingerprinted; its sha256 as registered, None where the asset is gone.

    `recomputed`: from the media, so that no error is left.
    """
    row = connection.execute(
        _SQL["fingerprinted"],
        {
            "asset_id": asset_id,
            "kind": media.kind,
            "duration": media.duration,
            "width": media.width,
            "height": media.height,
            "bytes": media.bytes,
            "notes": list(notes),
            "keep_media": keep_media,
            "recomputed": recomputed,
        },
    ).fetchone()
    return row["sha256"] if row else None


def fail(connection: Connection, asset_id: UUID, code: str, message: str) -> None:
    """Say why its media cannot be fingerprinted; it failed, unless a document's fingerprints are stored."""
    connection.execute(_SQL["fail"], {"asset_id": asset_id, "code": code, "message": message})


def reset(connection: Connection, asset_id: UUID) -> None:
    """Forget the error: it is tried again. A failed asset is pending again."""
    connection.execute(_SQL["reset"], {"asset_id": asset_id})


def let_media_go(connection: Connection, asset_id: UUID) -> None:
    """Say that the asset's media is not kept; small pictures in its manifest are let go with it."""
    connection.execute(_SQL["let_media_go"], {"asset_id": asset_id})


def retry(connection: Connection, entry_id: UUID) -> list[tuple[UUID, str | None]]:
    """As `reset`, for all media of an entry that have an error: their ids and where the media lies."""
    rows = connection.execute(_SQL["retry"], {"entry_id": entry_id}).fetchall()
    return [(row["asset_id"], row["blob_key"]) for row in rows]


def of_entry(connection: Connection, entry_id: UUID) -> list[dict[str, Any]]:
    """The media of an entry."""
    return connection.execute(_SQL["of_entry"], {"entry_id": entry_id}).fetchall()


def blob_of(connection: Connection, asset_id: UUID) -> str | None:
    """Where its media lies; None where it is not kept."""
    row = connection.execute(_SQL["blob_of"], {"asset_id": asset_id}).fetchone()
    return row["blob_key"] if row else None


def forged(connection: Connection, asset_id: UUID) -> list[dict[str, Any]]:
    """Note that the asset's document lied; its entries that stop answering, with whose they are."""
    connection.execute(_SQL["note_forged"], {"asset_id": asset_id})
    return connection.execute(_SQL["forged"], {"asset_id": asset_id}).fetchall()


def unproved(connection: Connection, asset_id: UUID) -> bool:
    """Whether what is stored of the asset is a document's, that nobody has compared with the media."""
    row = connection.execute(_SQL["unproved"], {"asset_id": asset_id}).fetchone()
    return bool(row and row["unproved"])


def by_md5(connection: Connection, md5: bytes) -> list[UUID]:
    """The media that a file of this MD5 (16 bytes) may be."""
    return [row["asset_id"] for row in connection.execute(_SQL["by_md5"], {"md5": md5}).fetchall()]


def give_media(connection: Connection, asset_id: UUID, blob_key: str) -> None:
    """Its media, where none was kept."""
    connection.execute(_SQL["give_media"], {"asset_id": asset_id, "blob_key": blob_key})


def outdate_relatives(connection: Connection, *, model: str, most: int) -> int:
    """Let what other rules have looked at wait again, `most` media at most; how many."""
    return len(connection.execute(_SQL["outdate"], {"model": model, "most": most}).fetchall())


def ask_for_relatives(
    connection: Connection, organization_id: UUID, entry_ids: Sequence[UUID] | None
) -> list[UUID]:
    """Let these entries of the organization, None: all, wait to be looked at again; those that can be."""
    parameters = {
        "organization_id": organization_id,
        "entry_ids": None if entry_ids is None else list(entry_ids),
    }
    rows = connection.execute(_SQL["ask_again"], parameters).fetchall()
    return sorted({row["entry_id"] for row in rows})


def ask_for_relatives_of(connection: Connection, asset_id: UUID) -> None:
    """The asset's fingerprint has changed: the entries that it answers for wait to be looked at again.

    Lock the asset's entries first.
    """
    connection.execute(_SQL["ask_again_of_asset"], {"asset_id": asset_id})


def fail_of_organization(connection: Connection, organization_id: UUID, code: str, message: str) -> None:
    """Media of an organization that wait to be fingerprinted wait no longer."""
    given = {"organization_id": organization_id, "code": code, "message": message}
    connection.execute(_SQL["fail_of_organization"], given)
