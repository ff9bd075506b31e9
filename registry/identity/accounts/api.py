"""Accounts: people who sign in to the console for an organization."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from registry.core.http.documentation import answer, problems
from registry.core.http.paging import After, PageSize
from registry.core.http.responses import Json
from registry.core.http.schemas import PathId
from registry.identity.accounts import schemas as models
from registry.identity.accounts.service.accounts import (
    add_account,
    invite_account,
    list_accounts,
    remove_account,
)
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf

router = APIRouter(route_class=Route, tags=["callers"])

AccountId = Annotated[UUID, PathId("Account")]


@router.get(
    "/v1/accounts",
    operation_id="listAccounts",
    summary="List the accounts of your organization",
    responses=answer(200, models.AccountPage, "Oldest first.") | problems(400),
)
def list_all(
    service: ServiceOf,
    caller: CallerOf,
    limit: PageSize = 50,
    after: After = None,
) -> Json:
    """Needs role `admin`. Each account belongs to a caller and has the caller's roles."""
    return Json(list_accounts(service, caller, limit=limit, after=after or None))


@router.post(
    "/v1/accounts",
    operation_id="addAccount",
    summary="Invite a person to sign in",
    status_code=201,
    responses=answer(201, models.InvitedAccount, "The account and its invitation, shown this once.")
    | problems(409),
)
def add(service: ServiceOf, caller: CallerOf, new: models.NewAccount) -> Json:
    """Needs role `admin`. Creates a caller without a key who signs in to the console. Whoever opens
    `invitation` chooses the password or passkey; it works once, within a week. Send it to that person
    only."""
    invited = add_account(service, caller, sign_in_name=new.sign_in_name, name=new.name, roles=new.roles)
    return Json(invited, status_code=201)


@router.post(
    "/v1/accounts/{account_id}/invitation",
    operation_id="inviteAccount",
    summary="Invite a person again",
    status_code=201,
    responses=answer(201, models.InvitedAccount, "The new invitation, shown this once.") | problems(404),
)
def invite(service: ServiceOf, caller: CallerOf, account_id: AccountId) -> Json:
    """Needs role `admin`. For a lost password or passkey. The previous invitation stops working. Password
    and passkeys continue to work until the new one is used, which ends every session."""
    return Json(invite_account(service, caller, account_id), status_code=201)


@router.delete(
    "/v1/accounts/{account_id}",
    operation_id="removeAccount",
    summary="Remove an account",
    responses=answer(200, models.Account, "The account as it was.") | problems(404, 409),
)
def remove(service: ServiceOf, caller: CallerOf, account_id: AccountId) -> Json:
    """Needs role `admin`. Name, password, passkeys and sessions are deleted, and the caller is revoked.
    Its actions stay on record under the caller's id."""
    return Json(remove_account(service, caller, account_id))
