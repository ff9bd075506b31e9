"""Errors of jobs."""

from __future__ import annotations

from registry.core.errors import Conflict, NotFound, TooMany, Unavailable


class NotFailed(Conflict):
    meaning = "The job has not failed, or was already retried or discarded."
    next_step = "`fakeprint admin job list` lists the dead letters."


class JobOpen(Conflict):
    meaning = "The same work is already queued or running."


class UnknownJob(NotFound):
    meaning = "There is no such job."


class QueueFull(Unavailable):
    meaning = "Too much work waits for the workers. Send the file again after `Retry-After`."


class QueueShareFull(TooMany):
    meaning = "Too many files of this caller or its organization wait. Try again after `Retry-After`."


class LeaseLost(Conflict):
    """Another worker has taken over the job or the delivery."""

    message = "Another worker has taken this job over."
