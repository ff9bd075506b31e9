"""Counters of lookups, of their stages and of suspected probing, for Prometheus."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Histogram

_STAGE_BUCKETS: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)
_STAGES: Final = ("fingerprint", "candidates", "align", "total")


class LookupCounters:
    """The counters of one application."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._lookups = Counter(
            "fakeprint_lookups",
            "Lookups, by what was given and the verdict; `queued`: not answered while the caller waited.",
            ("input", "verdict"),
            registry=registry,
        )
        self._stages = Histogram(
            "fakeprint_lookup_stage_seconds",
            "Seconds that the stages of a lookup took.",
            ("stage",),
            buckets=_STAGE_BUCKETS,
            registry=registry,
        )
        self._suspected = Counter(
            "fakeprint_probing_suspected",
            "Organizations whose near-identical hashes were refused from then on.",
            registry=registry,
        )
        self._refused = Counter(
            "fakeprint_probing_refused",
            "Lookups and documents refused as near-identical to what was asked.",
            registry=registry,
        )

        self._lookups_of = cache(self._lookups.labels)
        self._stage_of = cache(self._stages.labels)

    def looked_up(self, given: str, answer: Mapping[str, Any]) -> None:
        """A lookup was answered, or is `queued`; `given` is document, sha256, hash or file."""
        self._lookups_of(given, answer.get("verdict", "queued")).inc()
        timing = answer.get("timing_ms", {})
        for stage in _STAGES:
            # A stage that this process did not run (0) says nothing about how long it takes.
            if milliseconds := timing.get(stage):
                self._stage_of(stage).observe(milliseconds / 1000)

    def suspected(self) -> None:
        """An organization is suspected to reconstruct registered hashes."""
        self._suspected.inc()

    def probe_refused(self) -> None:
        """A near-identical hash was refused."""
        self._refused.inc()
