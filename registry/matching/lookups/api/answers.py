"""The shape of answers: without the scope `signals` a caller sees no signals and a coarse confidence
(decision record 0034)."""

from __future__ import annotations

from typing import Final

from registry.identity.callers.model import Caller
from registry.matching.decision.model.confidence import coarse
from registry.matching.lookups.model import Answer

STEP_MS: Final = 10
"""Callers without the scope `signals` get times in these steps. Exact times would reveal whether the database
found media that do not answer the caller."""


def shown(answer: Answer, caller: Caller) -> Answer:
    """Return an answer as its caller may see it. Without the scope `signals` it has no signals, a confidence
    rounded by `coarse`, and times in steps of `STEP_MS`."""
    if caller.sees_signals:
        return answer
    timing = answer["timing_ms"]
    return {
        **answer,
        "confidence": coarse(answer["confidence"]),
        "matches": [
            {**match, "confidence": coarse(match["confidence"]), "signals": None}
            for match in answer["matches"]
        ],
        "timing_ms": {stage: -(-timing[stage] // STEP_MS) * STEP_MS for stage in timing},
    }
