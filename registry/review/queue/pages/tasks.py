"""The first page's tasks of reviewers."""

from __future__ import annotations

from typing import Final

from registry.console.languages import N_
from registry.console.view import Card, Page, Waiting
from registry.review.queue.service.queue import count_own_claims, count_unclaimed


def _claims(page: Page) -> Card:
    return Card(
        N_("Your claimed entries"),
        N_("You have claimed no entry."),
        "/review?claimed=mine",
        count_own_claims(page.service, page.caller),
        N_("Decide on them before your claim ends. Then others can claim them."),
    )


def _unclaimed(page: Page) -> Card:
    return Card(
        N_("Entries to review"),
        N_("Nothing to review."),
        "/review?claimed=none",
        count_unclaimed(page.service, page.caller),
        N_("Claim one and compare its files. The most urgent come first."),
    )


TASKS: Final = (Waiting("claimReview", _claims), Waiting("listReviews", _unclaimed))
