"""Accounts of people: invite, list, remove."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from registry.core import cursor
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.labels import label
from registry.core.service import Service
from registry.identity.accounts.errors import SignInNameTaken, UnknownAccount, UnknownInvitation
from registry.identity.accounts.model import Invitation, Signed, checked_password
from registry.identity.accounts.model import sign_in_name as name_of
from registry.identity.accounts.schemas import Account, AccountPage, InvitedAccount
from registry.identity.accounts.service.sessions import hashed, idle, open_session
from registry.identity.accounts.store import accounts, sessions
from registry.identity.callers.model import Caller, checked_roles
from registry.identity.callers.service.callers import require_admin_left
from registry.identity.callers.service.keys import digest, require_open
from registry.identity.callers.store import callers
from registry.identity.organizations.store import organizations


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """The account of the person signed in. `password`, `oidc`: whether set. `this` marks the current one of
    the open `sessions`."""

    sign_in_name: str
    name: str
    organization: str
    roles: tuple[str, ...]
    password: bool
    oidc: bool
    passkeys: Sequence[Mapping[str, Any]]
    sessions: Sequence[Mapping[str, Any]]


def get_own_account(service: Service, signed: Signed) -> OwnAccount:
    """Return the own account."""
    with service.pool.transaction() as connection:
        account = accounts.find_active(connection, account_id=signed.account_id)
        passkeys = accounts.passkeys(connection, signed.account_id)
        open_sessions = sessions.open_sessions(connection, signed.account_id, idle(service))
    return OwnAccount(
        sign_in_name=signed.sign_in_name,
        name=signed.caller.name,
        organization=signed.organization,
        roles=tuple(sorted(signed.caller.roles)),
        password=bool(account and account["password_hash"]),
        oidc=bool(account and account["oidc_issuer"]),
        passkeys=passkeys,
        sessions=[row | {"this": row["session_id"] == signed.session_id} for row in open_sessions],
    )


def list_accounts(
    service: Service, caller: Caller, *, limit: int = 50, after: str | None = None
) -> AccountPage:
    """Return the own organization's accounts, oldest first, with `next` as the cursor. Needs `admin`. Raises
    `BadInput` (`bad_cursor`)."""
    caller.require("admin")
    place = cursor.place(after) if after else None
    with service.pool.transaction() as connection:
        rows = accounts.page(connection, caller.organization_id, after=place, limit=limit + 1)
    more, rows = len(rows) > limit, rows[:limit]
    last = rows[-1] if more else None
    return AccountPage(
        accounts=[Account.model_validate(row) for row in rows],
        next=cursor.encode(last["created_at"].isoformat(), last["account_id"]) if last else None,
    )


def _get_account(connection: Connection, caller: Caller, account_id: UUID) -> dict[str, Any]:
    """Return an account of the own organization. Raises `NotFound` (`unknown_account`)."""
    rows = accounts.page(connection, caller.organization_id, account_id=account_id)
    if not rows:
        raise UnknownAccount(f"There is no account {account_id} in your organization.")
    return rows[0]


def add_account(
    service: Service, caller: Caller, *, sign_in_name: str, name: str, roles: Iterable[str]
) -> InvitedAccount:
    """Create an account: a caller of the own organization that has no key and signs in. Needs `admin`.

    The answer holds `invitation`, the URL of a page that works for one week and once. It is shown only here.
    Raises `BadInput` (`bad_label`, `unknown_role`), `Conflict` (`sign_in_name_taken`, `organization_closed`).
    """
    caller.require("admin")
    checked = checked_roles(roles)
    sign_in = name_of(sign_in_name)
    word = secrets.token_urlsafe(32)
    with service.pool.transaction() as connection:
        require_open(connection, caller.organization_id)
        row = accounts.insert(
            connection,
            inviter=caller,
            name=label(name, "name"),
            roles=checked,
            sign_in_name=sign_in,
            invited=digest(word),
        )
        if row is None:
            raise SignInNameTaken
        ids = {"account_id": row["account_id"], "caller_id": row["caller_id"]}
        record_event(connection, caller, "account.created", subject=ids, said={"roles": checked})
    return InvitedAccount(
        account_id=str(row["account_id"]),
        caller_id=str(row["caller_id"]),
        sign_in_name=sign_in,
        name=name,
        roles=checked,
        invitation=invitation_address(service, word),
        invited_until=row["invited_until"].isoformat(),
    )


def invitation_address(service: Service, word: str) -> str:
    """Return the URL of an invitation: a path, after the console's address if that is set."""
    return f"{service.settings.public_url.rstrip('/')}/console/invitations/{word}"


def invite_account(service: Service, caller: Caller, account_id: UUID) -> InvitedAccount:
    """Return the account with a new `invitation`, shown only here; the previous one stops working. Needs
    `admin`. Raises `NotFound` (`unknown_account`)."""
    caller.require("admin")
    word = secrets.token_urlsafe(32)
    with service.pool.transaction() as connection:
        row = _get_account(connection, caller, account_id)
        until = accounts.invite(connection, caller, account_id, digest(word))
        record_event(connection, caller, "account.invited", subject={"account_id": account_id})
    link = invitation_address(service, word)
    return InvitedAccount.model_validate(row | {"invitation": link, "invited_until": until})


def get_invitation(service: Service, word: str) -> Invitation:
    """Return what an open invitation says. Raises `NotFound` (`unknown_invitation`)."""
    with service.pool.transaction() as connection:
        invitation = accounts.find_invitation(connection, digest(word))
    if invitation is None:
        raise _not_open()
    return invitation


def accept_invitation(service: Service, word: str, *, password: str | None, agent: str) -> str:
    """Accept an invitation and return the cookie of a new session. The invitation is used up and all older
    sessions end. `password` becomes the account's password. Without it, the person adds a passkey or a
    provider, or needs another invitation.

    Raises `NotFound` (`unknown_invitation`), `BadInput` (`weak_password`, `bad_password`).
    """
    with service.pool.transaction() as connection:
        name = _open(connection, word)["sign_in_name"]
    password_hash = None if password is None else hashed(checked_password(password, name))
    with service.pool.transaction() as connection:
        account_id = _open(connection, word)["account_id"]
        accounts.lock(connection, account_id)
        _open(connection, word)  # of two concurrent calls, the second fails here
        if password_hash:
            accounts.set_password(connection, account_id, password_hash)
        sessions.end(connection, account_id)
        return open_session(connection, service, account_id, means="invitation", agent=agent)


def _open(connection: Connection, word: str) -> dict[str, Any]:
    row = accounts.find_active(connection, invited=digest(word))
    if row is None:
        raise _not_open()
    return row


def _not_open() -> UnknownInvitation:
    return UnknownInvitation("This invitation is not open: it was used, replaced, or is older than a week.")


def remove_account(service: Service, caller: Caller, account_id: UUID) -> Account:
    """Remove an account and return it as it was. Name, password, passkeys and sessions are deleted. Its
    caller is revoked, with any keys. Its events stay on record under the caller's id. Needs `admin`.

    Raises `NotFound` (`unknown_account`), `Conflict` (`last_admin`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        organizations.lock_organization(connection, caller.organization_id)
        row = _get_account(connection, caller, account_id)
        before = callers.is_administered(connection, caller.organization_id)
        accounts.delete(connection, account_id)
        callers.revoke(connection, row["caller_id"])
        require_admin_left(connection, caller.organization_id, before=before)
        ids = {"account_id": account_id, "caller_id": row["caller_id"]}
        record_event(connection, caller, "account.removed", subject=ids)
    return Account.model_validate(row)
