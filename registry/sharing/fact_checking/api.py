"""Lookups of media at a URL, as the InVID-WeVerify plugin and Meedan's Check ask them."""

from __future__ import annotations

import time
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool

from registry.catalogue.media.api import upload_place
from registry.core.errors.http import Busy
from registry.core.http.documentation import answer, problems
from registry.core.http.responses import Json
from registry.core.http.upload_space import held_file
from registry.core.net.origin import origin_of
from registry.core.service import Service
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.identity.callers.model import Caller
from registry.matching.lookups.api.answers import shown
from registry.matching.lookups.api.lookups import wait_for_answer
from registry.matching.lookups.model import Answer
from registry.matching.lookups.service.files import look_up_file
from registry.sharing.fact_checking import model
from registry.sharing.fact_checking import schemas as models
from registry.sharing.fact_checking.model import Fake, Kind
from registry.sharing.fact_checking.service import find_fakes, require_callback, tell_check
from registry.sharing.hma.api.files import Address as FileAddress
from registry.sharing.hma.api.files import fetch_file

router = APIRouter(route_class=Route, tags=["fact-checking"])

PATIENCE: Final = 60.0
"""Seconds that a request waits for its file."""
LONGEST_SEARCH: Final = 600.0
"""Seconds that a search whose results go to Check waits for its file."""

Address = Annotated[str, Query(max_length=2000, description="http(s) address of the file")]


@router.get(
    "/dbkf/similarImages",
    operation_id="dbkfSimilarImages",
    summary="Find known fakes like an image (InVID-WeVerify)",
    responses=models.KNOWN_FAKES | problems(400, 413, 422, 429, 503),
)
@router.get(
    "/dbkf/similarVideos",
    operation_id="dbkfSimilarVideos",
    summary="Find known fakes like a video (InVID-WeVerify)",
    responses=models.KNOWN_FAKES | problems(400, 413, 422, 429, 503),
)
async def known_fakes(request: Request, service: ServiceOf, caller: CallerOf, url: Address) -> Json:
    """Needs role `lookup`. The answer of the InVID-WeVerify plugin's database of known fakes. `externalLink`
    is a fact-check of the fake, else the page of its entry. Genuine footage, doubtful matches and `mixed`
    clips are left out, since the plugin shows all as fakes. Non-public addresses are refused unless
    FAKEPRINT_FETCH_PRIVATE is set."""
    found = await _looked_up(request, service, caller, url, PATIENCE)
    return Json(model.known_fakes(await _fakes(request, service, caller, found)))


@router.post(
    "/alegre/similarity/sync/{medium}",
    operation_id="alegreSearch",
    summary="Find known fakes like a medium (Alegre)",
    responses=answer(200, models.AlegreResults, "The known fakes, best first.")
    | problems(400, 413, 422, 429, 503),
)
async def search(
    request: Request, service: ServiceOf, caller: CallerOf, medium: Kind, query: models.AlegreQuery
) -> Json:
    """Needs role `lookup`. `context` names the items of Check to which the matched entries of your own
    organization refer. Nothing is stored."""
    found = await _looked_up(request, service, caller, query.url, PATIENCE)
    fakes = await _fakes(request, service, caller, found)
    return Json({"result": model.results(fakes, medium, query.context, query.threshold or 0.0)})


@router.post(
    "/alegre/similarity/async/{medium}",
    operation_id="alegreSearchLater",
    summary="Find known fakes like a medium, and tell Check (Alegre)",
    responses=answer(200, models.AlegreSearched, "Searched.") | problems(400, 409, 413, 422, 429, 503),
)
async def search_later(
    request: Request, service: ServiceOf, caller: CallerOf, medium: Kind, query: models.AlegreQuery
) -> Json:
    """Needs role `lookup`, in the organization that operates this deployment. Results go to
    FAKEPRINT_CHECK_CALLBACK as Alegre sends them, before this request is answered. Without results nothing
    is sent, so that this service can be asked beside Alegre. With `confirmed` only known fakes are results;
    without it `related` ones and those of `mixed` clips are too."""
    if query.suppress_search_response or not query.requires_callback:
        return Json(models.AlegreSearched(message="Nothing is stored.", results=0))
    address = await run_in_threadpool(require_callback, service, caller)
    found = await _looked_up(request, service, caller, query.url, LONGEST_SEARCH)
    fakes = await _fakes(request, service, caller, found, suggestions=not query.confirmed)
    results = model.results(fakes, medium, query.context, query.threshold or 0.0)
    results = [result for result in results if result["context"]]
    if results:
        raw = query.model_dump()
        await run_in_threadpool(tell_check, address, medium, raw, results)
    message = "Check has the results." if results else "No item of Check shows a fake like it."
    return Json(models.AlegreSearched(message=message, results=len(results)))


@router.delete(
    "/alegre/{medium}/similarity/",
    operation_id="alegreDelete",
    summary="Delete a stored medium (Alegre)",
    responses=answer(200, models.AlegreRemoved, "Nothing was stored.") | problems(422),
)
async def delete(medium: Kind, query: models.AlegreRemoval) -> Json:
    """Any key with role `lookup`. Searches store no media, so there is nothing to delete."""
    del medium
    return Json({"requested": query.model_dump(), "result": {"url": query.url, "deleted": False}})


async def _looked_up(request: Request, service: Service, caller: Caller, url: str, seconds: float) -> Answer:
    """Return the answer to the file at a URL. Raises as `fetch_file`, `look_up_file` and the worker, and
    `Unavailable` (`busy`) after `seconds`, or if the client disconnects."""
    deadline = time.monotonic() + seconds
    with held_file(upload_place(request)) as file:
        fetched = await fetch_file(request, service, caller, FileAddress(url, None), file)

        def queued() -> UUID:
            with fetched.upload(service) as upload:
                return look_up_file(service, caller, upload)

        lookup_id = await run_in_threadpool(queued)
    found = await wait_for_answer(request, service, caller, lookup_id, max(0.0, deadline - time.monotonic()))
    if found is None:
        raise Busy("The file is not processed yet.", next_step="Send it again later.")
    request.app.state.instruments.looked_up("file", found)
    return shown(found, caller)


async def _fakes(
    request: Request, service: Service, caller: Caller, found: Answer, *, suggestions: bool = False
) -> list[Fake]:
    matches = model.fakes(found, suggestions=suggestions)
    origin = origin_of(request, service.settings)
    return await run_in_threadpool(find_fakes, service, caller, matches, origin)
