"""API keys: issue with a caller, add, verify, revoke."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.database.replicas import Source
from registry.core.errors import Unauthenticated
from registry.core.labels import label
from registry.core.service import Service
from registry.core.subscribers import Event
from registry.identity.callers import schemas
from registry.identity.callers.errors import (
    CallerOver,
    HasAdministrator,
    OrganizationClosed,
    TooManyKeys,
    UnknownKey,
)
from registry.identity.callers.model import (
    MOST_KEYS,
    Caller,
    HashedKey,
    checked_expiry,
    checked_overlap,
    checked_roles,
    new_key,
    prefix_of,
)
from registry.identity.callers.schemas import Key, MadeKey, Myself, OwnOrganization, ShownCaller, Used
from registry.identity.callers.service.callers import get_caller, lock_caller, require_admin_left
from registry.identity.callers.store import api_keys, callers
from registry.identity.organizations.service.operator import require_operator
from registry.identity.organizations.store import organizations
from registry.identity.quotas import store as quotas
from registry.identity.quotas.model.limits import NO_LIMITS


def authenticate(service: Service, key: str) -> Caller:
    """Return the caller of an API key. Raises `Unauthenticated` if it is unknown, expired or revoked.

    A key is 256 random bits, so its unsalted SHA-256 cannot be guessed, and the index lookup reveals nothing
    by timing. The primary answers; while it is away, a replica.
    """

    def find_caller(source: Source) -> Caller:
        with source.transaction() as connection:
            caller = callers.by_key(connection, key_sha256)
        if caller is None:
            raise unknown_key()
        return caller

    key_sha256 = digest(key)
    return service.read(find_caller, None)


def digest(key: str) -> bytes:
    """Return the digest of a key, as stored."""
    return hashlib.sha256(key.encode()).digest()


def unknown_key() -> Unauthenticated:
    """Return the error for an unknown key."""
    return Unauthenticated(
        "The API key is not known, has expired or was revoked.",
        next_step="Check FAKEPRINT_KEY; `fakeprint up` writes its first key to DATA/admin.key.",
    )


def add_key(
    service: Service,
    caller: Caller,
    caller_id: UUID,
    *,
    overlap_hours: float | None = None,
    expires_at: datetime | None = None,
) -> MadeKey:
    """Add a key and return it; the key is shown only here. `overlap_hours`: the caller's other keys stop
    after so many hours, unless they end earlier. 0 stops them in this commit; None leaves them unchanged.
    Needs `admin`.

    Raises `NotFound` (`unknown_caller`), `BadInput` (`bad_time`, `bad_expiry`, `bad_overlap`), `Conflict`
    (`caller_over`, `too_many_keys`, `last_admin`).
    """
    caller.require("admin")
    ends = checked_expiry(expires_at, datetime.now(UTC))
    hours = None if overlap_hours is None else checked_overlap(overlap_hours)
    key = new_key()
    with service.pool.transaction() as connection:
        _require_room_for_key(connection, caller, caller_id, replaces_all=hours == 0)
        before = callers.is_administered(connection, caller.organization_id)
        row = api_keys.insert(connection, caller_id=caller_id, key=HashedKey.of(key), expires_at=ends)
        ended = (
            [] if hours is None else api_keys.overlap(connection, caller_id, but=row["key_id"], hours=hours)
        )
        require_admin_left(connection, caller.organization_id, before=before)
        record_event(
            connection,
            caller,
            "key.created" if hours is None else "key.rotated",
            subject={"caller_id": caller_id, "key_id": row["key_id"]},
            said={
                "expires_at": ends.isoformat() if ends else None,
                "overlap_seconds": None if hours is None else round(hours * 3600),
                "ending": ended,
            },
        )
    return MadeKey.model_validate(row | {"key": key})


def _require_room_for_key(
    connection: Connection, caller: Caller, caller_id: UUID, *, replaces_all: bool
) -> None:
    """Raise `Conflict` if the caller is not active, or has `MOST_KEYS` keys and a new one replaces none."""
    state = lock_caller(connection, caller, caller_id).state
    if state != "active":
        raise CallerOver(f"The caller is {state}.")
    if not replaces_all and len(api_keys.of_callers(connection, [caller_id], everything=False)) >= MOST_KEYS:
        raise TooManyKeys(f"The caller has {MOST_KEYS} keys that work.")


organization_opened: Final = Event[UUID]("organization_opened")
"""Raised when an organization is created."""


def create_caller(
    service: Service,
    caller: Caller,
    *,
    organization: str | None,
    name: str,
    roles: Iterable[str],
    expires_at: datetime | None = None,
) -> schemas.Caller:
    """Create a caller of `organization` (created if new; None: the own one). Needs `admin`. For another
    organization, it needs `admin` of the operating organization, and the other must have no administrator
    yet. An organization with an administrator creates its own callers.

    The answer holds the key, shown only here. Raises `BadInput` (`unknown_role`, `bad_label`, `bad_time`,
    `bad_expiry`), `Forbidden` (`not_operator`), `Conflict` (`organization_closed`, `has_administrator`).
    """
    caller.require("admin")
    new_roles = checked_roles(roles)
    name = label(name, "name")
    ends = checked_expiry(expires_at, datetime.now(UTC))
    key = new_key()
    with service.pool.transaction() as connection:
        organization_id = caller.organization_id
        if organization is not None:
            organization_id = _organization_of_name(connection, caller, label(organization, "organization"))
        require_open(connection, organization_id)
        row = callers.insert_caller(
            connection,
            organization_id=organization_id,
            name=name,
            key=HashedKey.of(key),
            roles=new_roles,
            expires_at=ends,
        )
        record_event(
            connection,
            caller,
            "caller.created",
            organization_id=organization_id,
            subject={"caller_id": row["caller_id"], "key_id": row["key_id"]},
            said={"roles": new_roles, "expires_at": _code(ends)},
        )
    return schemas.Caller.model_validate(row | {"prefix": prefix_of(key), "key": key})


def _organization_of_name(connection: Connection, caller: Caller, name: str) -> UUID:
    """Return the organization of that name, created with a bank if new, if the caller may add callers to
    it."""
    row = organizations.get_or_add_organization(connection, name)
    organization_id: UUID = row["organization_id"]
    if organization_id == caller.organization_id:
        return organization_id
    require_operator(connection, caller)
    if row["made"]:
        open_organization(connection, caller, organization_id)
    elif callers.has_admin(connection, organization_id):
        raise HasAdministrator("That organization has an administrator, who makes its callers.")
    return organization_id


def open_organization(connection: Connection, caller: Caller, organization_id: UUID) -> None:
    """Raise the event of a new organization, which creates its defaults, and record it."""
    organization_opened(connection, organization_id)
    record_event(
        connection,
        caller,
        "organization.created",
        organization_id=organization_id,
        subject={"organization_id": organization_id},
    )


def require_open(connection: Connection, organization_id: UUID) -> None:
    """Raise `Conflict` (`organization_closed`) if the organization is closed or does not exist."""
    row = organizations.lock_organization(connection, organization_id)
    if row is None or row["state"] == "closed":
        raise OrganizationClosed("That organization is closed.")


def _code(moment: datetime | None) -> str | None:
    """Format a time for an event."""
    return None if moment is None else moment.isoformat(timespec="seconds")


USE_INTERVAL: Final = 300.0
"""Seconds between two saves of a key's last use."""


