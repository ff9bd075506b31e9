"""Review: the queue, claims and decisions; withdrawal of entries by their owners."""

from __future__ import annotations

from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from registry.catalogue.banks.model import Tier
from registry.catalogue.entries.api.entries import PERSON, EntryId
from registry.catalogue.entries.schemas import registration as registration_models
from registry.catalogue.media.api import Body, receive
from registry.catalogue.media.service.uploads import uploads
from registry.core.errors.http import NoFile
from registry.core.http import bodies, documentation
from registry.core.http.documentation import answer, problems
from registry.core.http.multipart import Form, Layout
from registry.core.http.paging import After, PageSize
from registry.core.http.responses import Json
from registry.core.http.schemas import PathId
from registry.core.service import Service
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.review.disputes.service.disputes import erase_review
from registry.review.queue import schemas as models
from registry.review.queue.model import Reason
from registry.review.queue.service.decisions import Decision, decide_entry, withdraw_entry
from registry.review.queue.service.queue import (
    ReviewFilter,
    claim_entry,
    get_review,
    list_reviews,
    release_entry,
)
from registry.review.queue.service.tiers import verify_entry

router = APIRouter(route_class=Route, tags=["review"])

_MEDIA: Final = {"media": "the file that a document of the entry describes"}

ReviewId = Annotated[UUID, PathId("Decision")]


def _layout(service: Service) -> Layout:
    settings = service.settings
    return Layout(
        media=frozenset(_MEDIA),
        documents=frozenset(),
        texts=frozenset(),
        media_bytes=settings.max_upload_bytes,
        memory_bytes=settings.max_document_bytes,
    )


MediaBody = Annotated[Body, Depends(receive(bodies.FORM, layout=_layout))]


@router.get(
    "/v1/reviews",
    operation_id="listReviews",
    summary="List the review queue",
    responses=answer(200, models.ReviewPage, "Most urgent first, then oldest.") | problems(400, 404, 409),
)
def list_all(
    service: ServiceOf,
    caller: CallerOf,
    bank: Annotated[str | None, Query(max_length=100, description="name or id of a bank")] = None,
    reason: Annotated[Reason | None, Query()] = None,
    claimed: Annotated[Literal["mine", "others", "none"] | None, Query()] = None,
    unverified: Annotated[
        bool | None, Query(description="true: known only by documents; false: the others")
    ] = None,
    text: Annotated[
        str | None, Query(max_length=300, description="words that all occur in title or claim")
    ] = None,
    tier: Annotated[Tier | None, Query()] = None,
    since: Annotated[AwareDatetime | None, Query(description="registered at this time or later")] = None,
    until: Annotated[AwareDatetime | None, Query(description="registered before this time")] = None,
    person: Annotated[str | None, Query(max_length=2000, description=PERSON)] = None,
    limit: PageSize = 50,
    after: After = None,
) -> Json:
    """Needs role `review`. Lists entries of your organization and of banks that you look up in. They are
    disputed, or hold a file that is a fake here and an original elsewhere, or their matches are denied by
    several organizations. Or they have media added after a review, or no review at all. Entries that you
    have reviewed and that wait for another reviewer are left out. `person` searches names; of others'
    entries only public names count. A page of that search may be short and still have a `next`."""
    page_ = list_reviews(
        service,
        caller,
        ReviewFilter(
            bank=bank or None,
            reason=reason,
            claimed=claimed,
            unverified=unverified,
            text=text,
            tier=tier,
            since=since,
            until=until,
            person=person or None,
        ),
        limit=limit,
        after=after or None,
    )
    return Json(page_)


@router.get(
    "/v1/reviews/{entry_id}",
    operation_id="showReview",
    summary="Get all information for a review",
    responses=answer(200, models.EntryReview, "The entry as a reviewer sees it.") | problems(404),
)
def show(service: ServiceOf, caller: CallerOf, entry_id: EntryId) -> Json:
    """Needs role `review`. Claim, media, decisions with reasons, disputes, opinions, and other entries
    that hold one of its files in the other role."""
    return Json(get_review(service, caller, entry_id))


