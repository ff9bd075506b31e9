"""The pages of disputes: their list, a dispute with both statements, the owner's answer, the decision.

They belong to the console's area of reviews.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Final, Literal
from uuid import UUID

from starlette.responses import Response

from registry.console.languages import N_
from registry.console.view import Nav, Page, Shown, as_uuid
from registry.core.errors import BadInput, NotFound
from registry.review.disputes import model as dispute
from registry.review.disputes.pages.tasks import TASKS
from registry.review.disputes.service.decision import Ruling, decide_dispute
from registry.review.disputes.service.disputes import (
    DisputeFilter,
    answer_dispute,
    get_dispute,
    list_disputes,
    withdraw_dispute,
)
from registry.review.queue.pages.decisions import approvals, court_order, one_of, own_claim
from registry.review.queue.pages.queue import area
from registry.review.queue.service.queue import claim_entry, get_review

RULINGS: Final[tuple[Literal["accept", "uphold", "reject"], ...]] = ("accept", "uphold", "reject")
REMEDIES: Final[tuple[dispute.Remedy, ...]] = ("withdrawn", "corrected")
DISPUTE_TASKS: Final[tuple[Literal["answer", "decide"], ...]] = ("answer", "decide")
SIDES: Final[tuple[Literal["opener", "owner"], ...]] = ("opener", "owner")

area.nav += (Nav("/disputes", N_("Disputes"), "listDisputes", N_("Disputes about entries."), 35),)
area.waiting += TASKS


@area.page("/disputes", operation="listDisputes")
def disputes(page: Page) -> Shown:
    """List disputes that concern the reader: open, closed or all."""
    state, side = page.query("state", "open"), one_of(SIDES, page.query("side"))
    task = one_of(DISPUTE_TASKS, state)
    page_ = list_disputes(
        page.service,
        page.caller,
        DisputeFilter(side=side, is_open={"open": True, "closed": False}.get(state), task=task),
        after=page.query("after") or None,
    )
    state = state if task or state in {"open", "closed"} else "all"
    items = page_.disputes
    return page.show("review/disputes.html", items=items, next=page_.next, state=state, side=side or "")


@area.page("/disputes/{dispute_id}", operation="showDispute")
def contested(page: Page) -> Shown:
    """Show a dispute with both sides' statements."""
    dispute_ = get_dispute(page.service, page.caller, page.uuid("dispute_id"))
    entry = None
    if page.may("decideDispute"):
        with suppress(NotFound):  # a party may see the dispute and no longer the entry
            entry = get_review(page.service, page.caller, UUID(dispute_.entry_id))
    late = datetime.fromisoformat(dispute_.answer_due) < datetime.now(UTC)
    shown = own_claim(entry) if entry else {"mine": False, "left": 0}
    voted = entry is not None and approvals(page, entry)["mine"] is not None
    return page.show(
        "review/dispute.html", one=dispute_, entry=entry, late=late, voted=voted, whys=dispute.WHYS, **shown
    )


@area.form("/disputes/{dispute_id}/answer", operation="answerDispute", again=contested)
def reply(page: Page) -> Response:
    """Store the owner's answer."""
    dispute_id = page.uuid("dispute_id")
    answer_dispute(page.service, page.caller, dispute_id, statement=page.typed.text("statement"))
    return page.go(f"/disputes/{dispute_id}", "answered")


@area.form("/disputes/{dispute_id}/withdraw", operation="withdrawDispute", again=contested)
def take_back(page: Page) -> Response:
    """Withdraw the dispute."""
    withdraw_dispute(page.service, page.caller, page.uuid("dispute_id"))
    return page.go(f"/disputes/{page.path('dispute_id')}", "taken_back")


@area.form("/disputes/{dispute_id}/decide", operation="decideDispute", again=contested)
def rule(page: Page) -> Shown | Response:
    """Accept, uphold or reject the dispute, or claim its entry first."""
    dispute_id, typed = page.uuid("dispute_id"), page.typed
    if typed.text("then") == "claim":
        dispute_ = get_dispute(page.service, page.caller, dispute_id)
        claim_entry(page.service, page.caller, UUID(dispute_.entry_id))
        return contested(page) if typed.given("decision") else page.go(f"/disputes/{dispute_id}", "claimed")
    act = one_of(RULINGS, typed.text("decision"))
    if act is None:
        raise BadInput("Choose a decision.", next_step="Choose, and send it again.")
    remedy = one_of(REMEDIES, typed.text("remedy")) if act == "uphold" else None
    ruling = Ruling(
        act,
        reason_code=one_of(dispute.WHYS, typed.text("reason_code")),
        reason=typed.text("reason").strip() or None,
        remedy=remedy,
        assets=[as_uuid(element) for element in typed.all("asset")] if remedy == "corrected" else [],
        order=court_order(page) if typed.given("court") or typed.given("document_sha256") else None,
    )
    decide_dispute(page.service, page.caller, dispute_id, ruling)
    return page.go(f"/disputes/{dispute_id}", "ruled")
