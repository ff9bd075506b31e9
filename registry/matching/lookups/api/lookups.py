"""Lookups: is this a known fake, and which part of it?"""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request
from pydantic import TypeAdapter
from starlette.concurrency import run_in_threadpool

from registry.catalogue.fingerprints.model.document import MEDIA_TYPE, from_document
from registry.catalogue.fingerprints.schemas import DOCUMENT
from registry.catalogue.media.api import Body, receive
from registry.catalogue.media.service.uploads import uploads
from registry.core.errors.http import NoFile
from registry.core.http import bodies, documentation, prefer, received
from registry.core.http.concurrency import ConcurrencyLimit
from registry.core.http.documentation import LOCATION, PREFERENCE, RETRY_AFTER, answer, problems
from registry.core.http.multipart import Form, Layout
from registry.core.http.responses import Json
from registry.core.http.schemas import PathId
from registry.core.service import Service
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.identity.callers.model import Caller
from registry.identity.quotas.api.admission import Admission
from registry.matching.abuse.guard import ReconstructionGuard
from registry.matching.counters import LookupCounters
from registry.matching.decision.model.keyframe_answers import Effort
from registry.matching.lookups.api.answers import shown
from registry.matching.lookups.api.questions import answered, document_answered, is_document, question
from registry.matching.lookups.model import Answer, Options
from registry.matching.lookups.schemas import lookup as lookup_models
from registry.matching.lookups.schemas.seen import WatchDays
from registry.matching.lookups.service.files import look_up_file
from registry.matching.lookups.service.records import get_lookup, seen

router = APIRouter(route_class=Route, tags=["lookups"])

FIRST_PAUSE: Final = 0.02
LONGEST_PAUSE: Final = 0.5
"""Shortest and longest pause, in seconds, between two checks of a queued lookup. Each check is one query by
primary key."""

RETRY_SECONDS: Final = 1
"""Seconds that a caller should wait between two requests for a queued lookup."""
WAITING: Final = LOCATION | RETRY_AFTER

_MEDIA: Final = {"file": "the image or video to look up"}
_TEXTS: Final = {
    "bank": "name or id of the only bank to search; absent: all banks that answer you",
    "watch_days": "days to keep its fingerprint, so that you are notified of a match registered later",
    "effort": "`quick`: a video whose keyframes resemble nothing registered is not read further, or with"
    " `watch_days` only after the answer; `standard`, if absent; `full`: all of it is read",
    "seen_at": "the URL at which it was seen",
    "seen_platform": "a platform, with `seen_content_id`",
    "seen_content_id": "its content id on the platform",
    "seen_time": "the time it was seen, with its UTC offset",
}
WATCHED: Final = TypeAdapter(WatchDays)
EFFORT: Final = TypeAdapter[Effort](Effort)

_PREFER: Final = "`wait=SECONDS` (of a file; 10 if absent, at most 60), or `respond-async`"

LookupId = Annotated[UUID, PathId("Lookup")]


def _layout(service: Service) -> Layout:
    settings = service.settings
    return Layout(
        media=frozenset(_MEDIA),
        documents=frozenset(),
        texts=frozenset(_TEXTS),
        media_bytes=settings.max_upload_bytes,
        memory_bytes=settings.max_document_bytes,
    )


_DOCUMENT_BODY: Final = {
    MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/FingerprintDocument"}, "example": DOCUMENT}
}
LookupBody = Annotated[
    Body,
    Depends(receive(bodies.JSON, MEDIA_TYPE, bodies.FORM, layout=_layout, admits="lookups")),
]


