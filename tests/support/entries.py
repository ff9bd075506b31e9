"""Entries, media and banks in states that take long to reach, or that reviewers and time bring about."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

import psycopg

from registry.catalogue.entries.model.entry import Tier
from registry.core.service import Service
from tests.support.service.rows import write


def withdraw(service: Service, entry_id: UUID | str | None = None) -> None:
    """Withdraw an entry, or all, without an event."""
    set_status(service, "withdrawn", entry_id)


def suspend(service: Service, entry_id: UUID | str | None = None, *, reason: str | None = None) -> None:
    """Suspend an entry, or all. `reason`: `dispute` or `rejected`."""
    write(
        service,
        "UPDATE entry SET status = 'suspended', suspended_for = %(reason)s"
        " WHERE %(entry_id)s::uuid IS NULL OR entry_id = %(entry_id)s",
        reason=reason,
        entry_id=entry_id,
    )


def restore(service: Service, entry_id: UUID | str | None = None) -> None:
    set_status(service, "matchable", entry_id)


def set_status(service: Service, status: str, entry_id: UUID | str | None = None) -> None:
    """Set the status of an entry, or of all."""
    write(
        service,
        "UPDATE entry SET status = %(status)s WHERE %(entry_id)s::uuid IS NULL OR entry_id = %(entry_id)s",
        status=status,
        entry_id=entry_id,
    )


def set_tier(service: Service, tier: Tier, *, media: bool = True) -> None:
    """Set the tier of all entries; `media`: and of their media."""
    write(service, "UPDATE entry SET tier = %s", tier)
    if media:
        write(service, "UPDATE entry_asset SET tier = %s", tier)


def forget_own_tiers(service: Service) -> None:
    """Let no organization have reviewed its own entries."""
    write(service, "UPDATE entry SET own_tier = 'unreviewed', own_original_tier = 'unreviewed'")
    write(service, "UPDATE entry_asset SET own_tier = 'unreviewed'")


def set_registrar(service: Service, entry_id: UUID | str, account_id: str) -> None:
    """Let a person have registered the entry."""
    write(
        service,
        "UPDATE entry SET created_by = (SELECT caller_id FROM account WHERE account_id = %(account_id)s)"
        " WHERE entry_id = %(entry_id)s",
        account_id=account_id,
        entry_id=entry_id,
    )


def set_manipulation(service: Service, manipulation: str) -> None:
    write(service, "UPDATE entry SET manipulation = %s", manipulation)


def let_entries_age(service: Service, *entry_ids: str, days: int) -> None:
    write(
        service,
        "UPDATE entry SET created_at = now() - make_interval(days => %s) WHERE entry_id = ANY (%s::uuid[])",
        days,
        [*entry_ids],
    )


def add_bare_entry(service: Service, bank_id: UUID, caller_id: UUID) -> UUID:
    """Add an entry without media. Return its id."""
    (row,) = write(
        service,
        "INSERT INTO entry (bank_id, title, created_by) VALUES (%s, 'x', %s) RETURNING entry_id",
        bank_id,
        caller_id,
    )
    entry_id: UUID = row["entry_id"]
    return entry_id


def lose_entries(service: Service) -> None:
    """Delete all entries, what lists told of them, and their media."""
    for table in ("entry_asset", "listing", "entry", "asset"):
        write(service, f"DELETE FROM {table}")  # noqa: S608 - names above


def restore_details(service: Service, entry_id: UUID, key_id: Any, sealed: Any) -> None:
    """Restore an entry's encrypted details from a backup that is older than their erasure."""
    write(
        service,
        "UPDATE entry_detail SET key_id = %s, sealed = %s, erased_at = NULL WHERE entry_id = %s",
        key_id,
        sealed,
        entry_id,
    )


def outdate_relations(service: Service, model: str) -> None:
    """Let related entries have been searched by an older model."""
    write(service, "UPDATE entry_asset SET related_by = %s", model)


