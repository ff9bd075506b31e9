"""Change an entry's description, erase its details, export it as ClaimReview."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request

from registry.catalogue.entries.api.entries import EntryId
from registry.catalogue.entries.schemas import entry as entry_models
from registry.catalogue.entries.schemas import registration as registration_models
from registry.catalogue.entries.service.details import erase_details
from registry.catalogue.entries.service.entries import change_entry, get_claim_review
from registry.core.http import documentation
from registry.core.http.documentation import answer, problems
from registry.core.http.responses import Json, JsonLd
from registry.core.http.schemas import identifier
from registry.core.net.origin import origin_of
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf

router = APIRouter(route_class=Route, tags=["entries"])

_CLAIM_REVIEW: Final[dict[str, Any]] = {
    "@context": "https://schema.org",
    "@graph": [
        {
            "@type": "ClaimReview",
            "@id": "urn:fakeprint:entry:5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10",
            "url": "https://fakes.example/console/public/5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10",
            "datePublished": "2026-01-31",
            "claimReviewed": "Shows the councillor at a party",
            "author": {
                "@type": "Organization",
                "name": "Example Newsroom",
                "url": "https://fakes.example/",
            },
            "reviewRating": {"@type": "Rating", "ratingValue": "1", "alternateName": "Fake"},
        }
    ],
}
_JSON_LD: Final[documentation.Responses] = {
    200: {
        "description": "JSON-LD.",
        "content": {"application/ld+json": {"schema": {"type": "object"}, "example": _CLAIM_REVIEW}},
    }
}


@router.patch(
    "/v1/entries/{entry_id}",
    operation_id="changeEntry",
    summary="Change an entry's description",
    responses=answer(200, registration_models.Entry, "Changed.") | problems(404, 409),
)
def change(service: ServiceOf, caller: CallerOf, entry_id: EntryId, body: entry_models.EntryChange) -> Json:
    """Needs role `register`. Absent fields stay as they are; null removes one. `variant_of` adds the entry
    to the variants of another entry that you may see. The manipulation and the tier cannot be changed
    here."""
    changes = body.model_dump(exclude_unset=True)
    if changes.get("variant_of") is not None:
        changes["variant_of"] = identifier(changes["variant_of"], "Entry")
    return Json(change_entry(service, caller, entry_id, changes))


@router.delete(
    "/v1/entries/{entry_id}/details",
    operation_id="eraseDetails",
    summary="Erase an entry's people, places and evidence",
    responses=answer(200, entry_models.ErasedDetails, "Erased.") | problems(404),
)
def erase(service: ServiceOf, caller: CallerOf, entry_id: EntryId) -> Json:
    """Needs role `register`. The encryption key is destroyed, so copies in backups cannot be read either.
    The entry continues to answer lookups."""
    return Json(erase_details(service, caller, entry_id))


@router.get(
    "/v1/entries/{entry_id}/claim-review",
    operation_id="showClaimReview",
    summary="Get an entry as ClaimReview and MediaReview (schema.org)",
    response_class=JsonLd,
    responses=_JSON_LD | problems(404, 409),
)
def show(request: Request, service: ServiceOf, caller: CallerOf, entry_id: EntryId) -> Json:
    """Any key that may see the entry. `url` is the entry's page. Places and evidence are included only for
    callers who work on the entries of its organization."""
    return JsonLd(get_claim_review(service, caller, entry_id, origin_of(request, service.settings)))
