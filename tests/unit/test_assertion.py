"""Signed assertions: read by a library of JWT that is not ours, and refused where anything was changed."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwt.types import Options

from registry.domain import assertion, merkle, note
from registry.domain.assertion import Standing
from registry.domain.note import Checkpoint, Signer

NOW: Final = datetime(2026, 11, 26, 12, tzinfo=UTC)
UNTIMED: Final[Options] = {"verify_exp": False, "verify_nbf": False}
SIGNER: Final = Signer("fakes.example/ledger", Ed25519PrivateKey.generate())
KEY: Final = SIGNER.verifier
LEAVES: Final = [merkle.leaf_hash(bytes([one])) for one in range(2)]
ROOT: Final = merkle.node_hash(*LEAVES)
STANDING: Final = Standing(
    entry_id="01890a5d-ac96-774b-bcce-b302099a8057",
    organization_id="01890a5d-ac96-774b-bcce-b302099a8058",
    organization="Redacción Ñandú",
    tier="reviewed",
    manipulation="face_swap",
    matchable_at="2026-01-31T09:30:04+00:00",
    reviewers=2,
    organizations=2,
    media=[{"role": "fake", "sha256": "ab" * 32}],
    checkpoint=note.sign(Checkpoint(SIGNER.name, 2, ROOT).text, [SIGNER]),
    index=1,
    leaf=LEAVES[1].hex(),
    proof=[LEAVES[0].hex()],
)


def _made(standing: Standing = STANDING, signer: Signer = SIGNER) -> str:
    return assertion.sign(assertion.credential(standing, signer, NOW), signer)


def _public(did: str) -> Ed25519PublicKey:
    """The key that a did:key names, decoded by the rule of its specification."""
    number = 0
    for letter in did.removeprefix("did:key:z"):
        number = number * 58 + "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".index(letter)
    raw = number.to_bytes(34)
    assert raw[:2] == b"\xed\x01"
    return Ed25519PublicKey.from_public_bytes(raw[2:])


def test_a_reader_that_is_not_ours_reads_it() -> None:
    made = _made()
    issuer = jwt.decode(made, options={"verify_signature": False})["iss"]
    claims = jwt.decode(made, _public(issuer), algorithms=["EdDSA"], issuer=issuer, options=UNTIMED)
    assert jwt.get_unverified_header(made)["typ"] == "vc+jwt"
    assert claims["@context"] == ["https://www.w3.org/ns/credentials/v2"]
    assert (claims["validFrom"], claims["validUntil"]) == ("2026-11-26T12:00:00Z", "2026-12-03T12:00:00Z")
    assert claims["credentialSubject"]["saidBy"]["name"] == "Redacción Ñandú"
    assert claims["exp"] - claims["nbf"] == 7 * 86_400
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(made[:-6] + "AAAAAA", _public(issuer), algorithms=["EdDSA"], options=UNTIMED)


def test_it_is_believed_by_the_ledgers_key_within_its_time() -> None:
    report = assertion.check(_made(), [KEY], [STANDING.checkpoint], NOW + timedelta(days=1))
    assert report.sound, report.findings
    assert any("Redacción Ñandú" in said for said in report.checked)
    for days in (-1, 8):
        late = assertion.check(_made(), [KEY], [], NOW + timedelta(days=days))
        assert [one.code for one in late.findings] == ["bad_record"]


def _changed(**changed: Any) -> str:
    """With other claims, under the old signature."""
    head, claims, signature = _made().split(".")
    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    raw = json.dumps(said | changed).encode()
    return ".".join((head, base64.urlsafe_b64encode(raw).rstrip(b"=").decode(), signature))


def _unsigned() -> str:
    _, claims, _ = _made().split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"vc+jwt"}').rstrip(b"=").decode()
    return f"{head}.{claims}."


OTHER: Final = Signer(SIGNER.name, Ed25519PrivateKey.generate())


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (_changed(validUntil="2036-01-01T00:00:00Z"), "bad_record"),
        (_unsigned(), "bad_record"),
        (_made(signer=OTHER), "bad_record"),
        (_made(replace(STANDING, index=0)), "not_included"),
        (_made(replace(STANDING, proof=[])), "not_included"),
        (_made(replace(STANDING, checkpoint="x\n")), "bad_signature"),
        (_made() + "=", "bad_record"),
        ("eyJ.e30.x", "bad_record"),
        ("eyJ" + "A" * (1 << 21) + "..", "bad_record"),
    ],
)
def test_what_is_not_as_it_was_signed_is_not_believed(raw: str, code: str) -> None:
    report = assertion.check(raw, [KEY], [], NOW)
    assert [one.code for one in report.findings] == [code]


def test_a_key_and_a_kept_checkpoint_are_asked_for() -> None:
    assert not assertion.check(_made(), [], [], NOW).sound, "whom it names itself is nobody"
    other = note.sign(Checkpoint(SIGNER.name, 2, merkle.leaf_hash(b"forked")).text, [SIGNER])
    assert not assertion.check(_made(), [KEY], [other], NOW).sound
