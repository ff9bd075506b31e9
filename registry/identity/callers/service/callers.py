"""Callers: show, change, list, revoke."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from registry.core import cursor
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import NotFound
from registry.core.labels import label
from registry.core.service import Service
from registry.identity.callers.errors import CallerOver, LastAdmin, UnknownCaller
from registry.identity.callers.model import Caller, checked_expiry, checked_roles
from registry.identity.callers.schemas import CallerPage, ShownCaller
from registry.identity.callers.store import api_keys, callers
from registry.identity.organizations.store import organizations


@dataclass(frozen=True, slots=True)
class StoredCaller:
    """A caller as it is before a change. `state`: active, expired or revoked."""

    name: str
    roles: Sequence[str]
    state: str
    expires_at: datetime | None


def lock_caller(connection: Connection, caller: Caller, caller_id: UUID) -> StoredCaller:
    """Return a caller of `caller`'s organization, and serialise changes of that organization's
    callers until the transaction ends. Raises `NotFound` (`unknown_caller`)."""
    organizations.lock_organization(connection, caller.organization_id)
    row = _row(connection, caller, caller_id)
    return StoredCaller(row["name"], row["roles"], row["state"], row["expires_at"])


def _row(connection: Connection, caller: Caller, caller_id: UUID) -> dict[str, Any]:
    row = callers.get_caller(connection, caller.organization_id, caller_id)
    if row is None:
        raise unknown(caller_id)
    return row


def unknown(caller_id: UUID) -> NotFound:
    """Return the error for a caller that does not exist in the organization."""
    return UnknownCaller(f"There is no caller {caller_id} in your organization.")


def require_admin_left(connection: Connection, organization_id: UUID, *, before: bool) -> None:
    """Raise `Conflict` (`last_admin`) if the change left no permanent administrator of the organization.
    `before`: whether there was one before."""
    if before and not callers.is_administered(connection, organization_id):
        raise LastAdmin(
            "Nobody would be left who may administer the organization: an `admin` whose key does not expire."
        )


def get_caller(service: Service, caller: Caller, caller_id: UUID) -> ShownCaller:
    """Return a caller of the own organization with all its keys, including expired and revoked ones. Needs
    `admin`.

    Raises `NotFound` (`unknown_caller`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        row = _row(connection, caller, caller_id)
        keys = api_keys.of_callers(connection, [caller_id], everything=True)
    return ShownCaller.model_validate(row | {"keys": keys})


def list_callers(
    service: Service, caller: Caller, *, everything: bool = False, limit: int = 50, after: str | None = None
) -> CallerPage:
    """Return the own organization's callers, oldest first, each with its keys; `next` is the cursor.
    `everything`: include expired and revoked callers and keys. Needs `admin`.

    Raises `BadInput` (`bad_cursor`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        rows = callers.list_callers(
            connection,
            caller.organization_id,
            everything=everything,
            after=cursor.place(after) if after else None,
            limit=limit + 1,
        )
        more, rows = len(rows) > limit, rows[:limit]
        ids = [row["caller_id"] for row in rows]
        keys: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
        for key in api_keys.of_callers(connection, ids, everything=everything):
            keys[key["caller_id"]].append(key)
    last = rows[-1] if more else None
    return CallerPage(
        callers=[ShownCaller.model_validate(row | {"keys": keys[row["caller_id"]]}) for row in rows],
        next=cursor.encode(last["created_at"].isoformat(), last["caller_id"]) if last else None,
    )


def change_caller(
    service: Service,
    caller: Caller,
    caller_id: UUID,
    *,
    name: str | None = None,
    roles: Iterable[str] | None = None,
    expires_at: datetime | Literal["never"] | None = None,
) -> ShownCaller:
    """Change a caller and return it; fields that are None stay. Its keys stay and have the new permissions
    from the next call on. A later `expires_at` reactivates an expired caller, but not a revoked one. Needs
    `admin`.

    Raises `NotFound` (`unknown_caller`), `BadInput` (`unknown_role`, `bad_label`, `bad_time`, `bad_expiry`),
    `Conflict` (`caller_over`, `last_admin`).
    """
    caller.require("admin")
    new_roles = None if roles is None else checked_roles(roles)
    new_name = None if name is None else label(name, "name")
    ends = None if isinstance(expires_at, str) else checked_expiry(expires_at, datetime.now(UTC))
    with service.pool.transaction() as connection:
        before_change = lock_caller(connection, caller, caller_id)
        if before_change.state == "revoked":
            raise CallerOver("The caller was revoked.")
        before = callers.is_administered(connection, caller.organization_id)
        may: list[str] = new_roles or sorted(before_change.roles)
        until: datetime | None = before_change.expires_at if expires_at is None else ends
        callers.change(
            connection, caller_id, name=new_name or before_change.name, roles=may, expires_at=until
        )
        require_admin_left(connection, caller.organization_id, before=before)
        record_event(
            connection,
            caller,
            "caller.changed",
            subject={"caller_id": caller_id},
            said={
                "roles": may,
                "expires_at": until.isoformat() if until else None,
                "name": new_name is not None,
            },
        )
    return get_caller(service, caller, caller_id)


def revoke_caller(service: Service, caller: Caller, caller_id: UUID) -> ShownCaller:
    """Revoke a caller with all its keys, from this commit on, and return it. A second call changes nothing.

    Needs `admin`. Raises `NotFound` (`unknown_caller`), `Conflict` (`last_admin`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        if lock_caller(connection, caller, caller_id).state != "revoked":
            before = callers.is_administered(connection, caller.organization_id)
            callers.revoke(connection, caller_id)
            require_admin_left(connection, caller.organization_id, before=before)
            record_event(connection, caller, "caller.revoked", subject={"caller_id": caller_id})
    return get_caller(service, caller, caller_id)
