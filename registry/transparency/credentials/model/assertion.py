"""Signed assertions about known fakes, which others verify offline. Pure.

An assertion is a Verifiable Credential (W3C, model 2.0) secured with JOSE (`vc+jwt`, EdDSA), so that any JWT
library verifies it. It names organizations, ids and digests, but no person. It is valid for a few days, so a
withdrawn entry stops being asserted by itself. The status lists that it names tell earlier
(`transparency.credentials.model.status_list`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from registry.transparency.credentials.model import jose, status_list
from registry.transparency.credentials.model.jose import BadAssertion
from registry.transparency.credentials.model.status_list import StatusList
from registry.transparency.ledger.model import merkle, note
from registry.transparency.ledger.model.merkle import Unproven
from registry.transparency.ledger.model.note import BadNote, Signer, VerifierKey
from registry.transparency.ledger.model.verification import Report, digest

HOLDS: Final = timedelta(days=7)
"""Validity of an assertion."""
_TYPES: Final = ("VerifiableCredential", "KnownFakeCredential")
_VOCABULARY: Final = "urn:fakeprint:vocabulary:"
_PLAIN: Final = (
    *("tier", "manipulation", "knownSince", "reviewedBy", "reviewers", "organizations", "media", "role"),
    *("sha256", "saidBy"),
)
_INCLUSION: Final = ("origin", "checkpoint", "index", "leafHash")
TERMS: Final[Mapping[str, Any]] = {
    "KnownFakeCredential": f"{_VOCABULARY}KnownFakeCredential",
    "KnownFake": {
        "@id": f"{_VOCABULARY}KnownFake",
        "@context": {"@propagate": True, **{term: f"{_VOCABULARY}{term}" for term in _PLAIN}},
    },
    "LedgerInclusion": {
        "@id": f"{_VOCABULARY}LedgerInclusion",
        "@context": {
            **{term: f"{_VOCABULARY}{term}" for term in _INCLUSION},
            "proof": {"@id": f"{_VOCABULARY}inclusionProof", "@container": "@list"},
        },
    },
}
"""JSON-LD definitions of the terms of an assertion. `proof` is that of the ledger, not of W3C's Data
Integrity."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Facts about an entry in force.

    `media`: role and sha256 of the media that answer. `reviewers`: number of people who approved, from
    `organizations` organizations. `leaf`: hash of the ledger's leaf that made the entry matchable, at
    `index`; `proof`: its inclusion proof for `checkpoint`.
    """

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


def credential(
    standing: Standing, signer: Signer, now: datetime, places: Sequence[Mapping[str, str]] = ()
) -> dict[str, Any]:
    """Return the claims of the credential. `places`: its entries in the status lists
    (`status_list.places`)."""
    common = jose.common_claims(signer, _TYPES, now, HOLDS, TERMS)
    return {
        **common,
        "id": f"urn:fakeprint:assertion:{standing.entry_id}:{common['nbf']}",
        **({"credentialStatus": list(places)} if places else {}),
        "credentialSubject": {
            "id": f"urn:fakeprint:entry:{standing.entry_id}",
            "type": "KnownFake",
            "saidBy": {
                "id": f"urn:fakeprint:organization:{standing.organization_id}",
                "name": standing.organization,
            },
            "tier": standing.tier,
            "manipulation": standing.manipulation,
            "knownSince": standing.matchable_at,
            "reviewedBy": {"reviewers": standing.reviewers, "organizations": standing.organizations},
            "media": [dict(medium) for medium in standing.media],
        },
        "evidence": [
            {
                "type": ["LedgerInclusion"],
                "origin": signer.name,
                "checkpoint": standing.checkpoint,
                "index": standing.index,
                "leafHash": standing.leaf,
                "proof": list(standing.proof),
            }
        ],
    }


def check(
    raw: str,
    keys: Sequence[VerifierKey],
    notes: Sequence[str],
    now: datetime,
    lists: Sequence[str] = (),
) -> Report:
    """Verify an assertion with the given keys of the ledger: signature, validity, and inclusion of its
    evidence.

    `notes`: checkpoints kept earlier; one of the same size must agree. `lists`: fetched status lists, by
    which the assertion may be revoked.
    """
    report = Report()
    try:
        _check(raw, keys, notes, now, report, lists)
    except BadAssertion as error:
        report.wrong("bad_record", f"The assertion is not valid: {error}.")
    except BadNote as error:
        report.wrong("bad_signature", f"The ledger's checkpoint in it is invalid: {error}.")
    except Unproven as error:
        report.wrong("not_included", f"The entry is not in the ledger that it names: {error}.")
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        report.wrong("bad_record", f"The assertion cannot be read ({type(error).__name__}).")
    return report


def _check(
    raw: str,
    keys: Sequence[VerifierKey],
    notes: Sequence[str],
    now: datetime,
    report: Report,
    lists: Sequence[str],
) -> None:
    # 1. It is signed by one of the given keys. Keys that it names itself are not trusted.
    if not keys:
        raise BadAssertion("no key was given: give --key with the ledger's key from another source")
    claims = jose.verified(raw, keys, _TYPES)
    # 2. It is valid now.
    _, ends = jose.validity(claims, now, "request a new one")
    # 3. Its evidence is in a ledger that the same keys signed.
    (evidence,) = claims["evidence"]
    signed = note.checkpoint(note.verify(evidence["checkpoint"], keys).text)
    proof = [digest(hash_) for hash_ in evidence["proof"]]
    leaf = digest(evidence["leafHash"])
    merkle.verify_inclusion(leaf, int(evidence["index"]), signed.size, proof, signed.root)
    for kept_note in notes:
        kept_checkpoint = note.checkpoint(note.verify(kept_note, keys).text)
        if kept_checkpoint.size == signed.size and kept_checkpoint.root != signed.root:
            raise BadAssertion(
                f"its checkpoint of {kept_checkpoint.size} leaves differs from the one you stored"
            )
    subject = claims["credentialSubject"]
    review = subject["reviewedBy"]
    report.checked += [
        f"{claims['issuer']['name']} signed it; it is valid until {ends.isoformat()}",
        f"{subject['id']} is a known fake, says {subject['saidBy']['name']}",
        f"{subject['tier']}: {review['reviewers']} reviewers of {review['organizations']} organizations",
        *(f"{medium['role']}: sha256 {medium['sha256']}" for medium in subject["media"]),
        f"leaf {evidence['index']} is among the {signed.size} that the ledger's checkpoint covers",
    ]
    # 4. It was not revoked or suspended since.
    verified_lists: list[StatusList] = [status_list.read(list_, keys, now) for list_ in lists]
    status_list.check_status(claims, verified_lists, report)


def leaf_hash(leaf: bytes) -> str:
    """Return the hash of a leaf as hex, for `Standing.leaf`."""
    return merkle.leaf_hash(leaf).hex()
