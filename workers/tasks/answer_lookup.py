"""Fingerprint a file that was looked up and answer."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

from registry.actions.answer_file import answer_file
from registry.actions.service import Service
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
    found = pipeline.fingerprint_file(path, limits=Limits.of(service.settings), progress=progress)
    answer_file(service, job, found, (perf_counter() - began) * 1000)
