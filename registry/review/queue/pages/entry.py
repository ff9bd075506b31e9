"""What review says on the page of an entry: what the reader does next, and the withdrawal of the entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from starlette.responses import Response

from registry.catalogue.entries.pages.bulk import Action, Choice
from registry.catalogue.entries.pages.entries import Step, area
from registry.catalogue.entries.schemas.registration import Entry
from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.errors import ForeignBank
from registry.console.languages import N_
from registry.console.view import Page, Shown
from registry.core.errors import NotFound
from registry.review.errors import NeedsReason
from registry.review.queue import model as review
from registry.review.queue.pages.decisions import one_of
from registry.review.queue.service.decisions import withdraw_entry
from registry.review.queue.service.queue import claim_entry, get_review

REASONS: Final[Mapping[review.Withdrawn, str]] = {
    "mistaken": N_("It was a mistake: this is not a fake"),
    "duplicate": N_("Another entry has the same fake"),
    "request": N_("Somebody asked for it"),
    "legal": N_("The law requires it"),
    "other": N_("Another reason"),
}


def section(page: Page, entry_id: UUID) -> Mapping[str, Any]:
    """Return `reviewable`: whether the reader may decide on the entry, having registered none of it."""
    if not page.may("decideReview"):
        return {"reviewable": False}
    try:
        item = get_review(page.service, page.caller, entry_id)
    except NotFound:
        return {"reviewable": False}
    own_file = any(medium.added_by_you for medium in item.media)
    return {"reviewable": not item.registered_by_you and not own_file}


def disputed(page: Page, entry: Entry, parts: Mapping[str, Any]) -> Step | None:
    """Answer an open dispute."""
    dispute = next((row for row in parts["disputes"] if row.state == "open"), None)
    if dispute and entry.review is not None and page.may("answerDispute"):
        text = N_("Somebody contests this entry. Answer before a reviewer decides.")
        return Step(text, N_("Answer the dispute"), f"/disputes/{dispute.dispute_id}")
    return None


def undecided(_page: Page, entry: Entry, parts: Mapping[str, Any]) -> Step | None:
    """Review the entry, or restore it."""
    path = f"/review/{entry.entry_id}"
    if entry.status == "withdrawn":
        text = N_("Only reviewers can restore it.")
        return Step(text, N_("Open it in the review"), path) if parts["reviewable"] else Step(text, "", "")
    if not parts["reviewable"] or (entry.unverified and entry.status == "matchable"):
        return None
    if entry.status == "suspended":
        return Step(N_("Decide whether lookups find it again."), N_("Open it in the review"), path)
    tier = (entry.review or {}).get("own_tier", entry.tier)
    if entry.status == "matchable" and tier == "unreviewed":
        return Step(N_("Look at the fake and its evidence, and decide."), N_("Review it"), path)
    return None


@area.page("/entries/{entry_id}/withdraw", operation="withdrawEntry")
def withdrawing(page: Page) -> Shown:
    """Show what a withdrawal does, and ask for the reason."""
    entry = show_entry(page.service, page.caller, page.uuid("entry_id"))
    if entry.review is None:
        raise ForeignBank
    return page.show("entries/withdraw.html", entry=entry, reasons=_reasons(page))


@area.form("/entries/{entry_id}/withdraw", operation="withdrawEntry", again=withdrawing)
def withdraw(page: Page) -> Response:
    """Withdraw the entry."""
    entry_id = page.uuid("entry_id")
    _withdraw(page, entry_id)
    return page.go(f"/entries/{entry_id}", "withdrawn")


def _withdraw(page: Page, entry_id: UUID) -> None:
    code = one_of(review.WITHDRAWALS, page.typed.text("reason_code"))
    if code is None:
        raise NeedsReason("Choose a reason.")
    reason = page.typed.text("reason").strip() or None
    withdraw_entry(page.service, page.caller, entry_id, reason_code=code, reason=reason)


def _reasons(page: Page) -> list[tuple[str, str]]:
    return [(code, page.words.text(text)) for code, text in REASONS.items()]


def _claim(page: Page, entry_id: UUID) -> None:
    claim_entry(page.service, page.caller, entry_id)


CLAIM: Final = Action(
    "claim",
    N_("Claim for review"),
    "claimReview",
    N_("Nobody else can decide on them until your claim ends, after 30 minutes."),
    N_("You have claimed it."),
    _claim,
)
WITHDRAW: Final = Action(
    "withdraw",
    N_("Withdraw"),
    "withdrawEntry",
    N_("Lookups no longer find them. Open disputes about them end. Only reviewers can restore them."),
    N_("It is withdrawn."),
    _withdraw,
    lambda page: Choice("reason_code", N_("Reason"), _reasons(page)),
)
