"""Disputes of entries: both sides are asked, and a reviewer of a third organization decides."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query

from registry.catalogue.entries.api.entries import EntryId
from registry.core.http.documentation import answer, problems
from registry.core.http.paging import After, PageSize
from registry.core.http.responses import Json
from registry.core.http.schemas import PathId, identifier
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.review.disputes.service.decision import Ruling, decide_dispute
from registry.review.disputes.service.disputes import (
    Contest,
    DisputeFilter,
    answer_dispute,
    erase_dispute,
    get_dispute,
    list_disputes,
    open_dispute,
    withdraw_dispute,
)
from registry.review.queue import schemas as models

router = APIRouter(route_class=Route, tags=["review"])

DisputeId = Annotated[UUID, PathId("Dispute")]


@router.post(
    "/v1/entries/{entry_id}/disputes",
    operation_id="openDispute",
    summary="Dispute an entry",
    status_code=201,
    responses=answer(
        201, models.Dispute, "The dispute. `suspends`: the entry is suspended until the decision."
    )
    | problems(404, 409, 429),
)
def contest(service: ServiceOf, caller: CallerOf, entry_id: EntryId, new: models.NewDispute) -> Json:
    """Any key that may see the entry. If the depicted person or the author disputes an unreviewed entry,
    it is suspended at once. Limits: 5 a day by one organization, 20 a day against one, none after three
    rejected disputes within 30 days. In all other cases a reviewer accepts the dispute first; an entry
    under a court order requires another order. An organization has one open dispute on an entry, opens 20
    a day, and cannot dispute the same entry within 30 days of losing."""
    opened = open_dispute(service, caller, entry_id, Contest(**new.model_dump()))
    return Json(opened, status_code=201, headers={"Location": f"/v1/disputes/{opened.dispute_id}"})


@router.get(
    "/v1/disputes",
    operation_id="listDisputes",
    summary="List disputes that concern you",
    responses=answer(200, models.DisputePage, "Oldest first.") | problems(400),
)
def list_all(
    service: ServiceOf,
    caller: CallerOf,
    side: Annotated[Literal["opener", "owner"] | None, Query()] = None,
    state: Annotated[Literal["open", "closed"] | None, Query()] = None,
    entry: Annotated[str | None, Query(max_length=36, description="only disputes of this entry")] = None,
    limit: PageSize = 50,
    after: After = None,
) -> Json:
    """Any key: disputes that your organization opened, or that concern its entries. With role `review`
    also those of banks that you look up in."""
    page_ = list_disputes(
        service,
        caller,
        DisputeFilter(
            side=side,
            is_open=None if state is None else state == "open",
            entry_id=identifier(entry, "Entry") if entry else None,
        ),
        limit=limit,
        after=after or None,
    )
    return Json(page_)


@router.get(
    "/v1/disputes/{dispute_id}",
    operation_id="showDispute",
    summary="Get a dispute with both sides' statements",
    responses=answer(200, models.Dispute, "The dispute.") | problems(404),
)
def show(service: ServiceOf, caller: CallerOf, dispute_id: DisputeId) -> Json:
    """For its parties, and for reviewers who see the entry. The owner does not see the contact."""
    return Json(get_dispute(service, caller, dispute_id))


@router.post(
    "/v1/disputes/{dispute_id}/answer",
    operation_id="answerDispute",
    summary="Answer a dispute of your entry",
    responses=answer(200, models.Dispute, "The answered dispute; it may be decided.") | problems(404, 409),
)
def reply(service: ServiceOf, caller: CallerOf, dispute_id: DisputeId, new: models.NewDisputeAnswer) -> Json:
    """Needs role `register` in the organization that owns the entry. One answer is possible. Answer before
    `answer_due`; a decision may follow at any time after it."""
    return Json(answer_dispute(service, caller, dispute_id, statement=new.statement))


@router.post(
    "/v1/disputes/{dispute_id}/decision",
    operation_id="decideDispute",
    summary="Decide a dispute of others",
    responses=answer(200, models.Dispute, "The decided dispute.") | problems(404, 409),
)
def decide(service: ServiceOf, caller: CallerOf, dispute_id: DisputeId, new: models.NewRuling) -> Json:
    """Needs role `review` and a claim on the entry, in an organization that is not a party. Reviewers of
    the entry cannot decide. `uphold` is possible after the owner has answered, or after the deadline."""
    ruling = Ruling(
        new.decision,
        reason_code=new.reason_code,
        reason=new.reason,
        remedy=new.remedy,
        assets=new.asset_ids,
        order=new.order.model_dump() if new.order else None,
    )
    return Json(decide_dispute(service, caller, dispute_id, ruling))


@router.post(
    "/v1/disputes/{dispute_id}/withdrawal",
    operation_id="withdrawDispute",
    summary="Withdraw a dispute",
    responses=answer(200, models.Dispute, "The withdrawn dispute; the entry matches again.")
    | problems(403, 404, 409),
)
def withdraw(service: ServiceOf, caller: CallerOf, dispute_id: DisputeId) -> Json:
    """Any key of the organization that opened it."""
    return Json(withdraw_dispute(service, caller, dispute_id))


@router.delete(
    "/v1/disputes/{dispute_id}/texts",
    operation_id="eraseDispute",
    summary="Destroy the texts of a dispute",
    responses=answer(200, models.Dispute, "The dispute without its texts.") | problems(403, 404),
)
def erase(service: ServiceOf, caller: CallerOf, dispute_id: DisputeId) -> Json:
    """Any key of the organization that opened it. Statement, contact, answer and reasons are destroyed, in
    backups too. The fact and the outcome of the dispute stay."""
    return Json(erase_dispute(service, caller, dispute_id))
