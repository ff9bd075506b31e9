"""What a bank says is to be done about a match. Pure.

An action is a short code that the bank chooses; the caller decides. Where a query holds both a fake and an
original, a person looks: it may be a report about the fake, or a clip that shows off what was made of whom.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from registry.catalogue.banks.model import Policy

REVIEW: Final = "review"
_GRAVITY: Final = {"none": 0, "label": 1, REVIEW: 2, "block": 4}
_OTHER: Final = 3


def of_match(policy: Policy, verdict: str, *, mixed: bool) -> str | None:
    """The action for a match of that verdict; None where the bank says nothing. `mixed`: always `review`."""
    if mixed:
        return REVIEW
    return {
        "known_fake": policy.known_fake_action,
        "related": policy.related_action,
        "authentic_original": policy.authentic_original_action,
    }.get(verdict)


def of_answer(actions: Iterable[str | None]) -> str | None:
    """The gravest of the matches' actions, the first of equals: block, then codes of a bank's own, review,
    label, none."""
    return max((action for action in actions if action is not None), key=_gravity, default=None)


def _gravity(action: str) -> int:
    return _GRAVITY.get(action, _OTHER)
