"""Background work: job queue in PostgreSQL, leases with fences, outbox of messages, dead letters. A worker
claims a job under a lease, renews it while it works, and finishes or fails the job once. The relay sends
again what a broker lost.

Owns: `job`, `outbox`, `sweeper`.
"""

from registry.jobs.store.jobs import (
    Job,
    Task,
    drop_all,
    drop_open,
    enqueue,
    fail_all,
    finish,
    forget_ended,
    forget_ended_about,
    hold,
    registering,
)

__all__ = [
    "Job",
    "Task",
    "drop_all",
    "drop_open",
    "enqueue",
    "fail_all",
    "finish",
    "forget_ended",
    "forget_ended_about",
    "hold",
    "registering",
]
