"""Banks: collections of entries with an owner and a matching policy."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path
from pydantic import TypeAdapter

from registry.actions.change_bank import change_bank
from registry.actions.create_bank import create_bank
from registry.actions.list_banks import list_banks
from registry.api import bodies, documentation, models, received
from registry.api.access import AdminCaller, AnyCaller, ServiceOf
from registry.api.documentation import answer, problems
from registry.api.received import JsonBytes
from registry.api.responses import Json

router = APIRouter(tags=["banks"])

_NEW_BANK: Final = TypeAdapter(models.NewBank)
_POLICY: Final = TypeAdapter(models.BankPolicy)

BankName = Annotated[str, Path(max_length=100, description="name or id of a bank of your organization")]


@router.get(
    "/v1/banks",
    operation_id="listBanks",
    summary="The banks that answer you",
    responses=answer(200, models.BankList, "Your own first.") | problems(401),
)
def list_all(service: ServiceOf, caller: AnyCaller) -> Json:
    """Any key. Your organization's banks, and the public ones of others, without their policy and count."""
    return Json({"banks": list_banks(service, caller)})


@router.post(
    "/v1/banks",
    operation_id="createBank",
    summary="Open a bank",
    status_code=201,
    responses=answer(201, models.Bank, "Opened.") | problems(400, 401, 403, 409, 413, 415),
    openapi_extra=documentation.body(documentation.json_body(models.NewBank)),
)
def create(service: ServiceOf, caller: AdminCaller, raw: JsonBytes) -> Json:
    """Needs role `admin`. `private` answers your organization alone; `policy` may hold `stills`,
    `strangers_see_unreviewed` and `audio` (true where absent), true or false, and two thresholds of how sure
    the footage must be the same, 0 to .97: `min_confidence` (0.9) to decide, `min_related` (0.5) to be shown.
    `face_retention_days` (null): faces of its media are deleted after so many days; face swaps without them
    answer `related`, reason `no_face`.
    """
    bank = received.checked(bodies.parse(raw), _NEW_BANK)
    made = create_bank(service, caller, name=bank.name, visibility=bank.visibility, policy=bank.policy)
    return Json(made, status_code=201)


@router.patch(
    "/v1/banks/{bank}",
    operation_id="changeBank",
    summary="Change a bank's policy",
    responses=answer(200, models.Bank, "Changed.") | problems(400, 401, 403, 404, 413, 415),
    openapi_extra=documentation.body(documentation.json_body(models.BankPolicy)),
)
def change(service: ServiceOf, caller: AdminCaller, bank: BankName, raw: JsonBytes) -> Json:
    """Needs role `admin`. The settings named change, null takes one back to its default. Faces that
    `face_retention_days` asks to delete are gone some minutes later, and do not come back by themselves.
    """
    said = received.checked(bodies.parse(raw), _POLICY)
    return Json(change_bank(service, caller, bank, said.policy))
