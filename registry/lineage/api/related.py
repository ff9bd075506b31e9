"""Related entries: those with the same footage."""

from __future__ import annotations

from fastapi import APIRouter

from registry.catalogue.entries.api.entries import EntryId
from registry.catalogue.entries.schemas import entry as entry_models
from registry.core.http.documentation import answer, problems
from registry.core.http.paging import After, PageSize
from registry.core.http.responses import Json
from registry.core.http.schemas import identifier
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.lineage import schemas as related_models
from registry.lineage.service import get_related, relink_entries

router = APIRouter(route_class=Route, tags=["entries"])


@router.get(
    "/v1/entries/{entry_id}/related",
    operation_id="showRelated",
    summary="List entries with the same footage",
    responses=answer(200, related_models.RelatedPage, "Newest first.") | problems(400, 404),
)
def show(
    service: ServiceOf,
    caller: CallerOf,
    entry_id: EntryId,
    limit: PageSize = 50,
    after: After = None,
) -> Json:
    """Any key that may see the entry. Only related entries that the key may see are listed. One body clip
    under many faces is a campaign: each of its entries lists the others, and `count` is their number.
    `relation` is the relation of the two entries: `copy` (the same fake), `same_footage_other_face`,
    `shares_original` (one of the two media is an original), or null if the faces do not tell. It holds for
    the media named. If two entries share several `pairs`, the most specific one is shown. `pending` is
    true until related entries have been searched, and again after a change; the entry answers lookups
    before that. Without the scope `signals` the score is rounded to .05. With the scope `faces`, entries
    of your organization with the same enrolled person are listed too, as kind `same_person`."""
    return Json(get_related(service, caller, entry_id, limit=limit, after=after or None))


@router.post(
    "/v1/entries/relink",
    operation_id="relinkEntries",
    summary="Search related entries again",
    status_code=202,
    responses=answer(202, related_models.Relinked, "Requested.") | problems(404),
)
def relink(service: ServiceOf, caller: CallerOf, body: entry_models.Relink) -> Json:
    """Needs role `admin`. For the given entries, or all of your organization, which takes long. An upgrade
    that searches differently starts it by itself; use this if related entries are missing."""
    entry_ids = None if body.entries is None else [identifier(entry, "Entry") for entry in body.entries]
    return Json(relink_entries(service, caller, entry_ids), status_code=202)
