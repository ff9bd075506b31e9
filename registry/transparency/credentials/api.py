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
from registry.transparency.credentials.service import show_assertion, show_status_list

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
    summary="What the registry says of a reviewed entry, signed, to be checked offline",
    response_class=Response,
    responses=_ASSERTION | problems(401, 404, 409, 503),
)
def assert_(service: ServiceOf, caller: CallerOf, entry_id: EntryId) -> Response:
    """Any key that may see the entry, where its bank's policy allows it (`assertions`). A credential of W3C
    (Verifiable Credentials 2.0) as JWT (`vc+jwt`, EdDSA), by the ledger's key, which `issuer` names as
    `did:key`: known fake, says whom, how far reviewed, which files, and the proof that it is on record. It
    names no person. It holds 7 days; what is withdrawn is not asserted again, and the lists that
    `credentialStatus` names say so of what was asserted before, where the deployment has said where others
    reach it."""
    found = show_assertion(service, caller, entry_id)
    return Response(found, media_type=jose.MEDIA_TYPE)


@router.get(
    "/v1/assertions/status/{purpose}/{number}",
    operation_id="showStatusList",
    summary="Which signed assertions were taken back, or are suspended",
    response_class=Response,
    responses=_ASSERTION | problems(400, 404, 503),
    openapi_extra={"security": []},
)
def status(
    service: ServiceOf,
    purpose: Annotated[Purpose, Path(description="revocation: taken back; suspension: disputed")],
    number: Annotated[int, Path(ge=0, lt=2**31, description="which list: an assertion names it")],
) -> Response:
    """For everybody, without a key. A W3C Bitstring Status List 1.0 as `vc+jwt`, signed by the ledger's key
    as the assertions are: one bit for each of 131,072, set where an assertion stands no longer: its entry was
    withdrawn or erased, is trusted less than it says, or has lost a medium that it names. It is as of when
    you ask, and holds a day: `fakeprint verify FILE --status LIST` reads it offline."""
    found = show_status_list(service, purpose, number)
    fresh = {"Cache-Control": f"public, max-age={int(status_list.FRESH.total_seconds())}"}
    return Response(found, media_type=jose.MEDIA_TYPE, headers=fresh)
