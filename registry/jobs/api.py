"""Jobs of the workers: what waits, what failed, and dead letters, for whoever runs the deployment."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from registry.core.http.documentation import answer, problems
from registry.core.http.paging import After, PageSize
from registry.core.http.responses import Json
from registry.core.http.schemas import PathId
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.jobs import schemas as models
from registry.jobs.service.jobs import list_jobs, settle_job, show_job

router = APIRouter(route_class=Route, tags=["service"])

JobId = Annotated[UUID, PathId("Job")]


@router.get(
    "/v1/jobs",
    operation_id="listJobs",
    summary="Dead letters, and other jobs of the workers",
    responses=answer(200, models.JobPage, "Newest first.") | problems(400, 401, 403),
)
def list_all(
    service: ServiceOf,
    caller: CallerOf,
    state: Annotated[models.State, Query(description="dead: nobody has dealt with it yet")] = "dead",
    task: Annotated[str | None, Query(max_length=40)] = None,
    limit: PageSize = 50,
    after: After = None,
) -> Json:
    """For administrators of the first organization. A dead letter is a job that was given up for a reason
    that is not its media's own: `worker_lost` (each try was the end of a worker), `internal`, `timed_out`, or
    something that it needs and that stayed away."""
    found = list_jobs(service, caller, state=state, task=task or None, limit=limit, after=after or None)
    return Json(found)


@router.get(
    "/v1/jobs/{job_id}",
    operation_id="showJob",
    summary="A job of the workers",
    responses=answer(200, models.Job, "The job.") | problems(401, 403, 404),
)
def show(service: ServiceOf, caller: CallerOf, job_id: JobId) -> Json:
    """For administrators of the first organization."""
    return Json(show_job(service, caller, job_id))


@router.post(
    "/v1/jobs/{job_id}/retry",
    operation_id="retryJob",
    summary="Do a failed job again",
    responses=answer(200, models.Job, "Another job was made of it.") | problems(401, 403, 404, 409),
)
def retry(service: ServiceOf, caller: CallerOf, job_id: JobId) -> Json:
    """For administrators of the first organization. With all its tries; the entry that failed with it waits
    again, or the lookup, which is answered after all. The file of a lookup is kept for that for a week, where
    the deployment keeps media, and one that was only hashed is not: whoever asked has to ask again then
    (`media_gone`). Of a long video only what is not read yet is."""
    return Json(settle_job(service, caller, job_id, "retried"))


@router.post(
    "/v1/jobs/{job_id}/discard",
    operation_id="discardJob",
    summary="Let a failed job be",
    responses=answer(200, models.Job, "It is no dead letter any more.") | problems(401, 403, 404, 409),
)
def discard(service: ServiceOf, caller: CallerOf, job_id: JobId) -> Json:
    """For administrators of the first organization. What failed with it stays failed."""
    return Json(settle_job(service, caller, job_id, "discarded"))
