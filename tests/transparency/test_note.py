"""Notes and checkpoints, against published ones of Go and C2SP, and another program (aics-tlog)."""

from __future__ import annotations

import aics_tlog
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.transparency.ledger.model import merkle, note
from registry.transparency.ledger.model.note import BadNote, Checkpoint, Signer, verifier_key
from tests.support.record.trees import kept_of, leaves_of, proof

PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNED = (
    f"{TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6"
    "KE6RyyBwJnAM=\n"
)
"""The note of golang.org/x/mod/sumdb/note, and its key."""
BEHIND_THE_SOFA = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
"""The checkpoint of C2SP tlog-checkpoint."""

ORIGIN = "fakes.example/ledger"


@pytest.fixture(scope="module")
def signer() -> Signer:
    return Signer(ORIGIN, Ed25519PrivateKey.generate())


def test_the_note_of_go_is_verified() -> None:
    assert note.verify(SIGNED, [verifier_key(PETER)]).text == TEXT
    assert str(verifier_key(PETER)) == PETER


@pytest.mark.parametrize(
    ("was", "now"),
    [("cryptography", "cryptographY"), ("x08go/ZJ", "x08go/ZK"), ("problem is.\n", "problem is\n")],
)
def test_a_note_that_was_changed_is_not(was: str, now: str) -> None:
    with pytest.raises(BadNote):
        note.verify(SIGNED.replace(was, now), [verifier_key(PETER)])


def test_a_note_of_an_unknown_key_is_not(signer: Signer) -> None:
    with pytest.raises(BadNote, match="none of the keys"):
        note.verify(SIGNED, [signer.verifier])


def test_signatures_of_others_beside_ours_do_no_harm(signer: Signer) -> None:
    other = Signer("witness.example/w", Ed25519PrivateKey.generate())
    signed = note.sign(BEHIND_THE_SOFA, [other, signer])
    note.verify(signed, [signer.verifier])
    note.verify(signed, [signer.verifier, other.verifier])
    spoilt = signed.replace("— fakes.example/ledger", "— fakes.example/ledgers")
    with pytest.raises(BadNote):
        note.verify(spoilt, [signer.verifier])
    note.verify(spoilt, [other.verifier])


def test_the_checkpoint_of_the_specification_is_read() -> None:
    found = note.checkpoint(BEHIND_THE_SOFA)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20852163)
    assert found.text == BEHIND_THE_SOFA


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n1\n",
        "a\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n9223372036854775808\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n-1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2\n",
        "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
        "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n",
        "\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
    ],
)
def test_invalid_checkpoints_are_refused(text: str) -> None:
    with pytest.raises(BadNote):
        note.checkpoint(text)


@pytest.mark.parametrize(
    "text",
    ["", "x", "x\n\n", "x\n\n— a b\n", "x\n\n- a AAAAAAAA\n", "x\n\n— a AAAA\n", "x\r\n\n— a AAAAAAAAAA==\n"],
)
def test_invalid_notes_are_refused(text: str) -> None:
    with pytest.raises(BadNote):
        note.read(text)


@pytest.mark.parametrize("key", ["", "a", "a+00000000+AAAA", PETER.replace("c74f", "c74e"), PETER[:-4]])
def test_invalid_keys_are_refused(key: str) -> None:
    with pytest.raises(BadNote):
        verifier_key(key)


def test_the_other_program_takes_our_checkpoints(signer: Signer) -> None:
    tree = aics_tlog.MerkleTree([b"%d" % n for n in range(1000)])
    hashes = leaves_of(1000)
    kept = kept_of(hashes, 7, 300)
    root = merkle.range_hash(0, 1000, kept)
    assert root == tree.root()
    signed = note.sign(Checkpoint(ORIGIN, 1000, root).text, [signer])
    theirs = aics_tlog.parse_vkey(str(signer.verifier))
    assert aics_tlog.verify_checkpoint(aics_tlog.parse_note(signed), theirs, [], quorum=0).ok
    assert aics_tlog.verify_inclusion(
        hashes[333], 333, 1000, proof(kept, merkle.inclusion_ranges(333, 1000)), root
    )


def test_we_take_the_other_programs_checkpoints(signer: Signer) -> None:
    tree = aics_tlog.MerkleTree([b"a", b"b", b"c"])
    made = aics_tlog.sign_checkpoint(
        aics_tlog.Checkpoint(ORIGIN, 3, tree.root()), signer.private, ORIGIN
    ).serialise()
    found = note.checkpoint(note.verify(made, [signer.verifier]).text)
    assert (found.size, found.root) == (3, tree.root())
    assert made == note.sign(found.text, [signer])  # Ed25519 is deterministic


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 300), st.integers(0, 300))
def test_both_make_the_same_proofs(first: int, more: int) -> None:
    size = first + more
    tree = aics_tlog.MerkleTree([b"%d" % n for n in range(size)])
    hashes = leaves_of(size)
    kept = kept_of(hashes, first)
    assert proof(kept, merkle.inclusion_ranges(first - 1, size)) == tree.inclusion_proof(first - 1)
    made = proof(kept, merkle.consistency_ranges(first, size))
    assert made == tree.consistency_proof(first, size)
    assert aics_tlog.verify_consistency(first, size, tree.root(first), tree.root(), made)


def test_a_proof_in_a_file_is_read_again(signer: Signer) -> None:
    hashes = leaves_of(20)
    made = proof(kept_of(hashes), merkle.inclusion_ranges(5, 20))
    signed = note.sign(Checkpoint(ORIGIN, 20, merkle.EMPTY).text, [signer])
    text = note.tlog_proof(5, made, signed)
    assert note.read_tlog_proof(text) == (5, made, signed)
    extra = text.replace("\nindex", "\nextra YWJj\nindex", 1)
    assert note.read_tlog_proof(extra) == (5, made, signed)
    for spoilt in (text[1:], text.replace("index 5", "index 05"), text.replace("index", "place")):
        with pytest.raises(BadNote):
            note.read_tlog_proof(spoilt)
