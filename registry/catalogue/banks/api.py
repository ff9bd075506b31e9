"""Banks: collections of entries with an owner and a matching policy."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from registry.catalogue.banks import schemas as models
from registry.catalogue.banks.service.banks import (
    change_bank,
    create_bank,
    delete_bank,
    list_banks,
    show_bank,
)
from registry.catalogue.banks.service.contents import limit_bank, list_bank_entries
from registry.catalogue.banks.service.shares import list_shares, overlay_bank, share_bank, unshare_bank
from registry.catalogue.entries.schemas.registration import EntryPage, EntryStatus
from registry.core.http.documentation import answer, problems
from registry.core.http.paging import After, PageSize
from registry.core.http.responses import Json
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf

router = APIRouter(route_class=Route, tags=["banks"])

BankName = Annotated[str, Path(max_length=100, description="name or id of a bank")]
Other = Annotated[str, Path(max_length=200, description="name or id of an organization")]


@router.get(
    "/v1/banks",
    operation_id="listBanks",
    summary="The banks that answer you",
    responses=answer(200, models.BankList, "Your own first.") | problems(401),
)
def list_all(service: ServiceOf, caller: CallerOf) -> Json:
    """Any key. Your organization's banks, and those of others that are public or shared with it, without
    their policy and count."""
    return Json({"banks": list_banks(service, caller)})


@router.post(
    "/v1/banks",
    operation_id="createBank",
    summary="Open a bank",
    status_code=201,
    responses=answer(201, models.Bank, "Opened.") | problems(400, 401, 403, 409, 413, 415),
)
def create(service: ServiceOf, caller: CallerOf, bank: models.NewBank) -> Json:
    """Needs role `admin`. `private` answers your organization alone, `shared` also those it is shared with,
    `public` everybody. A bank of kind `negative` holds look-alikes that are known to be harmless: where a
    query shows one at least as well as a fake, your organization is not told of the fake (`known_harmless`).

    `policy` may hold `stills`, `strangers_see_unreviewed` and `audio` (true where absent), true or false, and
    two thresholds of how sure the footage must be the same, 0 to .97: `min_confidence` (0.9) to decide,
    `min_related` (0.5) to be shown. `known_tier` and `answer_tier` (`unreviewed`): the least tier that is
    `known_fake`, and that is shown at all. `known_fake_action`, `related_action`,
    `authentic_original_action`: short codes that matches bear as `action`. `rollout` (1): the share of
    lookups that it answers. `face_retention_days` (null): faces of its media are deleted after so many days;
    face swaps without them answer `related`, reason `no_face`. `entry_retention_days` (null): entries are
    withdrawn after so many. `share_manifests` (`none`): whether others may fetch manifests of C2PA that
    originals carried, `without_pictures` those without small pictures of them, or `all`. What others may:
    `subscribers_list` (false), `subscribers_act` (true), `subscribers_min_confidence` and
    `subscribers_min_related` (null: no lower than the bank's).

    `published` (false): other registries may read what the bank says of its own entries, under `licence`
    (null, or an SPDX identifier): fingerprints without faces, for good what is theirs then. `share_claims`
    (false): titles, claims and references too, which may name people. Of what is replaced or taken back its
    hash stays in the feed: salted where claims are shared; of media alone it is not, so that who has the file
    can tell that the bank named it.
    """
    made = create_bank(
        service, caller, name=bank.name, visibility=bank.visibility, policy=bank.policy, kind=bank.kind
    )
    return Json(made, status_code=201)


@router.get(
    "/v1/banks/{bank}",
    operation_id="showBank",
    summary="A bank",
    responses=answer(200, models.ShownBank, "The bank.") | problems(401, 404, 409),
)
def show(service: ServiceOf, caller: CallerOf, bank: BankName) -> Json:
    """Any key that it answers. What it holds, its limits and how many it is shared with is its owner's to
    know."""
    return Json(show_bank(service, caller, bank))


@router.patch(
    "/v1/banks/{bank}",
    operation_id="changeBank",
    summary="Change a bank's name, visibility or policy",
    responses=answer(200, models.Bank, "Changed.") | problems(400, 401, 403, 404, 409, 413, 415),
)
def change(service: ServiceOf, caller: CallerOf, bank: BankName, said: models.BankChange) -> Json:
    """Needs role `admin`. The settings named change, null takes one back to its default. Lookups follow at
    once. Faces and entries that the policy keeps no longer are gone some minutes later, and do not come back
    by themselves.
    """
    changed = change_bank(service, caller, bank, said.policy, visibility=said.visibility, new_name=said.name)
    return Json(changed)


@router.delete(
    "/v1/banks/{bank}",
    operation_id="deleteBank",
    summary="Take a bank away",
    responses=answer(200, models.DeletedBank, "Gone.") | problems(401, 403, 404, 409),
)
def delete(
    service: ServiceOf,
    caller: CallerOf,
    bank: BankName,
    withdraw: Annotated[bool, Query(description="withdraw the entries that it holds with it")] = False,
) -> Json:
    """Needs role `admin`. A bank that holds entries goes with `withdraw=true` alone; one that holds entries
    under a court's order stays."""
    return Json(delete_bank(service, caller, bank, withdraw=withdraw))


@router.get(
    "/v1/banks/{bank}/entries",
    operation_id="listBankEntries",
    summary="What a bank holds",
    responses=answer(200, EntryPage, "Newest first.") | problems(400, 401, 403, 404, 409),
)
def list_entries(
    service: ServiceOf,
    caller: CallerOf,
    bank: BankName,
    status: EntryStatus | None = None,
    limit: PageSize = 50,
    after: After = None,
) -> Json:
    """Needs role `register`, `review` or `admin`. Another organization's bank lists those of its entries that
    answer, for those it is shared with by name and where its policy says `subscribers_list`."""
    page = list_bank_entries(service, caller, bank, status=status, limit=limit, after=after or None)
    return Json(page)


@router.get(
    "/v1/banks/{bank}/shares",
    operation_id="listShares",
    summary="With whom a bank is shared",
    responses=answer(200, models.BankShares, "By name.") | problems(401, 403, 404),
)
def shares(service: ServiceOf, caller: CallerOf, bank: BankName) -> Json:
    """Needs role `admin`, of the bank's owner."""
    return Json(list_shares(service, caller, bank))


@router.put(
    "/v1/banks/{bank}/shares/{organization}",
    operation_id="shareBank",
    summary="Share a bank with an organization",
    responses=answer(200, models.BankShares, "With whom it is shared.") | problems(400, 401, 403, 404, 409),
)
def share(service: ServiceOf, caller: CallerOf, bank: BankName, organization: Other) -> Json:
    """Needs role `admin`. A private bank becomes `shared` with its first; one that was made private while it
    was shared stays so. To be asked twice changes nothing."""
    return Json(share_bank(service, caller, bank, organization))


@router.delete(
    "/v1/banks/{bank}/shares/{organization}",
    operation_id="unshareBank",
    summary="Share a bank with an organization no longer",
    responses=answer(200, models.BankShares, "With whom it is still shared.") | problems(401, 403, 404),
)
def unshare(service: ServiceOf, caller: CallerOf, bank: BankName, organization: Other) -> Json:
    """Needs role `admin`. No lookup that begins after the answer finds it for that organization."""
    return Json(unshare_bank(service, caller, bank, organization))


@router.put(
    "/v1/banks/{bank}/overlay",
    operation_id="overlayBank",
    summary="Set rules of your own for another organization's bank",
    responses=answer(200, models.ShownBank, "The bank.") | problems(400, 401, 403, 404, 409, 413, 415),
)
def overlay(service: ServiceOf, caller: CallerOf, bank: BankName, said: models.NewOverlay) -> Json:
    """Needs role `admin`. For your organization's lookups alone: `stills`, `min_confidence`, `min_related`,
    `known_tier`, `answer_tier` and the three actions. Stricter at will; looser as far as the bank's policy
    allows, now and later. What is sent replaces what was set; an empty `policy` takes everything back."""
    return Json(overlay_bank(service, caller, bank, said.policy))


@router.put(
    "/v1/banks/{bank}/limits",
    operation_id="limitBank",
    summary="Say how much a bank may hold",
    responses=answer(200, models.LimitedBank, "Limited.") | problems(400, 401, 403, 404, 409, 413, 415),
)
def limit(service: ServiceOf, caller: CallerOf, bank: BankName, said: models.NewBankLimits) -> Json:
    """For administrators of the organization that runs the deployment; a bank that they do not see by its id.
    What it holds beyond its limits stays, and no more is taken (`bank_full`)."""
    return Json(limit_bank(service, caller, bank, said.model_dump()))
