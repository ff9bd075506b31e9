"""Passkeys: add, remove, sign in. The library `webauthn` verifies WebAuthn responses."""

from __future__ import annotations

import ipaddress
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from registry.core.errors import Unauthenticated
from registry.core.labels import label
from registry.core.service import Service
from registry.identity.accounts.errors import (
    LastMeans,
    PasskeyRefused,
    PasskeysUnavailable,
    PasskeyTaken,
    TooManyPasskeys,
    UnknownPasskey,
)
from registry.identity.accounts.model import CEREMONY, MOST_PASSKEYS, Signed
from registry.identity.accounts.service.sessions import count_failure, open_session, require_attempt_allowed
from registry.identity.accounts.store import accounts
from registry.identity.callers.service.keys import digest

_NAME: Final = "Fakeprint"


def relying_party(origin: str) -> str | None:
    """Return the host that passkeys are bound to. None if browsers support no passkeys there: IP addresses,
    and hosts without TLS other than localhost."""
    parts = urlsplit(origin)
    host = parts.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host if parts.scheme == "https" or host == "localhost" else None
    return None


@dataclass(frozen=True, slots=True)
class Challenge:
    """A WebAuthn challenge. `token` finishes it; `options` are those of `navigator.credentials`."""

    token: str
    options: Mapping[str, Any]


def begin_adding_passkey(service: Service, signed: Signed, *, origin: str) -> Challenge:
    """Begin to add a passkey by `navigator.credentials.create`. Raises
    `Conflict` (`too_many_passkeys`, `passkeys_unavailable`)."""
    host = _host(origin)
    with service.pool.transaction() as connection:
        existing = accounts.passkeys(connection, signed.account_id)
        if len(existing) >= MOST_PASSKEYS:
            raise TooManyPasskeys(f"An account has {MOST_PASSKEYS} passkeys at most.")
        options = generate_registration_options(
            rp_id=host,
            rp_name=_NAME,
            user_id=signed.account_id.bytes,
            user_name=signed.sign_in_name,
            user_display_name=signed.caller.name,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(id=bytes(passkey["credential_id"])) for passkey in existing
            ],
        )
        token = secrets.token_urlsafe(24)
        state = {"challenge": bytes_to_base64url(options.challenge)}
        accounts.begin_ceremony(connection, digest(token), "passkey_add", signed.account_id, state, CEREMONY)
    return Challenge(token, json.loads(options_to_json(options)))


def add_passkey(
    service: Service, signed: Signed, *, token: str, credential: str, name: str, origin: str
) -> UUID:
    """Add a passkey and return its id. Raises `BadInput` (`bad_label`), `Unauthenticated`
    (`passkey_refused`), `Conflict` (`passkey_taken`)."""
    name = label(name, "name", longest=80)
    with service.pool.transaction() as connection:
        ceremony = accounts.end_ceremony(connection, digest(token), "passkey_add")
    if ceremony is None or ceremony["account_id"] != signed.account_id:
        raise refused()
    try:
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(ceremony["state"]["challenge"]),
            expected_rp_id=_host(origin),
            expected_origin=origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError) as error:
        raise refused() from error
    with service.pool.transaction() as connection:
        passkey_id = accounts.add_passkey(
            connection,
            signed.account_id,
            credential_id=verified.credential_id,
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            name=name,
        )
    if passkey_id is None:
        raise PasskeyTaken("Somebody has that passkey.")
    return passkey_id


def remove_passkey(service: Service, signed: Signed, passkey_id: UUID) -> None:
    """Remove a passkey. Raises `NotFound` (`unknown_passkey`), `Conflict` (`last_means`)."""
    with service.pool.transaction() as connection:
        account = accounts.lock(connection, signed.account_id)
        existing = accounts.passkeys(connection, signed.account_id)
        other_means = account and (account["password_hash"] or account["oidc_issuer"])
        if not other_means and [passkey["passkey_id"] for passkey in existing] == [passkey_id]:
            raise LastMeans("It is the only way in that is left.")
        if not accounts.remove_passkey(connection, signed.account_id, passkey_id):
            raise UnknownPasskey("There is no such passkey.")


def begin_signing_in_by_passkey(service: Service, *, origin: str, address: str) -> Challenge:
    """Begin a sign-in by `navigator.credentials.get`. The authenticator knows
    the account. Raises `Conflict` (`passkeys_unavailable`), `TooMany` (`too_many_attempts`)."""
    require_attempt_allowed(service, address, address)
    options = generate_authentication_options(
        rp_id=_host(origin), user_verification=UserVerificationRequirement.REQUIRED
    )
    token = secrets.token_urlsafe(24)
    state = {"challenge": bytes_to_base64url(options.challenge)}
    with service.pool.transaction() as connection:
        accounts.begin_ceremony(connection, digest(token), "passkey_sign_in", None, state, CEREMONY)
    return Challenge(token, json.loads(options_to_json(options)))


def sign_in_by_passkey(
    service: Service, *, token: str, credential: str, origin: str, agent: str, address: str
) -> str:
    """Sign in with a passkey and return the cookie of a new session.

    1. The challenge was made here recently; it is used up.

    2. The passkey is known and signed that challenge for this host, after user verification.

    3. Its counter did not go back; otherwise it was cloned.

    4. The account's caller is active.

    Raises `Unauthenticated` (`passkey_refused`), `TooMany` (`too_many_attempts`).
    """
    require_attempt_allowed(service, address, address)
    try:
        account_id = _verified_account(service, token, credential, origin)
    except Unauthenticated:
        count_failure(service, address, address)
        raise
    with service.pool.transaction() as connection:
        if accounts.find_active(connection, account_id=account_id) is None:
            raise refused()
        return open_session(connection, service, account_id, means="passkey", agent=agent)


def _verified_account(service: Service, token: str, credential: str, origin: str) -> UUID:
    with service.pool.transaction() as connection:
        ceremony = accounts.end_ceremony(connection, digest(token), "passkey_sign_in")
    if ceremony is None:
        raise refused()
    try:
        response = parse_authentication_credential_json(credential)
        with service.pool.transaction() as connection:
            passkey = accounts.passkey(connection, response.raw_id)
            if passkey is None:
                raise refused()
            verified = verify_authentication_response(
                credential=response,
                expected_challenge=base64url_to_bytes(ceremony["state"]["challenge"]),
                expected_rp_id=_host(origin),
                expected_origin=origin,
                credential_public_key=bytes(passkey["public_key"]),
                credential_current_sign_count=passkey["sign_count"],
                require_user_verification=True,
            )
            accounts.record_passkey_use(connection, passkey["passkey_id"], verified.new_sign_count)
    except (WebAuthnException, ValueError) as error:
        raise refused() from error
    account_id: UUID = passkey["account_id"]
    return account_id


def refused() -> Unauthenticated:
    """Return the error for an invalid passkey response."""
    return PasskeyRefused("That passkey was not accepted.")


def _host(origin: str) -> str:
    host = relying_party(origin)
    if host is None:
        raise PasskeysUnavailable("Browsers have no passkeys for this address.")
    return host
