"""The ledger: leaves, signed checkpoints and proofs."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import PlainTextResponse, Response

from registry.catalogue.entries.api.entries import EntryId
from registry.core.http.documentation import answer, problems
from registry.core.http.ndjson import NDJSON
from registry.core.http.responses import Json
from registry.core.http.schemas import identifier
from registry.core.http.streaming import Streamed
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf, key_of
from registry.identity.callers.service.keys import authenticate
from registry.transparency.entry_proof.model import entry_proof
from registry.transparency.entry_proof.service import prove_entry
from registry.transparency.ledger import schemas as ledger_models
from registry.transparency.ledger.service.change_recording import change_recording
from registry.transparency.ledger.service.export import export_ledger
from registry.transparency.ledger.service.ledger import (
    MOST,
    get_checkpoint,
    get_history,
    get_ledger,
    list_leaves,
    list_witnessed,
    prove_consistency,
    prove_inclusion,
)
from registry.transparency.timestamps.service.timestamps import get_timestamp

router = APIRouter(route_class=Route, tags=["ledger"])

_LARGEST: Final = 2**62
_CHECKPOINT: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "A signed note.",
        "content": {"text/plain": {"schema": {"type": "string"}, "example": ledger_models.NOTE}},
    }
}
_EXPORT: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "One JSON object on each line: a head, all leaves in order, an end.",
        "content": {
            NDJSON: {
                "schema": {"type": "string"},
                "example": '{"type":"leaf","index":0,"hash":"…","leaf":"…"}\n',
            }
        },
    }
}

_PROOF: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The proof, as a file.",
        "content": {
            entry_proof.MEDIA_TYPE: {"schema": {"type": "object"}, "example": ledger_models.ENTRY_PROOF}
        },
    }
}

Place = Annotated[int, Query(ge=0, le=_LARGEST)]


@router.get(
    "/v1/ledger",
    operation_id="showLedger",
    summary="Get the state of the ledger",
    responses=answer(200, ledger_models.Ledger, "The ledger."),
)
def show(service: ServiceOf, caller: CallerOf) -> Json:
    """Any key. Every change and, depending on policy, every lookup is a leaf of a Merkle tree (RFC 6962)
    with signed checkpoints. Compare the keys with those that you got from another source."""
    return Json(get_ledger(service, caller))


@router.get(
    "/v1/ledger/checkpoint",
    operation_id="showCheckpoint",
    summary="Get the newest checkpoint",
    response_class=PlainTextResponse,
    responses=_CHECKPOINT | problems(404),
)
def checkpoint(service: ServiceOf, caller: CallerOf) -> Response:
    """Any key. A checkpoint (C2SP tlog-checkpoint) in a signed note (Ed25519). Keep it: it detects any
    later change of what it covers, whoever signs."""
    return PlainTextResponse(get_checkpoint(service, caller))


@router.get(
    "/v1/ledger/witnessed",
    operation_id="listWitnessed",
    summary="List checkpoints of other registries",
    responses=answer(200, ledger_models.Witnessed, "The checkpoints that were shown here."),
)
def witnessed(service: ServiceOf, caller: CallerOf) -> Json:
    """Needs the scope `peer`. The newest checkpoint of each ledger that is read here, and both notes of
    one that has forked. Readers compare them with the checkpoints that they were shown. A registry that
    shows two readers different ledgers is detected, and has signed the proof. Your registry queries those
    that it reads by itself."""
    return Json({"ledgers": list_witnessed(service, caller)})


@router.get(
    "/v1/ledger/stamp",
    operation_id="showStamp",
    summary="Get the newest time-stamped checkpoint",
    responses=answer(200, ledger_models.Stamp, "The checkpoint and its stamp.") | problems(400, 404),
)
def stamp(
    service: ServiceOf,
    caller: CallerOf,
    covering: Annotated[
        int | None,
        Query(
            ge=0,
            le=_LARGEST,
            description="index of a leaf: return the first stamped checkpoint that covers it",
        ),
    ] = None,
) -> Json:
    """Any key. A checkpoint with an authority's time stamp (RFC 3161): every leaf that it covers existed
    then, whatever the registry's clock said. Get the authority's certificate from the authority."""
    return Json(get_timestamp(service, caller, covering=covering))


@router.get(
    "/v1/ledger/entries",
    operation_id="listLeaves",
    summary="List leaves",
    responses=answer(200, ledger_models.Leaves, "From `start` on.") | problems(400),
)
def entries(
    service: ServiceOf,
    caller: CallerOf,
    start: Place = 0,
    count: Annotated[int, Query(ge=1, le=MOST)] = 100,
    unrecorded: Annotated[
        bool, Query(description="also list events of your organization that have no leaf and wait for none")
    ] = False,
) -> Json:
    """Any key. Your organization's leaves in full, with your callers' acts on others' entries; of all
    other leaves only the hash and the marks of their readers, which reveal nothing. By `reader_key` of the
    ledger you recognize your leaves even if their texts are gone."""
    return Json(list_leaves(service, caller, start=start, count=count, unrecorded=unrecorded))


@router.get(
    "/v1/ledger/proof/inclusion",
    operation_id="proveInclusion",
    summary="Prove that a leaf is in the ledger",
    responses=answer(200, ledger_models.Inclusion, "The proof.") | problems(400, 404),
)
def inclusion(
    service: ServiceOf,
    caller: CallerOf,
    index: Annotated[int | None, Query(ge=0, le=_LARGEST)] = None,
    event_id: Annotated[int | None, Query(ge=0, le=_LARGEST)] = None,
    lookup_id: Annotated[str | None, Query(max_length=36)] = None,
    size: Annotated[
        int | None,
        Query(ge=1, le=_LARGEST, description="size of the tree; absent: that of the newest checkpoint"),
    ] = None,
) -> Json:
    """Any key. For a leaf by index, or that of an event or lookup that you may see."""
    lookup = identifier(lookup_id, "Lookup") if lookup_id else None
    return Json(prove_inclusion(service, caller, index=index, event_id=event_id, lookup_id=lookup, size=size))


@router.get(
    "/v1/ledger/proof/consistency",
    operation_id="proveConsistency",
    summary="Prove that the ledger only grew",
    responses=answer(200, ledger_models.Consistency, "The proof.") | problems(400),
)
def consistency(
    service: ServiceOf,
    caller: CallerOf,
    first: Annotated[int, Query(alias="from", ge=0, le=_LARGEST, description="an earlier size")],
    second: Annotated[int, Query(alias="to", ge=0, le=_LARGEST, description="a later one")],
) -> Json:
    """Any key. Between two sizes, as stated by two checkpoints."""
    return Json(prove_consistency(service, caller, first=first, second=second))


@router.get(
    "/v1/ledger/export",
    operation_id="exportLedger",
    summary="Export the whole ledger",
    response_class=Response,
    responses=_EXPORT | problems(400),
)
def export(
    request: Request,
    service: ServiceOf,
    caller: CallerOf,
    texts: Annotated[bool, Query(description="include the salts and texts that open commitments")] = False,
) -> Response:
    """Needs role `admin` in the organization that runs the deployment; for auditors. `texts` adds the
    texts in erasable rows, so that changes of them are detected. Protect such an export like those rows."""
    pieces = export_ledger(service, caller, with_texts=texts)
    key = key_of(request)

    def check_key() -> None:
        authenticate(service, key).require("admin")

    return Streamed(pieces, check_key, NDJSON)


@router.put(
    "/v1/ledger/recording",
    operation_id="changeRecording",
    summary="Choose which lookups are recorded in the ledger",
    responses=answer(200, ledger_models.Recording, "The new setting.") | problems(404),
)
def recording(service: ServiceOf, caller: CallerOf, body: ledger_models.NewRecording) -> Json:
    """Needs role `admin`. `matches` records lookups with a result. For a bank: lookups that search only
    it, or match in it, by any caller. The wider setting counts. Recorded are caller, time, verdict, and
    salted commitments of the query's digest and the answer."""
    return Json(change_recording(service, caller, body.lookups, bank=body.bank))


