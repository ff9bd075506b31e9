"""Hashing and matching with the URLs and JSON of Hasher-Matcher-Actioner 2, for its clients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse

from registry.catalogue.media.api import Body, receive
from registry.core.http import bodies, documentation
from registry.core.http.documentation import problems
from registry.core.http.responses import Json
from registry.core.service import Service
from registry.identity.callers.api.access import CallerOf, ServiceOf, key_of
from registry.identity.callers.model import Caller
from registry.identity.quotas.api.admission import Admission
from registry.sharing.hma import model as hma
from registry.sharing.hma import schemas as hma_models
from registry.sharing.hma.api.files import FILES, hashes_at, hashes_of, layout
from registry.sharing.hma.api.route import HmaRoute
from registry.sharing.hma.errors import NoSignal, UnknownSignalType
from registry.sharing.hma.service.signals import Content, Matched, match_signal

router = APIRouter(route_class=HmaRoute, tags=["hma"])

_YES: Final = frozenset({"true", "1", "yes", "y", "on", "t"})
ALIVE: Final = "I-AM-ALIVE"
STALE: Final = "INDEX-STALE"


FileBody = Annotated[Body, Depends(receive(bodies.FORM, layout=layout(), admits="lookups"))]
Address = Annotated[str, Query(max_length=2000, description="http(s) address of an image or video")]
ContentType = Annotated[Content | None, Query(description="content type; absent: by the file's Content-Type")]
Types = Annotated[
    str | None, Query(max_length=200, description="signal types, separated by commas; absent: all")
]
Banks = Annotated[
    str | None, Query(max_length=4000, description="names of banks, separated by commas; absent: all")
]
Signal = Annotated[str | None, Query(max_length=200_000, description="the hash")]
SignalType = Annotated[str | None, Query(max_length=50, description="pdq, video_md5 or vpdq")]
FORM: Final = documentation.body(
    documentation.form_body(media=FILES, documents={}, texts={}, example={"photo": ["(bytes)"]})
)


@router.get(
    "/h/hash",
    operation_id="hmaHashUrl",
    summary="Hash the file at a URL",
    responses=hma_models.HASHES | problems(400, 413, 422, 429, 503),
)
async def hash_url(
    request: Request,
    service: ServiceOf,
    caller: CallerOf,
    url: Address,
    content_type: ContentType = None,
    types: Types = None,
) -> Json:
    """Needs scope `hma`. Non-public addresses are refused unless FAKEPRINT_FETCH_PRIVATE is set. A photo
    gives `pdq`, a video `video_md5` and `vpdq` (a JSON list of `pdq,quality,timestamp`)."""
    chosen = _types(types)
    return Json(_only(await hashes_at(request, service, caller, url, content_type), chosen))


@router.post(
    "/h/hash",
    operation_id="hmaHashFile",
    summary="Hash a file",
    responses=hma_models.HASHES | problems(400, 408, 413, 415, 422, 429, 503),
    openapi_extra=FORM,
)
async def hash_file(
    request: Request, service: ServiceOf, caller: CallerOf, body: FileBody, types: Types = None
) -> Json:
    """Needs scope `hma`. Send one part, named `photo` or `video`. The file is deleted once it is hashed."""
    chosen = _types(types)
    return Json(_only(await hashes_of(request, service, caller, body), chosen))


@router.get(
    "/m/lookup",
    operation_id="hmaLookup",
    summary="Match a signal, or the file at a URL",
    responses=hma_models.LOOKUP | problems(400, 404, 413, 422, 429, 503),
)
async def look_up(
    request: Request,
    service: ServiceOf,
    caller: CallerOf,
    signal: Signal = None,
    signal_type: SignalType = None,
    url: Annotated[str | None, Query(max_length=2000)] = None,
    content_type: ContentType = None,
    types: Types = None,
    banks: Banks = None,
) -> Json:
    """Needs role `lookup` and scope `hma`. Answers by bank the media within 31 bits; with `url` by signal
    type, or for `signal_type` only. Your own banks have their names, others are named `ORGANIZATION/BANK`.
    Genuine footage, allowlisted pictures and other organizations' unreviewed entries do not match."""
    if url:
        chosen = _types(signal_type or types)
        signals = _only(await hashes_at(request, service, caller, url, content_type), chosen)
        matches = await _by_type(request, service, caller, signals, banks)
        return Json(matches.get(signal_type, {}) if signal_type else matches)
    return Json(_by_bank(await matched(request, service, caller, signal_type, signal, banks)))


