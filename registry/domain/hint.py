"""What a bank says is to be done about a match. Pure.

An action is a short code that the bank chooses; the caller decides. Where a query holds both a fake and an
original (a debunk), no code is given that could take it down: a person looks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from registry.domain.policy import Policy

REVIEW: Final = "review"
HARMLESS: Final = frozenset({"none", "label", REVIEW})
"""Codes under which nothing is removed. All others may mean anything, and count as graver than these."""
_GRAVITY: Final = {"none": 0, "label": 1, REVIEW: 2, "block": 4}
_OTHER: Final = 3


def of_match(policy: Policy, verdict: str, *, mixed: bool) -> str | None:
    """The action for a match of that verdict; None where the bank says nothing."""
    said = {
        "known_fake": policy.known_fake_action,
        "related": policy.related_action,
        "authentic_original": policy.authentic_original_action,
    }.get(verdict)
    return REVIEW if mixed and said is not None and said not in HARMLESS else said


def of_answer(actions: Iterable[str | None]) -> str | None:
    """The gravest of the matches' actions, the first of equals: block, then codes of a bank's own, review,
    label, none."""
    return max((one for one in actions if one is not None), key=_gravity, default=None)


def _gravity(action: str) -> int:
    return _GRAVITY.get(action, _OTHER)
