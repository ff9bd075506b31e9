"""Find the entries with the same footage as an entry."""

from __future__ import annotations

from registry.lineage.service import relate_entry as relate
from workers.app import task
from workers.runtime.perform import perform_on_rows


@task("fakeprint.relate_entry")
def relate_entry(job_id: str) -> None:
    """Run the job with this id."""
    perform_on_rows(job_id, relate)
