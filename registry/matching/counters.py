"""Prometheus counters of lookups, their stages and suspected hash-reconstruction attacks."""

from __future__ import annotations

from functools import cache
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

from registry.matching.lookups.model import Answer

_STAGE_BUCKETS: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)
_STAGES: Final = ("fingerprint", "candidates", "align", "total")


class LookupCounters:
    """Lookup counters of one application."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._lookups = Counter(
            "fakeprint_lookups",
            "Lookups by input and verdict. `queued`: not answered while the caller waited.",
            ("input", "verdict"),
            registry=registry,
        )
        self._stages = Histogram(
            "fakeprint_lookup_stage_seconds",
            "Duration of the stages of a lookup by input, in seconds.",
            ("stage", "input"),
            buckets=_STAGE_BUCKETS,
            registry=registry,
        )
        self._suspected = Counter(
            "fakeprint_reconstruction_suspected",
            "Organizations newly suspected of reconstructing registered hashes.",
            registry=registry,
        )
        self._refused = Counter(
            "fakeprint_reconstruction_refused",
            "Lookups and documents refused because they are near-identical to earlier ones.",
            registry=registry,
        )

        self._lookups_of = cache(self._lookups.labels)
        self._stage_of = cache(self._stages.labels)

    def looked_up(self, input_kind: str, answer: Answer | None) -> None:
        """Count a lookup; None: it is queued. `input_kind`: document, sha256, hash or file."""
        self._lookups_of(input_kind, answer["verdict"] if answer else "queued").inc()
        timing = answer["timing_ms"] if answer else {}
        for stage in _STAGES:
            # 0 means that this process did not run the stage. Leave it out of the durations.
            if milliseconds := timing.get(stage):
                self._stage_of(stage, input_kind).observe(milliseconds / 1000)

    def suspected(self) -> None:
        """Count an organization that seems to reconstruct registered hashes."""
        self._suspected.inc()

    def probe_refused(self) -> None:
        """Count a refused near-identical hash."""
        self._refused.inc()
