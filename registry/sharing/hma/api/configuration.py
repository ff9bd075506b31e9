"""Signal types, content types and indexes with the URLs and JSON of Hasher-Matcher-Actioner 2."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool

from registry.core.errors import BadInput
from registry.core.http.documentation import Responses, problems
from registry.core.http.responses import Json
from registry.core.service import Service
from registry.identity.callers.api.access import CallerOf, ServiceOf
from registry.identity.callers.model import Caller
from registry.identity.quotas.api.admission import Admission
from registry.sharing.hma import model as hma
from registry.sharing.hma import schemas as hma_models
from registry.sharing.hma.api.route import HmaRoute, JsonObject
from registry.sharing.hma.errors import FixedRatio, UnknownSignalType
from registry.sharing.hma.model import SignalIndex
from registry.sharing.hma.service.configuration import compare_signals, get_indexes

router = APIRouter(route_class=HmaRoute, tags=["hma"])

_PAIRS: Final = {"application/json": {"schema": {"type": "object"}, "example": {"pdq": ["d8f8…", "d8f9…"]}}}
_UNCHANGED: Final[Responses] = {204: {"description": "It is 1.0, as always."}}
OneType = Annotated[
    str | None, Query(alias="signal_type", max_length=50, description="one type; absent: all")
]


@router.get(
    "/c/signal_type",
    operation_id="hmaSignalTypes",
    summary="List the signal types that are matched",
    responses=hma_models.SIGNAL_TYPES,
)
def signal_types(_caller: CallerOf) -> Json:
    """Needs scope `hma`."""
    return Json([{"name": name, "enabled_ratio": 1.0} for name in hma.TYPES])


@router.get(
    "/c/signal_type/index",
    operation_id="hmaSignalTypeIndex",
    summary="Get the number of banked hashes by signal type",
    responses=hma_models.INDEXES | problems(400),
)
def signal_type_index(service: ServiceOf, caller: CallerOf, one_type: OneType = None) -> Json:
    """Needs scope `hma`. Of your organization's banks. The index is never out of date: lookups read the
    tables."""
    found = _indexes(service, caller, one_type)
    return Json(
        {
            name: {
                "db_size": index.size,
                "index_size": index.size,
                "index_out_of_date": False,
                "newest_db_item": index.built_to,
                "index_built_to": index.built_to,
            }
            for name, index in found.items()
        }
    )


@router.put(
    "/c/signal_type/{name}",
    operation_id="hmaChangeSignalType",
    summary="Set the share of lookups of a signal type",
    status_code=204,
    responses=_UNCHANGED | problems(400),
)
def change_signal_type(
    _caller: CallerOf, name: Annotated[str, Path(max_length=50)], body: JsonObject
) -> None:
    """Needs role `admin` and scope `hma`. Only 1.0 is accepted: `PUT /c/bank/{name}` sets the share of a
    bank."""
    _known(name)
    try:
        ratio = float(body["enabled_ratio"])
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput("`enabled_ratio` is a number.", next_step='Send {"enabled_ratio": 1.0}.') from error
    if ratio != 1.0:
        raise FixedRatio


@router.get(
    "/c/content_type",
    operation_id="hmaContentTypes",
    summary="List the content types that are hashed",
    responses=hma_models.CONTENT_TYPES,
)
def content_types(_caller: CallerOf) -> Json:
    """Needs scope `hma`."""
    return Json([{"name": name, "enabled": True} for name in hma.CONTENTS])


@router.get(
    "/m/index/status",
    operation_id="hmaIndexStatus",
    summary="Get the state of the matching by signal type",
    responses=hma_models.INDEX_STATUS | problems(400),
)
def index_status(service: ServiceOf, caller: CallerOf, one_type: OneType = None) -> Json:
    """Needs scope `hma`. `size`: hashes in your organization's banks. `built_to`: time of the newest, in
    seconds since 1970; -1: there is none."""
    return Json(
        {
            name: {"present": index.size > 0, "built_to": index.built_to, "size": index.size}
            for name, index in _indexes(service, caller, one_type).items()
        }
    )


@router.post(
    "/m/compare",
    operation_id="hmaCompare",
    summary="Compare pairs of hashes",
    responses=hma_models.COMPARED | problems(400, 413, 415, 429),
    openapi_extra={"requestBody": {"required": True, "content": _PAIRS}},
)
async def compare(request: Request, caller: CallerOf, body: JsonObject) -> Json:
    """Needs scope `hma`. Answers by signal type whether the two hashes match, and the distance of PDQ in
    bits. Counts as one lookup."""

    def compared() -> dict[str, Any]:
        return {name: compare_signals(_known(name), pair) for name, pair in body.items()}

    admission: Admission = request.app.state.admission
    async with admission.turn(caller.caller_id, 0):
        return Json(await run_in_threadpool(compared))


def _indexes(service: Service, caller: Caller, one_type: str | None) -> dict[str, SignalIndex]:
    found = get_indexes(service, caller)
    return found if one_type is None else {_known(one_type): found[one_type]}


def _known(name: str) -> str:
    if name not in hma.TYPES:
        raise UnknownSignalType.of(name[:50])
    return name
