"""Review: the queue, claims and decisions, and how an owner takes an entry back."""

from __future__ import annotations

from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from registry.catalogue.banks.model import Tier
from registry.catalogue.entries.api.entries import PERSON, EntryId
from registry.catalogue.entries.schemas import registration as registration_models
from registry.catalogue.media.api import Body, receive
from registry.catalogue.media.service import uploads
from registry.core.errors import BadInput
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
from registry.review.queue.service.queue import claim_entry, list_reviews, release_entry, show_review
from registry.review.queue.service.tiers import verify_entry

router = APIRouter(route_class=Route, tags=["review"])

_MEDIA: Final = {"media": "the very file that a document of the entry describes"}

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
    summary="What waits for a reviewer",
    responses=answer(200, models.ReviewPage, "Most urgent first, then oldest.")
    | problems(400, 401, 403, 404, 409),
)
def list_all(
    service: ServiceOf,
    caller: CallerOf,
    bank: Annotated[str | None, Query(max_length=100, description="name or id of a bank")] = None,
    reason: Annotated[Reason | None, Query()] = None,
    claimed: Annotated[Literal["mine", "others", "none"] | None, Query()] = None,
    unverified: Annotated[bool | None, Query(description="known by documents alone, or not")] = None,
    text: Annotated[str | None, Query(max_length=300, description="words of title or claim, all")] = None,
    tier: Annotated[Tier | None, Query()] = None,
    since: Annotated[AwareDatetime | None, Query(description="registered then or later")] = None,
    until: Annotated[AwareDatetime | None, Query(description="registered before")] = None,
    person: Annotated[str | None, Query(max_length=2000, description=PERSON)] = None,
    limit: PageSize = 50,
    after: After = None,
) -> Json:
    """Needs role `review`. Entries of your own and of banks that answer you: disputed ones, files that are a
    fake here and an original there, those whose matches several organizations deny, media added after a
    review, and what nobody has reviewed. What you have reviewed and waits for another is left out. `person`:
    of others' entries only names that are public count; a page of that search may be short and have a
    `next`."""
    found = list_reviews(
        service,
        caller,
        bank=bank or None,
        reason=reason,
        claimed=claimed,
        unverified=unverified,
        text=text,
        tier=tier,
        since=since,
        until=until,
        person=person or None,
        limit=limit,
        after=after or None,
    )
    return Json(found)


@router.get(
    "/v1/reviews/{entry_id}",
    operation_id="showReview",
    summary="What there is to know before deciding",
    responses=answer(200, models.EntryReview, "The entry as a reviewer sees it.") | problems(401, 403, 404),
)
def show(service: ServiceOf, caller: CallerOf, entry_id: EntryId) -> Json:
    """Needs role `review`. What is said of it, media, decisions with their reasons, disputes, opinions, and
    other entries that hold a file of it in the other role."""
    return Json(show_review(service, caller, entry_id))


@router.post(
    "/v1/reviews/{entry_id}/claim",
    operation_id="claimReview",
    summary="Take an entry, for a while",
    responses=answer(200, models.EntryReview, "Claimed, until `claimed.lease_until`.")
    | problems(400, 401, 403, 404, 409, 413, 415),
)
def claim(service: ServiceOf, caller: CallerOf, entry_id: EntryId, new: models.NewClaim) -> Json:
    """Needs role `review`. One reviewer at a time: 409 `claimed_by_another` for the others. Send it again for
    more time, four hours in all. A decision covers the media that the answer lists, and none added later."""
    return Json(claim_entry(service, caller, entry_id, minutes=new.minutes))


@router.delete(
    "/v1/reviews/{entry_id}/claim",
    operation_id="releaseReview",
    summary="Let an entry go",
    responses=answer(200, models.Released, "Anybody may claim it.") | problems(401, 403, 404),
)
def release(service: ServiceOf, caller: CallerOf, entry_id: EntryId) -> Json:
    """Needs role `review`. Sent twice, nothing more happens."""
    return Json({"entry_id": str(entry_id), "released": release_entry(service, caller, entry_id)})


@router.post(
    "/v1/reviews/{entry_id}/decision",
    operation_id="decideReview",
    summary="Decide on an entry that you have claimed",
    responses=answer(200, models.EntryReview, "Decided; the claim has ended.")
    | problems(400, 401, 403, 404, 409, 413, 415),
)
def decide(service: ServiceOf, caller: CallerOf, entry_id: EntryId, new: models.NewDecision) -> Json:
    """Needs role `review`, and a caller who has registered none of it. `approve` counts when a second caller
    does the same: for strangers, one of the two is of another organization than the owner's (`tier`); until
    then the owner alone goes by it (`own_tier`). `court_order` needs two who name the same document, one of
    them with role `admin`. `reject` by the owner's own reviewers suspends an unreviewed entry, and so do two
    other organizations. `restore` brings back what was withdrawn or rejected: two reviewers, one of the
    owner's; where it was ended against the owner, one of another. An approval of media of which you were
    shown no clear picture here is taken, and says so for good (`unseen`); with `unseen_ok` false it is
    refused."""
    said = Decision(
        new.decision,
        covers=tuple(new.covers),
        reason_code=new.reason_code,
        reason=new.reason,
        order=new.order.model_dump() if new.order else None,
        unseen_ok=new.unseen_ok,
    )
    return Json(decide_entry(service, caller, entry_id, said))


@router.post(
    "/v1/reviews/{entry_id}/verification",
    operation_id="verifyReview",
    summary="Send the file of an entry that is known by a document alone",
    status_code=202,
    responses=answer(202, models.Verified, "A worker computes its fingerprint, if none has.")
    | problems(400, 401, 403, 404, 408, 409, 413, 415),
    openapi_extra=documentation.body(
        documentation.form_body(media=_MEDIA, documents={}, texts={}, shown={"media": ["(bytes)"]})
    ),
)
def verify(service: ServiceOf, caller: CallerOf, entry_id: EntryId, body: MediaBody) -> Json:
    """Needs role `review`. One part `media`. The fingerprint that a worker computes takes the place of the
    document's; where the document said other things, the entry is suspended: `forged_fingerprint`."""
    parts = (body.form or Form()).media.get("media", [])
    if len(parts) != 1:
        raise BadInput("Send exactly one part `media`.", code="no_file")
    with uploads(service, parts) as kept:
        return Json(verify_entry(service, caller, entry_id, kept[0]), status_code=202)


@router.delete(
    "/v1/decisions/{review_id}/reason",
    operation_id="eraseReview",
    summary="Destroy the words of a decision",
    responses=answer(200, models.ErasedReview, "Gone; the decision stands.") | problems(401, 403, 404),
)
def erase(service: ServiceOf, caller: CallerOf, review_id: ReviewId) -> Json:
    """Needs role `review` or `admin`, in the organization of whoever decided. Its code stays, and the digest
    of an order's document."""
    return Json(erase_review(service, caller, review_id))


@router.post(
    "/v1/entries/{entry_id}/withdraw",
    operation_id="withdrawEntry",
    summary="Take an entry of yours back",
    responses=answer(200, registration_models.Entry, "Withdrawn.")
    | problems(400, 401, 403, 404, 409, 413, 415),
)
def withdraw(service: ServiceOf, caller: CallerOf, entry_id: EntryId, new: models.NewWithdrawal) -> Json:
    """Needs role `register`. From then on it answers no lookup, and its disputes are settled. Only two
    reviewers restore it."""
    return Json(withdraw_entry(service, caller, entry_id, **new.model_dump()))
