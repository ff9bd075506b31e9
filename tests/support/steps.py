"""Common steps of registry tests: receive media, act as a worker, review, let time pass."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.fingerprints.service import save_whole_file
from registry.catalogue.media.service.uploads import Upload
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate, create_caller
from registry.jobs import Job
from registry.jobs.service.jobs import claim_job
from registry.lineage.service import relate_entry
from tests.support.media import drawn

if TYPE_CHECKING:
    from tests.support.service.fixtures import Recorder


FOLLOWING = frozenset({"fakeprint.relate_entry", "fakeprint.hash_whole_file"})
"""Tasks that follow a registration, and that nobody waits for."""


def upload(service: Service, content: bytes, name: str = "a.mp4") -> Upload:
    return Upload(service.blobs.put(io.BytesIO(content), limit=1 << 20), name)


def fingerprint_of(media: Upload, seed: str, face: str | None = None) -> Fingerprint:
    """Return a fingerprint as a worker would find it: the file's own digest with generated frames."""
    return renamed(drawn.clip(seed, face=face), media.blob.sha256)


def renamed(clip: Fingerprint, sha256: str) -> Fingerprint:
    """Return the same fingerprint for another file."""
    return replace(clip, media=replace(clip.media, sha256=sha256))


def claimed(service: Service, recorder: Recorder) -> Job:
    """Claim the oldest published job that somebody waits for, as a worker does."""
    place = next(at for at, (task, _, _) in enumerate(recorder.sent) if task not in FOLLOWING)
    _, _, job_id = recorder.sent.pop(place)
    job = claim_job(service, job_id)
    assert job
    return job


def read_whole(service: Service, recorder: Recorder) -> None:
    """End the jobs that read whole files, without values."""
    for place, (task, _, job_id) in reversed(list(enumerate(recorder.sent))):
        if task == "fakeprint.hash_whole_file":
            del recorder.sent[place]
            job = claim_job(service, job_id)
            assert job
            save_whole_file(service, job, None)


def expire(service: Service) -> None:
    """Let every lease and every wait expire."""
    with service.pool.transaction() as connection:
        connection.execute("UPDATE sweeper SET swept_at = now()")
        connection.execute("UPDATE job SET sent_at = sent_at - interval '1 hour'")
        connection.execute("UPDATE job SET lease_until = lease_until - interval '1 minute'")
        connection.execute("UPDATE job SET due_at = due_at - interval '1 hour'")


def review(service: Service, entry_id: str) -> None:
    """Act as a reviewer: recompute the fingerprints of the entry's media, then review them."""
    with service.pool.transaction() as connection:
        connection.execute(
            "UPDATE entry SET tier = 'reviewed', original_tier = 'reviewed' WHERE entry_id = %s", (entry_id,)
        )
        connection.execute("UPDATE entry_asset SET tier = 'reviewed' WHERE entry_id = %s", (entry_id,))
        connection.execute(
            "UPDATE asset_algorithm SET recomputed = true FROM entry_asset ea"
            " WHERE ea.asset_id = asset_algorithm.asset_id AND ea.entry_id = %s",
            (entry_id,),
        )


def join(service: Service, owner: Caller, organization: str) -> Caller:
    """Create a caller of another organization who may look up, register and create banks."""
    made = create_caller(
        service, owner, organization=organization, name="x", roles=["lookup", "register", "admin"]
    )
    return authenticate(service, made.key)


def relate(service: Service, *entry_ids: UUID) -> int:
    """Do the waiting searches for related entries, of these entries or of all. Return how many."""
    query = "SELECT job_id, subject_id FROM job WHERE task = 'relate_entry' AND status = 'queued'"
    with service.pool.transaction() as connection:
        rows = connection.execute(query + " ORDER BY created_at").fetchall()
    rows = [row for row in rows if not entry_ids or row["subject_id"] in entry_ids]
    for row in rows:
        job = claim_job(service, row["job_id"])
        assert job
        relate_entry(service, job, unwatched)
    return len(rows)


def unwatched(_share: float) -> None:
    """Ignore the progress of a job."""
