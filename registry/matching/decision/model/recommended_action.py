"""Recommended action of a match, as its bank sets it. Pure.

An action is a short code that the bank chooses; the caller decides. If a query holds both a fake and an
original, the action is `review`. The clip may be a report about the fake, or may demonstrate how it was made.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from registry.catalogue.banks.model import Policy

REVIEW: Final = "review"
_GRAVITY: Final = {"none": 0, "label": 1, REVIEW: 2, "block": 4}
_OTHER: Final = 3


def of_match(policy: Policy, verdict: str, *, mixed: bool) -> str | None:
    """Return the action for a match by its verdict; None if the bank sets none. `mixed`: always `review`."""
    if mixed:
        return REVIEW
    return {
        "known_fake": policy.known_fake_action,
        "related": policy.related_action,
        "authentic_original": policy.authentic_original_action,
    }.get(verdict)


def of_answer(actions: Iterable[str | None]) -> str | None:
    """Return the gravest action of the matches, the first among equals.

    Order: block, a bank's own codes, review, label, none.
    """
    return max((action for action in actions if action is not None), key=_gravity, default=None)


def _gravity(action: str) -> int:
    return _GRAVITY.get(action, _OTHER)
