"""Signed assertions: read by a library of JWT that is not ours, and refused where anything was changed."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.util import urlsafe_b64encode
from jwt.types import Options

from registry.transparency.credentials.model import assertion, jose, status_list
from registry.transparency.credentials.model.assertion import Standing
from registry.transparency.credentials.model.status_list import Purpose
from registry.transparency.ledger.model import merkle, note
from registry.transparency.ledger.model.note import Checkpoint, Signer
from registry.transparency.ledger.model.verification import Report

NOW: Final = datetime(2026, 11, 26, 12, tzinfo=UTC)
UNTIMED: Final[Options] = {"verify_exp": False, "verify_nbf": False}
SIGNER: Final = Signer("fakes.example/ledger", Ed25519PrivateKey.generate())
KEY: Final = SIGNER.verifier
LEAVES: Final = [merkle.leaf_hash(bytes([item])) for item in range(2)]
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


def _made(
    standing: Standing = STANDING, signer: Signer = SIGNER, places: Sequence[Mapping[str, str]] = ()
) -> str:
    return jose.sign(assertion.credential(standing, signer, NOW, places), signer)


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
    assert claims["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    assert (claims["validFrom"], claims["validUntil"]) == ("2026-11-26T12:00:00Z", "2026-12-03T12:00:00Z")
    assert claims["credentialSubject"]["saidBy"]["name"] == "Redacción Ñandú"
    assert claims["exp"] - claims["nbf"] == 7 * 86_400
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(made[:-6] + "AAAAAA", _public(issuer), algorithms=["EdDSA"], options=UNTIMED)


def test_every_term_is_defined_for_readers_of_json_ld() -> None:
    """In safe mode they refuse a term without a definition. W3C's context defines the others."""
    claims = assertion.credential(STANDING, SIGNER, NOW)
    _, own = claims["@context"]
    subject, evidence = own["KnownFake"]["@context"], own["LedgerInclusion"]["@context"]

    def undefined(value: Any, defined: Mapping[str, Any]) -> set[str]:
        if isinstance(value, list):
            return {term for each in value for term in undefined(each, defined)}
        if not isinstance(value, dict):
            return set()
        nested = {term for each in value.values() for term in undefined(each, defined)}
        return nested | (value.keys() - defined.keys() - {"id", "type", "name"})

    assert undefined(claims["credentialSubject"], subject) == set()
    assert undefined(claims["evidence"], evidence) == set()
    assert {claims["type"][1], claims["credentialSubject"]["type"], *claims["evidence"][0]["type"]} == set(
        own
    )


def test_it_is_believed_by_the_ledgers_key_within_its_time() -> None:
    report = assertion.check(_made(), [KEY], [STANDING.checkpoint], NOW + timedelta(days=1))
    assert report.sound, report.findings
    assert any("Redacción Ñandú" in text for text in report.checked)
    for days in (-1, 8):
        late = assertion.check(_made(), [KEY], [], NOW + timedelta(days=days))
        assert [finding.code for finding in late.findings] == ["bad_record"]


def _changed(**changed: Any) -> str:
    """With other claims, under the old signature."""
    head, claims, signature = _made().split(".")
    body = json.loads(base64.urlsafe_b64decode(claims + "=="))
    raw = json.dumps(body | changed).encode()
    return ".".join((head, urlsafe_b64encode(raw).decode(), signature))


def _headed(head: Any) -> str:
    """With another header, under the old signature."""
    _, claims, signature = _made().split(".")
    return f"{urlsafe_b64encode(json.dumps(head).encode()).decode()}.{claims}.{signature}"


def _unsigned() -> str:
    return _headed({"alg": "none", "typ": "vc+jwt"}).rpartition(".")[0] + "."


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
        (_headed({"alg": "EdDSA", "typ": "vc+jwt", "b64": False, "crit": ["b64"]}), "bad_record"),
        (_headed({"alg": "EdDSA", "typ": "vc+jwt", "kid": 7}), "bad_record"),
        (_headed({"alg": "HS256", "typ": "vc+jwt"}), "bad_record"),
        (_headed(["alg", "b64", "crit"]), "bad_record"),
        (_headed("alg"), "bad_record"),
        ("eyJ.e30.x", "bad_record"),
        ("eyJ" + "A" * (1 << 21) + "..", "bad_record"),
    ],
)
def test_altered_assertions_are_rejected(raw: str, code: str) -> None:
    report = assertion.check(raw, [KEY], [], NOW)
    assert [finding.code for finding in report.findings] == [code]


