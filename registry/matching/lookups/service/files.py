"""Lookups of files: answered from the digest at once, otherwise by a worker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from registry import jobs
from registry.catalogue import provenance as manifests
from registry.catalogue.entries.model.entry import KEYFRAMES
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.media.model import Media
from registry.catalogue.media.service.retention import forget_blob
from registry.catalogue.media.service.uploads import Upload
from registry.catalogue.provenance.model import provenance
from registry.catalogue.provenance.model.provenance import Manifest
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs import Job
from registry.jobs.service.queue import wake_workers
from registry.matching.decision.model.keyframe_answers import Unsettled
from registry.matching.lookups.errors import UnknownLookup
from registry.matching.lookups.model import Answer, Options, Origin
from registry.matching.lookups.service.pipeline import Lookup, answer
from registry.matching.lookups.service.records import USUAL, Seen, queue_lookup, record_lookups, save_sighting
from registry.matching.lookups.store import lookups, sightings
from registry.matching.watches import store as watches
from registry.matching.watches.model import NewWatch
from registry.matching.watches.service.answers import report_all
from registry.matching.watches.service.watches import Note, is_whole, watching
from registry.matching.watches.store import Asked, MatchedWatch
from registry.persons.search.model import search
from registry.persons.search.service import WHOLE_FILE, Search, search_faces
from registry.persons.search.service import keep as keep_searched


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file, or part of it, as a worker read it.

    `milliseconds`: time that this took. `readable`: False if the file cannot be read further; persons are
    then not searched. `manifest`: the file's provenance manifest, if it was read.
    """

    fingerprint: Fingerprint
    milliseconds: float
    readable: bool = True
    manifest: Manifest | None = None


def answer_file(service: Service, job: Job, file: ReadFile) -> Unsettled | None:
    """Answer a queued file lookup, save the answer and delete the media.

    Returns `Unsettled` if the part that was read does not decide. Nothing is written then, and the worker
    reads more of the file. If a quick lookup is to be watched, another job reads the rest later, and its
    media stays until then. Enrolled persons are searched if the caller may search faces. The persons found
    are stored beside the answer.

    Raises `Conflict` (`lease_lost`) if another worker has the job, and `NotFound` if no lookup waits for the
    answer.
    """
    with service.pool.transaction() as connection:
        origin = lookups.caller_of_lookup(connection, job.subject_id)
        asked = watches.asked(connection, job.subject_id)
    if origin is None:
        raise UnknownLookup("Nobody waits for this lookup.")
    caller, bank_id, effort = origin
    sha256 = file.fingerprint.media.sha256
    lookup = Lookup(
        caller,
        file.fingerprint,
        "file",
        sha256=sha256,
        bank=bank_id,
        manifest=file.manifest,
        effort=effort,
    )
    if asked is None or not file.readable:
        unsettled = _answer(service, job, lookup, file) if _waits(asked) else Unsettled("full")
    elif is_whole(file.fingerprint, "file"):
        unsettled = _answer_and_watch(replace(service, replicas=None), job, lookup, file, asked)
    elif effort == "quick" and _waits(asked):
        return _answer(service, job, lookup, file, more=True)
    else:
        return Unsettled("full")
    if unsettled is None:
        forget_blob(service, job.blob_key)
    return unsettled


def _waits(asked: Asked | None) -> bool:
    """Tell whether somebody waits for the answer: there is no quick one."""
    return asked is None or asked.first is None


def _answer_and_watch(
    service: Service, job: Job, lookup: Lookup, file: ReadFile, asked: Asked
) -> Unsettled | None:
    """Answer a lookup that is watched. If it was answered quickly, report what all of the file shows
    besides."""
    caller = lookup.caller
    new = NewWatch(job.subject_id, file.fingerprint, "file", lookup.sha256, lookup.bank, asked.days)
    with watching(service, caller, new) as note:
        if asked.first is None:
            return _answer(service, job, lookup, file, note=note)
        answered = answer(service, replace(lookup, effort="full"))
        note(asked.first)
    if isinstance(answered, Unsettled):
        return answered
    watch_id, bank = UUID(asked.first["watch"]["watch_id"]), lookup.bank
    assert not isinstance(bank, str)  # noqa: S101 - the row holds its id
    kept = MatchedWatch(watch_id, job.subject_id, caller, bank, "file", lookup.sha256)
    report_all(service, kept, answered.body)
    with service.pool.transaction() as connection:
        jobs.hold(connection, job)
        watches.ask_for(connection, job.subject_id, None)
        jobs.finish(connection, job)
    wake_workers(service)
    return None


