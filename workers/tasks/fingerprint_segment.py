"""Read one segment of a long video that is being registered."""

from __future__ import annotations

from workers.app import task
from workers.pipeline.registration import read_segment


@task("fakeprint.fingerprint_segment")
def fingerprint_segment(job_id: str) -> None:
    """Do the job of that id."""
    read_segment(job_id)
