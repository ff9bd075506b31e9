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
from registry.core.database.pool import Connection
from registry.core.errors import TooMany, Unavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs import Job
from registry.jobs.service.queue import admit_work, wake_workers
from registry.matching.decision.model.keyframe_answers import Unsettled
from registry.matching.lookups.errors import UnknownLookup
from registry.matching.lookups.model import Answer, Options, Origin
from registry.matching.lookups.service.pipeline import Lookup, answer
from registry.matching.lookups.service.records import USUAL, Seen, queue_lookup, record_lookups, save_sighting
from registry.matching.lookups.store import lookups, sightings
from registry.matching.watches import store as watches
from registry.matching.watches.model import NewWatch
from registry.matching.watches.service.watches import Note, is_whole, longest_watch, watching
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
    reads more of the file. A watch needs all of it. After a quick miss another lookup reads that later, at
    low priority, unless its queue is full. Enrolled persons are searched if the caller may search faces. The
    persons found are stored beside the answer.

    Raises `Conflict` (`lease_lost`) if another worker has the job, and `NotFound` if no lookup waits for the
    answer.
    """
    with service.pool.transaction() as connection:
        origin = lookups.caller_of_lookup(connection, job.subject_id)
        asked_days = watches.days_of(connection, job.subject_id)
    if origin is None:
        raise UnknownLookup("Nobody waits for this lookup.")
    caller, bank_id, effort = origin
    days = min(asked_days, longest_watch(service, caller)) if asked_days else 0
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
    if not days or not file.readable:
        unsettled = _answer(service, job, lookup, file)
    elif not is_whole(file.fingerprint, "file"):
        later = effort == "quick" and _has_room(service, caller)
        unsettled = _answer(service, job, lookup, file, rest=True) if later else Unsettled("full")
    else:
        new_watch = NewWatch(job.subject_id, file.fingerprint, "file", sha256, bank_id, days)
        with watching(service, caller, new_watch) as note:
            unsettled = _answer(replace(service, replicas=None), job, lookup, file, note=note)
    if unsettled is None:
        forget_blob(service, job.blob_key)
    return unsettled


def _has_room(service: Service, caller: Caller) -> bool:
    """Tell whether the caller may queue another file to be read at low priority: few may wait."""
    try:
        admit_work(service, "later", caller)
    except (TooMany, Unavailable):
        return False
    return True


def _answer(
    service: Service,
    job: Job,
    lookup: Lookup,
    file: ReadFile,
    *,
    note: Note | None = None,
    rest: bool = False,
) -> Unsettled | None:
    """`rest`: only if nothing was found; another lookup then reads the rest."""
    persons = search_faces(service, lookup.caller, file.fingerprint) if file.readable else None
    if persons == WHOLE_FILE:
        return Unsettled("full")
    answered = answer(service, lookup)
    if isinstance(answered, Unsettled):
        return answered
    body = answered.body
    if rest and body["matches"]:
        return Unsettled("full")
    body["lookup_id"] = str(job.subject_id)
    body["notes"] += _notes(file, persons)
    body["timing_ms"]["fingerprint"] = round(file.milliseconds, 1)
    body["timing_ms"]["total"] = round(body["timing_ms"]["total"] + file.milliseconds, 1)
    if note is not None:
        note(body)
    with service.pool.transaction() as connection:
        jobs.hold(connection, job)
        if rest:
            body["rest_lookup_id"] = str(_queue_rest(connection, lookup.caller, job.subject_id))
        lookups.answer(connection, job.subject_id, body)
        if persons is not None:
            keep_searched(connection, lookup.caller, job.subject_id, persons)
        if followed := sightings.is_kept(connection, job.subject_id):
            jobs.enqueue(connection, "follow_sighting", job.subject_id)
        jobs.finish(connection, job)
    if followed or rest:
        wake_workers(service)
    return None


def _notes(file: ReadFile, persons: Search | None) -> Iterator[str]:
    if not file.readable:
        yield "faces_not_searched"
    if persons is not None and persons.skipped:
        yield "persons_skipped"
    if persons is not None and search.crowded(file.fingerprint):
        yield "crowd"


def _queue_rest(connection: Connection, caller: Caller, lookup_id: UUID) -> UUID:
    rest_id = lookups.queue_rest(connection, lookup_id)
    sightings.move(connection, lookup_id, rest_id)
    jobs.enqueue(connection, "answer_lookup", rest_id, bulk=True, owner=caller)
    return rest_id


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
