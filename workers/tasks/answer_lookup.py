"""Fingerprint a file that was looked up, no more of it than it takes, and answer."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

from registry.actions.answer_file import answer_file
from registry.actions.service import Service
from registry.domain import early
from registry.domain.early import Sampling
from registry.domain.fingerprint import Fingerprint
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

    def answer(found: Fingerprint) -> None:
        answer_file(service, job, found, (perf_counter() - began) * 1000)

    early.in_steps(fingerprint, answer)
