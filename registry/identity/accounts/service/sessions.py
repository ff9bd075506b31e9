"""Sign-in and sign-out, passwords, and limits on attempts."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from datetime import timedelta
from functools import cache, lru_cache
from threading import BoundedSemaphore
from typing import Any, Final
from uuid import UUID

from pwdlib import PasswordHash

from registry.core.database.pool import Connection
from registry.core.errors import BadInput
from registry.core.service import Service
from registry.identity.accounts.errors import (
    NotSignedIn,
    SessionOver,
    TooManyAttempts,
    TooManyCases,
    WrongCredentials,
    WrongPassword,
)
from registry.identity.accounts.model import (
    FREE_FAILURES,
    LONGEST_NAME,
    NETWORK_FREE,
    Signed,
    checked_password,
    normalised,
    wait_after,
)
from registry.identity.accounts.model import sign_in_name as name_of
from registry.identity.accounts.store import accounts, sessions
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import digest


@lru_cache(maxsize=4)
def form_secret(service: Service) -> bytes:
    """Return the secret that signs forms and keys the digests of names: 64 bytes, the same in every
    process."""
    with service.pool.transaction() as connection:
        return accounts.secret(connection)


def subjects(service: Service, name: str, address: str) -> list[bytes]:
    """Return keyed digests of the name and of the address's network (/24 or /56). Networks of private
    addresses are left out: a proxy there stands for all clients."""
    key = form_secret(service)
    network = _network(address)
    return [_keyed(key, f"name {name}")] + ([_keyed(key, f"network {network}")] if network else [])


def clear_failures(connection: Connection, service: Service, name: str, address: str) -> None:
    """Clear the failed attempts for the name after a success. Those from the network stay counted."""
    accounts.delete_failures(connection, subjects(service, name, address)[:1])


def require_attempt_allowed(service: Service, name: str, address: str) -> None:
    """Raise `TooMany` (`too_many_attempts`) if too many recent attempts failed for the name or from the
    network."""
    digests = subjects(service, name, address)
    with service.pool.transaction() as connection:
        attempts = accounts.attempts(connection, digests)
    wait = 0.0
    for subject, free in zip(digests, (FREE_FAILURES, NETWORK_FREE), strict=False):
        failures, ago = attempts.get(subject, (0, 0.0))
        wait = max(wait, wait_after(failures, free=free) - ago)
    if wait > 0:
        raise TooManyAttempts("Too many attempts to sign in failed.", retry_after=wait)


def count_failure(service: Service, name: str, address: str) -> None:
    """Count a failed attempt."""
    with service.pool.transaction() as connection:
        accounts.count_failure(connection, subjects(service, name, address))


def count_case(service: Service, address: str, *, free: int) -> None:
    """Count an intake case from the network of this address. Raises `TooMany` (`too_many_cases`) without
    counting if the network has to wait. `free`: cases before a wait applies."""
    network = _network(address)
    if not network:
        return
    subject = _keyed(form_secret(service), f"cases {network}")
    with service.pool.transaction() as connection:
        count, ago = accounts.attempts(connection, [subject]).get(subject, (0, 0.0))
        wait = wait_after(count, free=free) - ago
        if wait > 0:
            raise TooManyCases("Many cases have come from there.", retry_after=wait)
        accounts.count_failure(connection, [subject])


def client_address(peer: str, forwarded: str | None, proxies: str) -> str:
    """Return the client's address. The last entry of `X-Forwarded-For` counts if one of `proxies` (networks
    separated by spaces) sent it. The client itself can forge earlier entries."""
    if peer and forwarded is not None and any(_within(peer, part) for part in proxies.split()):
        return forwarded.rpartition(",")[2].strip() or peer
    return peer


def _within(address: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _keyed(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), hashlib.sha256)


def _network(address: str) -> str:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if not ip.is_global:
        return ""
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 56), strict=False))


_AT_ONCE: Final = BoundedSemaphore(2)


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _dummy_hash() -> str:
    return hashed("a word that is nobody's")


def hashed(password: str) -> str:
    """Hash a password for storage."""
    with _AT_ONCE:
        return _hasher().hash(password)


def verified(password: str, stored: str | None) -> tuple[bool, str | None]:
    """Return whether the password matches, and a new hash if hashing costs have risen since. Takes the same
    time without a stored hash, so timing does not reveal whether a name exists."""
    nobodys = _dummy_hash()  # always computed: the first call takes as long as a password check
    compared = stored or nobodys
    with _AT_ONCE:
        matches, new_hash = _hasher().verify_and_update(password, compared)
    return (matches and stored is not None), (new_hash if stored else None)


_AGENT: Final = 120


def open_session(
    connection: Connection, service: Service, account_id: UUID, *, means: str, agent: str
) -> str:
    """Open a session and return its cookie: 256 random bits, shown only here. `means`: password, passkey,
    oidc or invitation. `agent`: short name of browser and system. An open invitation is used up."""
    token = secrets.token_urlsafe(32)
    sessions.insert(
        connection,
        account_id,
        token=digest(token),
        means=means,
        agent=agent[:_AGENT],
        lasts=timedelta(days=service.settings.session_days),
    )
    accounts.record_sign_in(connection, account_id)
    return token


def sign_in(service: Service, *, name: str, password: str, agent: str, address: str) -> str:
    """Sign in and return the cookie of a new session.

    1. During a delay after failed attempts, nothing is checked (`TooMany`, `too_many_attempts`).

    2. The password is hashed even if the account does not exist, so timing reveals nothing.

    3. Failures are counted, and the error does not say what was wrong (`Unauthenticated`,
    `wrong_credentials`).
    """
    stored_name = _stored_name(name)
    require_attempt_allowed(service, stored_name, address)
    with service.pool.transaction() as connection:
        account = accounts.find_active(connection, sign_in_name=stored_name)
    matches, new_hash = verified(normalised(password), account["password_hash"] if account else None)
    if not matches or account is None:
        count_failure(service, stored_name, address)
        raise WrongCredentials("No account has this name and this password.")
    with service.pool.transaction() as connection:
        if new_hash:
            accounts.set_password(connection, account["account_id"], new_hash)
        clear_failures(connection, service, stored_name, address)
        return open_session(connection, service, account["account_id"], means="password", agent=agent)


def _stored_name(name: str) -> str:
    """Return the name in its stored form. An invalid name is treated like an unknown one."""
    try:
        return name_of(name)
    except BadInput:
        return name[:LONGEST_NAME].casefold().replace("\0", "")


_LONGEST: Final = 100


def find_session(service: Service, token: str, *, passive: bool = False) -> Signed:
    """Return the signed-in person, and record that the session is in use, unless the request is `passive`:
    the browser sent it by itself.

    Raises `Unauthenticated`: `not_signed_in` for an unknown cookie; `session_over` for a session that was
    ended, is too old or unused for too long, or whose caller is not active. `extra` then holds the
    `account_id`.
    """
    row: dict[str, Any] | None = None
    if 0 < len(token) <= _LONGEST:
        with service.pool.transaction() as connection:
            row = sessions.find(connection, digest(token), idle(service))
            if row and row["open"] and row["stale"] and not passive:
                sessions.touch(connection, row["session_id"])
    if row is None:
        raise NotSignedIn
    if not row["open"]:
        raise SessionOver("This session is over.", extra={"account_id": str(row["account_id"])})
    return Signed(
        account_id=row["account_id"],
        session_id=row["session_id"],
        sign_in_name=row["sign_in_name"],
        organization=row["organization"],
        caller=Caller(row["caller_id"], row["organization_id"], row["name"], frozenset(row["roles"])),
    )


def idle(service: Service) -> timedelta:
    """Return how long a session may go unused."""
    return timedelta(minutes=service.settings.session_idle_minutes)


def end_session(service: Service, signed: Signed, session_id: UUID) -> bool:
    """End one of the own sessions. False if it does not exist or was over."""
    with service.pool.transaction() as connection:
        return sessions.end(connection, signed.account_id, session_id=session_id) > 0


def end_other_sessions(service: Service, signed: Signed) -> int:
    """End all own sessions except this one, and return how many."""
    with service.pool.transaction() as connection:
        return sessions.end(connection, signed.account_id, but=signed.session_id)


def change_password(service: Service, signed: Signed, *, current: str, new: str, address: str) -> int:
    """Change the password, end all other sessions of the account and return how many. `current` is required
    if there is a password.

    Raises `BadInput` (`weak_password`, `bad_password`), `Forbidden` (`wrong_password`), `TooMany`
    (`too_many_attempts`).
    """
    word = checked_password(new, signed.sign_in_name)
    require_attempt_allowed(service, signed.sign_in_name, address)
    with service.pool.transaction() as connection:
        account = accounts.find_active(connection, account_id=signed.account_id)
    stored = account["password_hash"] if account else None
    if stored and not verified(normalised(current), stored)[0]:
        count_failure(service, signed.sign_in_name, address)
        raise WrongPassword("The current password is another one.")
    new_hash = hashed(word)
    with service.pool.transaction() as connection:
        accounts.lock(connection, signed.account_id)
        accounts.set_password(connection, signed.account_id, new_hash)
        return sessions.end(connection, signed.account_id, but=signed.session_id)