def _answer(
    service: Service,
    job: Job,
    lookup: Lookup,
    file: ReadFile,
    *,
    note: Note | None = None,
    more: bool = False,
) -> Unsettled | None:
    """`more`: the rest of the file is read later, at low priority, for the watch that was asked for."""
    persons = search_faces(service, lookup.caller, file.fingerprint) if file.readable else None
    if persons == WHOLE_FILE:
        return Unsettled("full")
    answered = answer(service, lookup)
    if isinstance(answered, Unsettled):
        return answered
    body = answered.body
    body["lookup_id"] = str(job.subject_id)
    body["notes"] += _notes(file, persons, more=more)
    body["timing_ms"]["fingerprint"] = round(file.milliseconds, 1)
    body["timing_ms"]["total"] = round(body["timing_ms"]["total"] + file.milliseconds, 1)
    if note is not None:
        note(body)
    with service.pool.transaction() as connection:
        jobs.hold(connection, job)
        lookups.answer(connection, job.subject_id, body, more=more)
        if persons is not None:
            keep_searched(connection, lookup.caller, job.subject_id, persons)
        if followed := sightings.is_kept(connection, job.subject_id):
            jobs.enqueue(connection, "follow_sighting", job.subject_id)
        jobs.finish(connection, job)
        if more:
            jobs.enqueue(connection, "answer_lookup", job.subject_id, bulk=True, owner=lookup.caller)
    if followed or more:
        wake_workers(service)
    return None


def _notes(file: ReadFile, persons: Search | None, *, more: bool) -> Iterator[str]:
    if not file.readable:
        yield "faces_not_searched"
    if persons is not None and persons.skipped:
        yield "persons_skipped"
    if persons is not None and search.crowded(file.fingerprint):
        yield "crowd"
    if more:
        yield "read_later"


def look_up_file(
    service: Service,
    caller: Caller,
    upload: Upload,
    options: Options = USUAL,
    *,
    seen: Seen | None = None,
) -> UUID:
    """Return the id of the lookup, answered at once if the file's sha256 decides.

    The sha256 decides by the rules of a worker's first step (`matching.decision.model.keyframe_answers`).
    Otherwise the file is queued as `queue_lookup` does. A worker reads every file that is to be watched, read
    in full or searched for enrolled persons.

    Needs `lookup`. Raises as `queue_lookup`.
    """
    caller.require("lookup")
    whole = options.watch_days is not None or options.effort == "full"
    body = None if whole else _by_digest(service, caller, upload, options.bank)
    if body is None:
        return queue_lookup(service, caller, upload, options, seen=seen)
    if seen is not None:
        save_sighting(service, caller, body, seen)
    return UUID(body["lookup_id"])


def _by_digest(service: Service, caller: Caller, upload: Upload, bank: str | None) -> Answer | None:
    """Return the recorded answer, or None if more of the file is needed."""
    sha256 = upload.blob.sha256
    digest = Fingerprint(Media(sha256, "video", 0.0, 1, 1, upload.blob.bytes), (), (), notes=(KEYFRAMES,))
    primary = replace(service, replicas=None)
    if search_faces(primary, caller, digest) is not None:
        return None
    answered = answer(primary, Lookup(caller, digest, "file", sha256=sha256, bank=bank))
    if isinstance(answered, Unsettled):
        return None
    answered.body["provenance"] = _provenance(primary, answered.body)
    record_lookups(primary, [answered.body], Origin(caller.caller_id, "file", answered.bank_id, sha256))
    return answered.body


def _provenance(service: Service, body: Answer) -> Mapping[str, Any] | None:
    """Return the manifest of the registered file with the same digest: it is the same file."""
    asset_ids = [UUID(match["asset_id"]) for match in body["matches"] if match["exact"] and match["asset_id"]]
    with service.pool.transaction() as connection:
        rows = manifests.of_assets(connection, asset_ids)
    return next((provenance.shown(provenance.of_row(row)) for row in rows.values()), None)
