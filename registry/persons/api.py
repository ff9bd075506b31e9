"""Persons under protection: enrolment, photos, review, renewal, and how a consent is withdrawn."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from registry.catalogue.media.api import Body, receive
from registry.core.http import bodies, documentation, received
from registry.core.http.documentation import Responses, answer, problems
from registry.core.http.limiter import Limiter
from registry.core.http.multipart import Form, Layout
from registry.core.http.paging import After, PageSize
from registry.core.http.responses import Json
from registry.core.http.schemas import PathId
from registry.core.service import Service
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.persons import schemas as models
from registry.persons.erasure.service import revoke_by_code, revoke_person
from registry.persons.model import State
from registry.persons.photos.service import Incoming, add_photos, get_photo, remove_photo
from registry.persons.service.assessments import list_assessments, record_assessment
from registry.persons.service.persons import get_person, list_persons
from registry.persons.service.proposal import propose_person, renew_person
from registry.persons.service.review import Review, review_person

router = APIRouter(route_class=Route, tags=["persons"])

LONGEST_PHOTO: Final = 64_000_000
"""Most bytes of a photo that are received. A larger one refuses the whole request."""
REVOCATION_SECONDS: Final = 1.0
"""Least seconds until a revocation by code is answered, so that the time does not reveal whether the code is
valid."""
LONGEST_REVOCATION: Final = 4096
"""Most bytes of its body. The sender is anonymous."""
REVOKED: Final = "If the code is right, the consent is withdrawn now and the data is destroyed."

_MEDIA: Final = {"photo": "a photo of the person: JPEG, PNG or WebP, up to 20,000,000 bytes"}
_PICTURES: Final[Responses] = {
    200: {
        "description": "The photo as it was sent.",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}, "example": "(bytes)"}
            for kind in ("image/jpeg", "image/png", "image/webp")
        },
    }
}

PersonId = Annotated[UUID, PathId("Person")]
PhotoId = Annotated[UUID, PathId("Photo")]


def _layout(service: Service) -> Layout:
    settings = service.settings
    return Layout(
        media=frozenset(_MEDIA),
        documents=frozenset(),
        texts=frozenset(),
        media_bytes=min(LONGEST_PHOTO, settings.max_upload_bytes),
        memory_bytes=settings.max_document_bytes,
    )


PhotosBody = Annotated[Body, Depends(receive(bodies.FORM, layout=_layout))]


@router.post(
    "/v1/persons",
    operation_id="proposePerson",
    summary="Propose a person for protection",
    status_code=201,
    responses=answer(201, models.ProposedPerson, "Proposed; add photos, then have it reviewed.")
    | answer(200, models.ProposedPerson, "The request was sent before.")
    | problems(409),
)
def propose(
    service: ServiceOf,
    caller: CallerOf,
    new: models.NewPerson,
    idempotency_key: Annotated[
        str | None,
        Header(description="8 to 200 visible characters, random. A repeated request creates nothing twice"),
    ] = None,
) -> Json:
    """Needs the scope `faces`, and role `register` or `takedown`. `no_assessment` until the operator has
    recorded a data-protection assessment. The revocation code is shown only in this answer: give it to the
    person, who can withdraw with it and without an account. A proposal expires after 30 days without a
    decision."""
    proposed = propose_person(service, caller, new, idempotency_key=idempotency_key)
    headers = {"Location": f"/v1/persons/{proposed.person_id}"}
    return Json(proposed, status_code=201 if proposed.created else 200, headers=headers)


@router.get(
    "/v1/persons",
    operation_id="listPersons",
    summary="List your organization's enrolled persons",
    responses=answer(200, models.PersonPage, "Newest first.") | problems(400),
)
def list_all(
    service: ServiceOf,
    caller: CallerOf,
    state: Annotated[State | None, Query()] = None,
    limit: PageSize = 50,
    after: After = None,
) -> Json:
    """Needs the scope `faces`. Other organizations' persons are never shown."""
    return Json(list_persons(service, caller, state=state, limit=limit, after=after or None))


@router.get(
    "/v1/persons/{person_id}",
    operation_id="showPerson",
    summary="Get a person with photos and recorded acts",
    responses=answer(200, models.Person, "The person.") | problems(404),
)
def show(service: ServiceOf, caller: CallerOf, person_id: PersonId) -> Json:
    """Needs the scope `faces`. After the key is destroyed nothing personal is left: `name` is null."""
    return Json(get_person(service, caller, person_id))


@router.post(
    "/v1/persons/{person_id}/photos",
    operation_id="addPhotos",
    summary="Add photos to a proposed person",
    status_code=202,
    responses=answer(202, models.AddedPhotos, "Each photo; the workers read those that are `pending`.")
    | problems(400, 404, 408, 409, 413, 415, 429),
    openapi_extra=documentation.body(
        documentation.form_body(media=_MEDIA, documents={}, texts={}, example={"photo": ["(bytes)"]})
    ),
)
def add(service: ServiceOf, caller: CallerOf, person_id: PersonId, body: PhotosBody) -> Json:
    """Needs the scope `faces`, and role `register` or `takedown`. At most 20 photos a person; a photo sent
    again is stored once. Each is encrypted, read by a worker, and deleted with the decision. `GET` the
    person for each photo's state and reason."""
    parts = (body.form or Form()).media.get("photo", [])
    files = [Incoming(part.filename, part.size, part.open) for part in parts]
    return Json(add_photos(service, caller, person_id, files), status_code=202)


