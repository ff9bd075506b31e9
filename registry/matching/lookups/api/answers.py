"""The shape of answers: what a caller may see of them (DESIGN section 1, rule 7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from registry.identity.callers.model import Caller
from registry.matching.decision.model import coarse_confidence

STEP_MS: Final = 10
"""Steps in which callers without the scope `signals` are told times: from how long the database took anyone
could tell whether something is near that does not answer them."""


def shown(answer: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
    """A lookup's answer for `caller`: without the scope `signals`, no signals, and figures as
    `matching.decision.model.coarse_confidence`
    and `STEP_MS` have them."""
    if caller.sees_signals:
        return dict(answer)
    found = {**answer, "confidence": _coarse(answer)}
    found["matches"] = [
        {**match, "confidence": _coarse(match), "signals": None} for match in answer.get("matches", ())
    ]
    if "timing_ms" in answer:
        took = answer["timing_ms"]
        found["timing_ms"] = {stage: -(-took[stage] // STEP_MS) * STEP_MS for stage in took}
    return found


def _coarse(said: Mapping[str, Any]) -> float | None:
    return coarse_confidence.confidence(said.get("confidence"))
