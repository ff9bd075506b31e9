"""Sign in with an OpenID provider, and link an account to an identity there. Authlib verifies the tokens."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import httpx2
from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from registry.core.errors import Unauthenticated, Unavailable
from registry.core.service import Service
from registry.core.settings import Settings
from registry.identity.accounts.errors import (
    NoProvider,
    ProviderRefused,
    ProviderTaken,
    ProviderUnavailable,
    ProviderUnlinked,
)
from registry.identity.accounts.model import CEREMONY, Signed
from registry.identity.accounts.service.sessions import open_session
from registry.identity.accounts.store import accounts
from registry.identity.callers.service.keys import digest

_ALGORITHMS: Final = ["RS256", "PS256", "ES256", "EdDSA"]
_PATIENCE: Final = 10.0
_LEEWAY: Final = 120
"""Tolerated clock difference in seconds."""


@dataclass(frozen=True, slots=True)
class ProviderReturn:
    """The result of a return from the provider. `token`: the new session's cookie; None if an account was
    linked."""

    token: str | None
    back: str


@dataclass(frozen=True, slots=True)
class AuthorizationResponse:
    """Query parameters of a return from the provider (RFC 6749, RFC 9207). `issuer`: empty if not sent."""

    state: str
    code: str
    issuer: str


def name(service: Service) -> str:
    """Return the provider's name for people; empty if the deployment has no provider."""
    settings = service.settings
    return (settings.oidc_name or settings.oidc_issuer) if settings.oidc_issuer else ""


def begin(service: Service, signed: Signed | None, *, browser: str, back: str, returning: str) -> str:
    """Begin the flow and return the URL to redirect the browser to. `signed`: the account to link; None for a
    sign-in. `browser`: cookie of the browser that must return; `returning`: URL of the page it returns to.

    Raises `NotFound` (`no_provider`), `Unavailable` (`provider_unavailable`).
    """
    metadata = _metadata(_required_settings(service))
    token, verifier, nonce = secrets.token_urlsafe(24), generate_token(64), secrets.token_urlsafe(24)
    state = {
        "verifier": verifier,
        "nonce": nonce,
        "back": back[:2000],
        "browser": digest(browser).hex(),
        "returning": returning,
    }
    account = signed.account_id if signed else None
    with service.pool.transaction() as connection:
        accounts.begin_ceremony(connection, digest(token), "oidc", account, state, CEREMONY)
    address: str = prepare_grant_uri(
        metadata["authorization_endpoint"],
        service.settings.oidc_client_id,
        "code",
        redirect_uri=returning,
        scope="openid",
        state=token,
        nonce=nonce,
        code_challenge=create_s256_code_challenge(verifier),
        code_challenge_method="S256",
    )
    return address


def finish(
    service: Service,
    signed: Signed | None,
    response: AuthorizationResponse,
    *,
    browser: str,
    agent: str,
) -> ProviderReturn:
    """Finish the flow and return its result.

    1. The state was issued to this browser recently; it is used up. The issuer, if the provider sends it, is
    ours.

    2. The code is exchanged with the verifier that only this service has (RFC 7636).

    3. The token is signed by the provider's keys, for us, with this nonce, and is not expired.

    4. Accounts are linked by `iss` and `sub` only, because mail addresses are reassigned.

    Raises `Unauthenticated` (`provider_refused`, `provider_unlinked`), `Conflict` (`provider_taken`),
    `Unavailable` (`provider_unavailable`).
    """
    settings = _required_settings(service)
    with service.pool.transaction() as connection:
        ceremony = accounts.end_ceremony(connection, digest(response.state), "oidc")
    if ceremony is None or ceremony["state"]["browser"] != digest(browser).hex():
        raise _refused()
    if response.issuer and response.issuer != settings.oidc_issuer:
        raise _refused()
    subject = _subject(settings, response.code, ceremony["state"])
    back = str(ceremony["state"]["back"])
    if ceremony["account_id"] is not None:
        if signed is None or signed.account_id != ceremony["account_id"]:
            raise _refused()
        with service.pool.transaction() as connection:
            if not accounts.set_provider(connection, signed.account_id, settings.oidc_issuer, subject):
                raise ProviderTaken("Another account is linked to that identity.")
        return ProviderReturn(None, back)
    with service.pool.transaction() as connection:
        account = accounts.find_active(connection, provider=(settings.oidc_issuer, subject))
        if account is None:
            raise ProviderUnlinked("No account is linked to that identity.")
        return ProviderReturn(
            open_session(connection, service, account["account_id"], means="oidc", agent=agent), back
        )


def _subject(settings: Settings, code: str, state: Mapping[str, str]) -> str:
    metadata = _metadata(settings)
    tokens = _request(
        "POST",
        metadata["token_endpoint"],
        data={
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": state["returning"],
            "code_verifier": state["verifier"],
        },
        auth=(settings.oidc_client_id, settings.oidc_client_secret),
    )
    try:
        keys = KeySet.import_key_set(_request("GET", metadata["jwks_uri"]))  # type: ignore[arg-type]
        token = jwt.decode(str(tokens["id_token"]), keys, algorithms=_ALGORITHMS)
        rules = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY,
            iss={"essential": True, "value": settings.oidc_issuer},
            aud={"essential": True, "value": settings.oidc_client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": state["nonce"]},
        )
        rules.validate(token.claims)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise _refused() from error
    audience = token.claims["aud"]
    if (
        isinstance(audience, list)
        and len(audience) > 1
        and token.claims.get("azp") != settings.oidc_client_id
    ):
        raise _refused()
    return str(token.claims["sub"])[:255]


@lru_cache(maxsize=4)
def _metadata(settings: Settings) -> Mapping[str, str]:
    """Return the provider's metadata (OpenID Connect Discovery), read once a process."""
    metadata = _request("GET", f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration")
    names = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
    if (
        any(not isinstance(metadata.get(name), str) for name in names)
        or metadata["issuer"] != settings.oidc_issuer
    ):
        raise _away("its description is of another issuer, or lacks an address")
    return {name: metadata[name] for name in names}


def _request(method: str, address: str, **options: Any) -> dict[str, Any]:
    try:
        response = httpx2.request(method, address, timeout=_PATIENCE, follow_redirects=False, **options)
        body = response.json()
    except (httpx2.HTTPError, ValueError) as error:
        raise _away(type(error).__name__) from error
    if response.status_code >= 500 or not isinstance(body, dict):
        raise _away(f"status {response.status_code}")
    if response.status_code >= 400:
        raise _refused()
    return body


def _required_settings(service: Service) -> Settings:
    if not service.settings.oidc_issuer:
        raise NoProvider("This deployment has no provider.")
    return service.settings


def _away(why: str) -> Unavailable:
    return ProviderUnavailable(f"The provider does not answer as one does: {why}.")


def _refused() -> Unauthenticated:
    return ProviderRefused("The provider did not vouch for you, or it took too long.")
