"""Fingerprint a file that was looked up, no more of it than it takes, and answer."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

from registry.actions.answer_file import answer_file
from registry.actions.service import Service
from registry.domain import early
from registry.domain.early import Sampling
from registry.domain.fingerprint import Fingerprint
from registry.errors import BadMedia, NotSettled
from registry.store.jobs import Job
from workers import pipeline
from workers.app import task
from workers.lease import Progress
from workers.media.limits import Limits
from workers.perform import perform


@task("fakeprint.answer_lookup")
def answer_lookup(job_id: str) -> None:
    """Do the job of that id."""
    perform(job_id, _answer)


def _answer(service: Service, job: Job, path: Path, progress: Progress) -> None:
    began = perf_counter()
    limits = Limits.of(service.settings)

    def fingerprint(sampling: Sampling, before: Fingerprint | None) -> Fingerprint:
        return pipeline.fingerprint_file(
            path, limits=limits, progress=progress, sampling=sampling, before=before, thorough=False
        )

    def answer(found: Fingerprint, *, readable: bool = True) -> None:
        answer_file(service, job, found, (perf_counter() - began) * 1000, readable=readable)

    try:
        early.in_steps(fingerprint, answer)
    except BadMedia as unreadable:
        # Where faces are to be searched a file is read whole. One that cannot be may be known all the same.
        try:
            answer(fingerprint("digest", None), readable=False)
        except NotSettled:
            raise unreadable from None
