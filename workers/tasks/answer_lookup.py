"""Answer the lookup of a file, fingerprinting no more of it than needed."""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Final

from registry.catalogue.fingerprints.model.fingerprint import Fingerprint, Sampling
from registry.catalogue.provenance.model.provenance import Manifest
from registry.core.errors import BadMedia, TookTooLong
from registry.core.messaging import queues
from registry.core.service import Service
from registry.jobs import Job
from registry.jobs.service.turns import hand_over
from registry.matching.decision.model import keyframe_answers
from registry.matching.decision.model.keyframe_answers import Unsettled
from registry.matching.lookups.service.files import ReadFile, answer_file
from workers.app import task
from workers.media.limits import Limits
from workers.pipeline import walled
from workers.pipeline.walled import Decoding
from workers.provenance import read_manifest, trust_of
from workers.runtime.lease import Progress
from workers.runtime.perform import IN_TURN, perform_in_turn

log = logging.getLogger(__name__)

MANIFEST_SECONDS: Final = 6
"""Limit in seconds of time and of CPU for the manifest of a file that somebody waits for. Beyond it, the
manifest is reported as unreadable."""


AWAITED: Final = 300
"""Seconds of CPU of a file on the queue `interactive`. One that takes longer is handed over to `media`."""


@task("fakeprint.answer_lookup")
def answer_lookup(job_id: str) -> None:
    """Run the job whose turn it is."""
    perform_in_turn(job_id)


def _answer(service: Service, job: Job, path: Path, progress: Progress) -> None:
    limit = service.settings.task_time_limit
    if job.queue != queues.INTERACTIVE:
        _read(service, job, path, progress, limit)
        return
    try:
        _read(service, job, path, progress, min(AWAITED, limit))
    except TookTooLong:
        if walled.longest(path, limit) <= AWAITED:
            raise
        log.info("handed over to the queue media")
        hand_over(service, job)


def _read(service: Service, job: Job, path: Path, progress: Progress, seconds: int) -> None:
    # Another process reads the manifest while this one examines the pictures.
    with ThreadPoolExecutor(max_workers=1) as beside:
        trust = trust_of(service.settings)
        read = beside.submit(read_manifest, path, trust, seconds=MANIFEST_SECONDS, whole=False)
        limits = Limits.of(service.settings)
        with walled.opened(path, limits, seconds=seconds) as decoding:
            _answer_with(service, job, decoding, progress, read)


def _answer_with(
    service: Service, job: Job, decoding: Decoding, progress: Progress, read: Future[Manifest | None]
) -> None:
    began = perf_counter()

    def fingerprint(sampling: Sampling, before: Fingerprint | None) -> Fingerprint | None:
        return decoding.fingerprint(sampling=sampling, before=before, progress=progress, thorough=False)

    def answer(found: Fingerprint, *, readable: bool = True) -> Unsettled | None:
        manifest = read.result()
        milliseconds = (perf_counter() - began) * 1000
        return answer_file(service, job, ReadFile(found, milliseconds, readable, manifest))

    try:
        keyframe_answers.in_steps(fingerprint, answer)
    except BadMedia as unreadable:
        # A file is read whole if faces are to be searched. One that cannot be read may be known all the same.
        digest = fingerprint("digest", None)
        if digest is None or answer(digest, readable=False) is not None:
            raise unreadable from None


IN_TURN["answer_lookup"] = _answer
