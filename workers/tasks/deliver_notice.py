"""Hand a notice over."""

from __future__ import annotations

from registry.takedown.delivery.service.dispatch import deliver_notice as deliver
from workers.app import task
from workers.runtime.perform import perform_on_rows


@task("fakeprint.deliver_notice")
def deliver_notice(job_id: str) -> None:
    """Do the job of that id."""
    perform_on_rows(job_id, deliver)
