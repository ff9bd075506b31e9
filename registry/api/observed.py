"""What the database knows of the workers, read when metrics are asked for: the same from every process."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Final

from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from registry.actions.service import Service
from registry.errors import Unavailable
from registry.store import canaries, work_times
from registry.store.pool import PATIENCE
from registry.store.work_times import BOUNDS, Times

LOGGER = logging.getLogger("registry.api")

SHORT_PATIENCE: Final = 0.1
"""Seconds to wait for a primary that is known to be away."""


@dataclass(slots=True)
class _Found:
    answers: bool = False
    jobs: list[dict[str, Any]] = field(default_factory=list)
    dead: int = 0
    outbox: dict[str, Any] = field(default_factory=lambda: {"messages": 0, "oldest_seconds": 0.0})
    times: list[Times] = field(default_factory=list)
    canaries: list[dict[str, Any]] = field(default_factory=list)
    unsigned: float = 0.0


class Observed(Collector):
    """Jobs by kind, dead letters, the outbox, the ledger, the time that work took, and canaries."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        found = self._read()
        answers = GaugeMetricFamily("fakeprint_database_answers", "1: the primary database answers.")
        answers.add_metric([], found.answers)
        yield answers
        if found.answers:
            yield from _jobs(found)
            yield _work(found.times)
            yield from _canaries(found.canaries)

    def _read(self) -> _Found:
        replicas = self._service.replicas
        patience = SHORT_PATIENCE if replicas is not None and replicas.primary.is_away() else PATIENCE
        try:
            with self._service.pool.transaction(patience) as connection:
                return _Found(
                    True,
                    work_times.open_jobs(connection),
                    work_times.dead_letters(connection),
                    work_times.outbox(connection),
                    work_times.every(connection),
                    canaries.every(connection),
                    work_times.unsigned(connection),
                )
        except Unavailable as error:
            LOGGER.warning("the work could not be measured: %s", error.message)
            return _Found()


def _jobs(found: _Found) -> Iterator[Metric]:
    depth = GaugeMetricFamily(
        "fakeprint_tasks_open", "Jobs, by kind: queued or running.", labels=["task", "status"]
    )
    oldest = GaugeMetricFamily(
        "fakeprint_tasks_oldest_seconds", "Age of the oldest of them.", labels=["task", "status"]
    )
    for row in found.jobs:
        depth.add_metric([row["task"], row["status"]], row["depth"])
        oldest.add_metric([row["task"], row["status"]], row["oldest_seconds"])
    dead = GaugeMetricFamily("fakeprint_jobs_dead", "Dead letters that nobody has dealt with.")
    dead.add_metric([], found.dead)
    messages = GaugeMetricFamily("fakeprint_outbox_messages", "Messages that the broker has not taken yet.")
    messages.add_metric([], found.outbox["messages"])
    waiting = GaugeMetricFamily("fakeprint_outbox_oldest_seconds", "Age of the oldest of these messages.")
    waiting.add_metric([], found.outbox["oldest_seconds"])
    unsigned = GaugeMetricFamily(
        "fakeprint_ledger_unsigned_seconds", "Age of the oldest event that no signed checkpoint covers."
    )
    unsigned.add_metric([], found.unsigned)
    yield from (depth, oldest, dead, messages, waiting, unsigned)


def _work(times: list[Times]) -> Metric:
    """A histogram whose counters stand in the database."""
    work = HistogramMetricFamily(
        "fakeprint_work_seconds",
        "Seconds that the workers' jobs took, by kind and outcome: done, failed, unavailable, lost.",
        labels=["task", "outcome"],
    )
    names = [*map(str, BOUNDS), "+Inf"]
    for one in times:
        buckets = list(zip(names, accumulate(map(float, one.counts)), strict=True))
        work.add_metric([one.task, one.outcome], buckets, one.seconds)
    return work


def _canaries(rows: list[dict[str, Any]]) -> Iterator[Metric]:
    matched = GaugeMetricFamily(
        "fakeprint_canary_found", "1: this known lookup matched when it was asked last.", labels=["canary"]
    )
    asked = GaugeMetricFamily(
        "fakeprint_canary_asked_timestamp_seconds", "When it was asked last.", labels=["canary"]
    )
    seconds = GaugeMetricFamily("fakeprint_canary_seconds", "Seconds its answer took.", labels=["canary"])
    for row in rows:
        matched.add_metric([row["canary"]], row["found"])
        asked.add_metric([row["canary"]], row["asked_at"])
        seconds.add_metric([row["canary"]], row["seconds"])
    yield from (matched, asked, seconds)