def recompute(service: Service) -> None:
    """Let the registry itself have computed all fingerprints."""
    write(service, "UPDATE asset_algorithm SET recomputed = true")


def lose_media(service: Service, asset_id: UUID | None = None) -> None:
    """Let the file of an asset, or of all, be deleted."""
    _set_blob_key(service, None, asset_id)


def keep_copy(service: Service, blob_key: str) -> None:
    """Let every asset have a file."""
    _set_blob_key(service, blob_key, None)


def _set_blob_key(service: Service, blob_key: str | None, asset_id: UUID | None) -> None:
    write(
        service,
        "UPDATE asset SET blob_key = %(key)s WHERE %(asset_id)s::uuid IS NULL OR asset_id = %(asset_id)s",
        key=blob_key,
        asset_id=asset_id,
    )


def refuse_media(service: Service) -> None:
    """Let no file have been media."""
    write(service, "UPDATE asset SET status = 'failed', error_code = 'not_media'")


def set_duration(service: Service, seconds: float) -> None:
    write(service, "UPDATE asset SET duration_s = %s", seconds)


def set_digest(service: Service, asset_id: UUID | str, digest: bytes) -> None:
    """Let the stored file be another than the one that was received."""
    write(service, "UPDATE asset SET sha256 = %s WHERE asset_id = %s", digest, asset_id)


def let_fingerprints_age(service: Service, *, days: int = 0, hours: int = 0) -> None:
    write(
        service,
        "UPDATE asset SET fingerprinted_at = fingerprinted_at - make_interval(days => %s, hours => %s)",
        days,
        hours,
    )


def lose_fingerprints(service: Service) -> None:
    """Delete all frames, frame vectors and faces."""
    for table in ("frame_fingerprint", "frame_vector", "face_fingerprint", "mosaic_fingerprint"):
        write(service, f"DELETE FROM {table}")  # noqa: S608 - names above


def add_face(service: Service, value: float) -> None:
    """Add a face to every asset, with a vector of one value."""
    write(
        service,
        "INSERT INTO face_fingerprint (asset_id, track, time_s, pixels, score, quality, box, embedding)"
        " SELECT asset_id, 0, 0, 80, 1, 1, '{0,0,1,1}', %s::halfvec FROM asset",
        str([value] * 128),
    )


def read_whole(service: Service, *, undivided: bool) -> None:
    """Set whether long videos are read in one job."""
    write(service, "UPDATE division SET undivided = %s", undivided)


def let_previews_age(service: Service) -> None:
    """Let previews have been requested 25 hours ago."""
    write(service, "UPDATE preview SET requested_at = now() - interval '25 hours'")


def let_previews_rest(service: Service) -> None:
    """Let previews have failed 11 minutes ago."""
    write(service, "UPDATE preview SET ended_at = now() - interval '11 minutes'")


def lose_previews(service: Service) -> None:
    write(service, "DELETE FROM preview")


def set_visibility(service: Service, visibility: Literal["public", "private"]) -> None:
    """Publish or hide all banks."""
    write(service, "UPDATE bank SET visibility = %s", visibility)


def limit_banks(service: Service, most_entries: int | None, name: str | None = None) -> None:
    """Limit how many entries a bank, or each bank, holds."""
    write(
        service,
        "UPDATE bank SET most_entries = %(most)s WHERE %(name)s::text IS NULL OR name = %(name)s",
        most=most_entries,
        name=name,
    )


def fill_bank(connection: psycopg.Connection[Any], entry_id: str, number: int) -> None:
    """Add entries without media to the bank of an entry, and let the planner know of them."""
    connection.execute(
        "INSERT INTO entry (bank_id, title, created_by) SELECT bank_id, 'Vídeo ' || n, created_by "
        "FROM entry, generate_series(1, %s) AS n WHERE entry_id = %s",
        [number, entry_id],
    )
    connection.execute("ANALYZE entry")