def test_verification_needs_a_key_and_a_checkpoint() -> None:
    assert not assertion.check(_made(), [], [], NOW).sound, "whom it names itself is nobody"
    other = note.sign(Checkpoint(SIGNER.name, 2, merkle.leaf_hash(b"forked")).text, [SIGNER])
    assert not assertion.check(_made(), [KEY], [other], NOW).sound


BASE: Final = "https://fakes.example"
PLACE: Final = status_list.SIZE + 7


def _list(
    purpose: Purpose, *fallen: int, signer: Signer = SIGNER, at: datetime = NOW, number: int = 1
) -> str:
    return jose.sign(status_list.credential(BASE, purpose, number, fallen, signer, at), signer)


def _look(*lists: str, now: datetime = NOW) -> Report:
    made = _made(places=status_list.places(BASE, PLACE))
    return assertion.check(made, [KEY], [], now, lists)


def test_revoked_and_disputed_assertions_are_detected_offline() -> None:
    stands = _look(_list("revocation", 6, 8), _list("suspension"))
    assert stands.sound, stands.findings
    assert (len([item for item in stands.checked if "it was not" in item]), stands.unchecked) == (2, [])
    assert [finding.code for finding in _look(_list("revocation", 7)).findings] == ["revoked"]
    assert [finding.code for finding in _look(_list("suspension", 7), _list("revocation")).findings] == [
        "suspended"
    ]
    half = _look(_list("revocation"))
    assert half.sound
    assert half.unchecked == [
        f"whether it was suspended since: give --status with {BASE}/v1/assertions/status/suspension/1"
    ]
    later = NOW + timedelta(hours=1)
    newest = _look(_list("revocation"), _list("revocation", 7, at=later), now=later)
    assert [finding.code for finding in newest.findings] == ["revoked"], (
        "the newest list counts, in any order"
    )
    assert _look(_list("revocation", 7, number=0)).unchecked[0].startswith("whether it was withdrawn")
    assert _made() == _made(places=[]), "without an address no list is named"


@pytest.mark.parametrize(
    "bad",
    [
        _list("revocation", signer=Signer(SIGNER.name, Ed25519PrivateKey.generate())),
        _list("revocation", at=NOW - timedelta(days=2)),
        _list("revocation", at=NOW + timedelta(days=2)),
        _list("revocation")[:-4] + "AAAA",
        _made(),
        "eyJ",
    ],
)
def test_a_list_that_does_not_hold_is_not_passed_over(bad: str) -> None:
    assert [finding.code for finding in _look(bad, _list("suspension")).findings] == ["bad_record"]


def test_a_list_of_a_writer_that_is_not_ours_is_read() -> None:
    """Bits 7 and 131,071, written by @digitalbazaar/vc-bitstring-status-list 2.0.1 (npm)."""
    bits = "uH4sIAAAAAAAAA-3BIQEAAAACIP1_2hkWoAEAAAAAAAAAAAAAAAAAAADOOq_LwkEAQAAA"
    credential = status_list.credential(BASE, "revocation", 1, [], SIGNER, NOW)
    changed = credential | {"credentialSubject": credential["credentialSubject"] | {"encodedList": bits}}
    listed = status_list.read(jose.sign(changed, SIGNER), [KEY], NOW)
    ours = status_list.read(_list("revocation", 7, status_list.SIZE - 1), [KEY], NOW)
    assert listed.bits == ours.bits


def test_a_list_is_bounded() -> None:
    credential = status_list.credential(BASE, "revocation", 1, [], SIGNER, NOW)
    for raw in (b"\0" * (status_list.LARGEST + 1), b"\0" * 16, None):
        packed = "u" + urlsafe_b64encode(gzip.compress(raw)).decode() if raw else "uAAAA"
        changed = credential | {
            "credentialSubject": credential["credentialSubject"] | {"encodedList": packed}
        }
        assert [finding.code for finding in _look(jose.sign(changed, SIGNER)).findings] == ["bad_record"]


@given(st.sets(st.integers(0, status_list.SIZE - 1), max_size=20), st.integers(0, status_list.SIZE - 1))
@settings(max_examples=20, deadline=None)
def test_each_bit_is_its_own(fallen: set[int], index: int) -> None:
    listed = status_list.read(_list("revocation", *fallen), [KEY], NOW)
    set_ = bool(listed.bits[index // 8] & (0x80 >> index % 8))
    assert set_ == (index in fallen)
    assert sum(bit.bit_count() for bit in listed.bits) == len(fallen)
