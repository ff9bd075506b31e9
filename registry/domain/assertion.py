"""What a registry says of a known fake, signed, to be checked elsewhere without asking it: a Verifiable
Credential (W3C, model 2.0) as JOSE has it (`vc+jwt`, EdDSA), which any reader of JWT verifies. Pure.

It names organizations, ids and digests, and nobody. It holds for days, so that what is withdrawn stops being
believed by itself; whoever wants to know sooner asks for it again.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from registry.domain import merkle, note
from registry.domain.merkle import Unproven
from registry.domain.note import BadNote, Signer, VerifierKey
from registry.domain.verification import Report, digest

HOLDS: Final = timedelta(days=7)
"""For so long it is to be believed."""
SKEW: Final = timedelta(minutes=5)
"""By which clocks may differ."""
MEDIA_TYPE: Final = "application/vc+jwt"
LONGEST: Final = 1 << 20
_CONTEXT: Final = "https://www.w3.org/ns/credentials/v2"
_TYPES: Final = ("VerifiableCredential", "KnownFakeCredential")
_CODEC: Final = b"\xed\x01"
"""Multicodec of an Ed25519 public key, as did:key has it."""
_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


class BadAssertion(ValueError):
    """It is no assertion, or one that is not to be believed; the text says why."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands of an entry. `media`: role and sha256 of those that answer; `reviewers`: how many people
    approved, of how many `organizations`. `leaf`: the hash of the ledger's leaf by which it became matchable,
    at `index`, with the `proof` that leads to `checkpoint`."""

    entry_id: str
    organization_id: str
    organization: str
    tier: str
    manipulation: str | None
    matchable_at: str
    reviewers: int
    organizations: int
    media: Sequence[Mapping[str, str]]
    checkpoint: str
    index: int
    leaf: str
    proof: Sequence[str]


def did(public: bytes) -> str:
    """The key as did:key: whoever has it can check it, and nobody has to be asked."""
    number, text = int.from_bytes(_CODEC + public), ""
    while number:
        number, rest = divmod(number, 58)
        text = _BASE58[rest] + text
    return f"did:key:z{text}"


def credential(found: Standing, signer: Signer, now: datetime) -> dict[str, Any]:
    """The credential's claims."""
    issuer = did(signer.verifier.public)
    begins = now.astimezone(UTC).replace(microsecond=0)
    ends = begins + HOLDS
    return {
        "@context": [_CONTEXT],
        "id": f"urn:fakeprint:assertion:{found.entry_id}:{int(begins.timestamp())}",
        "type": list(_TYPES),
        "issuer": {"id": issuer, "name": signer.name},
        "validFrom": _written(begins),
        "validUntil": _written(ends),
        "iss": issuer,
        "nbf": int(begins.timestamp()),
        "exp": int(ends.timestamp()),
        "credentialSubject": {
            "id": f"urn:fakeprint:entry:{found.entry_id}",
            "type": "KnownFake",
            "saidBy": {
                "id": f"urn:fakeprint:organization:{found.organization_id}",
                "name": found.organization,
            },
            "tier": found.tier,
            "manipulation": found.manipulation,
            "knownSince": found.matchable_at,
            "reviewedBy": {"reviewers": found.reviewers, "organizations": found.organizations},
            "media": [dict(one) for one in found.media],
        },
        "evidence": [
            {
                "type": ["LedgerInclusion"],
                "origin": signer.name,
                "checkpoint": found.checkpoint,
                "index": found.index,
                "leafHash": found.leaf,
                "proof": list(found.proof),
            }
        ],
    }


def sign(claims: Mapping[str, Any], signer: Signer) -> str:
    """The claims as a JWT (RFC 7519, EdDSA by RFC 8037), typed `vc+jwt` (W3C, Securing Verifiable Credentials
    using JOSE and COSE)."""
    issuer = did(signer.verifier.public)
    head = {"alg": "EdDSA", "cty": "vc", "kid": f"{issuer}#{issuer[8:]}", "typ": "vc+jwt"}
    signed = f"{_encoded(_json(head))}.{_encoded(_json(claims))}"
    return f"{signed}.{_encoded(signer.private.sign(signed.encode()))}"


