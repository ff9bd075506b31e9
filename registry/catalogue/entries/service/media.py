"""Add media to an entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from registry import jobs
from registry.catalogue.banks.service.contents import require_room
from registry.catalogue.entries.errors import RoleConflict
from registry.catalogue.entries.schemas.registration import AddedAsset, RegisteredAsset
from registry.catalogue.entries.service.events import media_enrolled
from registry.catalogue.entries.service.status import settle_entries
from registry.catalogue.entries.service.visibility import own_entry
from registry.catalogue.entries.store import entries
from registry.catalogue.errors import EntryWithdrawn
from registry.catalogue.fingerprints.model.enrolment import check_document
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.fingerprints.service import record_fingerprint
from registry.catalogue.fingerprints.store import fingerprints
from registry.catalogue.media.model import Role
from registry.catalogue.media.service.uploads import Upload, keep_blob
from registry.catalogue.media.store import assets
from registry.catalogue.media.store.assets import AssetRef
from registry.core import audit
from registry.core.audit.model.ledger import commit
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import Conflict
from registry.core.labels import file_label
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.queue import admit_work, wake_workers

Source = Upload | Fingerprint
"""An uploaded file, or a fingerprint document in place of a file."""


@dataclass(frozen=True, slots=True)
class Home:
    """The entry that receives the media, its bank, the caller, and the batch whose media become matchable
    together."""

    bank_id: UUID
    entry_id: UUID
    batch: UUID
    added_by: Caller


def add_media(
    service: Service,
    connection: Connection,
    caller: Caller,
    bank_id: UUID,
    entry_id: UUID,
    media: Sequence[tuple[Source, Role]],
) -> list[RegisteredAsset]:
    """Add media to an entry and return one answer for each.

    Media of one call become matchable in one commit: now, or when the last is fingerprinted. Lock the bank
    first.

    Raises `Conflict` (`role_conflict`), `Unavailable` (`media_lost`) if the failure of a concurrent request
    removed the media, `BadDocument` (`document_too_large`, `low_information`).
    """
    for source, _ in media:
        if isinstance(source, Fingerprint):
            check_document(source)
    home = Home(bank_id, entry_id, uuid4(), caller)
    lock_with_files(connection, bank_id, entry_id, [sha256(source) for source, _ in media])
    registered = [_add(service, connection, home, source, role) for source, role in media]
    for asset in registered:
        if asset.created:
            _record(connection, caller, entry_id, asset)
        # Also for an asset from before the registry recorded fingerprints in the log.
        if asset.created or not audit.fingerprint_commitments(connection, UUID(asset.asset_id)):
            record_fingerprint(connection, caller, UUID(asset.asset_id))
    for asset in registered:
        settle_entries(connection, caller, UUID(asset.asset_id))
        media_enrolled(connection, UUID(asset.asset_id))
    return registered


def _record(connection: Connection, caller: Caller, entry_id: UUID, asset: RegisteredAsset) -> None:
    """Record in the log, by a commitment, that the file belongs to the entry."""
    asset_id = UUID(asset.asset_id)
    record_event(
        connection,
        caller,
        "asset.added",
        entry_id=entry_id,
        subject={"asset_id": asset_id},
        said={
            "role": asset.role,
            "sha256": audit.save_file_commitment(connection, asset_id, commit(asset.sha256)),
        },
    )


def sha256(source: Source) -> str:
    """Return the digest of the media, 64 hex digits."""
    return source.blob.sha256 if isinstance(source, Upload) else source.media.sha256


def _add(service: Service, connection: Connection, home: Home, source: Source, role: Role) -> RegisteredAsset:
    if entries.roles(connection, home.entry_id, bytes.fromhex(sha256(source))) - {role}:
        raise role_conflict(sha256(source))
    asset = _asset(service, connection, home.bank_id, source)
    linked = entries.link(
        connection, home.entry_id, asset.asset_id, role, home.batch, home.added_by.caller_id
    )
    fingerprinted = asset.fingerprinted
    if isinstance(source, Upload):
        _ask_for(service, connection, home.added_by, asset)
    elif not fingerprinted:
        assets.mark_fingerprinted(connection, asset.asset_id, source.media, source.notes, recomputed=False)
        fingerprints.write(connection, asset.asset_id, source)
        fingerprints.supersede(connection, asset.asset_id, source, recomputed=False)
        fingerprinted = True
    return RegisteredAsset(
        asset_id=str(asset.asset_id),
        sha256=sha256(source),
        role=role,
        status="fingerprinted" if fingerprinted else "pending",
        created=asset.created or linked,
    )


def role_conflict(digest: str) -> Conflict:
    """Return the error for a file that is given both as a fake and as its original."""
    return RoleConflict(
        f"The same file is given as fake and as original: sha256 {digest[:16]}….",
        next_step="Give the authentic footage as the original, not the fake itself.",
    )


def _asset(service: Service, connection: Connection, bank_id: UUID, source: Source) -> AssetRef:
    if isinstance(source, Upload):
        keep_blob(service, connection, source.blob.key, source.stream)
        name, size, blob_key = file_label(source.filename), source.blob.bytes, source.blob.key
    else:
        name, size, blob_key = "", source.media.bytes, None
    return assets.upsert(
        connection, bank_id=bank_id, sha256=sha256(source), filename=name, size=size, blob_key=blob_key
    )


def _ask_for(service: Service, connection: Connection, caller: Caller, asset: AssetRef) -> None:
    """Enqueue the fingerprinting of the media, unless a worker has done it already."""
    if not (asset.fingerprinted and asset.recomputed):
        assets.reset(connection, asset.asset_id)
        entries.reopen(connection, asset.asset_id)
        waiting = jobs.registering(connection, asset.asset_id, most=service.settings.bulk_after)
        bulk = waiting >= service.settings.bulk_after
        jobs.enqueue(connection, "fingerprint_asset", asset.asset_id, bulk=bulk, owner=caller)
    elif not service.settings.keep_media:
        assets.let_media_go(connection, asset.asset_id)


def lock_with_files(connection: Connection, bank_id: UUID, entry_id: UUID, digests: Sequence[str]) -> None:
    """Lock an entry, and the entries of its bank that hold any of these files (SHA-256, hex)."""
    entries.lock_of_files(connection, bank_id, entry_id, [bytes.fromhex(digest) for digest in digests])


def fingerprint_file(service: Service, connection: Connection, asset_id: UUID, file: Upload) -> None:
    """Fingerprint an asset that is known from a document, from its file. Lock its entries first."""
    keep_blob(service, connection, file.blob.key, file.stream)
    assets.give_media(connection, asset_id, file.blob.key)
    assets.reset(connection, asset_id)
    entries.reopen(connection, asset_id)
    jobs.enqueue(connection, "fingerprint_asset", asset_id)


def add_asset(service: Service, caller: Caller, entry_id: UUID, source: Source, role: Role) -> AddedAsset:
    """Add another copy, or the original, to an entry that the caller owns. Needs `register`.

    The asset becomes matchable when it is fingerprinted. It starts as unreviewed, whatever the entry's tier.
    The entry's other media continue to answer.

    Raises `NotFound` (`unknown_entry`), `Forbidden` (`foreign_bank`), `Conflict` (`entry_withdrawn`,
    `role_conflict`, `bank_full`), `BadDocument` (`document_too_large`, `low_information`).
    """
    caller.require("register")
    if isinstance(source, Upload):
        admit_work(service, "registrations", caller)
    with service.pool.transaction() as connection:
        entry = own_entry(connection, caller, entry_id)
        if entry.status == "withdrawn":
            raise EntryWithdrawn
        entries.lock_registrations(connection, entry.bank_id)
        (asset,) = add_media(service, connection, caller, entry.bank_id, entry_id, [(source, role)])
        require_room(connection, entry.bank_id, grew=asset.created)
    wake_workers(service)
    return AddedAsset(entry_id=str(entry_id), **asset.model_dump())
