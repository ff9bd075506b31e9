"""The shape of answers: without the scope `signals` a caller sees no signals and a coarse confidence
(decision record 0034)."""

from __future__ import annotations

from typing import Final

from registry.identity.callers.model import Caller
from registry.matching.decision.model import coarse_confidence
from registry.matching.lookups.model import Answer

STEP_MS: Final = 10
"""Steps in which callers without the scope `signals` are told times: from how long the database took anyone
could tell whether something is near that does not answer them."""


def shown(answer: Answer, caller: Caller) -> Answer:
    """A lookup's answer for `caller`: without the scope `signals`, no signals, and figures as
    `matching.decision.model.coarse_confidence`
    and `STEP_MS` have them."""
    if caller.sees_signals:
        return answer
    took = answer["timing_ms"]
    return {
        **answer,
        "confidence": coarse_confidence.confidence(answer["confidence"]),
        "matches": [
            {**match, "confidence": coarse_confidence.confidence(match["confidence"]), "signals": None}
            for match in answer["matches"]
        ],
        "timing_ms": {stage: -(-took[stage] // STEP_MS) * STEP_MS for stage in took},
    }
