"""Curation with the URLs and JSON of Hasher-Matcher-Actioner 2: banks and their contents."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.concurrency import run_in_threadpool

from registry.catalogue.banks.errors import UnknownBank
from registry.catalogue.banks.schemas import Bank
from registry.catalogue.banks.service.banks import (
    change_bank,
    create_bank,
    delete_bank,
    list_banks,
    show_bank,
)
from registry.catalogue.media.api import Body, upload_place
from registry.catalogue.media.service.uploads import uploads
from registry.core.errors import BadInput
from registry.core.http import bodies, multipart, received
from registry.core.http.documentation import answer, problems
from registry.core.http.responses import Json
from registry.core.http.upload_space import held_file
from registry.core.service import Service
from registry.identity.callers.api.access import CallerOf, ServiceOf
from registry.identity.callers.model import Caller
from registry.sharing.errors import UninformativeHash
from registry.sharing.hma import model as hma
from registry.sharing.hma import schemas as hma_models
from registry.sharing.hma.api import files as hma_files
from registry.sharing.hma.api import hash_and_match
from registry.sharing.hma.api.route import HmaRoute, JsonObject
from registry.sharing.hma.errors import BadHmaBankName
from registry.sharing.hma.model import BANK_NAME, Selection
from registry.sharing.hma.service.contents import (
    bank_file,
    bank_signals,
    change_content,
    check_bank,
    checked_note,
    default_is_empty,
    get_content,
    remove_content,
)

router = APIRouter(route_class=HmaRoute, tags=["hma"])

_SIGNALS: Final = {"application/json": {"schema": {"type": "object"}, "example": {"pdq": "d8f8…"}}}
_CHANGES: Final = {
    "application/json": {"schema": {"type": "object"}, "example": {"disable_until_ts": 1, "note": "checked"}}
}
_LAYOUT: Final = hma_files.layout("content_id", "content_uri", "metadata", "note")
_METADATA: Final = frozenset({"content_id", "content_uri", "json"})

Name = Annotated[str, Path(max_length=100, description="name of a bank of your organization")]


Number = Annotated[int, Path(ge=0, le=2**31 - 1, description="`bank_content_id`")]


@router.get(
    "/c/banks",
    operation_id="hmaListBanks",
    summary="List your organization's banks",
    responses=hma_models.BANKS,
)
def list_all(service: ServiceOf, caller: CallerOf) -> Json:
    """Needs scope `hma`. The bank `default`, with which each organization begins, is listed once it has
    content."""
    hidden = {"default"} if default_is_empty(service, caller) else set()
    return Json(
        [_shape(bank) for bank in list_banks(service, caller) if bank.own and bank.name not in hidden]
    )


@router.post(
    "/c/banks",
    operation_id="hmaCreateBank",
    summary="Create a bank",
    status_code=201,
    responses=answer(201, hma_models.HmaBank, "The new private bank.") | problems(409),
)
def create(service: ServiceOf, caller: CallerOf, new: hma_models.HmaNewBank) -> Json:
    """Needs role `admin` and scope `hma`."""
    _check_name(new.name)
    share = _share(new.enabled, new.enabled_ratio, new.matching_enabled_ratio)
    policy = {} if share is None else {"rollout": share}
    bank = create_bank(service, caller, name=new.name, visibility="private", policy=policy)
    return Json(_shape(bank), status_code=201)


@router.get(
    "/c/bank/{name}",
    operation_id="hmaShowBank",
    summary="Get a bank",
    responses=answer(200, hma_models.HmaBank, "The bank.") | problems(404, 409),
)
def show(service: ServiceOf, caller: CallerOf, name: Name) -> Json:
    """Needs scope `hma`."""
    return Json(_shape(show_bank(service, caller, name)))


@router.put(
    "/c/bank/{name}",
    operation_id="hmaChangeBank",
    summary="Rename a bank, or change the share of lookups that it answers",
    responses=answer(200, hma_models.HmaBank, "The changed bank.") | problems(404, 409),
)
def change(service: ServiceOf, caller: CallerOf, name: Name, body: hma_models.HmaBankChange) -> Json:
    """Needs role `admin` and scope `hma`."""
    if body.name is not None:
        _check_name(body.name)
    share = _share(body.enabled, body.enabled_ratio, body.matching_enabled_ratio)
    policy = {} if share is None else {"rollout": share}
    return Json(_shape(change_bank(service, caller, name, policy, new_name=body.name)))


@router.delete(
    "/c/bank/{name}",
    operation_id="hmaDeleteBank",
    summary="Delete a bank and withdraw its content",
    responses=answer(200, hma_models.HmaMessage, "Deleted.") | problems(404, 409),
)
def delete(service: ServiceOf, caller: CallerOf, name: Name) -> Json:
    """Needs role `admin` and scope `hma`. An exchange that fills the bank ends with it. A bank that does not
    exist gives the same answer."""
    with suppress(UnknownBank):
        delete_bank(service, caller, name, withdraw=True)
    return Json({"message": "Done"})


@dataclass
class _Address:
    """The query of a file to be fetched."""

    url: Annotated[
        str | None, Query(max_length=2000, description="address of the file, in place of a form")
    ] = None
    content_type: hash_and_match.ContentType = None
    types: hash_and_match.Types = None
    content_id: Annotated[str | None, Query(max_length=1000, description="your id of the file")] = None
    content_uri: Annotated[str | None, Query(max_length=2000, description="where you have the file")] = None
    metadata: Annotated[str | None, Query(max_length=10_000, description="a JSON object of your own")] = None

    @property
    def texts(self) -> dict[str, str]:
        """Metadata, as a form has it."""
        texts = {name: getattr(self, name) for name in ("content_id", "content_uri", "metadata")}
        return {name: text for name, text in texts.items() if text}


@router.post(
    "/c/bank/{name}/content",
    operation_id="hmaAddContent",
    summary="Add a file, or the file at a URL, to a bank",
    responses=answer(200, hma_models.HmaBanked, "Banked; it matches once a worker has fingerprinted it.")
    | problems(400, 404, 408, 409, 413, 415, 422, 429, 503),
    openapi_extra=hash_and_match.FORM,
)
async def add_content(
    request: Request,
    service: ServiceOf,
    caller: CallerOf,
    name: Name,
    address: Annotated[_Address, Depends()],
) -> Json:
    """Needs role `register` and scope `hma`. It becomes an `unreviewed` entry of the bank, with all
    fingerprints of the media, which find more than signals alone. `metadata` and `note` are encrypted and
    kept as the entry's evidence. Send them beside `url` or in a JSON body; or as form fields beside
    `content_id` and `content_uri`."""
    await run_in_threadpool(check_bank, service, caller, name)
    if address.url:
        return Json(await _bank_address(request, service, caller, name, address))
    hma_files.require_form(request)
    limit = service.settings.max_upload_bytes + bodies.FORM_OVERHEAD
    disk, stream = upload_place(request, limit), bodies.chunks(request, limit)
    form = await multipart.read(request.headers["content-type"], stream, _LAYOUT(service), disk=disk)
    try:
        body = Body(bodies.FORM, b"", form)
        parts = [part for some in form.media.values() for part in some]
        details = _form_details(form.texts)
        chosen = Selection.read(address.types, hma.QUICK)
        signals = await hma_files.hashes_of(request, service, caller, body, chosen, last=False)
        _check_signals(signals)

        def bank_it() -> int:
            with uploads(service, parts) as (upload,):
                return bank_file(service, caller, name, upload, details)

        return Json({"id": await run_in_threadpool(bank_it), "signals": signals})
    finally:
        form.close()


def _form_details(texts: Mapping[str, str]) -> dict[str, Any]:
    """Return metadata and note of a form or a query. `metadata` is a JSON object; one with fields that HMA
    lacks is kept as its field `json`. `content_id` and `content_uri` may come by themselves. Raises
    `BadInput`."""
    given = bodies.parse_object(texts["metadata"].encode()) if texts.get("metadata") else {}
    given.pop("collab", None)
    metadata = given if set(given) <= _METADATA else {"json": given}
    metadata |= {name: texts[name] for name in ("content_id", "content_uri") if texts.get(name)}
    details = {"metadata": _metadata(metadata or None), "note": checked_note(texts.get("note"))}
    return {name: value for name, value in details.items() if value}


async def _bank_address(
    request: Request, service: Service, caller: Caller, name: str, address: _Address
) -> dict[str, Any]:
    """Fetch a file once, hash it and bank the same bytes."""
    details = _form_details(address.texts) | await _details(request)
    with held_file(upload_place(request)) as file:
        chosen = Selection.read(address.types, hma.QUICK)
        at = hma_files.Address.read(address.url or "", address.content_type)
        fetched = await hma_files.fetch_file(request, service, caller, at, file)
        signals = await hma_files.hashes_in(request, service, caller, fetched, chosen)
        _check_signals(signals)

        def bank_it() -> int:
            with fetched.upload(service) as upload:
                return bank_file(service, caller, name, upload, details)

        return {"id": await run_in_threadpool(bank_it), "signals": signals}


async def _details(request: Request) -> dict[str, Any]:
    """Return metadata and note of a JSON body. Raises `BadInput`."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    raw = await bodies.read_body(request, received.MOST_BYTES) if kind == bodies.JSON else b""
    body = bodies.parse_object(raw) if raw else {}
    details = {"metadata": _metadata(body.get("metadata")), "note": checked_note(body.get("note"))}
    return {key: value for key, value in details.items() if value}


