"""Hashing and matching with the URLs and JSON of Hasher-Matcher-Actioner 2, for its clients."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
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
from registry.sharing.hma.api.files import FILES, Address, hashes_at, hashes_of, layout, require_form
from registry.sharing.hma.api.route import HmaRoute
from registry.sharing.hma.errors import NoSignal
from registry.sharing.hma.model import Selection
from registry.sharing.hma.service.signals import Matched, SignalQuery, match_signal, nearest

router = APIRouter(route_class=HmaRoute, tags=["hma"])

LONGEST_SIGNAL: Final = 500_000
"""Characters: a vPDQ list of an hour and a half."""
ALIVE: Final = "I-AM-ALIVE"
STALE: Final = "INDEX-STALE"


_received = receive(bodies.FORM, layout=layout(), admits="lookups")


async def _form(request: Request, service: ServiceOf) -> AsyncIterator[Body]:
    require_form(request)
    async for body in _received(request, service):
        yield body


FileBody = Annotated[Body, Depends(_form)]
Url = Annotated[str, Query(max_length=2000, description="http(s) address of an image or video")]
ContentType = Annotated[
    str | None, Query(max_length=50, description="photo or video; absent: by the file's Content-Type")
]
Types = Annotated[
    str | None, Query(max_length=200, description="signal types, separated by commas; absent: all")
]
Banks = Annotated[
    str | None, Query(max_length=4000, description="names of banks, separated by commas; absent: all")
]
RawSignal = Annotated[str, Query(max_length=LONGEST_SIGNAL, description="the hash")]
RawSignalType = Annotated[str, Query(max_length=50, description="pdq, video_md5 or vpdq")]
Signal = Annotated[str | None, Query(max_length=LONGEST_SIGNAL, description="the hash")]
SignalType = Annotated[str | None, Query(max_length=50, description="pdq, video_md5 or vpdq")]


@dataclass(frozen=True, slots=True)
class Draw:
    """Which of your own banks answer that have an `enabled_ratio` below 1."""

    seed: Annotated[
        str | None,
        Query(max_length=1000, description="those that HMA draws with it; absent: the signal decides"),
    ] = None
    bypass_coinflip: Annotated[bool, Query(description="true: all of them")] = False

    def coin(self) -> float | None:
        """Return the ratio from which banks answer; None: the signal decides."""
        if self.bypass_coinflip:
            return 0.0
        return None if self.seed is None else random.Random(self.seed).random()  # noqa: S311 - as in HMA


@dataclass(frozen=True, slots=True)
class Matching:
    """Matches signals of one request, in the banks and with the draw that it names."""

    request: Request
    service: Service
    caller: Caller
    banks: str | None
    coin: float | None

    async def media(self, signal_type: str, signal: str) -> list[Matched]:
        """Return the media that a signal matches. Raises as `match_signal`."""
        names = [part.strip() for part in (self.banks or "").split(",") if part.strip()]
        query = SignalQuery(signal_type, signal, names, self.coin)
        admission: Admission = self.request.app.state.admission
        async with admission.turn(self.caller.caller_id, 0):
            return await run_in_threadpool(
                match_signal, self.service, self.caller, key_of(self.request), query
            )


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
    url: Url,
    content_type: ContentType = None,
    types: Types = None,
) -> Json:
    """Needs scope `hma`. Non-public addresses are refused unless FAKEPRINT_FETCH_PRIVATE is set. A photo
    gives `pdq`, a video `video_md5`; with `types=vpdq` a JSON list of `pdq,quality,timestamp`, for which the
    whole video is decoded."""
    chosen = Selection.read(types, hma.QUICK)
    return Json(await hashes_at(request, service, caller, Address.read(url, content_type), chosen))


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
    """Needs scope `hma`. Send one part, named `photo` or `video`. The file is deleted once it is hashed. The
    hashes are those of `GET`."""
    return Json(await hashes_of(request, service, caller, body, Selection.read(types, hma.QUICK)))


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
    draw: Annotated[Draw, Depends()],
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
    matching = Matching(request, service, caller, banks, draw.coin())
    if url:
        named = types if types is not None else signal_type
        chosen = Selection.read(named, hma.CONTENTS, upright=True)
        signals = await hashes_at(request, service, caller, Address.read(url, content_type), chosen)
        matches = await _by_type(matching, signals)
        return Json(matches.get(signal_type, {}) if signal_type else matches)
    if not signal or not signal_type:
        raise NoSignal("Either url or both signal and signal_type are required")
    return Json(_by_bank(await matching.media(signal_type, signal)))


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
    draw: Annotated[Draw, Depends()],
    types: Types = None,
    banks: Banks = None,
) -> Json:
    """Needs role `lookup` and scope `hma`. Send one part, named `photo` or `video`. Answers by signal type
    and bank. A video is looked up by all its signals; `types=video_md5` takes the MD5 alone, at once."""
    chosen = Selection.read(types, hma.CONTENTS, upright=True)
    signals = await hashes_of(request, service, caller, body, chosen)
    return Json(await _by_type(Matching(request, service, caller, banks, draw.coin()), signals))


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
    signal: RawSignal,
    signal_type: RawSignalType,
    include_distance: bool = False,
    banks: Banks = None,
) -> Json:
    """Needs role `lookup` and scope `hma`. Includes content that was switched off (`disable_until_ts`), and
    your organization's banks whatever their share of lookups."""
    matches = await Matching(request, service, caller, banks, 0.0).media(signal_type, signal)
    if include_distance:
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


async def _by_type(matching: Matching, signals: Mapping[str, str]) -> dict[str, Any]:
    """Return the matches by signal type and bank. A photo that EXIF turns is matched as it is shown, too."""
    found = {
        name: await matching.media(name, value)
        for name, value in signals.items()
        if name != hma.UPRIGHT and not (name == "vpdq" and value == "[]")
    }
    if upright := signals.get(hma.UPRIGHT):
        found["pdq"] = nearest(found["pdq"], await matching.media("pdq", upright))
    return {name: _by_bank(matches) for name, matches in found.items()}


def _by_bank(matches: list[Matched]) -> dict[str, list[dict[str, Any]]]:
    banks: dict[str, list[dict[str, Any]]] = {}
    for match in (match for match in matches if match.enabled):
        banks.setdefault(match.bank, []).append(_with_distance(match))
    return banks


def _with_distance(match: Matched) -> dict[str, Any]:
    return {"bank_content_id": match.number, "distance": match.distance}
