"""Look for the entries that show the same footage as one."""

from __future__ import annotations

from registry.lineage.service import relate_entry as relate
from workers.app import task
from workers.runtime.perform import perform_on_rows


@task("fakeprint.relate_entry")
def relate_entry(job_id: str) -> None:
    """Do the job of that id."""
    perform_on_rows(job_id, relate)
