"""Jobs of the workers, including dead letters, for the operating organization."""

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
from registry.jobs.service.jobs import get_job, list_jobs, settle_job

router = APIRouter(route_class=Route, tags=["service"])

JobId = Annotated[UUID, PathId("Job")]


@router.get(
    "/v1/jobs",
    operation_id="listJobs",
    summary="List dead letters and other jobs",
    responses=answer(200, models.JobPage, "Newest first.") | problems(400),
)
def list_all(
    service: ServiceOf,
    caller: CallerOf,
    state: Annotated[
        models.State, Query(description="dead: failed jobs that nobody has retried or discarded")
    ] = "dead",
    task: Annotated[str | None, Query(max_length=40)] = None,
    limit: PageSize = 50,
    after: After = None,
) -> Json:
    """Needs role `admin` in the organization that runs the deployment.

    A dead letter is a job that failed for a reason other than its media: `worker_lost` (every attempt ended
    its worker), `internal`, `timed_out` (the worker was too slow), or a dependency that stayed away.
    """
    page = list_jobs(service, caller, state=state, task=task or None, limit=limit, after=after or None)
    return Json(page)


@router.get(
    "/v1/jobs/{job_id}",
    operation_id="showJob",
    summary="Get a job",
    responses=answer(200, models.Job, "The job.") | problems(404),
)
def show(service: ServiceOf, caller: CallerOf, job_id: JobId) -> Json:
    """Needs role `admin` in the organization that runs the deployment."""
    return Json(get_job(service, caller, job_id))


@router.post(
    "/v1/jobs/{job_id}/retry",
    operation_id="retryJob",
    summary="Retry a failed job",
    responses=answer(200, models.Job, "The job, replaced by a new one.") | problems(404, 409),
)
def retry(service: ServiceOf, caller: CallerOf, job_id: JobId) -> Json:
    """Needs role `admin` in the organization that runs the deployment. The job gets all its attempts
    again. The entry that failed with it becomes pending again, or the lookup is answered after all. The
    file of a failed lookup is kept for a week for this, if the deployment keeps media. A file that was
    only hashed is not kept: send it again (`media_gone`). Of a long video only the missing segments are
    processed."""
    return Json(settle_job(service, caller, job_id, "retried"))


@router.post(
    "/v1/jobs/{job_id}/discard",
    operation_id="discardJob",
    summary="Discard a failed job",
    responses=answer(200, models.Job, "The job, no longer a dead letter.") | problems(404, 409),
)
def discard(service: ServiceOf, caller: CallerOf, job_id: JobId) -> Json:
    """Needs role `admin` in the organization that runs the deployment. What failed with the job stays
    failed."""
    return Json(settle_job(service, caller, job_id, "discarded"))
