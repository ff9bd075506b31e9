"""Metrics of workers, canaries, peers and the database itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate
from typing import Any, Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric

from registry.jobs.model.metrics import BOUNDS, Backlog, Durations, QueueDepth, TaskDepth
from registry.operations.api.database_metrics import Readings
from registry.operations.store.canaries import Canary
from registry.operations.store.server import Archive

QUEUES: Final = ("interactive", "media", "bulk", "delivery")
"""Always shown, so that an alert can distinguish an empty queue from a silent service."""


def families(readings: Readings) -> Iterator[Metric]:
    """Yield the metrics of the values that were read. Whether the database answers is always among them."""
    answers = GaugeMetricFamily("fakeprint_database_answers", "1: the primary database answers.")
    answers.add_metric([], readings.get("answers", False))
    yield answers
    for name, family in _FAMILIES.items():
        if name in readings:
            yield from family(readings[name])


def _queues(rows: list[QueueDepth]) -> Iterator[Metric]:
    depth = GaugeMetricFamily("fakeprint_jobs_open", "Jobs that wait or run, by queue.", labels=["queue"])
    oldest = GaugeMetricFamily(
        "fakeprint_jobs_oldest_seconds",
        "Seconds for which the oldest job has waited that could be done and that nobody does, by queue.",
        labels=["queue"],
    )
    read = {row.queue: (row.depth, row.oldest_seconds) for row in rows}
    for queue, (open_jobs, seconds) in (dict.fromkeys(QUEUES, (0, 0.0)) | read).items():
        depth.add_metric([queue], open_jobs)
        oldest.add_metric([queue], seconds)
    yield from (depth, oldest)


def _jobs(rows: list[TaskDepth]) -> Iterator[Metric]:
    depth = GaugeMetricFamily(
        "fakeprint_tasks_open", "Jobs, by kind: queued or running.", labels=["task", "status"]
    )
    oldest = GaugeMetricFamily(
        "fakeprint_tasks_oldest_seconds", "Age of the oldest of them.", labels=["task", "status"]
    )
    for row in rows:
        depth.add_metric([row.task, row.status], row.depth)
        oldest.add_metric([row.task, row.status], row.oldest_seconds)
    yield from (depth, oldest)


def _dead(jobs: int) -> Iterator[Metric]:
    yield _gauge("fakeprint_jobs_dead", "Dead letters that nobody has dealt with.", jobs)


def _outbox(row: Backlog) -> Iterator[Metric]:
    description = "Messages that the broker has not taken yet."
    yield _gauge("fakeprint_outbox_messages", description, row.messages)
    yield _gauge(
        "fakeprint_outbox_oldest_seconds", "Age of the oldest of these messages.", row.oldest_seconds
    )


def _unsigned(seconds: float) -> Iterator[Metric]:
    description = "Age of the oldest event that no signed checkpoint covers."
    yield _gauge("fakeprint_ledger_unsigned_seconds", description, seconds)


def _swept(at: float | None) -> Iterator[Metric]:
    """Nothing if jobs were never swept."""
    if at is not None:
        yield _gauge(
            "fakeprint_swept_timestamp_seconds", "When the worker of the queue control swept last.", at
        )


def _work(times: list[Durations]) -> Iterator[Metric]:
    """Yield a histogram whose counters are stored in the database."""
    work = HistogramMetricFamily(
        "fakeprint_work_seconds",
        "Seconds that the workers' jobs took, by kind and outcome: done, failed, unavailable, lost."
        " `ask_canaries` is no job: it is done each minute, where known lookups are set.",
        labels=["task", "outcome"],
    )
    names = [*map(str, BOUNDS), "+Inf"]
    for time in times:
        buckets = list(zip(names, accumulate(map(float, time.counts)), strict=True))
        work.add_metric([time.task, time.outcome], buckets, time.seconds)
    yield work


def _canaries(rows: list[Canary]) -> Iterator[Metric]:
    matched = GaugeMetricFamily(
        "fakeprint_canary_found", "1: this known lookup matched when it was asked last.", labels=["canary"]
    )
    asked = GaugeMetricFamily(
        "fakeprint_canary_asked_timestamp_seconds", "When it was asked last.", labels=["canary"]
    )
    seconds = GaugeMetricFamily("fakeprint_canary_seconds", "Seconds its answer took.", labels=["canary"])
    for row in rows:
        matched.add_metric([row.canary], row.found)
        asked.add_metric([row.canary], row.asked_at)
        seconds.add_metric([row.canary], row.seconds)
    yield from (matched, asked, seconds)


def _peers(counts: Mapping[str, int]) -> Iterator[Metric]:
    """Yield the states of peer registries. Nothing if there are none."""
    if not counts["peers"]:
        return
    states = GaugeMetricFamily(
        "fakeprint_peers",
        "Registries that are read: `forked` are suspended with proof, `suspended` by somebody, `failing`"
        " could not be read the last time.",
        labels=["state"],
    )
    troubled = ("forked", "suspended", "failing")
    for state in troubled:
        states.add_metric([state], counts[state])
    states.add_metric(["well"], counts["peers"] - sum(counts[state] for state in troubled))
    yield states


def _exchanges(seconds_by_kind: Mapping[str, float]) -> Iterator[Metric]:
    """Yield how overdue exchanges are. Nothing if there are none."""
    if not seconds_by_kind:
        return
    overdue = GaugeMetricFamily(
        "fakeprint_exchange_overdue_seconds",
        "Seconds for which an exchange should have been read to its end by now, the worst of its kind;"
        " `registry`: a peer.",
        labels=["kind"],
    )
    for kind, seconds in seconds_by_kind.items():
        overdue.add_metric([kind], seconds)
    yield overdue


def _archive(row: Archive | None) -> Iterator[Metric]:
    """Yield the state of log archiving. Nothing if there is none."""
    if row is None:
        return
    failures = CounterMetricFamily(
        "fakeprint_wal_archive_failures", "Attempts to archive a segment of the log that came to nothing."
    )
    failures.add_metric([], row.failures)
    yield failures
    description = "Seconds since a segment of the log was archived, while finished ones wait; 0: none waits."
    yield _gauge("fakeprint_wal_unarchived_seconds", description, row.waiting)


def _gauge(name: str, description: str, value: float) -> Metric:
    gauge = GaugeMetricFamily(name, description)
    gauge.add_metric([], value)
    return gauge


_FAMILIES: Final[Mapping[str, Callable[[Any], Iterator[Metric]]]] = {
    "queues": _queues,
    "jobs": _jobs,
    "dead": _dead,
    "outbox": _outbox,
    "unsigned": _unsigned,
    "swept": _swept,
    "times": _work,
    "canaries": _canaries,
    "peers": _peers,
    "exchanges": _exchanges,
    "archive": _archive,
}
"""By the names of `database_metrics.QUERIES`, without `stamps`, which depends on settings."""
