"""How the ledger's time stamps are, as metrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric


def families(found: Mapping[str, Any] | None) -> Iterator[Metric]:
    """What `ledger_stamps.state` found. Nothing where no stamp was ever asked for: then no authority is set,
    and none is missed."""
    if found is None:
        return
    waiting = GaugeMetricFamily(
        "fakeprint_ledger_unstamped_seconds",
        "For how long a checkpoint of the ledger has waited for a time stamp; 0: none waits.",
    )
    waiting.add_metric([], found["waiting"])
    failures = GaugeMetricFamily(
        "fakeprint_ledger_stamp_failures", "Attempts in a row to get a time stamp that came to nothing."
    )
    failures.add_metric([], found["failures"])
    yield from (waiting, failures)
