"""W3C credentials secured with JOSE (`vc+jwt`, EdDSA), signed with the ledger's key. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, override

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import OKPKey

from registry.transparency.ledger.model.note import Signer, VerifierKey

MEDIA_TYPE: Final = "application/vc+jwt"
CONTEXT: Final = "https://www.w3.org/ns/credentials/v2"
LONGEST: Final = 1 << 20
SKEW: Final = timedelta(minutes=5)
"""Tolerance for clock differences."""
_CODEC: Final = b"\xed\x01"
"""Multicodec prefix of an Ed25519 public key, as in did:key."""
_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


class _Registry(jws.JWSRegistry):
    """EdDSA alone. RFC 9864 wants the name Ed25519 and the library warns; W3C's specification and its readers
    say EdDSA."""

    max_payload_length = LONGEST

    @override
    def get_alg(self, name: str) -> Any:
        if name != "EdDSA":
            raise UnsupportedAlgorithmError(name)
        return self.algorithms[name]


_REGISTRY: Final = _Registry(strict_check_header=False)


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
    payload = json.dumps(claims_, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return jws.serialize_compact(head, payload, OKPKey.import_key(signer.private), registry=_REGISTRY)


def verified(raw: str, keys: Sequence[VerifierKey], types: Sequence[str]) -> dict[str, Any]:
    """Return the claims if they have these types and one of `keys` signed them. Raises `BadAssertion`."""
    token, claims_ = _read(raw)
    # The verifier fixes the algorithm, never the token (RFC 8725, section 3.1).
    head = token.protected
    if head["alg"] != "EdDSA" or head.get("typ") != "vc+jwt" or "crit" in head:
        raise BadAssertion("it is not a `vc+jwt` signed with EdDSA")
    if list(claims_.get("type", ())) != list(types):
        raise BadAssertion(f"it is not a {types[-1]}")
    for key in keys:
        public = OKPKey.import_key(Ed25519PublicKey.from_public_bytes(key.public))
        if not jws.validate_compact(token, public, registry=_REGISTRY):
            continue
        if claims_.get("issuer") != {"id": did(key.public), "name": key.name}:
            raise BadAssertion("its issuer is not the owner of the signing key")
        return claims_
    raise BadAssertion("it is not signed by one of the given keys")


def claims(raw: str) -> dict[str, Any]:
    """Return the claims of a JWT without verifying them. Raises `BadAssertion`."""
    return _read(raw)[1]


def _read(raw: str) -> tuple[jws.CompactSignature, dict[str, Any]]:
    try:
        token = jws.extract_compact(raw.strip().encode(), registry=_REGISTRY)
        _REGISTRY.check_header(token.protected)
        claims_ = json.loads(token.payload)
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise BadAssertion("it is not a JWT") from error  # AttributeError: of a header that is a list
    if not isinstance(claims_, dict):
        raise BadAssertion("it is not a JWT")
    return token, claims_


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


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
