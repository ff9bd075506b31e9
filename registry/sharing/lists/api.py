"""Import and export of hash lists, streamed and resumable."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

import orjson
from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from registry.core.errors import FakeprintError
from registry.core.http import bodies, documentation
from registry.core.http.concurrency import TINY, ConcurrencyLimit
from registry.core.http.documentation import answer, problems
from registry.core.http.ndjson import NDJSON
from registry.core.http.paging import After, PageSize
from registry.core.http.responses import Json
from registry.core.http.schemas import PathId, identifier
from registry.core.http.streaming import Streamed
from registry.core.service import Service
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf, key_of
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate
from registry.sharing.lists import schemas
from registry.sharing.lists.model.export_lines import ExportFormat
from registry.sharing.lists.model.list_lines import Dialect, Line, LineSplitter, Position
from registry.sharing.lists.service.exports import FORMATS as EXPORTED
from registry.sharing.lists.service.exports import export_bank
from registry.sharing.lists.service.imports import (
    BATCH_BYTES,
    BATCH_ROWS,
    ParsedLines,
    begin_import,
    get_import,
    import_moved,
    list_faults,
    list_imports,
    position_and_dialect,
    read_lines,
    store_rows,
)

LOGGER = logging.getLogger(__name__)

router = APIRouter(route_class=Route, tags=["imports"])

CONTENT_TYPES: Final = ("text/csv", NDJSON, "text/plain", "application/octet-stream", "application/json")
MOST_BYTES: Final = 1 << 40
"""Maximum bytes of one body. Only a few megabytes are held in memory."""
FAULTS: Final = 1000
"""Faults read from the database at once."""

ImportId = Annotated[UUID, PathId("Import")]
More = Annotated[bool, Query(description="true: more of the list follows in another request")]

_LIST: Final = {
    name: {"schema": {"type": "string", "format": "binary"}, "example": "type,value\nHASH_PDQ,d8f8f0cc…\n"}
    for name in CONTENT_TYPES
}
_FAULT: Final = '{"line":17,"code":"bad_hash","message":"A hash of type pdq has 64 hex digits."}\n'
_FAULTS: Final[documentation.Responses] = {
    200: {
        "description": "One JSON object on each line, in the order of the list.",
        "content": {
            NDJSON: {"schema": {"$ref": "#/components/schemas/ImportFault"}, "example": _FAULT},
        },
    }
}
_EXPORT: Final[documentation.Responses] = {
    200: {
        "description": "A line for each entry or hash, for another import. STIX and MISP are one object.",
        "content": {
            NDJSON: {"schema": {"type": "object"}, "example": '{"entry_id":"…","assets":[{"type":"pdq"}]}\n'},
            "text/csv": {"schema": {"type": "string"}, "example": "entry_id,type,value,title\n"},
            "text/plain": {"schema": {"type": "string"}, "example": "pdq d8f8f0cc…\n"},
            EXPORTED["stix"]: {"schema": {"type": "object"}, "example": {"type": "bundle", "objects": []}},
            EXPORTED["misp"]: {"schema": {"type": "object"}, "example": {"Event": {"Attribute": []}}},
        },
    }
}


@router.post(
    "/v1/imports",
    operation_id="beginImport",
    summary="Import a hash list",
    status_code=201,
    responses=answer(201, schemas.Import, "The import.") | problems(400, 404, 408, 409, 415, 429),
    openapi_extra=documentation.body(_LIST),
)
async def begin(
    request: Request,
    service: ServiceOf,
    caller: CallerOf,
    bank: Annotated[str | None, Query(max_length=100, description="name or id of one of your banks")] = None,
    name: Annotated[str, Query(max_length=300, description="your name for the list")] = "",
    written_as: Annotated[
        str, Query(alias="format", max_length=20, description="auto, csv, jsonl, threatexchange, text")
    ] = "auto",
    assumed: Annotated[
        str | None, Query(alias="type", max_length=50, description="type of hashes without one of their own")
    ] = None,
    more: More = False,
) -> Json:
    """Needs role `register`. One row a line: CSV with a header, a JSON object (a hash, a ThreatExchange
    descriptor, an entry with `assets`, a fingerprint document), or `TYPE HASH`. Lines are stored as they
    arrive, some thousand per commit. A bad line does not affect the others; `GET
    /v1/imports/{import_id}/faults` lists the faults. Continue an interrupted import at `bytes` with `POST
    /v1/imports/{import_id}`. If the key expires during the request, the request ends, and what was stored
    stays."""
    bodies.content_type(request, *CONTENT_TYPES)
    import_ = await run_in_threadpool(
        lambda: begin_import(
            service, caller, bank=bank or None, name=name, format_=written_as, assumed=assumed or None
        )
    )
    finished = await _stream(request, service, caller, import_, more=more)
    return Json(finished, status_code=201, headers={"Location": f"/v1/imports/{import_.import_id}"})


@router.post(
    "/v1/imports/{import_id}",
    operation_id="continueImport",
    summary="Continue an import",
    responses=answer(200, schemas.Import, "The import.") | problems(400, 404, 408, 409, 415, 429),
    openapi_extra=documentation.body(_LIST),
)
async def resume(
    request: Request,
    service: ServiceOf,
    caller: CallerOf,
    import_id: ImportId,
    offset: Annotated[
        int, Query(ge=0, description="byte of the list at which the body begins: `bytes` of the import")
    ],
    crc32: Annotated[
        str | None, Query(max_length=8, description="CRC-32 of the list up to there, 8 hex digits")
    ] = None,
    more: More = False,
) -> Json:
    """Needs role `register`. Refused (`import_moved`) if the import is not at `offset`, or if `crc32` does
    not match the bytes so far."""
    bodies.content_type(request, *CONTENT_TYPES)
    import_ = await run_in_threadpool(get_import, service, caller, import_id)
    if import_.bytes != offset or (crc32 is not None and import_.crc32 != crc32.lower()):
        raise import_moved(import_.bytes, import_.crc32)
    return Json(await _stream(request, service, caller, import_, more=more))


@router.get(
    "/v1/imports",
    operation_id="listImports",
    summary="List your organization's imports",
    responses=answer(200, schemas.ImportPage, "Newest first.") | problems(400),
)
def list_all(
    service: ServiceOf,
    caller: CallerOf,
    name: Annotated[str | None, Query(max_length=300)] = None,
    state: Annotated[schemas.ImportState | None, Query()] = None,
    limit: PageSize = 50,
    after: After = None,
) -> Json:
    """Needs role `register`."""
    return Json(list_imports(service, caller, name=name, state=state, limit=limit, after=after or None))


@router.get(
    "/v1/imports/{import_id}",
    operation_id="showImport",
    summary="Get the progress of an import",
    responses=answer(200, schemas.Import, "The import.") | problems(404),
)
def show(service: ServiceOf, caller: CallerOf, import_id: ImportId) -> Json:
    """Needs role `register`."""
    return Json(get_import(service, caller, import_id))


@router.get(
    "/v1/imports/{import_id}/faults",
    operation_id="listImportFaults",
    summary="List the faults of an import",
    response_class=Response,
    responses=_FAULTS | problems(404),
)
def faults(
    service: ServiceOf,
    caller: CallerOf,
    import_id: ImportId,
    after: Annotated[int, Query(ge=0, description="number of the last line that you have")] = 0,
) -> Response:
    """Needs role `register`. At most a million faults of a list are kept."""
    first = list_faults(service, caller, import_id, after=after, limit=FAULTS)

    def lines() -> Iterator[bytes]:
        page = first
        while page:
            yield b"".join(orjson.dumps(fault.model_dump(exclude_none=True)) + b"\n" for fault in page)
            if len(page) < FAULTS:
                return
            page = list_faults(service, caller, import_id, after=page[-1].line, limit=FAULTS)

    return StreamingResponse(lines(), media_type=NDJSON)


@router.get(
    "/v1/banks/{bank}/export",
    operation_id="exportBank",
    summary="Export a bank",
    response_class=Response,
    responses=_EXPORT | problems(400, 404),
)
def export(
    request: Request,
    service: ServiceOf,
    caller: CallerOf,
    bank: Annotated[str, Path(max_length=100, description="name or id of a bank of your organization")],
    written_as: Annotated[ExportFormat, Query(alias="format")] = "jsonl",
    after: Annotated[
        str | None, Query(max_length=36, description="the last `entry_id` that you have")
    ] = None,
    unreviewed: Annotated[
        bool, Query(description="for `stix` and `misp`: include unreviewed entries")
    ] = False,
) -> Response:
    """Needs role `review` or `admin` in the organization that owns the bank. Oldest entries first, never
    with face vectors. `csv` holds one hash of each fake, `threatexchange` and `text` all: of the file, and
    of the picture or the video. `text` has lines `type hash` for the library `threatexchange`. Only `jsonl`
    contains originals. Continue an interrupted export after an `entry_id`. `stix` is a STIX 2.1 bundle,
    `misp` a MISP event; both are complete or fail. They hold reviewed fakes, with titles, claims and
    references if the bank's policy sets `share_claims`."""
    last = identifier(after, "Entry") if after else None
    pages = export_bank(service, caller, bank, format_=written_as, after=last, unreviewed=unreviewed)
    key = key_of(request)

    def check_key() -> None:
        authenticate(service, key).require_any("review", "admin")

    return Streamed(pages, check_key, EXPORTED[written_as])


