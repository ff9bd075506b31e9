"""How the ledger's time stamps are, read when metrics are asked for."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from registry.actions.service import Service
from registry.api.observed import SHORT_PATIENCE
from registry.errors import Unavailable
from registry.store import ledger_stamps
from registry.store.pool import PATIENCE

LOGGER = logging.getLogger("registry.api")


class Stamped(Collector):
    """Nothing where no stamp was ever asked for: then no authority is set, and none is missed."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        replicas = self._service.replicas
        patience = SHORT_PATIENCE if replicas is not None and replicas.primary.is_away() else PATIENCE
        try:
            with self._service.pool.transaction(patience) as connection:
                found = ledger_stamps.state(connection)
        except Unavailable as error:
            LOGGER.warning("the ledger's stamps could not be measured: %s", error.message)
            return
        if found is not None:
            yield from families(found)


def families(found: Mapping[str, Any]) -> Iterator[Metric]:
    """A row of `ledger_stamps.state` as metrics."""
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
