"""Callers, keys, organizations and sign-ins whose time is over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal
from uuid import UUID

from registry.core.service import Service
from tests.support.service.rows import write

End = Literal["revoked_at", "expires_at"]


def revoke_callers(service: Service, *, name: str | None = None) -> None:
    """Revoke the callers of a name, or all."""
    write(
        service,
        "UPDATE caller SET revoked_at = now() WHERE %(name)s::text IS NULL OR name = %(name)s",
        name=name,
    )


def revoke_asker(service: Service, lookup_id: str) -> None:
    """Revoke the caller of a lookup."""
    write(
        service,
        "UPDATE caller SET revoked_at = now() FROM lookup l"
        " WHERE l.lookup_id = %s AND l.caller_id = caller.caller_id",
        lookup_id,
    )


def expire_caller(service: Service, caller_id: str) -> None:
    write(service, "UPDATE caller SET expires_at = now() WHERE caller_id = %s", caller_id)


def set_roles(service: Service, caller_id: UUID, roles: Iterable[str]) -> None:
    write(service, "UPDATE caller SET roles = %s WHERE caller_id = %s", sorted(roles), caller_id)


def expire_key(service: Service, key_id: str) -> None:
    write(service, "UPDATE api_key SET expires_at = now() WHERE key_id = %s", key_id)


def end_keys(service: Service, caller_id: str, how: End = "revoked_at") -> None:
    """Revoke or expire all keys of a caller."""
    write(service, f"UPDATE api_key SET {how} = now() WHERE caller_id = %s", caller_id)  # noqa: S608


def set_only_key(service: Service, caller_id: UUID, key: str) -> None:
    """Delete all keys and give the caller this one."""
    write(service, "DELETE FROM api_key")
    write(
        service,
        "INSERT INTO api_key (key_sha256, caller_id) VALUES (sha256(%s), %s)",
        key.encode(),
        caller_id,
    )


def close_organizations(service: Service) -> None:
    """Let all organizations have closed and left their entries."""
    write(service, "UPDATE organization SET closed_at = now(), closed_entries = 'keep'")


def forget_failed_sign_ins(service: Service) -> None:
    write(service, "DELETE FROM account_attempt")


def let_failed_sign_ins_age(service: Service, *, seconds: int) -> None:
    write(service, "UPDATE account_attempt SET failed_at = now() - make_interval(secs => %s)", seconds)


def set_failed_sign_ins(service: Service, failures: int) -> int:
    """Set the failures of each address. Return how many addresses are counted."""
    return len(write(service, "UPDATE account_attempt SET failures = %s RETURNING true", failures))