def record_key_use(service: Service, digests: Collection[bytes]) -> None:
    """Record that the keys with these digests were used. Raises `Unavailable`."""
    if digests:
        with service.pool.transaction() as connection:
            api_keys.record_use(connection, digests, every=USE_INTERVAL)


def revoke_key(service: Service, caller: Caller, caller_id: UUID, key_id: UUID) -> ShownCaller:
    """Revoke a key, from this commit on, and return its caller. A second call changes nothing. Needs `admin`.
    Raises `NotFound` (`unknown_caller`, `unknown_key`), `Conflict` (`last_admin`)."""
    caller.require("admin")
    with service.pool.transaction() as connection:
        lock_caller(connection, caller, caller_id)
        keys = api_keys.of_callers(connection, [caller_id], everything=True)
        if key_id not in {key["key_id"] for key in keys}:
            raise UnknownKey(f"The caller has no key {key_id}.")
        before = callers.is_administered(connection, caller.organization_id)
        if api_keys.revoke(connection, key_id):
            require_admin_left(connection, caller.organization_id, before=before)
            subject = {"caller_id": caller_id, "key_id": key_id}
            record_event(connection, caller, "key.revoked", subject=subject)
    return get_caller(service, caller, caller_id)


def who_am_i(service: Service, caller: Caller, key: str) -> Myself:
    """Return the caller of `key` with its organization, permissions, limits and expiry. Any key may call
    it. For quotas, usage is included; tokens leased by processes but not yet used count too, for half a
    second."""
    with service.pool.transaction() as connection:
        organization = organizations.find_organization(connection, caller.organization_id)
        usage = quotas.current_usage(connection, caller.caller_id, caller.organization_id)
        operates = organizations.operates(connection, caller.organization_id)
        row = api_keys.by_digest(connection, digest(key))
    if organization is None or row is None:
        raise unknown_key()
    own, shared = (usage[name] for name in ("caller", "organization"))
    limits = own.limits if own else NO_LIMITS
    return Myself(
        caller_id=str(caller.caller_id),
        name=caller.name,
        organization=OwnOrganization(
            organization_id=str(caller.organization_id),
            name=organization["name"],
            operator=operates,
            limits=schemas.Limits.model_validate(shared.limits if shared else NO_LIMITS),
            used=Used.of(shared),
        ),
        roles=list(caller.roles),
        key=Key.model_validate(row),
        limits=schemas.Limits.model_validate(
            replace(limits, rate=limits.rate or service.settings.caller_rate or None)
        ),
        used=Used.of(own),
    )
