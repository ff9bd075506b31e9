"""Background work: job queue in PostgreSQL, leases with fences, outbox of messages, dead letters. A worker
claims a job under a lease, renews it while it works, and finishes or fails the job once. The relay sends
messages again that a broker lost.

Owns: `job`, `outbox`, `sweeper`, `work_time`.

Events: `job.*`.

How a job is done once:
1. `store/jobs.py`: `enqueue` writes the job in the caller's transaction, and an outbox row with it.
2. `service/queue.py` sends the outbox to the broker after the commit.
3. `workers/runtime/perform.py` claims the job under a lease by `service/jobs.py`, works, and finishes it.
4. `workers/runtime/perform.py` catches a failure and `service/jobs.py: fail_job` decides: try again, or fail
   the job and call the handler that `service/handlers.py` holds for the task.
5. A job that failed too often is a dead letter: `store/dead_letters.py`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.jobs.store.dead_letters import add_dead_letter, discard_dead_letters, settle_dead_letters
    from registry.jobs.store.jobs import (
        Job,
        Task,
        delete_ended,
        drop_all,
        drop_open,
        enqueue,
        fail_all,
        finish,
        hold,
        reassign,
        registering,
    )
    from registry.jobs.store.metrics import QUERIES as METRICS
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = [
    "METRICS",
    "Job",
    "Task",
    "add_dead_letter",
    "delete_ended",
    "discard_dead_letters",
    "drop_all",
    "drop_open",
    "enqueue",
    "fail_all",
    "finish",
    "hold",
    "reassign",
    "registering",
    "settle_dead_letters",
]
