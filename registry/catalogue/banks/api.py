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
    summary="List banks",
    responses=answer(200, models.BankList, "Your own first."),
)
def list_all(service: ServiceOf, caller: CallerOf) -> Json:
    """Any key. Lists your organization's banks, and those of others that are public or shared with it, the
    latter without policy and counts."""
    return Json({"banks": list_banks(service, caller)})


@router.post(
    "/v1/banks",
    operation_id="createBank",
    summary="Create a bank",
    status_code=201,
    responses=answer(201, models.Bank, "Opened.") | problems(409),
)
def create(service: ServiceOf, caller: CallerOf, bank: models.NewBank) -> Json:
    """Needs role `admin`.

    Visibility: lookups against a `private` bank are for your organization only, against a `shared` one
    also for the organizations that it is shared with, against a `public` one for everybody. A bank of kind
    `negative` holds harmless look-alikes. If a query matches one at least as well as a fake, your
    organization does not get the fake (`known_harmless`).

    Matching, in `policy`: `single_frame` (a single frame may decide), `strangers_see_unreviewed` and `audio`
    (default true) are true or false. `min_confidence` (0.9, to decide) and `min_related` (0.5, to be
    shown) are thresholds from 0 to .97. `known_tier` and `answer_tier` (`unreviewed`) are the lowest tiers
    that are `known_fake`, and that are shown at all. `known_fake_action`, `related_action` and
    `authentic_original_action` are short codes that matches carry as `action`. `rollout` (1) is the share
    of lookups that the bank answers.

    Retention: `face_retention_days` (null) deletes faces of its media after so many days. Without them
    face swaps are answered `related`, reason `no_face`. `entry_retention_days` (null) withdraws entries
    after so many days.

    Sharing: `share_manifests` (`none`) lets others fetch the C2PA manifests of originals,
    `without_pictures` or `all`. `subscribers_list` (false), `subscribers_act` (true),
    `subscribers_min_confidence` and `subscribers_min_related` (null: the bank's own) limit what other
    organizations may do. `published` (false) lets other registries read the bank's own entries as
    fingerprints without faces, under `licence` (null, or an SPDX identifier). They may keep what they have
    read. `share_claims` (false) adds titles, claims and references, which may name people. The feed keeps
    the hash of replaced and withdrawn items. It is salted if claims are shared. If media alone are shared,
    it is not, so whoever has the file can tell that the bank held it.
    """
    created = create_bank(
        service, caller, name=bank.name, visibility=bank.visibility, policy=bank.policy, kind=bank.kind
    )
    return Json(created, status_code=201)


@router.get(
    "/v1/banks/{bank}",
    operation_id="showBank",
    summary="Get a bank",
    responses=answer(200, models.ShownBank, "The bank.") | problems(404, 409),
)
def show(service: ServiceOf, caller: CallerOf, bank: BankName) -> Json:
    """Any key that may look up in the bank. Only its owner sees its counts, its limits and the number of
    organizations that it is shared with."""
    return Json(show_bank(service, caller, bank))


@router.patch(
    "/v1/banks/{bank}",
    operation_id="changeBank",
    summary="Change a bank's name, visibility or policy",
    responses=answer(200, models.Bank, "Changed.") | problems(404, 409),
)
def change(service: ServiceOf, caller: CallerOf, bank: BankName, changes: models.BankChange) -> Json:
    """Needs role `admin`. Only the given settings change; null resets one to its default. Lookups follow
    at once. Faces and entries beyond the policy's retention are deleted some minutes later, and do not
    come back."""
    changed = change_bank(
        service, caller, bank, changes.policy, visibility=changes.visibility, new_name=changes.name
    )
    return Json(changed)


