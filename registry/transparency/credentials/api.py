"""Signed assertions about entries, and the lists of those that were taken back."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path
from starlette.responses import Response

from registry.catalogue.entries.api.entries import EntryId
from registry.core.http import documentation
from registry.core.http.documentation import problems
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.transparency.credentials.model import jose, status_list
from registry.transparency.credentials.model.status_list import Purpose
from registry.transparency.credentials.service import get_assertion, get_status_list

router = APIRouter(route_class=Route, tags=["entries"])

_ASSERTION: Final[documentation.Responses] = {
    200: {
        "description": "A JWT.",
        "content": {jose.MEDIA_TYPE: {"schema": {"type": "string"}, "example": "eyJhbGciOiJFZERTQSJ9.e30.…"}},
    }
}


@router.get(
    "/v1/entries/{entry_id}/assertion",
    operation_id="showAssertion",
    summary="Get a signed assertion about a reviewed entry",
    response_class=Response,
    responses=_ASSERTION | problems(404, 409, 503),
)
def assert_(service: ServiceOf, caller: CallerOf, entry_id: EntryId) -> Response:
    """Any key that may see the entry, if its bank's policy allows it (`assertions`). A W3C Verifiable
    Credential 2.0 as JWT (`vc+jwt`, EdDSA), signed by the ledger's key, which `issuer` names as `did:key`.
    It states: known fake, by whom, how far reviewed, which files, and the proof of the record. It names no
    person and is valid for 7 days. A withdrawn entry is not asserted again. The lists in
    `credentialStatus` revoke earlier assertions, if the deployment has a public address."""
    found = get_assertion(service, caller, entry_id)
    return Response(found, media_type=jose.MEDIA_TYPE)


@router.get(
    "/v1/assertions/status/{purpose}/{number}",
    operation_id="showStatusList",
    summary="Get the status list of signed assertions",
    response_class=Response,
    responses=_ASSERTION | problems(400, 404, 503),
    openapi_extra={"security": []},
)
def status(
    service: ServiceOf,
    purpose: Annotated[Purpose, Path(description="revocation: taken back; suspension: disputed")],
    number: Annotated[int, Path(ge=0, lt=2**31, description="which list: an assertion names it")],
) -> Response:
    """Needs no key. A W3C Bitstring Status List 1.0 as `vc+jwt`, signed by the ledger's key like the
    assertions. It has one bit for each of 131,072 assertions. The bit is set if the entry was withdrawn or
    erased, has a lower tier than asserted, or lost an asserted medium. The list is current at the time of
    the request and valid for a day. `fakeprint verify FILE --status LIST` reads it offline."""
    jwt = get_status_list(service, purpose, number)
    headers = {"Cache-Control": f"public, max-age={int(status_list.FRESH.total_seconds())}"}
    return Response(jwt, media_type=jose.MEDIA_TYPE, headers=headers)
