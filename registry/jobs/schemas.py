"""Jobs of the workers, as models."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from registry.core.http.schemas import Answer

State = Literal["dead", "failed", "open", "all"]


class JobError(Answer):
    code: str
    message: str


class Job(Answer):
    job_id: str
    task: str
    queue: str
    status: Literal["queued", "running", "done", "failed"]
    dead: bool = Field(description="given up for a reason that is not its media's own")
    attempts: int = Field(description="how often a worker has begun it, its deaths included")
    deferrals: int = Field(description="how often what it needs was away, or its worker ended; no attempts")
    progress: float
    worker: str | None = Field(description="host and process that hold it, or held it last")
    error: JobError | None
    settled_as: Literal["retried", "discarded"] | None = Field(description="what a person made of it")
    created_at: str
    due_at: str | None = Field(description="it waits until then")
    finished_at: str | None
    settled_at: str | None


class JobPage(Answer):
    jobs: list[Job]
    next: str | None