@router.get(
    "/v1/persons/{person_id}/photos/{photo_id}",
    operation_id="showPhoto",
    summary="Get a photo for review",
    response_class=Response,
    responses=_PICTURES | problems(404),
)
def show_one(service: ServiceOf, caller: CallerOf, person_id: PersonId, photo_id: PhotoId) -> Response:
    """Needs the scope `faces` and role `review`. Each view is recorded. Photos are kept until the
    decision."""
    kind, raw = get_photo(service, caller, person_id, photo_id)
    headers = {"Content-Disposition": "attachment", "Content-Security-Policy": "sandbox"}
    return Response(raw, media_type=kind, headers=headers)


@router.delete(
    "/v1/persons/{person_id}/photos/{photo_id}",
    operation_id="removePhoto",
    summary="Remove a photo",
    responses=answer(200, models.Person, "The person without it.") | problems(404, 409),
)
def remove(service: ServiceOf, caller: CallerOf, person_id: PersonId, photo_id: PhotoId) -> Json:
    """Needs the scope `faces`, and role `register` or `takedown`. Possible while the person is proposed;
    the other photos are judged again."""
    return Json(remove_photo(service, caller, person_id, photo_id))


@router.post(
    "/v1/persons/{person_id}/review",
    operation_id="reviewPerson",
    summary="Decide on a proposed person, or on a new consent",
    responses=answer(200, models.Person, "Decided.") | problems(404, 409),
)
def review(service: ServiceOf, caller: CallerOf, person_id: PersonId, new: models.NewReview) -> Json:
    """Needs the scope `faces` and role `review`, and a caller other than the proposer. To accept, the
    reviewer must have viewed each photo that is `usable`. An accepted person is `active`: lookups of your
    organization can then answer `same_person`. A refusal destroys all personal data."""
    return Json(review_person(service, caller, person_id, Review(**new.model_dump())))


@router.post(
    "/v1/persons/{person_id}/renewal",
    operation_id="renewPerson",
    summary="Submit a new consent before the old one ends",
    responses=answer(
        200, models.Person, "It waits for a reviewer; the old consent stays in force until it ends."
    )
    | problems(404, 409),
)
def renew(service: ServiceOf, caller: CallerOf, person_id: PersonId, new: models.NewConsent) -> Json:
    """Needs the scope `faces`, and role `register` or `takedown`. A second request replaces one that
    waits."""
    return Json(renew_person(service, caller, person_id, new))


@router.post(
    "/v1/persons/{person_id}/revocation",
    operation_id="revokePerson",
    summary="Withdraw consent on behalf of a person",
    responses=answer(200, models.Person, "Revoked, and the data destroyed.") | problems(404),
)
def revoke(service: ServiceOf, caller: CallerOf, person_id: PersonId) -> Json:
    """Needs the scope `faces`. Repeating the request changes nothing."""
    return Json(revoke_person(service, caller, person_id))


@router.post(
    "/v1/revocations",
    operation_id="revokeByCode",
    summary="Withdraw your own consent",
    status_code=202,
    responses=answer(202, models.Accepted, "Accepted.") | problems(429),
    openapi_extra=documentation.body(documentation.json_body(models.NewRevocation)) | {"security": []},
)
async def revoke_own(request: Request, service: ServiceOf) -> Json:
    """Needs no key, only the code that you were given. The answer and its duration are the same whether or
    not the code is valid. An IP address may send 10 requests at once, then one every 3 seconds."""
    limiter: Limiter = request.app.state.limiter
    limiter.take(request.client.host if request.client else "")
    began = time.monotonic()
    body = await received.read(request, models.NewRevocation, LONGEST_REVOCATION)
    await run_in_threadpool(revoke_by_code, service, body.code)
    await asyncio.sleep(max(0.0, began + REVOCATION_SECONDS - time.monotonic()))
    return Json({"accepted": True, "message": REVOKED}, status_code=202)


@router.post(
    "/v1/assessments",
    operation_id="recordAssessment",
    summary="Record a data-protection assessment",
    status_code=201,
    responses=answer(201, models.Assessment, "On record; persons may be enrolled."),
)
def record(service: ServiceOf, caller: CallerOf, new: models.NewAssessment) -> Json:
    """Needs role `admin` in the organization that runs the deployment. Nobody can be enrolled before this.
    It cannot be taken back."""
    return Json(record_assessment(service, caller, **new.model_dump()), status_code=201)


@router.get(
    "/v1/assessments",
    operation_id="listAssessments",
    summary="List the recorded data-protection assessments",
    responses=answer(200, models.AssessmentList, "The one in force first."),
)
def assessments(service: ServiceOf, caller: CallerOf) -> Json:
    """Needs role `admin` or the scope `faces`."""
    return Json({"assessments": list_assessments(service, caller)})