@router.post(
    "/c/bank/{name}/signal",
    operation_id="hmaAddSignal",
    summary="Add hashes without their media to a bank",
    responses=answer(200, hma_models.HmaBanked, "Banked; it matches at once.") | problems(404, 409, 422),
    openapi_extra={"requestBody": {"required": True, "content": _SIGNALS}},
)
def add_signal(service: ServiceOf, caller: CallerOf, name: Name, body: JsonObject) -> Json:
    """Needs role `register` and scope `hma`. Signals of one medium by type, optionally with `metadata` and
    `note`."""
    metadata = _metadata(body.pop("metadata", None))
    note = checked_note(body.pop("note", None))
    return Json(bank_signals(service, caller, name, body, metadata, note))


@router.get(
    "/c/bank/{name}/content/{number}",
    operation_id="hmaShowContent",
    summary="Get content by its number",
    responses=answer(200, hma_models.HmaContent, "The content.") | problems(404, 409),
)
def content(
    service: ServiceOf,
    caller: CallerOf,
    name: Name,
    number: Number,
    include_signals: Annotated[str, Query(max_length=10, description="true: with its hashes")] = "false",
    include_metadata: Annotated[str, Query(max_length=10, description="false: without metadata")] = "true",
) -> Json:
    """Needs scope `hma`. `metadata` and `note` are those that came with the content."""
    bank = _shape(show_bank(service, caller, name))
    found = get_content(service, caller, bank, number, signals=include_signals.lower() == "true")
    if include_metadata.lower() != "true":
        found = found.model_copy(update={"metadata": None})
    return Json(_without_absent(found))


