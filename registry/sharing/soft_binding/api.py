"""C2PA's Soft Binding Resolution API, version 2.4.0: find the manifest of media that lost it.

Paths, parameters and answers are those of the specification's OpenAPI document, below `/c2pa/v1`. Those of
version 1.0.0 are unchanged among them. Manifests are not stored by this API: registration does that. Its
OAuth 2 scope `fetch:manifests` is the role `lookup` here: the access token is an API key.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final, get_args

from fastapi import APIRouter, Header, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from registry.catalogue.fingerprints.errors import UnknownAlgorithm
from registry.catalogue.media.api import upload_place
from registry.catalogue.provenance.service import fetch_manifest
from registry.core.errors import AddressTooLong, EmptyFile, UnsupportedContentType
from registry.core.errors.http import Busy
from registry.core.http import bodies, prefer
from registry.core.http.concurrency import ConcurrencyLimit
from registry.core.http.documentation import answer, problems
from registry.core.http.responses import Json
from registry.core.http.upload_space import held_file
from registry.core.net.origin import origin_of
from registry.core.service import Service
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.identity.callers.model import Caller
from registry.identity.quotas.api.admission import Admission
from registry.matching.abuse.guard import ReconstructionGuard
from registry.matching.lookups.api.answers import shown
from registry.matching.lookups.api.lookups import wait_for_answer
from registry.matching.lookups.model import Answer
from registry.matching.lookups.service.files import look_up_file
from registry.sharing.hma.api.files import Address, Fetched, charge, fetch_file
from registry.sharing.soft_binding import model as soft_binding
from registry.sharing.soft_binding import schemas as resolution_models
from registry.sharing.soft_binding.errors import OtherAssetType, RegionNotSupported
from registry.sharing.soft_binding.service import MOST, answer_binding, find_manifests

router = APIRouter(route_class=Route, tags=["c2pa"])

SPECIFICATION: Final = "2.4.0"
PATIENCE: Final = 60.0
"""Seconds that a request waits for its file without `Prefer: wait=…`."""
LONGEST_IN_ADDRESS: Final = 8_192
"""Maximum characters of a value in a URL. Longer values are sent with POST."""
_KINDS: Final = frozenset({"image", "video", "audio"})
_MATCHES: Final = answer(200, resolution_models.SoftBindingResult, "The manifests, most similar first.")

MaxResults = Annotated[
    int, Query(alias="maxResults", ge=1, description=f"maximum number of manifests, up to {MOST}")
]
Alg = Annotated[str, Query(max_length=200, description=f"`{soft_binding.ALGORITHM}`")]
MaybeAlg = Annotated[str | None, Query(max_length=200, description="absent: all supported algorithms")]
HintAlg = Annotated[
    str | None,
    Query(
        alias="hintAlg", max_length=200, description="algorithm of `hintValue`; unsupported ones are ignored"
    ),
]
HintValue = Annotated[str | None, Query(alias="hintValue", description="a value of `hintAlg`")]


@router.get(
    "/c2pa/v1/matches/byBinding",
    operation_id="queryByBinding",
    summary="Find manifests by a soft binding",
    responses=_MATCHES | problems(400, 414, 422, 429),
)
async def by_binding(
    request: Request,
    service: ServiceOf,
    caller: CallerOf,
    value: Annotated[str, Query(description="base64; a long one is sent with POST")],
    alg: Alg,
    most: MaxResults = 10,
) -> Json:
    """Needs role `lookup`. The value is that of `fakeprint hash --soft-binding`, compared by similarity of
    its pictures. Names only manifests that are valid, of your organization's media and of originals whose
    bank shares them (`share_manifests`)."""
    _require_short(value)
    return await _resolved(request, service, caller, alg, value, most)


@router.post(
    "/c2pa/v1/matches/byBinding",
    operation_id="queryByLargeBinding",
    summary="Find manifests by a large soft binding",
    responses=_MATCHES | problems(408, 422, 429),
)
async def by_large_binding(
    request: Request,
    service: ServiceOf,
    caller: CallerOf,
    body: resolution_models.SoftBindingQuery,
    most: MaxResults = 10,
) -> Json:
    """Needs role `lookup`. Like GET, with a body of at most 1 MiB."""
    return await _resolved(request, service, caller, body.alg, body.value, most)


@router.post(
    "/c2pa/v1/matches/byContent",
    operation_id="uploadFile",
    summary="Find manifests by a file",
    responses=_MATCHES | problems(400, 408, 413, 414, 415, 422, 429, 503),
    openapi_extra={"requestBody": {"required": True, "content": resolution_models.MEDIA}},
)
async def by_content(
    request: Request,
    service: ServiceOf,
    caller: CallerOf,
    alg: MaybeAlg = None,
    most: MaxResults = 10,
    hint_alg: HintAlg = None,
    hint_value: HintValue = None,
    _prefer: Annotated[str | None, Header(alias="Prefer", description="`wait=SECONDS`: 60 at most")] = None,
) -> Json:
    """Needs role `lookup`. The body is the file. It is looked up like any other file and deleted. This API
    cannot answer later, so a file that is not read in time gets 503 `busy`: send it again, or use
    `/v1/lookups`. Sound without pictures matches only the identical file."""
    kind = request.headers.get("content-type", "").partition("/")[0].strip().lower()
    if kind not in _KINDS:
        raise UnsupportedContentType(
            "A body is image/…, video/… or audio/….", next_step="Send the file itself."
        )
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise UnsupportedContentType(
            "Compressed bodies are not supported.", next_step="Send the file uncompressed."
        )
    if alg is not None:
        _require_algorithm(alg)
    answers = await _hinted(request, service, caller, hint_alg, hint_value)
    await charge(request, caller)
    limit = service.settings.max_upload_bytes
    with held_file(upload_place(request, limit)) as file:
        async for chunk in bodies.chunks(request, limit):
            await run_in_threadpool(file.write, chunk)
        answers.append(await _answer_file(request, service, caller, Fetched(file, "")))
    return await _manifests(service, caller, answers, most)


@router.post(
    "/c2pa/v1/matches/byReference",
    operation_id="queryByReference",
    summary="Find manifests by the address of a file",
    responses=_MATCHES | problems(400, 408, 413, 414, 415, 422, 429, 503),
)
async def by_reference(
    request: Request,
    service: ServiceOf,
    caller: CallerOf,
    body: resolution_models.AssetReference,
    alg: MaybeAlg = None,
    most: MaxResults = 10,
    hint_alg: HintAlg = None,
    hint_value: HintValue = None,
    _prefer: Annotated[str | None, Header(alias="Prefer", description="`wait=SECONDS`: 60 at most")] = None,
) -> Json:
    """Needs role `lookup`. Downloads the file from a public HTTPS address, follows redirects to other such
    addresses, and answers as for an uploaded file. The file is deleted afterwards."""
    if body.region is not None:
        raise RegionNotSupported
    if alg is not None:
        _require_algorithm(alg)
    answers = await _hinted(request, service, caller, hint_alg, hint_value)
    address = Address(body.referenceUrl, None, https_only=True)
    with held_file(upload_place(request)) as file:
        fetched = await fetch_file(request, service, caller, address, file, most=body.assetLength)
        _require_type(fetched.content_type, body.assetType)
        answers.append(await _answer_file(request, service, caller, fetched))
    return await _manifests(service, caller, answers, most)


@router.get(
    "/c2pa/v1/manifests/{manifest_id}",
    operation_id="getManifestById",
    summary="Get a manifest store",
    response_class=Response,
    responses=resolution_models.STORE | problems(400, 404),
)
def by_id(
    service: ServiceOf,
    caller: CallerOf,
    manifest_id: Annotated[str, Path(description="identifier of its active manifest, urn:c2pa:…")],
    active: Annotated[
        bool, Query(alias="returnActiveManifest", description="return a store with the active manifest only")
    ] = False,
) -> Response:
    """Needs role `lookup`. The bytes that the medium carried when it was registered. Thumbnails of fakes
    are never returned."""
    store = fetch_manifest(service, caller, manifest_id, active=active)
    return Response(store, media_type="application/c2pa")


@router.get(
    "/c2pa/v1/services/supportedAlgorithms",
    operation_id="getSupportedBindings",
    summary="List the supported soft binding algorithms",
    responses=answer(200, resolution_models.BindingAlgorithms, "By type.") | problems(),
    openapi_extra={"security": []},
)
async def supported() -> Json:
    """Needs no key, as the specification requires."""
    return Json({"watermarks": [], "fingerprints": [{"alg": soft_binding.ALGORITHM}]})


@router.get(
    "/c2pa/v1/services/capabilities",
    operation_id="getCapabilities",
    summary="List the optional parts of the resolution API",
    responses=answer(200, resolution_models.Capabilities, "Those that are here.") | problems(),
    openapi_extra={"security": []},
)
async def capabilities() -> Json:
    """Needs no key."""
    return Json(
        {
            "c2paSpecificationVersion": SPECIFICATION,
            "supportedCapabilities": list(get_args(resolution_models.Capability)),
        }
    )


@router.get(
    "/c2pa/v1/services/status",
    operation_id="getServiceStatus",
    summary="State of the resolution API",
    responses=answer(200, resolution_models.ServiceStatus, "The state.") | problems(),
    openapi_extra={"security": []},
)
async def status(request: Request, service: ServiceOf) -> Json:
    """Needs no key. The state of `/health/ready`, in C2PA's words."""
    readiness = await request.app.state.probe.check(service)
    well = all(check.ok for check in readiness.checks.values())
    state = "down" if not readiness.ready else "ok" if well else "degraded"
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return Json({"status": state, "timestamp": now})


