"""Answers about jobs of the workers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from registry.core.http.schemas import Answer, TimeText, UuidText

State = Literal["dead", "failed", "open", "all"]


class JobError(Answer):
    code: str = Field(examples=["worker_lost"])
    message: str = Field(examples=["The worker died of this each time it was tried."])


class Job(Answer):
    job_id: UuidText = Field(examples=["6b1f6892-3508-4232-8d9f-ffad71ea642f"])
    task: str = Field(examples=["fingerprint_asset"])
    queue: str = Field(examples=["media"])
    status: Literal["queued", "running", "done", "failed"] = Field(examples=["failed"])
    dead: bool = Field(description="failed for a reason other than its media", examples=[True])
    attempts: int = Field(
        description="how often a worker began it, including workers that died", examples=[3]
    )
    deferrals: int = Field(
        description="how often a dependency was away or its worker was stopped; these count no attempt",
        examples=[0],
    )
    progress: float = Field(examples=[0.4])
    worker: str | None = Field(
        description="host and process of its current or last worker", examples=["worker-7:4711"]
    )
    error: JobError | None
    settled_as: Literal["retried", "discarded"] | None = Field(description="how a person settled it")
    created_at: TimeText = Field(examples=["2026-01-31T09:30:00+00:00"])
    due_at: TimeText | None = Field(description="when it may run")
    finished_at: TimeText | None = Field(examples=["2026-01-31T09:31:02+00:00"])
    settled_at: TimeText | None


class JobPage(Answer):
    jobs: list[Job]
    next: str | None
