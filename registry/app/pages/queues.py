"""Queues: waiting jobs, dead letters, and the readiness of the service."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from registry.app.service.check_readiness import check_readiness
from registry.console.fields import area
from registry.console.languages import N_
from registry.console.view import Card, Page, Shown, Waiting, as_uuid
from registry.jobs.service.jobs import count_dead_letters, count_jobs, list_jobs, settle_job

STATES: Final = ("dead", "failed", "open", "all")


def _dead(page: Page) -> Card:
    return Card(
        N_("Failed jobs"),
        N_("No job was given up."),
        "/admin/queues",
        count_dead_letters(page.service, page.caller),
        N_("The service gave these jobs up. Retry or discard each."),
        broken=True,
    )


area.waiting += (Waiting("listJobs", _dead),)


@area.page("/admin/queues", operation="listJobs")
def queues(page: Page) -> Shown:
    """List jobs by state, by default the dead letters."""
    state = page.query("state") if page.query("state") in STATES else "dead"
    task = page.query("task").strip()[:40]
    listed = list_jobs(
        page.service, page.caller, state=state, task=task or None, after=page.query("after") or None
    )
    return page.show(
        "admin/queues.html",
        readiness=check_readiness(page.service),
        counts=count_jobs(page.service, page.caller),
        jobs=listed.jobs,
        next=listed.next,
        state=state,
        task=task,
        states=STATES,
    )


@area.form("/admin/queues/retry", operation="retryJob", again=queues)
def retry(page: Page) -> Response:
    """Retry a failed job."""
    settle_job(page.service, page.caller, as_uuid(page.typed.text("job")), "retried")
    return page.go("/admin/queues", "job_retried")


@area.form("/admin/queues/discard", operation="discardJob", again=queues)
def discard(page: Page) -> Response:
    """Discard a failed job."""
    settle_job(page.service, page.caller, as_uuid(page.typed.text("job")), "discarded")
    return page.go("/admin/queues", "job_discarded")
