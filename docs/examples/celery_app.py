"""Celery: each upload is a task, which is repeated while the registry is busy, and decides when it answers.

Run: FAKEPRINT_URL=… FAKEPRINT_KEY=… BROKER_URL=… celery -A celery_app worker
Then, from your application: `check_upload.delay("/uploads/clip.mp4")`.
"""

from __future__ import annotations

import os
from pathlib import Path

from celery import Celery, Task
from policy import NO_ANSWER, action, check, client, refused

from fakeprint import NotYet, ServiceError

app = Celery("uploads", broker=os.environ.get("BROKER_URL", "memory://"))
app.conf.task_acks_late = True  # a task whose worker dies is done by another
app.conf.task_reject_on_worker_lost = True
decisions: list[tuple[str, str]] = []
"""Where this example notes what it decided. Yours publishes, holds back, or asks a person."""


@app.task(bind=True, max_retries=10)
def check_upload(self: Task, path: str) -> None:
    """Look the file up. If the answer is not ready, another task asks for it: none waits in a worker."""
    try:
        with client() as registry:
            decided = check(registry, Path(path), wait=5)
    except NotYet as later:
        ask_again.apply_async((path, later.said["lookup_id"]), countdown=10)
    except NO_ANSWER as error:
        raise self.retry(exc=error, countdown=5 * 2**self.request.retries) from error
    else:
        decide.delay(path, decided)


@app.task(bind=True, max_retries=100)
def ask_again(self: Task, path: str, lookup_id: str) -> None:
    """Fetch the answer of a long file."""
    try:
        with client() as registry:
            decided = action(registry.lookup(lookup_id))
    except NotYet as error:
        raise self.retry(exc=error, countdown=10) from error
    except ServiceError as error:
        decided = refused(error)
    decide.delay(path, decided)


@app.task
def decide(path: str, decided: str) -> None:
    """Do what was decided."""
    decisions.append((path, decided))