@router.put(
    "/c/bank/{name}/content/{number}",
    operation_id="hmaChangeContent",
    summary="Set the note of content, or switch it off",
    responses=answer(200, hma_models.HmaContent, "The content.") | problems(404, 409),
    openapi_extra={"requestBody": {"required": True, "content": _CHANGES}},
)
def change_one(service: ServiceOf, caller: CallerOf, name: Name, number: Number, body: JsonObject) -> Json:
    """Needs role `register` and scope `hma`. `disable_until_ts`: seconds since 1970 until which `/m/lookup`
    leaves it out (1: on, 0: off). Other lookups are not changed; withdraw the entry for that. `note`: null
    deletes it."""
    bank = _shape(show_bank(service, caller, name))
    fields = change_content(service, caller, bank, number, body).model_dump(mode="json")
    del fields["signals"]
    return Json(fields | {"user_metadata": fields.pop("metadata")})


@router.delete(
    "/c/bank/{name}/content/{number}",
    operation_id="hmaDeleteContent",
    summary="Withdraw content by its number",
    responses=answer(200, hma_models.HmaDeleted, "The number of withdrawn contents.") | problems(404, 409),
)
def remove(service: ServiceOf, caller: CallerOf, name: Name, number: Number) -> Json:
    """Needs role `register` and scope `hma`. It stops matching at once."""
    return Json({"deleted": remove_content(service, caller, name, number)})


def _without_absent(found: hma_models.HmaContent) -> dict[str, Any]:
    """Return the content without optional fields that it does not have, as HMA answers."""
    fields = found.model_dump(mode="json", exclude={"collab_metadata"})
    optional = ("signals", "metadata", "note")
    return {name: value for name, value in fields.items() if name not in optional or value is not None}


def _check_signals(signals: Mapping[str, str]) -> None:
    if not all(signals.values()):
        raise UninformativeHash("Invalid signal: the picture shows too little to be hashed.")


def _check_name(name: str) -> None:
    if not BANK_NAME.fullmatch(name):
        raise BadHmaBankName


def _shape(bank: Bank) -> hma_models.HmaBank:
    share = (bank.policy or {}).get("rollout", 1.0)
    return hma_models.HmaBank(name=bank.name, matching_enabled_ratio=float(share))


def _share(enabled: bool | None, *ratios: float | None) -> float | None:
    """Return the requested share of lookups."""
    ratio = next((ratio for ratio in ratios if ratio is not None), None)
    return ratio if ratio is not None or enabled is None else float(enabled)


def _metadata(value: object) -> Mapping[str, Any] | None:
    if value is None:
        return None
    known = f"Known fields: {', '.join(sorted(_METADATA))}."
    if not isinstance(value, dict) or set(value) - _METADATA - {"collab"}:
        raise BadInput("`metadata` is an object.", next_step=known)
    fields = {name: each for name, each in value.items() if name != "collab" and each is not None}
    if not all(isinstance(each, dict if name == "json" else str) for name, each in fields.items()):
        raise BadInput("In `metadata`, `json` is an object; other fields are texts.", next_step=known)
    return fields or None
