"""Parts that the forms of decisions on entries and on disputes share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from registry.console.view import Page
from registry.review.queue.schemas import EntryReview


def one_of[Chosen: str](options: Sequence[Chosen], value: str | None) -> Chosen | None:
    """Return the option that equals the value, if any."""
    return next((option for option in options if option == value), None)


def court_order(page: Page) -> dict[str, str]:
    """Return the fields of a court order."""
    typed = page.typed
    return {name: typed.text(name).strip() for name in ("court", "docket", "date", "document_sha256")}


def own_claim(review_: EntryReview) -> dict[str, Any]:
    """Return whether the reader has claimed the entry, and the seconds left (browser clocks may be wrong)."""
    claimed = review_.claimed
    if claimed is None or claimed.by != "you":
        return {"mine": False, "left": 0}
    remaining = datetime.fromisoformat(claimed.lease_until) - datetime.now(UTC)
    return {"mine": True, "left": max(0, int(remaining.total_seconds()))}


def approvals(page: Page, review_: EntryReview) -> dict[str, Any]:
    """Return the first approval in force. `mine`: the reader's own decision in force."""
    in_force = [decision for decision in review_.decisions if decision.stands]
    approving = [decision for decision in in_force if decision.decision in {"approve", "court_order"}]
    caller_id = str(page.caller.caller_id)
    return {
        "first": approving[0] if approving else None,
        "by_me": bool(approving) and approving[0].caller_id == caller_id,
        "mine": next((decision.decision for decision in in_force if decision.caller_id == caller_id), None),
    }
