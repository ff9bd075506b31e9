"""Accounts, their means of signing in, and failed attempts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.identity.accounts.model import INVITED, Invitation
from registry.identity.callers.model import Caller

_SQL = sql.load(__name__)


def insert(
    connection: Connection,
    *,
    inviter: Caller,
    name: str,
    roles: Sequence[str],
    sign_in_name: str,
    invited: bytes,
) -> dict[str, Any] | None:
    """Insert a caller without a key, of the inviter's organization, and its account: `account_id`,
    `caller_id`, `invited_until`. None if the name is taken; roll back the transaction then."""
    columns = {"organization_id": inviter.organization_id, "name": name, "roles": list(roles)}
    caller = connection.execute(_SQL["insert_caller"], columns).fetchone()
    assert caller is not None  # noqa: S101 - an insert returns its row
    account = {"sign_in_name": sign_in_name, "invited": invited, "open": INVITED}
    row = connection.execute(
        _SQL["insert"], {**caller, **account, "invited_by": inviter.caller_id}
    ).fetchone()
    return {**row, **caller} if row else None


def page(
    connection: Connection,
    organization_id: UUID,
    *,
    account_id: UUID | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 1,
) -> list[dict[str, Any]]:
    """Return accounts of the organization, oldest first, or only `account_id`."""
    parameters = {
        "organization_id": organization_id,
        "account_id": account_id,
        "after_at": after[0] if after else None,
        "after_id": after[1] if after else None,
        "limit": limit,
    }
    return connection.execute(_SQL["page"], parameters).fetchall()


def invite(connection: Connection, inviter: Caller, account_id: UUID, invited: bytes) -> datetime:
    """Store a new invitation and return when it expires."""
    invitation = {"invited": invited, "open": INVITED, "invited_by": inviter.caller_id}
    row = connection.execute(_SQL["invite"], {"account_id": account_id, **invitation}).fetchone()
    assert row is not None  # noqa: S101 - the account was found in this transaction
    until: datetime = row["invited_until"]
    return until


def find_invitation(connection: Connection, invited: bytes) -> Invitation | None:
    """Return what an open invitation says; None if it is not open."""
    row = connection.execute(_SQL["invitation"], {"invited": invited}).fetchone()
    return Invitation(**row | {"roles": tuple(row["roles"])}) if row else None


def delete(connection: Connection, account_id: UUID) -> None:
    """Delete an account with its passkeys and sessions."""
    connection.execute(_SQL["delete"], {"account_id": account_id})


def find_active(
    connection: Connection,
    *,
    sign_in_name: str | None = None,
    invited: bytes | None = None,
    provider: tuple[str, str] | None = None,
    account_id: UUID | None = None,
) -> dict[str, Any] | None:
    """Find an account by one of these means, if its caller is active. `provider`: issuer and subject."""
    parameters = {
        "sign_in_name": sign_in_name,
        "invited": invited,
        "issuer": provider[0] if provider else None,
        "subject": provider[1] if provider else None,
        "account_id": account_id,
    }
    return connection.execute(_SQL["find_active"], parameters).fetchone()


def lock(connection: Connection, account_id: UUID) -> dict[str, Any] | None:
    """Lock the account, so that changes of its means of signing in are serialised."""
    return connection.execute(_SQL["lock"], {"account_id": account_id}).fetchone()


def set_password(connection: Connection, account_id: UUID, password_hash: str | None) -> None:
    """Set or remove the password."""
    connection.execute(_SQL["set_password"], {"account_id": account_id, "password_hash": password_hash})


def set_provider(connection: Connection, account_id: UUID, issuer: str | None, subject: str | None) -> bool:
    """Link the account to a provider's identity. False if another account has it."""
    parameters = {"account_id": account_id, "issuer": issuer, "subject": subject}
    return connection.execute(_SQL["set_provider"], parameters).fetchone() is not None


def record_sign_in(connection: Connection, account_id: UUID) -> None:
    """Record a sign-in."""
    connection.execute(_SQL["record_sign_in"], {"account_id": account_id})


def passkeys(connection: Connection, account_id: UUID) -> list[dict[str, Any]]:
    """Return the account's passkeys, oldest first."""
    return connection.execute(_SQL["passkeys"], {"account_id": account_id}).fetchall()


def passkey(connection: Connection, credential_id: bytes) -> dict[str, Any] | None:
    """Return the passkey with this credential id, locked."""
    return connection.execute(_SQL["passkey"], {"credential_id": credential_id}).fetchone()


def add_passkey(
    connection: Connection,
    account_id: UUID,
    *,
    credential_id: bytes,
    public_key: bytes,
    sign_count: int,
    name: str,
) -> UUID | None:
    """Insert a passkey. None if an account already has it."""
    row = connection.execute(
        _SQL["add_passkey"],
        {
            "account_id": account_id,
            "credential_id": credential_id,
            "public_key": public_key,
            "sign_count": sign_count,
            "name": name,
        },
    ).fetchone()
    return row["passkey_id"] if row else None


def record_passkey_use(connection: Connection, passkey_id: UUID, sign_count: int) -> None:
    """Record a use of the passkey."""
    connection.execute(_SQL["record_passkey_use"], {"passkey_id": passkey_id, "sign_count": sign_count})


def remove_passkey(connection: Connection, account_id: UUID, passkey_id: UUID) -> bool:
    """Delete a passkey. False if it does not exist."""
    parameters = {"account_id": account_id, "passkey_id": passkey_id}
    return connection.execute(_SQL["remove_passkey"], parameters).rowcount > 0


def begin_ceremony(
    connection: Connection,
    token: bytes,
    kind: str,
    account_id: UUID | None,
    state: Mapping[str, Any],
    open_for: timedelta,
) -> None:
    """Store the state of a ceremony that can be finished once. `token`: digest of the token."""
    connection.execute(
        _SQL["begin_ceremony"],
        {"token": token, "kind": kind, "account_id": account_id, "state": Jsonb(state), "open": open_for},
    )


def end_ceremony(connection: Connection, token: bytes, kind: str) -> dict[str, Any] | None:
    """Return and delete the state of an open ceremony: `account_id`, `state`."""
    row = connection.execute(_SQL["end_ceremony"], {"token": token, "kind": kind}).fetchone()
    return row if row and row["open"] else None


def attempts(connection: Connection, subjects: Sequence[bytes]) -> dict[bytes, tuple[int, float]]:
    """Return failures and seconds since the last one, for each subject that failed."""
    rows = connection.execute(_SQL["attempts"], {"subjects": list(subjects)})
    return {bytes(row["subject_sha256"]): (row["failures"], row["ago"]) for row in rows}


def count_failure(connection: Connection, subjects: Sequence[bytes]) -> None:
    """Count a failed attempt for each subject."""
    connection.execute(_SQL["count_failure"], {"subjects": list(subjects)})


def delete_failures(connection: Connection, subjects: Sequence[bytes]) -> None:
    """Delete the subjects' failures."""
    connection.execute(_SQL["delete_failures"], {"subjects": list(subjects)})


def delete_expired(connection: Connection) -> None:
    """Delete expired rows."""
    connection.execute(_SQL["delete_expired"])


def secret(connection: Connection) -> bytes:
    """Return the secret that signs forms, 64 bytes."""
    row = connection.execute(_SQL["secret"]).fetchone()
    assert row is not None  # noqa: S101 - the migration has written it
    return bytes(row["secret"])