@router.post(
    "/m/lookup",
    operation_id="hmaLookupFile",
    summary="Match a file",
    responses=hma_models.LOOKUP | problems(400, 408, 413, 415, 422, 429, 503),
    openapi_extra=FORM,
)
async def look_up_file(
    request: Request,
    service: ServiceOf,
    caller: CallerOf,
    body: FileBody,
    types: Types = None,
    banks: Banks = None,
) -> Json:
    """Needs role `lookup` and scope `hma`. Send one part, named `photo` or `video`. Answers by signal type
    and bank."""
    chosen = _types(types)
    signals = _only(await hashes_of(request, service, caller, body), chosen)
    return Json(await _by_type(request, service, caller, signals, banks))


@router.get(
    "/m/raw_lookup",
    operation_id="hmaRawLookup",
    summary="Match a signal in all banks",
    responses=hma_models.RAW | problems(400, 429, 503),
)
async def raw_lookup(
    request: Request,
    service: ServiceOf,
    caller: CallerOf,
    signal: Signal = None,
    signal_type: SignalType = None,
    include_distance: Annotated[str, Query(max_length=10, description="true or false")] = "false",
    banks: Banks = None,
) -> Json:
    """Needs role `lookup` and scope `hma`. Includes content that was switched off (`disable_until_ts`)."""
    matches = await matched(request, service, caller, signal_type, signal, banks)
    if include_distance.lower() in _YES:
        return Json({"matches": [_with_distance(match) for match in matches]})
    return Json({"matches": [match.number for match in matches]})


@router.head("/status", operation_id="hmaStatusHead", include_in_schema=False)
@router.get(
    "/status",
    operation_id="hmaStatus",
    summary="Is the service ready to match?",
    response_class=PlainTextResponse,
    responses=hma_models.STATUS,
    openapi_extra={"security": []},
)
async def status(request: Request, service: ServiceOf) -> PlainTextResponse:
    """`I-AM-ALIVE`, or 503 `INDEX-STALE` while the service is not ready. New content matches at once."""
    ready = (await request.app.state.probe.check(service)).ready
    return PlainTextResponse(ALIVE if ready else STALE, 200 if ready else 503)


@router.get(
    "/status/live",
    operation_id="hmaLive",
    summary="Is the process alive?",
    response_class=PlainTextResponse,
    responses=hma_models.STATUS,
    openapi_extra={"security": []},
)
async def live() -> PlainTextResponse:
    """`I-AM-ALIVE`."""
    return PlainTextResponse(ALIVE)


async def matched(
    request: Request,
    service: Service,
    caller: Caller,
    signal_type: str | None,
    signal: str | None,
    banks: str | None,
) -> list[Matched]:
    """Return the media that a signal matches. Raises `BadInput` (`no_signal` and those of `match_signal`)."""
    if not signal or not signal_type:
        raise NoSignal("Give `signal` and `signal_type`, or `url`.")
    names = [part.strip() for part in (banks or "").split(",") if part.strip()]
    admission: Admission = request.app.state.admission
    async with admission.turn(caller.caller_id, 0):
        return await run_in_threadpool(
            match_signal, service, caller, key_of(request), signal_type, signal, names
        )


async def _by_type(
    request: Request, service: Service, caller: Caller, signals: Mapping[str, str], banks: str | None
) -> dict[str, Any]:
    return {
        name: _by_bank(await matched(request, service, caller, name, value, banks))
        for name, value in signals.items()
        if not (name == "vpdq" and value == "[]")
    }


def _by_bank(matches: list[Matched]) -> dict[str, list[dict[str, Any]]]:
    banks: dict[str, list[dict[str, Any]]] = {}
    for match in (match for match in matches if match.enabled):
        banks.setdefault(match.bank, []).append(_with_distance(match))
    return banks


def _with_distance(match: Matched) -> dict[str, Any]:
    return {"bank_content_id": match.number, "distance": match.distance}


def _types(text: str | None) -> frozenset[str]:
    types = frozenset(part.strip() for part in (text or "").split(",") if part.strip())
    if unknown := types - {*hma.TYPES}:
        raise UnknownSignalType.of(min(unknown)[:50])
    return types


def _only(signals: Mapping[str, str], types: frozenset[str]) -> dict[str, str]:
    return {name: value for name, value in signals.items() if not types or name in types}
