"""Where an entry comes from, for machines and for eyes."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from registry.catalogue.entries import examples as entry_examples
from registry.catalogue.entries.api.entries import EntryId
from registry.core.http import documentation, received
from registry.core.http.documentation import problems
from registry.core.http.responses import Json
from registry.identity.callers.api.access import CallerOf, ServiceOf
from registry.lineage.model import lineage_drawing
from registry.lineage.service.show_provenance import show_provenance
from registry.transparency.credentials.model import jose, status_list
from registry.transparency.credentials.model.status_list import Purpose
from registry.transparency.credentials.service import show_assertion, show_status_list

router = APIRouter(tags=["entries"])

Form = Literal["prov", "svg"]
MEDIA_TYPES: Final[dict[str, Form]] = {
    "application/json": "prov",
    "application/prov+json": "prov",
    "image/svg+xml": "svg",
}
_HARMLESS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
}
"""A picture that is opened by itself runs nothing and fetches nothing."""
_ANSWER: Final[documentation.Responses] = {
    200: {
        "description": "PROV-JSON, or a drawing of it.",
        "content": {
            "application/json": {"schema": {"type": "object"}, "example": entry_examples.PROVENANCE},
            "image/svg+xml": {"schema": {"type": "string"}, "example": "<svg …/>"},
        },
    }
}
_ASSERTION: Final[documentation.Responses] = {
    200: {
        "description": "A JWT.",
        "content": {jose.MEDIA_TYPE: {"schema": {"type": "string"}, "example": "eyJhbGciOiJFZERTQSJ9.e30.…"}},
    }
}


@router.get(
    "/v1/entries/{entry_id}/provenance",
    operation_id="showProvenance",
    summary="What an entry was made from, by whom that is said, as W3C PROV",
    response_class=Json,
    responses=_ANSWER | problems(400, 401, 404),
)
def show(
    request: Request,
    service: ServiceOf,
    caller: CallerOf,
    entry_id: EntryId,
    form: Annotated[Form | None, Query(description="absent: by `Accept`, else prov")] = None,
) -> Response:
    """Any key that may see the entry. PROV-JSON (W3C): its media, what they were made from and by which
    declared method, entries with the same footage and variants that you may see, who said each and when.
    What the registry found by aligning media is its own activity, with `fp:span` as proof, seconds of the
    one = seconds of the other. Reviews, disputes and where it was seen are shown to those alone who work on
    the entries of its organization. `Accept: image/svg+xml` draws it."""
    found = show_provenance(service, caller, received.identifier(entry_id, "Entry"))
    if (form or _accepted(request.headers.get("accept", ""))) == "svg":
        return Response(lineage_drawing.svg(found), media_type="image/svg+xml", headers=_HARMLESS)
    return Json(found)


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
    found = show_assertion(service, caller, received.identifier(entry_id, "Entry"))
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


def _accepted(header: str) -> Form:
    """The first of ours that the header names; its weights are not read."""
    named = [one.partition(";")[0].strip().lower() for one in header.split(",")]
    return next((MEDIA_TYPES[one] for one in named if one in MEDIA_TYPES), "prov")
