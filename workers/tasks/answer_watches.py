"""Answer watched lookups again that something new is near."""

from __future__ import annotations

from functools import partial

from registry.matching.watches.service.answers import answer_watches as answer
from workers.app import task
from workers.runtime import shutdown
from workers.runtime.perform import perform_on_rows


@task("fakeprint.answer_watches")
def answer_watches(job_id: str) -> None:
    """Run the job with this id."""
    perform_on_rows(job_id, partial(answer, enough=shutdown.requested))
