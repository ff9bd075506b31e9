"""Metrics of requests, lookups and waiting work.

With `serve --workers N` each process counts in a file of the folder PROMETHEUS_MULTIPROC_DIR. The scraped
process adds them up.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from registry.core.service import Service
from registry.matching.counters import LookupCounters
from registry.operations.api import timestamp_metrics, work_metrics
from registry.operations.api.database_metrics import Readings

SHARED: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Folder of the processes that answer on one address. Unset if there is only one."""
_REQUEST_BUCKETS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Instruments(LookupCounters):
    """Counters of one application."""

    def __init__(self) -> None:
        if SHARED in os.environ:
            # This process never forks. Without this the process id is read at each count, ten times a lookup.
            process = os.getpid()
            one_process: Any = values.MultiProcessValue
            values.ValueClass = one_process(lambda: process)
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "fakeprint_http_requests",
            "Requests answered, by route template, method and status.",
            ("route", "method", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "fakeprint_http_request_seconds",
            "Seconds from a request's first byte to its answer's last, by route template.",
            ("route",),
            buckets=_REQUEST_BUCKETS,
            registry=self._registry,
        )
        super().__init__(self._registry)
        self._requests_of = cache(self._requests.labels)
        self._seconds_of = cache(self._seconds.labels)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        self._requests_of(route, method, status).inc()
        self._seconds_of(route).observe(seconds)

    def text(self, service: Service, readings: Readings) -> bytes:
        """Return all metrics in Prometheus' text format. `readings`: the values read from the database."""
        scraped = self._registry
        if SHARED in os.environ:
            scraped = CollectorRegistry()
            MultiProcessCollector(scraped)  # type: ignore[no-untyped-call]  # the library's gap
        stamps = timestamp_metrics.families(service.settings, readings.get("stamps"))
        current = CollectorRegistry()
        current.register(
            _Families(chain(_pool(service), _replicas(service), work_metrics.families(readings), stamps))
        )
        return generate_latest(scraped) + generate_latest(current)


class _Families(Collector):
    """Families that were made for one answer."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        return self._families


def _pool(service: Service) -> Iterator[Metric]:
    pool = GaugeMetricFamily("fakeprint_pool_connections", "Database connections.", labels=["state"])
    stats = service.pool.stats()
    pool.add_metric(["open"], stats.get("pool_size", 0))
    pool.add_metric(["idle"], stats.get("pool_available", 0))
    pool.add_metric(["awaited"], stats.get("requests_waiting", 0))
    yield pool


def _replicas(service: Service) -> Iterator[Metric]:
    """Yield the states of replicas as this process sees them, and the spool. Nothing if there are none. An
    address of the primary itself is no replica."""
    if service.replicas is None:
        return
    answers = GaugeMetricFamily(
        "fakeprint_replica_answers", "1: the replica may answer beside the primary.", labels=["replica"]
    )
    lag = GaugeMetricFamily(
        "fakeprint_replica_lag_seconds",
        "Seconds since the last moment of which the replica is known to hold everything.",
        labels=["replica"],
    )
    for state in service.replicas.states():
        if state.is_primary:
            continue
        answers.add_metric([state.name], state.ok)
        if state.lag is not None:
            lag.add_metric([state.name], state.lag)
    away = GaugeMetricFamily("fakeprint_primary_away", "1: lookups are answered as of an earlier time.")
    away.add_metric([], service.replicas.primary.is_away())
    spool = GaugeMetricFamily("fakeprint_spool_bytes", "Records of lookups that wait for the primary.")
    spool.add_metric([], service.journal.waiting())
    room = GaugeMetricFamily("fakeprint_spool_limit_bytes", "The room for these (FAKEPRINT_SPOOL_BYTES).")
    room.add_metric([], service.settings.spool_bytes)
    yield from (answers, lag, away, spool, room)