@dataclass(slots=True)
class _Batch:
    """Lines that are parsed and stored in one commit."""

    begin: Position
    lines: list[Line]
    size: int = 0

    @property
    def full(self) -> bool:
        return len(self.lines) >= BATCH_ROWS or self.size >= BATCH_BYTES


async def _stream(
    request: Request, service: Service, caller: Caller, import_: schemas.Import, *, more: bool
) -> schemas.Import:
    """Import the body and return the import. The next batch is parsed while one is being stored."""
    limit: ConcurrencyLimit = request.app.state.importing
    import_id = UUID(import_.import_id)
    position, dialect = await run_in_threadpool(position_and_dialect, service, caller, import_id)
    writer = _BatchWriter(service, key_of(request), import_id, dialect, import_)
    lines = LineSplitter(position)
    batch = _Batch(position, [])
    # No request is passed: checking for a disconnect would consume the body.
    async with limit.turn(None, TINY + 1, str(caller.caller_id)):
        try:
            async for chunk in bodies.chunks(request, MOST_BYTES):
                for line in lines.feed(chunk):
                    batch.lines.append(line)
                    batch.size += len(line.raw or b"")
                    if batch.full:
                        await writer.add(batch, lines.position)
                        batch = _Batch(lines.position, [])
            if not more:
                batch.lines.extend(lines.close())
            if batch.lines or not more:
                await writer.add(batch, lines.position, last=not more)
            return await writer.done()
        except FakeprintError as error:
            error.extra.setdefault("import_id", str(import_id))
            raise
        finally:
            await writer.settle()


