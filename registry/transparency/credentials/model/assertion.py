"""What a registry says of a known fake, signed, to be checked elsewhere without asking it: a Verifiable
Credential (W3C, model 2.0) as JOSE has it (`vc+jwt`, EdDSA), which any reader of JWT verifies. Pure.

It names organizations, ids and digests, and nobody. It holds for days, so that what is withdrawn stops being
believed by itself; whoever wants to know sooner asks the lists that it names
(`transparency.credentials.model.status_list`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from registry.transparency.credentials.model import jose, status_list
from registry.transparency.credentials.model.jose import BadAssertion
from registry.transparency.credentials.model.status_list import Listed
from registry.transparency.ledger.model import merkle, note
from registry.transparency.ledger.model.merkle import Unproven
from registry.transparency.ledger.model.note import BadNote, Signer, VerifierKey
from registry.transparency.ledger.model.verification import Report, digest

HOLDS: Final = timedelta(days=7)
"""For so long it is to be believed."""
_TYPES: Final = ("VerifiableCredential", "KnownFakeCredential")


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


def credential(
    found: Standing, signer: Signer, now: datetime, places: Sequence[Mapping[str, str]] = ()
) -> dict[str, Any]:
    """The credential's claims. `places`: where it is told that they stand no more (`status_list.places`)."""
    begun = jose.begun(signer, _TYPES, now, HOLDS)
    return {
        **begun,
        "id": f"urn:fakeprint:assertion:{found.entry_id}:{begun['nbf']}",
        **({"credentialStatus": list(places)} if places else {}),
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
            "media": [dict(medium) for medium in found.media],
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


def check(
    raw: str,
    keys: Sequence[VerifierKey],
    notes: Sequence[str],
    now: datetime,
    lists: Sequence[str] = (),
) -> Report:
    """What of it holds, by the ledger's keys given: signature, time, and that what it rests on is on record.
    `notes`: checkpoints that were kept, with which its own must agree where they are of one size; `lists`:
    status lists that were fetched, by which it may stand no longer."""
    report = Report()
    try:
        _check(raw, keys, notes, now, report, lists)
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
    raw: str,
    keys: Sequence[VerifierKey],
    notes: Sequence[str],
    now: datetime,
    report: Report,
    lists: Sequence[str],
) -> None:
    # 1. Who signed it: one of the keys given, and nobody whom it names itself.
    if not keys:
        raise BadAssertion("no key was given: give --key with the ledger's, which you have from elsewhere")
    claims = jose.verified(raw, keys, _TYPES)
    # 2. Whether it is time to believe it.
    _, ends = jose.held(claims, now, "ask the registry for a new one")
    # 3. Whether what it rests on is in a ledger that the same keys signed.
    (evidence,) = claims["evidence"]
    signed = note.checkpoint(note.verify(evidence["checkpoint"], keys).text)
    proof = [digest(item) for item in evidence["proof"]]
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
        *(f"{medium['role']}: sha256 {medium['sha256']}" for medium in said["media"]),
        f"leaf {evidence['index']} is among the {signed.size} that the ledger's checkpoint covers",
    ]
    # 4. Whether it was taken back since.
    read: list[Listed] = [status_list.read(list_, keys, now) for list_ in lists]
    status_list.look(claims, read, report)


def leaf_hash(leaf: bytes) -> str:
    """As `Standing.leaf` has it."""
    return merkle.leaf_hash(leaf).hex()
