"""Import from a hash exchange."""

from __future__ import annotations

from registry.sharing.sources.service.reading import fetch_exchange as fetch
from workers.app import task
from workers.runtime.perform import perform_on_rows


@task("fakeprint.fetch_exchange")
def fetch_exchange(job_id: str) -> None:
    """Run the job with this id."""
    perform_on_rows(job_id, fetch)
