"""Metrics of the ledger's timestamps."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from registry.core.settings import Settings
from registry.transparency.timestamps import State


def families(settings: Settings, state: State | None) -> Iterator[Metric]:
    """Yield the state of timestamping (None: unknown). Nothing if the deployment requests no
    timestamps now, even if it did before."""
    if state is None or not settings.tsa_minutes or not (settings.tsa_url or settings.tsa_ca):
        return
    yield _gauge(
        "fakeprint_ledger_unstamped_seconds",
        "For how long a checkpoint of the ledger has waited for a time stamp; 0: none waits.",
        state.waiting,
    )
    yield _gauge(
        "fakeprint_ledger_stamp_overdue_seconds",
        "The same, from when it should have had one: FAKEPRINT_TSA_MINUTES after the last.",
        _overdue(state.waiting, state.age, settings.tsa_minutes * 60),
    )
    yield _gauge(
        "fakeprint_ledger_stamp_failures",
        "Attempts in a row to get a time stamp that came to nothing.",
        state.failures,
    )


def _overdue(waiting: float, age: float | None, pause: float) -> float:
    """`age`: seconds since the newest stamp, after which the next waits for `pause`; None: there is none."""
    return waiting if age is None else max(0.0, min(waiting, age - pause))


def _gauge(name: str, description: str, value: float) -> Metric:
    gauge = GaugeMetricFamily(name, description)
    gauge.add_metric([], value)
    return gauge
