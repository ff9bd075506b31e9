"""Celery's thread pool, fixed so that it reports the result of every task.

Celery's own reports nothing for a task that raises before it begins, nor for one that runs out of memory,
whose error it raises again. Such a task is neither acknowledged nor refused, and counts forever against the
worker's limit. After eight of them the worker takes no more.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any, Final, override

from billiard.einfo import ExceptionInfo
from celery.concurrency import thread
from celery.exceptions import WorkerShutdown, WorkerTerminate

log = logging.getLogger(__name__)

_FAILED: Final = 1
"""Failed Celery tasks return this, an `ExceptionInfo`, and seconds."""


class TaskPool(thread.TaskPool):  # type: ignore[misc]  # Celery has no types
    """Celery's `threads`."""

    @override
    def on_apply(self, target: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        return super().on_apply(partial(_ended, target), *arguments, **keywords)


def _ended(target: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
    """Return a task's result, or its failure."""
    try:
        failed, answer, seconds = target(*arguments, **keywords)
    except (WorkerShutdown, WorkerTerminate):
        raise
    except BaseException as raised:
        log.exception("a task could not begin")
        error = raised if isinstance(raised, Exception) else RuntimeError(repr(raised))
        failed, answer, seconds = _FAILED, _told(error), 0.0
    if failed and isinstance(_raised(answer), MemoryError):
        answer = _told(RuntimeError("There was no memory for it."))
    return failed, answer, seconds


def _told(raised: Exception) -> ExceptionInfo:
    try:
        raise raised  # noqa: TRY301 - packed with its traceback
    except Exception:  # noqa: BLE001 - reported to the waiting caller
        return ExceptionInfo()


def _raised(answer: ExceptionInfo) -> BaseException:
    """Return the exception of a task, unpacked if billiard has packed it."""
    packed: BaseException = answer.exception
    return getattr(packed, "exc", packed)
