"""Callers and their keys: who may do what for an organization."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request

from registry.core.http.documentation import answer, problems
from registry.core.http.paging import After, PageSize
from registry.core.http.responses import Json
from registry.core.http.schemas import PathId
from registry.identity.callers import schemas as models
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf, key_of
from registry.identity.callers.service.callers import change_caller, get_caller, list_callers, revoke_caller
from registry.identity.callers.service.keys import add_key, create_caller, revoke_key, who_am_i
from registry.identity.quotas.model.limits import Limits
from registry.identity.quotas.service import limit_caller

router = APIRouter(route_class=Route, tags=["callers"])

CallerId = Annotated[UUID, PathId("Caller")]
KeyId = Annotated[UUID, PathId("Key")]


@router.get(
    "/v1/callers/me",
    operation_id="whoAmI",
    summary="Get the calling key's owner, permissions and limits",
    responses=answer(200, models.Myself, "You."),
)
def me(request: Request, service: ServiceOf, caller: CallerOf) -> Json:
    """Any key. Your organization, roles, scopes, limits with their usage, and the key's expiry."""
    return Json(who_am_i(service, caller, key_of(request)))


@router.get(
    "/v1/callers",
    operation_id="listCallers",
    summary="List your organization's callers",
    responses=answer(200, models.CallerPage, "Oldest first.") | problems(400),
)
def list_all(
    service: ServiceOf,
    caller: CallerOf,
    over: Annotated[bool, Query(description="also those that have expired or were revoked")] = False,
    limit: PageSize = 50,
    after: After = None,
) -> Json:
    """Needs role `admin`. Keys are identified by their first letters."""
    return Json(list_callers(service, caller, everything=over, limit=limit, after=after or None))


@router.post(
    "/v1/callers",
    operation_id="createCaller",
    summary="Create a caller with a key",
    status_code=201,
    responses=answer(201, models.Caller, "The caller and its key, shown this once.") | problems(409),
)
def create(service: ServiceOf, caller: CallerOf, new: models.NewCaller) -> Json:
    """Needs role `admin`. Roles: `lookup`, `register`, `review`, `takedown`, `admin`. The scope `signals`
    shows raw similarities, `faces` works with enrolled persons, `hma` allows the calls of
    Hasher-Matcher-Actioner's clients, `peer` the calls of other registries. Administrators of the
    organization that runs the deployment may create callers of another organization, until that has an
    administrator. A new organization gets a bank named `default`."""
    created = create_caller(
        service,
        caller,
        organization=new.organization,
        name=new.name,
        roles=new.roles,
        expires_at=new.expires_at,
    )
    return Json(created, status_code=201, headers={"Location": f"/v1/callers/{created.caller_id}"})


@router.get(
    "/v1/callers/{caller_id}",
    operation_id="showCaller",
    summary="Get a caller and its keys",
    responses=answer(200, models.ShownCaller, "The caller.") | problems(404),
)
def show(service: ServiceOf, caller: CallerOf, caller_id: CallerId) -> Json:
    """Needs role `admin`."""
    return Json(get_caller(service, caller, caller_id))


@router.patch(
    "/v1/callers/{caller_id}",
    operation_id="changeCaller",
    summary="Change a caller's permissions or expiry",
    responses=answer(200, models.ShownCaller, "Changed.") | problems(404, 409),
)
def change(service: ServiceOf, caller: CallerOf, caller_id: CallerId, new: models.CallerChange) -> Json:
    """Needs role `admin`. Applies from the next call on, and within a batch from its next lines. An
    organization always keeps one administrator whose key does not expire (`last_admin`)."""
    until: datetime | Literal["never"] | None = new.expires_at
    if until is None and "expires_at" in new.model_fields_set:
        until = "never"
    return Json(change_caller(service, caller, caller_id, name=new.name, roles=new.roles, expires_at=until))


@router.delete(
    "/v1/callers/{caller_id}",
    operation_id="revokeCaller",
    summary="Revoke a caller for good",
    responses=answer(200, models.ShownCaller, "Revoked.") | problems(404, 409),
)
def revoke(service: ServiceOf, caller: CallerOf, caller_id: CallerId) -> Json:
    """Needs role `admin`. Its keys stop working at once, and its batches end with their next lines. Its
    registrations stay. Repeating the request changes nothing."""
    return Json(revoke_caller(service, caller, caller_id))


@router.put(
    "/v1/callers/{caller_id}/limits",
    operation_id="limitCaller",
    summary="Set a caller's rate limits and quotas",
    responses=answer(200, models.LimitedCaller, "In force within a second.") | problems(404),
)
def limit_one(service: ServiceOf, caller: CallerOf, caller_id: CallerId, new: models.NewLimits) -> Json:
    """Needs role `admin` in the organization that runs the deployment, for any caller. Limits hold for all
    API processes together. Beyond them requests get 429 `rate_limited` or `quota_exhausted`."""
    return Json(limit_caller(service, caller, caller_id, Limits(**new.model_dump())))


@router.post(
    "/v1/callers/{caller_id}/keys",
    operation_id="addKey",
    summary="Add a key, or replace a caller's keys",
    status_code=201,
    responses=answer(201, models.MadeKey, "The key, shown this once.") | problems(404, 409),
)
def add(service: ServiceOf, caller: CallerOf, caller_id: CallerId, new: models.NewKey) -> Json:
    """Needs role `admin`. With `overlap_hours` the other keys continue to work for that time and then end,
    which replaces a key without downtime; 0 ends them at once. A caller has at most ten active keys."""
    key = add_key(service, caller, caller_id, overlap_hours=new.overlap_hours, expires_at=new.expires_at)
    return Json(key, status_code=201)


@router.delete(
    "/v1/callers/{caller_id}/keys/{key_id}",
    operation_id="revokeKey",
    summary="Revoke one key",
    responses=answer(200, models.ShownCaller, "The caller without it.") | problems(404, 409),
)
def remove(service: ServiceOf, caller: CallerOf, caller_id: CallerId, key_id: KeyId) -> Json:
    """Needs role `admin`. Also ends a replaced key before its overlap is over."""
    return Json(revoke_key(service, caller, caller_id, key_id))
