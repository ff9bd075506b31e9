"""The shape of answers: what a caller may see of them (DESIGN section 1, rule 7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.domain.caller import Caller


def shown(answer: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
    """A lookup's answer for `caller`: without the scope `signals`, no signals and confidence to .05.

    The exact figures would let anyone bend a fake until it passes.
    """
    if caller.sees_signals:
        return dict(answer)
    return {
        **answer,
        "confidence": _coarse(answer.get("confidence")),
        "matches": [
            {**match, "confidence": _coarse(match.get("confidence")), "signals": None}
            for match in answer.get("matches", ())
        ],
    }


def shown_related(page: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
    """A page of related entries for `caller`, by the same rule."""
    if caller.sees_signals:
        return dict(page)
    return {**page, "related": [{**one, "score": _coarse(one["score"])} for one in page["related"]]}


def _coarse(confidence: float | None) -> float | None:
    # Never rounded up to a certainty that the evidence does not reach.
    return None if confidence is None else min(round(round(confidence * 20) / 20, 2), 0.95)