@router.delete(
    "/v1/banks/{bank}",
    operation_id="deleteBank",
    summary="Delete a bank",
    responses=answer(200, models.DeletedBank, "Gone.") | problems(404, 409),
)
def delete(
    service: ServiceOf,
    caller: CallerOf,
    bank: BankName,
    withdraw: Annotated[bool, Query(description="withdraw the entries that it holds with it")] = False,
) -> Json:
    """Needs role `admin`. A bank with entries is deleted only with `withdraw=true`. A bank with entries
    under a court order cannot be deleted. An exchange that fills the bank ends with it."""
    return Json(delete_bank(service, caller, bank, withdraw=withdraw))


@router.get(
    "/v1/banks/{bank}/entries",
    operation_id="listBankEntries",
    summary="List a bank's entries",
    responses=answer(200, EntryPage, "Newest first.") | problems(400, 404, 409),
)
def list_entries(
    service: ServiceOf,
    caller: CallerOf,
    bank: BankName,
    status: EntryStatus | None = None,
    limit: PageSize = 50,
    after: After = None,
) -> Json:
    """Needs role `register`, `review` or `admin`. For another organization's bank, lists the entries that
    answer lookups. That requires that the bank is shared with you by name and that its policy sets
    `subscribers_list`."""
    page = list_bank_entries(service, caller, bank, status=status, limit=limit, after=after or None)
    return Json(page)


@router.get(
    "/v1/banks/{bank}/shares",
    operation_id="listShares",
    summary="List the organizations that a bank is shared with",
    responses=answer(200, models.BankShares, "By name.") | problems(404),
)
def shares(service: ServiceOf, caller: CallerOf, bank: BankName) -> Json:
    """Needs role `admin` in the organization that owns the bank."""
    return Json(list_shares(service, caller, bank))


@router.put(
    "/v1/banks/{bank}/shares/{organization}",
    operation_id="shareBank",
    summary="Share a bank with an organization",
    responses=answer(200, models.BankShares, "With whom it is shared.") | problems(400, 404, 409),
)
def share(service: ServiceOf, caller: CallerOf, bank: BankName, organization: Other) -> Json:
    """Needs role `admin`. The first share makes a private bank `shared`. A bank that was made private
    while it had shares stays private. Repeating the request changes nothing."""
    return Json(share_bank(service, caller, bank, organization))


@router.delete(
    "/v1/banks/{bank}/shares/{organization}",
    operation_id="unshareBank",
    summary="Stop sharing a bank with an organization",
    responses=answer(200, models.BankShares, "With whom it is still shared.") | problems(404),
)
def unshare(service: ServiceOf, caller: CallerOf, bank: BankName, organization: Other) -> Json:
    """Needs role `admin`. Lookups of that organization that start after the answer do not search the bank."""
    return Json(unshare_bank(service, caller, bank, organization))


@router.put(
    "/v1/banks/{bank}/overlay",
    operation_id="overlayBank",
    summary="Adapt another organization's bank for your own lookups",
    responses=answer(200, models.ShownBank, "The bank.") | problems(404, 409),
)
def overlay(service: ServiceOf, caller: CallerOf, bank: BankName, body: models.NewOverlay) -> Json:
    """Needs role `admin`. Affects only your organization's lookups: `single_frame`, `min_confidence`,
    `min_related`, `known_tier`, `answer_tier` and the three actions. Stricter values are always allowed;
    looser ones only as far as the bank's policy allows, now and later. The given policy replaces the
    previous one; an empty `policy` removes it."""
    return Json(overlay_bank(service, caller, bank, body.policy))


@router.put(
    "/v1/banks/{bank}/limits",
    operation_id="limitBank",
    summary="Set how much a bank may hold",
    responses=answer(200, models.LimitedBank, "Limited.") | problems(404, 409),
)
def limit(service: ServiceOf, caller: CallerOf, bank: BankName, body: models.NewBankLimits) -> Json:
    """Needs role `admin` in the organization that runs the deployment. Name banks that you do not see by
    their id. Content beyond new limits stays, but no more is accepted (`bank_full`)."""
    return Json(limit_bank(service, caller, bank, body.model_dump()))