@router.get(
    "/.well-known/c2pa-soft-binding-resolution",
    operation_id="discoverResolution",
    summary="Find the resolution API of this host",
    responses=answer(200, resolution_models.Discovery, "Its addresses.") | problems(),
    openapi_extra={"security": []},
)
async def discovery(request: Request, service: ServiceOf) -> Json:
    """Needs no key (RFC 8615)."""
    endpoint = origin_of(request, service.settings) + "/c2pa/v1"
    return Json(
        {
            "apiEndpoint": endpoint,
            "c2paSpecificationVersion": SPECIFICATION,
            "capabilitiesEndpoint": f"{endpoint}/services/capabilities",
            "statusEndpoint": f"{endpoint}/services/status",
        }
    )


def _require_algorithm(alg: str) -> None:
    if alg != soft_binding.ALGORITHM:
        raise UnknownAlgorithm(
            f"Soft bindings by {alg[:100]!r} are not resolved here.",
            next_step="GET /c2pa/v1/services/supportedAlgorithms lists the supported algorithms.",
        )


def _require_short(value: str) -> None:
    if len(value) > LONGEST_IN_ADDRESS:
        raise AddressTooLong(
            f"A value in the address has {LONGEST_IN_ADDRESS:,} characters at most.",
            next_step="Send it with POST.",
        )


