"""Entries: register, list, show, add media, retry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, Field, TypeAdapter
from starlette.concurrency import run_in_threadpool

from registry.catalogue.entries.model.entry import Tier
from registry.catalogue.entries.schemas import registration as registration_models
from registry.catalogue.entries.service.entries import EntryFilter, list_entries, show_entry
from registry.catalogue.entries.service.media import Source, add_asset
from registry.catalogue.entries.service.registration import Registration, register_entry, retry_entry
from registry.catalogue.fingerprints.model.document import from_document
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.media.api import Body, receive
from registry.catalogue.media.model import Role
from registry.catalogue.media.service.uploads import uploads
from registry.core.errors.http import NoFile
from registry.core.http import bodies, documentation, received
from registry.core.http.concurrency import ConcurrencyLimit
from registry.core.http.documentation import answer, problems
from registry.core.http.multipart import Form, Layout, MediaPart
from registry.core.http.paging import After, PageSize
from registry.core.http.responses import Json
from registry.core.http.schemas import PathId, identifier
from registry.core.service import Service
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.identity.callers.model import Caller

router = APIRouter(route_class=Route, tags=["entries"])

ENTRY_FILES: Final = 4
"""Most bytes of an entry's media together, as a multiple of the largest file."""

_ROLES: Final[tuple[Role, ...]] = ("fake", "original")
_MEDIA: Final = {"fake": "a known fake", "original": "authentic footage that the fakes were made from"}
_DOCUMENTS: Final = {
    "fake_document": "a fingerprint document of a fake, instead of its media",
    "original_document": "a fingerprint document of an original",
}
_TEXTS: Final = {
    "bank": "name or id of a bank of your own; `default` if absent",
    "title": "title for people; `untitled` and the start of the first fake's SHA-256 if absent",
    "manipulation": "face_swap, lip_sync, synthetic, edited, audio, voice_clone or spliced",
    "claim": "what the fake claims or is said to show",
    "references": "a JSON list of objects with a `url`",
    "language": "of title and claim: a BCP 47 tag such as `es` or `ar`",
    "depicted": "a JSON list of people: `name`, `url`, `role`, `public`; stored encrypted",
    "seen": "a JSON list of places: `url`, `platform`, `at`, `channel`, `note`; stored encrypted",
    "evidence": "how it is known to be a fake; stored encrypted, only for your organization",
    "claim_review": "ClaimReview or MediaReview of schema.org, as JSON-LD; supplies missing fields",
    "variant_of": "id of an entry that this is a variant of",
}
PERSON: Final = (
    "a depicted person: words of the name, or the URL of the page that identifies the person; or an enrolled "
    "person's id (needs the scope `faces`)"
)
_LISTS: Final = ("references", "depicted", "seen")
_LIST: Final = TypeAdapter(Annotated[list[dict[str, Any]], Field(max_length=1000)])

EntryId = Annotated[UUID, PathId("Entry")]


def _layout(texts: Mapping[str, str]) -> Callable[[Service], Layout]:
    def layout(service: Service) -> Layout:
        settings = service.settings
        return Layout(
            media=frozenset(_MEDIA),
            documents=frozenset(_DOCUMENTS),
            texts=frozenset(texts),
            media_bytes=settings.max_upload_bytes,
            memory_bytes=settings.max_document_bytes,
        )

    return layout


EntryBody = Annotated[
    Body,
    Depends(
        receive(
            bodies.FORM,
            bodies.JSON,
            layout=_layout(_TEXTS),
            media_files=ENTRY_FILES,
            admits="registrations",
        )
    ),
]
AssetBody = Annotated[Body, Depends(receive(bodies.FORM, layout=_layout({}), admits="registrations"))]


@dataclass(frozen=True, slots=True)
class _Submitted:
    """A registration as it was sent, as form or JSON, before its media is stored."""

    fields: dict[str, Any]
    documents: dict[Role, list[Fingerprint]]
    media: dict[Role, list[MediaPart]]


@router.post(
    "/v1/entries",
    operation_id="registerEntry",
    summary="Register a known fake",
    status_code=201,
    responses=answer(
        201, registration_models.Registered, "Registered; media is fingerprinted by the workers."
    )
    | answer(200, registration_models.Registered, "The bank already has an entry with these fakes.")
    | problems(400, 404, 408, 409, 413, 415, 422, 429),
    openapi_extra=documentation.body(
        documentation.form_body(
            media=_MEDIA,
            documents=_DOCUMENTS,
            texts=_TEXTS,
            example={"fake": ["(bytes)"], "original": ["(bytes)"], "title": "Councillor, face-swapped"},
        ),
        documentation.json_body(registration_models.NewEntry),
    ),
)
async def register(request: Request, service: ServiceOf, caller: CallerOf, body: EntryBody) -> Json:
    """Needs role `register`. Fakes and originals become matchable together, or none does. The same file
    twice in a bank is one asset, and the answer says so. Send at least one `fake` or `fake_document`."""
    async with _turn(request, body):
        return await run_in_threadpool(_register, service, caller, body)


def _register(service: Service, caller: Caller, body: Body) -> Json:
    submitted = _of_form(body.form) if body.form else _of_json(body.raw)
    parts = [(role, part) for role in _ROLES for part in submitted.media[role]]
    with uploads(service, [part for _, part in parts]) as stored:
        sources: dict[Role, list[Source]] = {role: list(submitted.documents[role]) for role in _ROLES}
        for (role, _), upload in zip(parts, stored, strict=True):
            sources[role].append(upload)
        new = Registration(fakes=sources["fake"], originals=sources["original"], **submitted.fields)
        registered = register_entry(service, caller, new)
    headers = {"Location": f"/v1/entries/{registered.entry_id}"}
    return Json(registered, status_code=201 if registered.created else 200, headers=headers)


