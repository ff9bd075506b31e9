"""Examples of the jobs of the workers."""

from __future__ import annotations

from typing import Any, Final

_JOB: Final[dict[str, Any]] = {
    "job_id": "6b1f6892-3508-4232-8d9f-ffad71ea642f",
    "task": "fingerprint_asset",
    "queue": "media",
    "status": "failed",
    "dead": True,
    "attempts": 3,
    "deferrals": 0,
    "progress": 0.4,
    "worker": "worker-7:4711",
    "error": {"code": "worker_lost", "message": "The worker died of this each time it was tried."},
    "settled_as": None,
    "created_at": "2026-01-31T09:30:00+00:00",
    "due_at": None,
    "finished_at": "2026-01-31T09:31:02+00:00",
    "settled_at": None,
}

ANSWERS: Final[dict[str, dict[str, Any]]] = {"Job": _JOB, "JobPage": {"jobs": [_JOB], "next": None}}
