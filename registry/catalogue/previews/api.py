"""Preview pictures of registered media: blurred on request, clear with a record in the ledger."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from registry.catalogue.entries.api.entries import EntryId
from registry.catalogue.previews import schemas as models
from registry.catalogue.previews.service import request_previews, reveal_previews
from registry.core.http.documentation import answer, problems
from registry.core.http.responses import Json
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf

router = APIRouter(route_class=Route, tags=["entries"])

_WAITS: Final = models.Previews.example()
_READY: Final = _WAITS | {"ready": True, "previews": _WAITS["previews"][:1]}


@router.post(
    "/v1/entries/{entry_id}/previews",
    operation_id="requestPreviews",
    summary="Request blurred pictures of a medium",
    responses=answer(200, models.Previews, "All pictures are ready or failed.", example=_READY)
    | answer(202, models.Previews, "A worker makes the waiting pictures; repeat the request.")
    | problems(404, 409, 422, 429),
)
def ask(service: ServiceOf, caller: CallerOf, entry_id: EntryId, new: models.PreviewRequest) -> Json:
    """Needs role `register`, `review`, `takedown` or `admin`, or the scope `signals`. Covers your own
    entries, and with role `review` or the scope `signals` those of others that you may see. A worker makes
    the pictures, after the files of lookups. They are encrypted like the media, kept for a day, and
    deleted with the medium. A blurred picture has a few pixels; the clear one stays on the server until it
    is revealed. 409 `media_not_kept`: this deployment keeps no media, or the medium was registered as a
    fingerprint."""
    requested = request_previews(service, caller, entry_id, new.asset_id, new.at)
    return Json(requested, status_code=200 if requested.ready else 202)


@router.post(
    "/v1/entries/{entry_id}/previews/reveal",
    operation_id="revealPreviews",
    summary="Reveal clear pictures of a medium, with a record",
    responses=answer(200, models.RevealedPreviews, "The clear pictures. Do not store them.")
    | problems(404, 409, 422),
)
def reveal(service: ServiceOf, caller: CallerOf, entry_id: EntryId, new: models.PreviewRequest) -> Json:
    """Needs role `register`, `review`, `takedown` or `admin`, for entries of your organization; with role
    `review` also for others. Request the pictures first; 409 `preview_not_ready` until they are made. Each
    call is recorded in the ledger as `asset.revealed`, before anything is answered: caller, medium and
    instants. The entry's owner can read it. The answer is `no-store`."""
    return Json(reveal_previews(service, caller, entry_id, new.asset_id, new.at))