@router.post(
    "/v1/reviews/{entry_id}/claim",
    operation_id="claimReview",
    summary="Claim an entry for review",
    responses=answer(200, models.EntryReview, "The entry, claimed until `claimed.lease_until`.")
    | problems(404, 409),
)
def claim(service: ServiceOf, caller: CallerOf, entry_id: EntryId, new: models.NewClaim) -> Json:
    """Needs role `review`. One reviewer at a time; the others get 409 `claimed_by_another`. Repeat the
    request for more time, up to four hours. A decision covers the media in this answer, and none added
    later."""
    return Json(claim_entry(service, caller, entry_id, minutes=new.minutes))


@router.delete(
    "/v1/reviews/{entry_id}/claim",
    operation_id="releaseReview",
    summary="Release a claim",
    responses=answer(200, models.Released, "The claim has ended; others may claim the entry.")
    | problems(404),
)
def release(service: ServiceOf, caller: CallerOf, entry_id: EntryId) -> Json:
    """Needs role `review`. Repeating the request changes nothing."""
    return Json({"entry_id": str(entry_id), "released": release_entry(service, caller, entry_id)})


@router.post(
    "/v1/reviews/{entry_id}/decision",
    operation_id="decideReview",
    summary="Decide on a claimed entry",
    responses=answer(200, models.EntryReview, "The entry; the claim has ended.") | problems(404, 409),
)
def decide(service: ServiceOf, caller: CallerOf, entry_id: EntryId, new: models.NewDecision) -> Json:
    """Needs role `review`, and a caller who registered none of the entry. `approve` counts once two
    callers approve. For other organizations' lookups (`tier`), one of the two must be of another
    organization than the owner's. Until then only the owner's lookups follow it (`own_tier`).
    `court_order` needs two callers who name the same document, one of them with role `admin`. `reject`
    suspends an unreviewed entry if it comes from the owner's reviewers or from two other organizations.
    `restore` brings back a withdrawn or rejected entry. It needs two reviewers, one of the owner's; if the
    entry was ended against the owner's will, one of another organization. An approval of media whose clear
    pictures you have not viewed here is accepted and marked for good (`unseen`). With `unseen_ok` false it
    is refused."""
    decision = Decision(
        new.decision,
        covers=tuple(new.covers),
        reason_code=new.reason_code,
        reason=new.reason,
        order=new.order.model_dump() if new.order else None,
        unseen_ok=new.unseen_ok,
    )
    return Json(decide_entry(service, caller, entry_id, decision))


@router.post(
    "/v1/reviews/{entry_id}/verification",
    operation_id="verifyReview",
    summary="Send the file of an entry registered by document",
    status_code=202,
    responses=answer(202, models.Verified, "A worker computes its fingerprint, unless that was done before.")
    | problems(400, 404, 408, 409, 413, 415, 429),
    openapi_extra=documentation.body(
        documentation.form_body(media=_MEDIA, documents={}, texts={}, example={"media": ["(bytes)"]})
    ),
)
def verify(service: ServiceOf, caller: CallerOf, entry_id: EntryId, body: MediaBody) -> Json:
    """Needs role `review`. Send one part `media`. A worker's fingerprint of the file replaces the
    document's. If the document differs, the entry is suspended: `forged_fingerprint`."""
    parts = (body.form or Form()).media.get("media", [])
    if len(parts) != 1:
        raise NoFile("Send exactly one part `media`.")
    with uploads(service, parts) as stored:
        return Json(verify_entry(service, caller, entry_id, stored[0]), status_code=202)


@router.delete(
    "/v1/decisions/{review_id}/reason",
    operation_id="eraseReview",
    summary="Destroy the text of a decision",
    responses=answer(200, models.ErasedReview, "The text is destroyed; the decision stays in force.")
    | problems(404),
)
def erase(service: ServiceOf, caller: CallerOf, review_id: ReviewId) -> Json:
    """Needs role `review` or `admin` in the organization of the reviewer. The code and the digest of a
    court order stay."""
    return Json(erase_review(service, caller, review_id))


@router.post(
    "/v1/entries/{entry_id}/withdraw",
    operation_id="withdrawEntry",
    summary="Withdraw an entry",
    responses=answer(200, registration_models.Entry, "The withdrawn entry.") | problems(404, 409),
)
def withdraw(service: ServiceOf, caller: CallerOf, entry_id: EntryId, new: models.NewWithdrawal) -> Json:
    """Needs role `register`. The entry stops answering lookups, and its disputes are settled. Only two
    reviewers can restore it."""
    return Json(withdraw_entry(service, caller, entry_id, **new.model_dump()))