@router.post(
    "/v1/lookups",
    operation_id="lookUp",
    summary="Look up a file, a fingerprint document, a SHA-256 or a hash",
    responses=answer(200, lookup_models.LookupAnswer, "The answer.", headers=PREFERENCE)
    | answer(202, lookup_models.QueuedLookup, "A worker has not answered yet.", headers=PREFERENCE | WAITING)
    | problems(400, 404, 408, 413, 415, 422, 429),
    openapi_extra=documentation.body(
        documentation.json_body(
            lookup_models.DocumentLookup,
            lookup_models.Sha256Lookup,
            lookup_models.Md5Lookup,
            lookup_models.HashLookup,
        ),
        _DOCUMENT_BODY,
        documentation.form_body(media=_MEDIA, documents={}, texts=_TEXTS, example={"file": ["(bytes)"]}),
    ),
)
async def look_up(
    request: Request,
    service: ServiceOf,
    caller: CallerOf,
    body: LookupBody,
    bank: Annotated[str | None, Query(max_length=100, description="with a document as body")] = None,
    watch_days: Annotated[
        int | None, Query(ge=1, le=3650, description="with a document as body: days to watch it")
    ] = None,
    effort: Annotated[Effort, Query(description="with a document as body")] = "standard",
    _prefer: Annotated[str | None, Header(alias="Prefer", description=_PREFER)] = None,
) -> Json:
    """Needs role `lookup`. The field `value` of a query may also be named after its `type` (`sha256`). A
    fingerprint document may be the whole body, with its own media type or as JSON.

    A file is deleted once it is answered, at once if its SHA-256 decides. If the answer takes longer than
    you wait, you get 202: GET its `url` every `retry_after` seconds until it answers 200. With the scope
    `faces`, files are searched for your organization's enrolled persons. Such matches have relation
    `same_person` and are `related` at most, for a person to judge. Documents and hashes are not searched.

    Without the scope `signals`, `signals` are null and confidence is rounded to .05. Near-identical hashes
    that reveal bits of a registered one get 429 `reconstruction_suspected`. A document with the note
    `keyframes` is answered if the keyframes settle it. Otherwise it gets `not_settled`, and nothing of it
    is kept. Only a few documents are compared at once; one that waits too long gets `busy`. Many
    simultaneous lookups of one caller get 429.

    While the primary database is away, a replica may answer all but files. `as_of` is then the time of its
    data, and `GET /v1/lookups/{lookup_id}` finds the answer once the primary is back.

    With `watch_days` the fingerprint is kept without faces, and matched again when entries are registered,
    reviewed or restored: see `GET /v1/watches`. `seen_at` is where the media was seen. If it is a known
    fake that your organization had removed there, its campaign gets a recurrence for a person to confirm
    (`GET /v1/campaigns/{campaign_id}/recurrences`).
    """
    instruments: LookupCounters = request.app.state.instruments
    admission: Admission = request.app.state.admission
    if body.form is None:
        gate: ConcurrencyLimit = request.app.state.gate
        size = len(body.raw)
        options = Options(bank or None, watch_days, effort)
        async with admission.turn(caller.caller_id, size), gate.turn(request, size):
            input_kind, found = await run_in_threadpool(
                _answer, service, caller, body, options, request.app.state.reconstruction
            )
        instruments.looked_up(input_kind, found)
        return Json(shown(found, caller))
    patience = prefer.patience(request.headers.getlist("prefer"))
    async with admission.turn(caller.caller_id, 0):
        lookup_id = await run_in_threadpool(_queue, service, caller, body.form)
    body.form.close()  # its file is stored, and the answer may take long
    queued_answer = await wait_for_answer(request, service, caller, lookup_id, patience.seconds)
    instruments.looked_up("file", queued_answer)
    headers = {"Preference-Applied": patience.applied} if patience.applied else {}
    return _answered(lookup_id, queued_answer, caller, headers)


@router.get(
    "/v1/lookups/{lookup_id}",
    operation_id="showLookup",
    summary="Get a lookup of your organization",
    responses=answer(200, lookup_models.LookupAnswer, "The answer.")
    | answer(202, lookup_models.QueuedLookup, "A worker has not answered yet.", headers=WAITING)
    | problems(404, 422),
)
def show(service: ServiceOf, caller: CallerOf, lookup_id: LookupId) -> Json:
    """Needs role `lookup`. A failed lookup answers the worker's problem. For entries that were withdrawn,
    disputed or hidden since, only ids and verdict are left, and `notes` holds `entry_gone`."""
    found = get_lookup(service, caller, lookup_id)
    return _answered(lookup_id, found, caller, {})


def _answer(
    service: Service,
    caller: Caller,
    body: Body,
    options: Options,
    reconstruction: ReconstructionGuard,
) -> tuple[str, Answer]:
    """Return the kind of input and the answer."""
    value = bodies.parse(body.raw)
    if body.content_type == MEDIA_TYPE or is_document(value):
        fingerprint = from_document(value)
        return "document", document_answered(service, caller, fingerprint, options, reconstruction)
    query = question(value)
    return query.type, answered(service, caller, query, options.bank, reconstruction)


def _queue(service: Service, caller: Caller, form: Form) -> UUID:
    files = form.media.get("file", [])
    if len(files) != 1:
        raise NoFile("Send exactly one part `file`.")
    fields = (form.texts.get(f"seen_{name}") or None for name in ("at", "platform", "content_id", "time"))
    place = seen(*fields)
    with uploads(service, files) as (upload,):
        return look_up_file(
            service,
            caller,
            upload,
            Options(
                bank=form.texts.get("bank") or None,
                watch_days=_days(form.texts.get("watch_days")),
                effort=received.checked(
                    form.texts.get("effort") or "standard", EFFORT.validate_python, "effort"
                ),
            ),
            seen=place,
        )


def _days(text: str | None) -> int | None:
    """Parse `watch_days` of a form. Raises `BadInput`."""
    if not text:
        return None
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text
    return received.checked(number, WATCHED.validate_python, "watch_days")


async def wait_for_answer(
    request: Request, service: Service, caller: Caller, lookup_id: UUID, seconds: float
) -> Answer | None:
    """Return the answer once a worker has given it; None after `seconds`.

    Asynchronous, because waiting must not occupy one of the few threads.
    """
    deadline = time.monotonic() + seconds
    pause = FIRST_PAUSE
    while True:
        found = await run_in_threadpool(get_lookup, service, caller, lookup_id)
        remaining = deadline - time.monotonic()
        stopping = getattr(request.app.state, "stopping", False)
        if found is not None or remaining <= 0 or stopping or await request.is_disconnected():
            return found
        await asyncio.sleep(min(pause, remaining))
        pause = min(pause * 1.2, LONGEST_PAUSE)  # the answer comes a sixth later than it was ready, at most


def _answered(lookup_id: UUID, found: Answer | None, caller: Caller, headers: dict[str, str]) -> Json:
    if found is not None:
        return Json(shown(found, caller), headers=headers)
    url = f"/v1/lookups/{lookup_id}"
    queued = lookup_models.QueuedLookup(
        lookup_id=str(lookup_id), status="queued", url=url, retry_after=RETRY_SECONDS
    )
    place = {"Location": url, "Retry-After": str(RETRY_SECONDS)}
    return Json(queued, status_code=202, headers=headers | place)