@router.get(
    "/v1/entries",
    operation_id="listEntries",
    summary="List your organization's entries",
    responses=answer(200, registration_models.EntryPage, "Newest first.") | problems(400, 404),
)
def list_all(
    service: ServiceOf,
    caller: CallerOf,
    bank: Annotated[str | None, Query(max_length=100, description="name or id of a bank")] = None,
    status: Annotated[registration_models.EntryStatus | None, Query()] = None,
    text: Annotated[str | None, Query(max_length=300, description="words of title or claim, all")] = None,
    tier: Annotated[Tier | None, Query()] = None,
    since: Annotated[AwareDatetime | None, Query(description="registered then or later")] = None,
    until: Annotated[AwareDatetime | None, Query(description="registered before")] = None,
    person: Annotated[str | None, Query(max_length=2000, description=PERSON)] = None,
    limit: PageSize = 50,
    after: After = None,
) -> Json:
    """Needs role `register`, `review` or `admin`. Names of depicted people are encrypted and read one by
    one. A page filtered by a person may therefore be short or empty and still have a `next`."""
    query = EntryFilter(bank or None, status, text, tier, since, until, person or None)
    return Json(list_entries(service, caller, query, limit=limit, after=after or None))


@router.get(
    "/v1/entries/{entry_id}",
    operation_id="showEntry",
    summary="Get an entry and its media",
    responses=answer(200, registration_models.Entry, "The entry.") | problems(404),
)
def show(service: ServiceOf, caller: CallerOf, entry_id: EntryId) -> Json:
    """Any key. `status` is `pending` until all its first media are fingerprinted, then `matchable`.
    `failed` comes with a reason, and can be retried."""
    return Json(show_entry(service, caller, entry_id))


@router.post(
    "/v1/entries/{entry_id}/assets",
    operation_id="addAsset",
    summary="Add one medium to an entry",
    status_code=201,
    responses=answer(201, registration_models.AddedAsset, "Added.")
    | answer(200, registration_models.AddedAsset, "The entry already has it.")
    | problems(400, 404, 408, 409, 413, 415, 422, 429),
    openapi_extra=documentation.body(
        documentation.form_body(
            media=_MEDIA, documents=_DOCUMENTS, texts={}, example={"original": ["(bytes)"]}
        )
    ),
)
async def add(
    request: Request, service: ServiceOf, caller: CallerOf, entry_id: EntryId, body: AssetBody
) -> Json:
    """Needs role `register`. Send exactly one part: `fake`, `original`, or a document of either."""
    async with _turn(request, body):
        return await run_in_threadpool(_add, service, caller, entry_id, body)


def _add(service: Service, caller: Caller, identity: UUID, body: Body) -> Json:
    submitted = _of_form(body.form or Form())
    documents = [(role, document) for role in _ROLES for document in submitted.documents[role]]
    parts = [(role, medium) for role in _ROLES for medium in submitted.media[role]]
    if len(documents) + len(parts) != 1:
        raise NoFile("Send exactly one medium, or one document of it.")
    with uploads(service, [part for _, part in parts]) as stored:
        role, source = documents[0] if documents else (parts[0][0], stored[0])
        added = add_asset(service, caller, identity, source, role)
    return Json(added, status_code=201 if added.created else 200)


@router.post(
    "/v1/entries/{entry_id}/retry",
    operation_id="retryEntry",
    summary="Fingerprint failed media again",
    responses=answer(200, registration_models.Entry, "It waits for the workers again.") | problems(404, 409),
)
def retry(service: ServiceOf, caller: CallerOf, entry_id: EntryId) -> Json:
    """Needs role `register`."""
    return Json(retry_entry(service, caller, entry_id))


def _turn(request: Request, body: Body) -> AbstractAsyncContextManager[None]:
    """Return the turn of a registration in the queue of registrations, which is separate from lookups."""
    gate: ConcurrencyLimit = request.app.state.registering
    documents = body.form.documents if body.form else {}
    size = len(body.raw) + sum(len(raw) for raws in documents.values() for raw in raws)
    return gate.turn(request, size, str(request.state.caller.caller_id))


def _of_form(form: Form) -> _Submitted:
    description: dict[str, Any] = {name: text for name, text in form.texts.items() if text}
    for name in description.keys() & {*_LISTS}:
        description[name] = received.checked(
            bodies.parse(description[name].encode(), f"The part `{name}`"), _LIST.validate_python, name
        )
    if "claim_review" in description:
        description["claim_review"] = bodies.parse(
            description["claim_review"].encode(), "The part `claim_review`"
        )
    if "variant_of" in description:
        description["variant_of"] = identifier(description["variant_of"], "Entry")
    documents = {
        role: [
            from_document(bodies.parse(raw, f"A part `{role}_document`"))
            for raw in form.documents.get(f"{role}_document", ())
        ]
        for role in _ROLES
    }
    return _Submitted(description, documents, {role: form.media.get(role, []) for role in _ROLES})


def _of_json(raw: bytes) -> _Submitted:
    entry = received.checked(bodies.parse(raw), registration_models.NewEntry.model_validate)
    documents: dict[Role, Sequence[dict[str, Any]]] = {"fake": entry.fakes, "original": entry.originals}
    description = entry.model_dump(include=set(_TEXTS), exclude_none=True)
    if "variant_of" in description:
        description["variant_of"] = identifier(description["variant_of"], "Entry")
    return _Submitted(
        description | {"bank": entry.bank or None},
        {role: [from_document(document) for document in documents[role]] for role in _ROLES},
        {role: [] for role in _ROLES},
    )
