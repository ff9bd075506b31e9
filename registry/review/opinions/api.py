"""Opinions: those who matched an entry confirm or deny it."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query
from pydantic import TypeAdapter

from registry.catalogue.entries.api.entries import EntryId
from registry.core.http import bodies, documentation, received
from registry.core.http.documentation import answer, problems
from registry.core.http.paging import PageSize
from registry.core.http.received import JsonBytes
from registry.core.http.responses import Json
from registry.identity.callers.api.access import CallerOf, ServiceOf
from registry.review.opinions.service import entry_opinions, give_opinion, list_opinions
from registry.review.queue import schemas as models

router = APIRouter(tags=["review"])

_NEW_OPINION: Final = TypeAdapter(models.NewOpinion)

LookupId = Annotated[str, Path(json_schema_extra={"format": "uuid"})]
After = Annotated[str | None, Query(max_length=400, description="`next` of the page before")]


@router.post(
    "/v1/lookups/{lookup_id}/opinions",
    operation_id="giveOpinion",
    summary="Say whether a match is right",
    responses=answer(200, models.GivenOpinion, "Kept.") | problems(400, 401, 403, 404, 409, 413, 415),
    openapi_extra=documentation.body(documentation.json_body(models.NewOpinion)),
)
def give(service: ServiceOf, caller: CallerOf, lookup_id: LookupId, raw: JsonBytes) -> Json:
    """Needs role `lookup`, in the organization that asked. One opinion a key and match; the last one counts.
    The entry's owner sees it. Three that deny, of two organizations, send the entry to the reviewers; a tier
    never changes by opinions."""
    identity = received.identifier(lookup_id, "Lookup")
    new = received.checked(bodies.parse(raw), _NEW_OPINION)
    entry_id = received.identifier(new.entry_id, "Entry")
    return Json(give_opinion(service, caller, identity, entry_id=entry_id, opinion=new.opinion))


@router.get(
    "/v1/entries/{entry_id}/opinions",
    operation_id="listEntryOpinions",
    summary="What was said of an entry's matches",
    responses=answer(200, models.EntryOpinions, "Summed up, and one by one, oldest first.")
    | problems(400, 401, 403, 404),
)
def of_entry(
    service: ServiceOf,
    caller: CallerOf,
    entry_id: EntryId,
    limit: PageSize = 50,
    after: After = None,
) -> Json:
    """Needs role `register`, `review` or `admin`, in the organization that owns the entry. Without the scope
    `signals`, confidence is rounded to .05."""
    identity = received.identifier(entry_id, "Entry")
    return Json(entry_opinions(service, caller, identity, limit=limit, after=after))


@router.get(
    "/v1/opinions",
    operation_id="listOpinions",
    summary="Matches with what was said of them, for calibration",
    responses=answer(200, models.OpinionPage, "Oldest first.") | problems(400, 401, 403),
)
def export(
    service: ServiceOf,
    caller: CallerOf,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    after: After = None,
) -> Json:
    """Needs role `admin`. Of your organization's entries and callers; for the organization that runs the
    deployment, all. Confidence as it was answered, and signals, with the scope `signals`."""
    return Json(list_opinions(service, caller, limit=limit, after=after))