def check(raw: str, keys: Sequence[VerifierKey], notes: Sequence[str], now: datetime) -> Report:
    """What of it holds, by the ledger's keys given: signature, time, and that what it rests on is on record.
    `notes`: checkpoints that were kept, with which its own must agree where they are of one size."""
    report = Report()
    try:
        _check(raw, keys, notes, now, report)
    except BadAssertion as error:
        report.wrong("bad_record", f"The assertion is not to be believed: {error}.")
    except BadNote as error:
        report.wrong("bad_signature", f"The ledger's checkpoint in it does not hold: {error}.")
    except Unproven as error:
        report.wrong("not_included", f"The entry is not in the ledger that it names: {error}.")
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        report.wrong("bad_record", f"The assertion cannot be read ({type(error).__name__}).")
    return report


def _check(
    raw: str, keys: Sequence[VerifierKey], notes: Sequence[str], now: datetime, report: Report
) -> None:
    # 1. Who signed it: one of the keys given, and nobody whom it names itself.
    if not keys:
        raise BadAssertion("no key was given: give --key with the ledger's, which you have from elsewhere")
    claims = verified(raw, keys)
    # 2. Whether it is time to believe it.
    begins, ends = (datetime.fromisoformat(claims[name]) for name in ("validFrom", "validUntil"))
    if now < begins - SKEW:
        raise BadAssertion(f"it holds from {begins.isoformat()} on")
    if now > ends + SKEW:
        raise BadAssertion(f"it held until {ends.isoformat()}: ask the registry for a new one")
    # 3. Whether what it rests on is in a ledger that the same keys signed.
    (evidence,) = claims["evidence"]
    signed = note.checkpoint(note.verify(evidence["checkpoint"], keys).text)
    proof = [digest(one) for one in evidence["proof"]]
    leaf = digest(evidence["leafHash"])
    merkle.verify_inclusion(leaf, int(evidence["index"]), signed.size, proof, signed.root)
    for kept in notes:
        one = note.checkpoint(note.verify(kept, keys).text)
        if one.size == signed.size and one.root != signed.root:
            raise BadAssertion(f"its checkpoint of {one.size} leaves is another than the one you kept")
    said = claims["credentialSubject"]
    by = said["reviewedBy"]
    report.checked += [
        f"{claims['issuer']['name']} signed it, and it holds until {ends.isoformat()}",
        f"{said['id']} is a known fake, says {said['saidBy']['name']}",
        f"{said['tier']}: {by['reviewers']} reviewers of {by['organizations']} organizations",
        *(f"{one['role']}: sha256 {one['sha256']}" for one in said["media"]),
        f"leaf {evidence['index']} is among the {signed.size} that the ledger's checkpoint covers",
    ]
    report.unchecked.append("whether it was withdrawn since: ask the registry, or wait until it ends")


def verified(raw: str, keys: Sequence[VerifierKey]) -> dict[str, Any]:
    """The claims, signed by one of `keys`. Raises `BadAssertion`."""
    parts = raw.strip().split(".")
    if len(raw) > LONGEST or len(parts) != 3:
        raise BadAssertion("it is no JWT")
    head, claims = (_object(_decoded(one)) for one in parts[:2])
    # The algorithm is ours to say, never the token's: RFC 8725, section 3.1.
    if head.get("alg") != "EdDSA" or head.get("typ") != "vc+jwt" or "crit" in head:
        raise BadAssertion("it is no `vc+jwt` signed by EdDSA")
    if list(claims.get("type", ())) != list(_TYPES):
        raise BadAssertion("it speaks of something else than a known fake")
    signature, message = _decoded(parts[2]), f"{parts[0]}.{parts[1]}".encode()
    for key in keys:
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            continue
        if claims.get("issuer") != {"id": did(key.public), "name": key.name}:
            raise BadAssertion("its issuer is not whose key signed it")
        return claims
    raise BadAssertion("none of the keys given has signed it")


def leaf_hash(leaf: bytes) -> str:
    """As `Standing.leaf` has it."""
    return merkle.leaf_hash(leaf).hex()


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadAssertion("it is no JWT") from error
    if not isinstance(found, dict):
        raise BadAssertion("it is no JWT")
    return found


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    """Canonical base64url without padding (RFC 7515). Raises `BadAssertion`."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise BadAssertion("it is no JWT") from error
    if _encoded(raw) != text:
        raise BadAssertion("it is written otherwise than JWT is")
    return raw
