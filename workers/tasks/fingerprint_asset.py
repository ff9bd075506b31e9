"""Fingerprint a registered file and enrol it; a long video by segments."""

from __future__ import annotations

from workers.app import task
from workers.pipeline.registration import fingerprint


@task("fakeprint.fingerprint_asset")
def fingerprint_asset(job_id: str) -> None:
    """Do the job of that id."""
    fingerprint(job_id)