async def _resolved(
    request: Request, service: Service, caller: Caller, alg: str, value: str, most: int
) -> Json:
    _require_algorithm(alg)
    return await _manifests(service, caller, [await _answer_value(request, service, caller, value)], most)


async def _answer_value(request: Request, service: Service, caller: Caller, value: str) -> Answer:
    """Return the answer to a value. Raises `BadInput` (`bad_binding`), `TooMany`."""
    admission: Admission = request.app.state.admission
    gate: ConcurrencyLimit = request.app.state.gate
    reconstruction: ReconstructionGuard = request.app.state.reconstruction

    def answered() -> Answer:
        fingerprint = soft_binding.read(value)
        reconstruction.admit_document(caller, fingerprint)
        found = answer_binding(service, caller, fingerprint)
        reconstruction.note_document(caller, fingerprint, shown(found, caller))
        return found

    size = len(value)
    async with admission.turn(caller.caller_id, size), gate.turn(request, size):
        found = await run_in_threadpool(answered)
    request.app.state.instruments.looked_up("document", found)
    return found


async def _hinted(
    request: Request, service: Service, caller: Caller, alg: str | None, value: str | None
) -> list[Answer]:
    """Return the answer to a hint, if its algorithm is supported."""
    if alg != soft_binding.ALGORITHM or not value:
        return []
    _require_short(value)
    return [await _answer_value(request, service, caller, value)]


def _require_type(content_type: str, expected: str | None) -> None:
    """Check the type of a fetched file. Raises `BadInput` (`other_asset_type`), `UnsupportedContentType`."""
    media_type = content_type.partition(";")[0].strip().lower()
    if expected is not None and media_type != expected.partition(";")[0].strip().lower():
        raise OtherAssetType(f"The address answers with {media_type[:50]!r}, not {expected[:50]!r}.")
    if media_type.partition("/")[0] not in _KINDS:
        raise UnsupportedContentType(
            "The file at the address is not image/…, video/… or audio/….", next_step="Send the file itself."
        )


async def _answer_file(request: Request, service: Service, caller: Caller, fetched: Fetched) -> Answer:
    """Return the answer to a file, and close it once it is stored for the worker. Raises as `look_up_file`
    and the worker."""
    patience = prefer.patience(request.headers.getlist("prefer"))
    deadline = time.monotonic() + (patience.seconds if patience.applied else PATIENCE)
    if not fetched.file.tell():
        raise EmptyFile("The file is empty.")

    def queued() -> Any:
        with fetched.upload(service) as upload:
            return look_up_file(service, caller, upload)

    lookup_id = await run_in_threadpool(queued)
    fetched.file.close()
    found = await wait_for_answer(request, service, caller, lookup_id, max(0.0, deadline - time.monotonic()))
    if found is None:
        raise Busy("The file is not processed yet.", next_step="Send it again later.")
    request.app.state.instruments.looked_up("file", found)
    return found


async def _manifests(service: Service, caller: Caller, answers: Sequence[Answer], most: int) -> Json:
    found = await run_in_threadpool(find_manifests, service, caller, answers, most=most)
    return Json({"matches": found})
