"""The provenance of an entry, as PROV-JSON or as a drawing."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from registry.catalogue.entries.api.entries import EntryId
from registry.core.http import documentation
from registry.core.http.documentation import problems
from registry.core.http.responses import Json
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.sharing.prov.model import lineage_drawing
from registry.sharing.prov.service import get_provenance

router = APIRouter(route_class=Route, tags=["entries"])

Form = Literal["prov", "svg"]
MEDIA_TYPES: Final[dict[str, Form]] = {
    "application/json": "prov",
    "application/prov+json": "prov",
    "image/svg+xml": "svg",
}
_SANDBOXED: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
}
"""Headers with which a picture that is opened alone runs no script and fetches nothing."""
_PROVENANCE: Final[dict[str, Any]] = {
    "prefix": {"media": "urn:fakeprint:media:", "org": "urn:fakeprint:organization:"},
    "entity": {"media:1": {"prov:type": "fp:Fake"}, "media:2": {"prov:type": "fp:Original"}},
    "wasDerivedFrom": {
        "_:wasDerivedFrom0": {
            "prov:generatedEntity": "media:1",
            "prov:usedEntity": "media:2",
            "fp:assertedBy": "who:registry",
            "fp:span": ["0.000/8.100=12.000/20.100;speed=1"],
        }
    },
}
_ANSWER: Final[documentation.Responses] = {
    200: {
        "description": "PROV-JSON, or a drawing of it.",
        "content": {
            "application/json": {"schema": {"type": "object"}, "example": _PROVENANCE},
            "image/svg+xml": {"schema": {"type": "string"}, "example": "<svg …/>"},
        },
    }
}


@router.get(
    "/v1/entries/{entry_id}/provenance",
    operation_id="showProvenance",
    summary="Get the provenance of an entry as W3C PROV",
    response_class=Json,
    responses=_ANSWER | problems(400, 404),
)
def show(
    request: Request,
    service: ServiceOf,
    caller: CallerOf,
    entry_id: EntryId,
    form: Annotated[Form | None, Query(description="absent: by `Accept`, else prov")] = None,
) -> Response:
    """Any key that may see the entry. PROV-JSON (W3C): its media, what they were made from and by which
    declared method, entries with the same footage and variants that you may see, and who stated each and
    when. Alignments found by the registry are its own activity, with `fp:span` as proof: seconds of one
    medium = seconds of the other. Reviews, disputes and sightings are included only for callers who work
    on entries of its organization. `Accept: image/svg+xml` returns a drawing."""
    document = get_provenance(service, caller, entry_id)
    if (form or _accepted(request.headers.get("accept", ""))) == "svg":
        return Response(lineage_drawing.svg(document), media_type="image/svg+xml", headers=_SANDBOXED)
    return Json(document)


def _accepted(header: str) -> Form:
    """Return the first supported form that the header names. Weights are ignored."""
    media_types = [part.partition(";")[0].strip().lower() for part in header.split(",")]
    return next((MEDIA_TYPES[part] for part in media_types if part in MEDIA_TYPES), "prov")