@router.get(
    "/v1/entries/{entry_id}/history",
    operation_id="showHistory",
    summary="Get the history of an entry",
    tags=["entries"],
    responses=answer(200, ledger_models.History, "Oldest first.") | problems(400, 404),
)
def history(service: ServiceOf, caller: CallerOf, entry_id: EntryId) -> Json:
    """Any key. All events of an entry of your organization, also after its deletion; for others' entries
    the acts of your callers. With proofs, `fakeprint verify` checks the answer offline."""
    return Json(get_history(service, caller, entry_id))


@router.get(
    "/v1/entries/{entry_id}/proof",
    operation_id="proveEntry",
    summary="Prove what was known about an entry, and when",
    tags=["entries"],
    response_class=Response,
    responses=_PROOF | problems(400, 404, 409, 503),
)
def proof(
    service: ServiceOf,
    caller: CallerOf,
    entry_id: EntryId,
    fingerprints: Annotated[
        bool, Query(description="true: include the documents; false: only their digests")
    ] = True,
) -> Response:
    """For your own entries; needs role `register`, `review`, `takedown` or `admin`. A file that `fakeprint
    verify` checks without a network, link by link: SHA-256 of its media, fingerprints (without faces), the
    entry's events, the ledger's tree, its signed checkpoint, an authority's time stamp. Canonical JSON
    (RFC 8785): keep the exact bytes. It names no person and no title; with `fingerprints` a recipient can
    compare media with yours."""
    file = prove_entry(service, caller, entry_id, with_fingerprints=fingerprints)
    return Response(file, media_type=entry_proof.MEDIA_TYPE)
