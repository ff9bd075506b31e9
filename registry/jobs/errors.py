"""Errors of jobs."""

from __future__ import annotations

from registry.core.errors import Conflict, NotFound, Unavailable


class NotFailed(Conflict):
    meaning = "The job has not failed, or somebody has dealt with it."
    next_step = "`fakeprint admin job list` shows those that wait for you."


class JobOpen(Conflict):
    meaning = "The same work is being done already."


class UnknownJob(NotFound):
    meaning = "There is no such job."


class QueueFull(Unavailable):
    meaning = "The workers have to catch up: send the file again after `Retry-After`."


class LeaseLost(Conflict):
    """Another worker has taken over the job or the delivery."""

    message = "Another worker has taken this job over."
