"""Register entries and enrol the fingerprints of their media."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast, get_args
from uuid import UUID

from registry import jobs
from registry.catalogue.banks.service.banks import own_bank
from registry.catalogue.banks.service.contents import require_room
from registry.catalogue.entries.errors import NoFake, NothingToRetry, UnknownManipulation
from registry.catalogue.entries.model import claim_review as reviews
from registry.catalogue.entries.model.details import details
from registry.catalogue.entries.model.entry import Manipulation
from registry.catalogue.entries.model.reference import references as checked_references
from registry.catalogue.entries.model.stored_entry import Description
from registry.catalogue.entries.schemas.registration import Entry, Registered
from registry.catalogue.entries.service.details import join_variants, save_details
from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.entries.service.events import fingerprint_replaced, media_enrolled
from registry.catalogue.entries.service.media import Source, add_media, role_conflict, sha256
from registry.catalogue.entries.service.status import settle_entries
from registry.catalogue.entries.service.visibility import own_entry
from registry.catalogue.entries.store import entries
from registry.catalogue.fingerprints.model import enrolment, forgery
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.fingerprints.service import record_fingerprint, seek_versions
from registry.catalogue.fingerprints.store import fingerprints, segments
from registry.catalogue.media.model import Role
from registry.catalogue.media.service.uploads import Upload
from registry.catalogue.media.store import assets
from registry.catalogue.provenance import store as manifests
from registry.catalogue.provenance.model.provenance import Manifest
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors.blobs import BlobCorrupt, MediaGone
from registry.core.labels import label
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs import Job
from registry.jobs.service.queue import admit_work, wake_workers


def fingerprint_of_document(connection: Connection, asset_id: UUID) -> Fingerprint | None:
    """Return the fingerprint that a document gave for the asset, evenly downsampled. None if there is no
    document.

    Call this before the fingerprint is replaced.
    """
    if not assets.unproved(connection, asset_id):
        return None
    return fingerprints.read(connection, asset_id, frames=forgery.SAMPLED)


def suspend_forged(
    connection: Connection, asset_id: UUID, document: Fingerprint | None, computed: Fingerprint
) -> None:
    """Suspend the asset's entries if the document contradicts the computed fingerprint. Lock them first."""
    if document is None or not forgery.forged(document, computed):
        return
    for row in assets.suspend_forged(connection, asset_id):
        record_event(
            connection,
            None,
            "entry.suspended",
            organization_id=row["organization_id"],
            entry_id=row["entry_id"],
            subject={"asset_id": asset_id},
            said={"reason_code": "forged_fingerprint"},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """An entry to register.

    `claim_review`: JSON-LD that supplies missing fields. `language`, `depicted`, `seen`,
    `evidence`: see `catalogue.entries.model.details`.
    """

    fakes: Sequence[Source]
    originals: Sequence[Source] = ()
    bank: str | None = None
    title: str | None = None
    manipulation: str | None = None
    claim: str | None = None
    references: Sequence[Any] = ()
    claim_review: Any = None
    variant_of: UUID | None = None
    language: str | None = None
    depicted: Sequence[Any] = ()
    seen: Sequence[Any] = ()
    evidence: str | None = None


def register_entry(
    service: Service,
    caller: Caller,
    new: Registration,
    *,
    beside: Callable[[Connection, UUID], None] | None = None,
) -> Registered:
    """Register an entry, or return the bank's entry that already holds all these fakes. Needs `register`.

    `created`: whether the entry is new. An existing entry keeps its description. Fakes and originals become
    matchable in one commit: at once if all came as documents, else when workers have fingerprinted the last.
    `duplicates`: other entries with any of the fakes that the caller may see. `beside`: writes more rows for
    the entry in the same transaction; with it, the entry is always new.

    Raises `BadInput` (`no_fake`, `bad_label`, `unknown_manipulation`, `bad_reference`, `bad_language`,
    `bad_detail`, `bad_claim_review`, `not_a_fake`), `Conflict` (`role_conflict`, `own_variant`, `bank_full`),
    `BadDocument` (`document_too_large`, `low_information`), `NotFound`, `Forbidden`, `Unavailable`.
    """
    caller.require("register")
    _require_fakes(new.fakes, new.originals)
    description = _description(new)
    if any(isinstance(source, Upload) for source in (*new.fakes, *new.originals)):
        admit_work(service, "registrations", caller)
    with service.pool.transaction() as connection:
        bank_id = own_bank(connection, caller, new.bank).bank_id
        entries.lock_registrations(connection, bank_id)
        digests = [bytes.fromhex(sha256(source)) for source in new.fakes]
        entry_id = None if beside else entries.of_fakes(connection, bank_id, digests)
        created = entry_id is None
        if entry_id is None:
            entry_id = _insert(connection, caller, bank_id, description)
            if new.variant_of is not None:
                join_variants(connection, caller, entry_id, new.variant_of)
            if beside is not None:
                beside(connection, entry_id)
        media = add_media(service, connection, caller, bank_id, entry_id, _roles(new))
        require_room(connection, bank_id, grew=created or any(medium.created for medium in media))
        answer = {
            "entry_id": entry_id,
            "status": _status(connection, caller, entry_id),
            "created": created,
            "assets": media,
            "duplicates": entries.elsewhere(
                connection, caller.organization_id, entry_id, digests, cases=caller.sees_cases
            ),
        }
        if created:
            save_details(service, connection, caller, entry_id, description.details.sealed)
    wake_workers(service)
    return Registered.model_validate(answer)


def _insert(connection: Connection, caller: Caller, bank_id: UUID, description: Description) -> UUID:
    entry_id = entries.insert(
        connection,
        bank_id,
        description,
        language=description.details.language,
        created_by=caller.caller_id,
    )
    record_event(
        connection,
        caller,
        "entry.registered",
        entry_id=entry_id,
        subject={"bank_id": bank_id},
        said={"manipulation": description.manipulation},
    )
    return entry_id


def _roles(new: Registration) -> list[tuple[Source, Role]]:
    """Return the files of a registration, each with its role."""
    fakes: list[tuple[Source, Role]] = [(fake, "fake") for fake in new.fakes]
    return fakes + [(original, "original") for original in new.originals]


def _status(connection: Connection, caller: Caller, entry_id: UUID) -> str:
    entry = entries.get_entry(connection, caller.organization_id, entry_id)
    return entry.status if entry else "pending"


def _description(new: Registration) -> Description:
    if new.claim_review is not None:
        new = _completed(new, reviews.read(new.claim_review))
    if new.manipulation is not None and new.manipulation not in get_args(Manipulation):
        raise UnknownManipulation(
            f"Unknown manipulation {new.manipulation[:50]!r}.",
            next_step=f"Choose among {', '.join(get_args(Manipulation))}, or leave it out.",
        )
    # Other organizations read titles. A file name may hold a victim's name, so it never becomes the title by
    # default.
    return Description(
        title=label(new.title or f"untitled {sha256(new.fakes[0])[:12]}", "title"),
        claim=label(new.claim, "claim", longest=5000) if new.claim else None,
        manipulation=cast("Manipulation | None", new.manipulation),
        references=checked_references(new.references),
        details=details(new.language, new.depicted, new.seen, new.evidence),
    )


def _completed(registration: Registration, review: reviews.Review) -> Registration:
    """Fill missing fields from a review, and append the review's references and places."""
    return replace(
        registration,
        claim=registration.claim or review.claim,
        language=registration.language or review.language,
        manipulation=registration.manipulation or review.manipulation,
        evidence=registration.evidence or review.evidence,
        references=_appended(registration.references, review.references),
        seen=_appended(registration.seen, review.seen),
    )


def _appended(places: Sequence[Any], further: Sequence[Mapping[str, Any]]) -> Sequence[Any]:
    """Return the places (references or sightings), and those of `further` at other URLs."""
    urls = {place.get("url") for place in places if isinstance(place, Mapping)}
    return [*places, *(place for place in further if place.get("url") not in urls)]


def _require_fakes(fakes: Sequence[Source], originals: Sequence[Source]) -> None:
    """Raise `BadInput` (`no_fake`) without a fake, `Conflict` (`role_conflict`) if one is an original too."""
    if not fakes:
        raise NoFake(next_step="Send a part `fake`.")
    both = {sha256(fake) for fake in fakes} & {sha256(original) for original in originals}
    if both:
        raise role_conflict(min(both))


def enrol_fingerprint(
    service: Service,
    job: Job,
    fingerprint: Fingerprint,
    manifest: Manifest | None = None,
    md5: bytes = b"",
) -> None:
    """Store the computed fingerprint and open, in the same commit, every entry that waited only for it.

    `manifest`: the provenance that the media declares, if it was read. `md5`: of the file, if known. A job
    computes the values of the whole file afterwards. A deployment that keeps no media keeps it until then.

    Raises `Conflict` (`lease_lost`) if another worker has the job, `BadMedia` if the media is not the
    registered file (`blob_corrupt`) or has nothing that can be compared (`low_information`).
    """
    asset_id = job.subject_id
    with service.pool.transaction() as connection:
        # This takes minutes for long media. Do it before taking locks that others, such as the lease renewal,
        # wait for.
        document = fingerprint_of_document(connection, asset_id)
        if document is None:
            # If there is a document, a failed check is the document's fault, not the media's.
            enrolment.check_media(fingerprint)
        fingerprints.write(connection, asset_id, fingerprint)
        entries.lock_of_asset(connection, asset_id)
        segments.forget(connection, asset_id)
        notes = enrolment.notes(fingerprint)
        sha256 = assets.mark_fingerprinted(connection, asset_id, fingerprint.media, notes, recomputed=True)
        if sha256 != fingerprint.media.sha256:
            raise BlobCorrupt
        _save_file_facts(connection, asset_id, manifest, md5, keep_media=service.settings.keep_media)
        fingerprints.supersede(connection, asset_id, fingerprint, recomputed=True)
        fingerprint_replaced(connection, asset_id)
        record_fingerprint(connection, None, asset_id)
        settle_entries(connection, None, asset_id)
        suspend_forged(connection, asset_id, document, fingerprint)
        media_enrolled(connection, asset_id)
        seek_versions(connection, job)
        jobs.enqueue(connection, "hash_whole_file", asset_id)
        jobs.hold(connection, job)
        jobs.finish(connection, job)
    wake_workers(service)


def _save_file_facts(
    connection: Connection, asset_id: UUID, manifest: Manifest | None, md5: bytes, *, keep_media: bool
) -> None:
    """Store the MD5 of a file and the provenance that it declares. If the media is not kept, drop the bytes
    of a manifest with thumbnails, and keep what was parsed from it."""
    if md5:
        assets.save_md5(connection, asset_id, md5)
    if manifest is None:
        return
    if manifest.pictures and not keep_media:
        manifest = replace(manifest, store=None)
    manifests.write(connection, asset_id, manifest)


def retry_entry(service: Service, caller: Caller, entry_id: UUID) -> Entry:
    """Retry the fingerprinting of an entry's failed media. Needs `register`.

    Raises `NotFound` (`unknown_entry`), `Forbidden` (`foreign_bank`), `Conflict` (`nothing_to_retry`,
    `media_gone`).
    """
    caller.require("register")
    with service.pool.transaction() as connection:
        own_entry(connection, caller, entry_id)
        entries.lock_entry(connection, entry_id)
        failed = assets.retry(connection, entry_id)
        if not failed:
            raise NothingToRetry("No medium of this entry has failed.")
        if any(blob_key is None for _, blob_key in failed):
            raise MediaGone(next_step="Register the file again.")
        for asset_id, _ in failed:
            entries.reopen(connection, asset_id)
            jobs.enqueue(connection, "fingerprint_asset", asset_id)
        record_event(
            connection,
            caller,
            "entry.retried",
            entry_id=entry_id,
            said={"assets": [asset_id for asset_id, _ in failed]},
        )
    wake_workers(service)
    return show_entry(service, caller, entry_id)
