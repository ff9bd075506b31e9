"""Read a hash exchange."""

from __future__ import annotations

from registry.sharing.sources.service.reading import fetch_exchange as fetch
from workers.app import task
from workers.runtime.perform import perform_on_rows


@task("fakeprint.fetch_exchange")
def fetch_exchange(job_id: str) -> None:
    """Do the job of that id."""
    perform_on_rows(job_id, fetch)
