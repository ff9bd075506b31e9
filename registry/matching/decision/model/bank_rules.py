"""What a bank's policy makes of a span whose evidence is known: whether it is shown, and the doubts that keep
it from deciding.

Lookups apply these rules while they decide, and the preview of a policy applies them to recorded evidence.
The recommended action of a match is its bank's too. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from registry.catalogue.banks.model import Policy, Tier, rank
from registry.catalogue.entries.model.verdict import Verdict
from registry.catalogue.media.model import Role

WHOLE_FILE: Final = "whole_file"
"""Reason of a match by nothing but a value of the whole file."""
POLICY_REASONS: Final = frozenset({"unreviewed", "below_tier", "single_frame", "weak"})
"""Doubts that depend on the policy. All others come from the evidence alone."""
AUDIO_ONLY: Final = "audio_only"
"""Reason of a match by nothing but the sound of a fake whose sound does not decide."""
DECIDES: Final[dict[str, Verdict]] = {
    "copy": "known_fake",
    "audio": "known_fake",
    "original": "authentic_original",
}
"""Verdict of a span without doubts, by relation."""
REVIEW: Final = "review"
"""Action for a query that holds both a fake and an original: it may be a report about the fake, or may show
how it was made. An action is a short code that the bank chooses; the caller decides."""
_GRAVITY: Final = {"none": 0, "label": 1, REVIEW: 2, "block": 4}
_OTHER: Final = 3


@dataclass(frozen=True, slots=True)
class Weighed:
    """The evidence of a span. `tier`: of the asset's role. `footage`: probability that the span is the
    asset's footage. `single`: either side has only one picture. `own`: the reader's organization owns the
    bank. `located`: decided where the fake and its original differ. `confidence`: probability that the
    verdict is right; None: the footage alone is judged."""

    role: Role
    tier: Tier
    own: bool
    exact: bool
    single: bool
    footage: float
    located: bool = False
    confidence: float | None = None


def is_shown(weighed: Weighed, policy: Policy) -> bool:
    """Return whether the span is certain and trusted enough for its bank to show it at all."""
    counts = rank(weighed.tier) >= rank(policy.answer_tier)
    return counts and (weighed.exact or weighed.footage >= policy.min_related)


def is_strong(weighed: Weighed, policy: Policy) -> bool:
    """Return whether the confidence reaches the minimum of its bank."""
    sure = weighed.footage if weighed.confidence is None else weighed.confidence
    return weighed.exact or sure >= policy.min_confidence


def tier_doubts(tier: Tier, policy: Policy, *, own: bool) -> tuple[str, ...]:
    """An unreviewed entry counts little for other organizations, and its bank may require a tier."""
    visible = own or policy.strangers_see_unreviewed
    enough = rank(tier) >= rank(policy.known_tier)
    if tier == "unreviewed" and not (visible and enough):
        return ("unreviewed",)
    return () if enough else ("below_tier",)


def doubts(weighed: Weighed, policy: Policy) -> tuple[str, ...]:
    """Doubt a copy of an entry of too low a tier, a single picture and too low a confidence. A stranger's
    unreviewed original proves nothing."""
    if weighed.role == "fake":
        found = [*tier_doubts(weighed.tier, policy, own=weighed.own)]
    else:
        found = ["original_claimed"] if weighed.tier == "unreviewed" and not weighed.own else []
    if weighed.single and not _decides_alone(weighed, policy):
        found.append("single_frame")
    if not is_strong(weighed, policy):
        found.append("weak")
    return tuple(found)


def _decides_alone(weighed: Weighed, policy: Policy) -> bool:
    """Return whether a single picture decides: by default only where the part that differs says whose it
    is."""
    return weighed.located if policy.single_frame is None else policy.single_frame


def verdict_of(
    weighed: Weighed, relation: str | None, reasons: Sequence[str], policy: Policy
) -> Verdict | None:
    """Return the verdict that a recorded span gets under a policy; None if it is not shown.

    `reasons`: those recorded. A doubt that does not depend on the policy stays.
    """
    if AUDIO_ONLY in reasons or WHOLE_FILE in reasons:
        counts = rank(weighed.tier) >= rank(policy.answer_tier)
        return "related" if counts and (policy.audio or relation != "audio") else None
    if not is_shown(weighed, policy) or (relation == "audio" and not policy.audio):
        return None
    if relation not in DECIDES or set(reasons) - POLICY_REASONS:
        return "related"
    return "related" if doubts(weighed, policy) else DECIDES[relation]


def action_of_match(policy: Policy, verdict: str, *, mixed: bool) -> str | None:
    """Return the action for a match by its verdict; None if the bank sets none. `mixed`: always `review`."""
    if mixed:
        return REVIEW
    return {
        "known_fake": policy.known_fake_action,
        "related": policy.related_action,
        "authentic_original": policy.authentic_original_action,
    }.get(verdict)


def action_of_answer(actions: Iterable[str | None]) -> str | None:
    """Return the gravest action of the matches, the first among equals.

    Order: block, a bank's own codes, review, label, none.
    """
    return max((action for action in actions if action is not None), key=_gravity, default=None)


def _gravity(action: str) -> int:
    return _GRAVITY.get(action, _OTHER)
