"""Celery's pool of threads, which tells of every task how it ended.

Celery's own says nothing of a task that raises before it begins, nor of one for which there is no memory,
whose failure it raises again. That is neither acknowledged nor refused, and counts for ever among those that
the worker may hold: with eight of them it takes no more.
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
"""What Celery's tasks answer with where they failed: this, an `ExceptionInfo`, and seconds."""


class TaskPool(thread.TaskPool):  # type: ignore[misc]  # Celery has no types
    """Celery's `threads`."""

    @override
    def on_apply(self, target: Callable[..., Any], *given: Any, **named: Any) -> Any:
        return super().on_apply(partial(_ended, target), *given, **named)


def _ended(target: Callable[..., Any], *given: Any, **named: Any) -> Any:
    """What a task answers, or that it failed."""
    try:
        failed, answer, seconds = target(*given, **named)
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
        raise raised  # noqa: TRY301 - packed with where it comes from
    except Exception:  # noqa: BLE001 - it is told to whoever waits for the task
        return ExceptionInfo()


def _raised(answer: ExceptionInfo) -> BaseException:
    """What a task raised, as billiard packs it or as it is."""
    packed: BaseException = answer.exception
    return getattr(packed, "exc", packed)
