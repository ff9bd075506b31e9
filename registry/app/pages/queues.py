"""Queue health: what waits, what was given up, and what the service lacks."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from registry.app.service.check_readiness import check_readiness
from registry.console.fields import area
from registry.console.languages import N_
from registry.console.view import Card, Page, Shown, Waiting, as_uuid
from registry.jobs.service.jobs import count_jobs, list_jobs, settle_job

STATES: Final = ("dead", "failed", "open", "all")


def _dead(page: Page) -> Card:
    found = count_jobs(page.service, page.caller).dead
    none = N_("No dead letters. No job was given up.")
    return Card(N_("Dead letters"), none, "/admin/queues", min(int(found), 100))


area.waiting += (Waiting("listJobs", _dead),)


@area.page("/admin/queues", operation="listJobs")
def queues(page: Page) -> Shown:
    """Jobs by state, dead letters first."""
    state = page.query("state") if page.query("state") in STATES else "dead"
    task = page.query("task").strip()[:40]
    found = list_jobs(
        page.service, page.caller, state=state, task=task or None, after=page.query("after") or None
    )
    return page.show(
        "admin/queues.html",
        readiness=check_readiness(page.service),
        counts=count_jobs(page.service, page.caller),
        jobs=found.jobs,
        next=found.next,
        state=state,
        task=task,
        states=STATES,
    )


@area.form("/admin/queues/retry", operation="retryJob", again=queues)
def retry(page: Page) -> Response:
    """Do a failed job again."""
    settle_job(page.service, page.caller, as_uuid(page.typed.text("job")), "retried")
    return page.go("/admin/queues", "job_retried")


@area.form("/admin/queues/discard", operation="discardJob", again=queues)
def discard(page: Page) -> Response:
    """Let a failed job be."""
    settle_job(page.service, page.caller, as_uuid(page.typed.text("job")), "discarded")
    return page.go("/admin/queues", "job_discarded")
