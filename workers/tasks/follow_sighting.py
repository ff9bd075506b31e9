"""Follow up the place where a lookup's media were seen."""

from __future__ import annotations

from registry.takedown.recurrences.service.follow_sighting import follow_sighting as follow
from workers.app import task
from workers.runtime.perform import perform_on_rows


@task("fakeprint.follow_sighting")
def follow_sighting(job_id: str) -> None:
    """Run the job with this id."""
    perform_on_rows(job_id, follow)
