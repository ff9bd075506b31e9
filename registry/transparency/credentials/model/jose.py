"""W3C credentials secured with JOSE (`vc+jwt`, EdDSA), signed with the ledger's key. Pure."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from registry.transparency.ledger.model.note import Signer, VerifierKey

MEDIA_TYPE: Final = "application/vc+jwt"
CONTEXT: Final = "https://www.w3.org/ns/credentials/v2"
LONGEST: Final = 1 << 20
SKEW: Final = timedelta(minutes=5)
"""Tolerance for clock differences."""
_CODEC: Final = b"\xed\x01"
"""Multicodec prefix of an Ed25519 public key, as in did:key."""
_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


class BadAssertion(ValueError):
    """The text is not a credential, or must not be trusted. The message says why."""


def did(public: bytes) -> str:
    """Return the public key as did:key, which can be verified without asking anybody."""
    number, text = int.from_bytes(_CODEC + public), ""
    while number:
        number, remainder = divmod(number, 58)
        text = _BASE58[remainder] + text
    return f"did:key:z{text}"


def common_claims(
    signer: Signer,
    types: Sequence[str],
    now: datetime,
    holds: timedelta,
    terms: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the claims that every credential has: context, types, issuer and validity.

    `terms`: JSON-LD definitions of its own terms. They are embedded, so that nobody needs to fetch a context.
    """
    issuer = did(signer.verifier.public)
    begins = now.astimezone(UTC).replace(microsecond=0)
    ends = begins + holds
    return {
        "@context": [CONTEXT, dict(terms)] if terms else [CONTEXT],
        "type": list(types),
        "issuer": {"id": issuer, "name": signer.name},
        "validFrom": _written(begins),
        "validUntil": _written(ends),
        "iss": issuer,
        "nbf": int(begins.timestamp()),
        "exp": int(ends.timestamp()),
    }


def sign(claims_: Mapping[str, Any], signer: Signer) -> str:
    """Sign the claims as a JWT (RFC 7519, EdDSA by RFC 8037), typed `vc+jwt` (W3C, Securing Verifiable
    Credentials using JOSE and COSE)."""
    issuer = did(signer.verifier.public)
    head = {"alg": "EdDSA", "cty": "vc", "kid": f"{issuer}#{issuer[8:]}", "typ": "vc+jwt"}
    signed = f"{encoded(_json(head))}.{encoded(_json(claims_))}"
    return f"{signed}.{encoded(signer.private.sign(signed.encode()))}"


def verified(raw: str, keys: Sequence[VerifierKey], types: Sequence[str]) -> dict[str, Any]:
    """Return the claims if they have these types and one of `keys` signed them. Raises `BadAssertion`."""
    parts = raw.strip().split(".")
    if len(raw) > LONGEST or len(parts) != 3:
        raise BadAssertion("it is not a JWT")
    head, claims_ = (_object(decoded(part)) for part in parts[:2])
    # The verifier fixes the algorithm, never the token (RFC 8725, section 3.1).
    if head.get("alg") != "EdDSA" or head.get("typ") != "vc+jwt" or "crit" in head:
        raise BadAssertion("it is not a `vc+jwt` signed with EdDSA")
    if list(claims_.get("type", ())) != list(types):
        raise BadAssertion(f"it is not a {types[-1]}")
    signature, message = decoded(parts[2]), f"{parts[0]}.{parts[1]}".encode()
    for key in keys:
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            continue
        if claims_.get("issuer") != {"id": did(key.public), "name": key.name}:
            raise BadAssertion("its issuer is not the owner of the signing key")
        return claims_
    raise BadAssertion("it is not signed by one of the given keys")


def claims(raw: str) -> dict[str, Any]:
    """Return the claims of a JWT without verifying them. Raises `BadAssertion`."""
    parts = raw.strip().split(".")
    if len(raw) > LONGEST or len(parts) != 3:
        raise BadAssertion("it is not a JWT")
    return _object(decoded(parts[1]))


def validity(claims_: Mapping[str, Any], now: datetime, advice: str) -> tuple[datetime, datetime]:
    """Return start and end of the validity if the claims are valid now.

    `again`: advice in the error if they have expired. Raises `BadAssertion`, `ValueError`, `KeyError`.
    """
    begins, ends = (datetime.fromisoformat(claims_[name]) for name in ("validFrom", "validUntil"))
    if now < begins - SKEW:
        raise BadAssertion(f"it is valid from {begins.isoformat()}")
    if now > ends + SKEW:
        raise BadAssertion(f"it was valid until {ends.isoformat()}: {advice}")
    return begins, ends


def encoded(raw: bytes) -> str:
    """Encode as base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Decode canonical base64url without padding (RFC 7515). Raises `BadAssertion`."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise BadAssertion("it is not a JWT") from error
    if encoded(raw) != text:
        raise BadAssertion("it is not canonical base64url")
    return raw


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _object(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadAssertion("it is not a JWT") from error
    if not isinstance(value, dict):
        raise BadAssertion("it is not a JWT")
    return value
