"""Private cases: a person without an account registers fingerprints, follows and withdraws the case."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from registry.catalogue.fingerprints.model.document import from_document
from registry.core.http import bodies, documentation, received
from registry.core.http.body_memory import BodyMemory
from registry.core.http.concurrency import ConcurrencyLimit
from registry.core.http.documentation import answer, problems
from registry.core.http.limiter import Limiter
from registry.core.http.paging import After, PageSize
from registry.core.http.responses import Json
from registry.core.service import Service
from registry.identity.accounts.service.sessions import client_address
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.intake import schemas as models
from registry.intake.service.cases import Declaration, follow_case, list_cases, open_case, withdraw_case
from registry.intake.service.settings import change_intake, get_intake

router = APIRouter(route_class=Route, tags=["private cases"])

LARGEST: Final = 8 << 20
"""Maximum bytes of a case, because anybody may send one. An hour of video needs 200,000."""
LONGEST_KEY: Final = 4096
"""Maximum bytes of a number and a PIN."""
_WITHDRAWN: Final = models.Case.example() | {
    "state": "withdrawn",
    "withdrawn_at": "2026-02-03T18:05:00+00:00",
    "since": None,
}
_OPEN: Final[dict[str, Any]] = {"security": []}


@router.get(
    "/v1/private-cases/intake",
    operation_id="showIntake",
    summary="Does this deployment accept private cases?",
    responses=answer(200, models.Intake, "Whether private cases are accepted, and by whom."),
    openapi_extra=_OPEN,
)
def intake(service: ServiceOf) -> Json:
    """Needs no key."""
    return Json(get_intake(service))


@router.put(
    "/v1/private-cases/intake",
    operation_id="changeIntake",
    summary="Choose the bank for private cases",
    responses=answer(200, models.Intake, "The new setting.") | problems(404, 409),
)
def change(service: ServiceOf, caller: CallerOf, new: models.NewIntake) -> Json:
    """Needs role `admin` in the organization that runs the deployment. `unfit_bank` refuses a bank that is
    public, has public pages, is published, or answers `known_fake` for unreviewed entries. Existing cases
    can be followed and withdrawn in any case."""
    return Json(change_intake(service, caller, new.bank))


@router.get(
    "/v1/private-cases",
    operation_id="listCases",
    summary="List the private cases of your organization",
    responses=answer(200, models.CasePage, "Newest first.") | problems(400),
)
def list_all(
    service: ServiceOf,
    caller: CallerOf,
    limit: PageSize = 50,
    after: After = None,
) -> Json:
    """Needs role `review`. The text of a case is among the details of its entry, which other roles of your
    organization cannot see (404 `unknown_entry`)."""
    return Json(list_cases(service, caller, limit=limit, after=after or None))


@router.post(
    "/v1/private-cases",
    operation_id="openCase",
    summary="Open a private case",
    status_code=201,
    responses=answer(201, models.OpenedCase, "Its number and PIN. Keep both.") | problems(403, 409, 422, 429),
    openapi_extra=documentation.body(documentation.json_body(models.NewCase)) | _OPEN,
)
async def open_new(request: Request, service: ServiceOf) -> Json:
    """Needs no key. The fingerprints become an entry in the bank for private cases, and wait for review.
    The PIN is shown only in this answer. An IP address may send 10 requests at once, then one every 3
    seconds. A network may open 10 cases before it has to wait between them."""
    address = _count_address(request, service)
    bodies.content_type(request, bodies.JSON)
    body_memory: BodyMemory = request.app.state.body_memory
    limit: ConcurrencyLimit = request.app.state.registering
    with body_memory.place("private cases") as place:
        raw = await bodies.read_body(request, min(LARGEST, service.settings.max_document_bytes), place)
        async with limit.turn(request, len(raw)):
            return await run_in_threadpool(_open, service, raw, address)


def _open(service: Service, raw: bytes, address: str) -> Json:
    new = received.checked(bodies.parse(raw), models.NewCase.model_validate)
    documents = [from_document(document) for document in new.documents]
    declaration = Declaration(**new.model_dump(exclude={"documents"}))
    return Json(open_case(service, documents, declaration, address=address), status_code=201)


@router.post(
    "/v1/private-cases/state",
    operation_id="followCase",
    summary="Follow a private case",
    responses=answer(200, models.Case, "The case.") | problems(403, 429),
    openapi_extra=documentation.body(documentation.json_body(models.CaseKey)) | _OPEN,
)
async def follow(request: Request, service: ServiceOf) -> Json:
    """Needs number and PIN but no key. They are in the body, so that no log contains them. An unknown
    number and a wrong PIN get the same answer. After five attempts each takes longer, up to a quarter of
    an hour (`case_locked`)."""
    address = _count_address(request, service)
    case_key = await received.read(request, models.CaseKey, LONGEST_KEY)
    return Json(
        await run_in_threadpool(follow_case, service, case_key.case_number, case_key.pin, address=address)
    )


@router.post(
    "/v1/private-cases/withdrawal",
    operation_id="withdrawCase",
    summary="Withdraw a private case",
    responses=answer(200, models.Case, "Withdrawn.", example=_WITHDRAWN) | problems(403, 429),
    openapi_extra=documentation.body(documentation.json_body(models.CaseKey)) | _OPEN,
)
async def withdraw(request: Request, service: ServiceOf) -> Json:
    """Needs number and PIN but no key. The fingerprints stop answering lookups for good. The text of the
    case is destroyed, and so are files that reviewers added, unless another entry holds them. The record
    keeps that there was an entry and when it was withdrawn. Repeating the request changes nothing."""
    address = _count_address(request, service)
    case_key = await received.read(request, models.CaseKey, LONGEST_KEY)
    return Json(
        await run_in_threadpool(withdraw_case, service, case_key.case_number, case_key.pin, address=address)
    )


def _count_address(request: Request, service: ServiceOf) -> str:
    """Count the request of an IP address and return the address. Raises `TooMany`."""
    peer = request.client.host if request.client else ""
    address = client_address(peer, request.headers.get("x-forwarded-for"), service.settings.proxies)
    limiter: Limiter = request.app.state.case_limiter
    limiter.take(address)
    return address