class _BatchWriter:
    """Parse batches and store each in the background. The key is authenticated again for each batch."""

    def __init__(
        self, service: Service, key: str, import_id: UUID, dialect: Dialect, import_: schemas.Import
    ) -> None:
        self._service = service
        self._key = key
        self._import_id = import_id
        self._dialect = dialect
        self._import = import_
        self._writing: asyncio.Task[schemas.Import] | None = None

    async def add(self, batch: _Batch, end: Position, *, last: bool = False) -> None:
        parsed = await run_in_threadpool(read_lines, batch.lines, self._dialect, batch.begin, end)
        self._dialect = parsed.dialect
        await self.done()
        self._writing = asyncio.create_task(run_in_threadpool(self._write, parsed, last=last))

    async def done(self) -> schemas.Import:
        """Wait for the batch being stored and return the import. Raises the errors of `store_rows`."""
        if self._writing is not None:
            task, self._writing = self._writing, None
            self._import = await task
        return self._import

    async def settle(self) -> None:
        """Wait for the batch being stored and ignore its errors."""
        if self._writing is not None:
            await asyncio.gather(self._writing, return_exceptions=True)

    def _write(self, parsed: ParsedLines, *, last: bool) -> schemas.Import:
        caller = authenticate(self._service, self._key)
        return store_rows(self._service, caller, self._import_id, parsed, last=last)
