"""Verify the chain of one entry: media, fingerprint, entry, ledger, checkpoint, timestamp. Pure.

It shows that the file, its fingerprint and the entry were recorded before the authority's time, and who
signed the ledger. It does not show that the medium is a fake, which is a claim of people, nor that the entry
is still in force.
"""

from __future__ import annotations

from datetime import datetime

from registry.transparency.entry_proof.model import entry_proof
from registry.transparency.entry_proof.model.chain_media import check_media
from registry.transparency.entry_proof.model.chain_parts import (
    MATCHABLE,
    REGISTERED,
    Chain,
    Evidence,
    event,
    leaves,
    time_text,
)
from registry.transparency.entry_proof.model.chain_time import check_checkpoints, check_stamps
from registry.transparency.entry_proof.model.entry_proof import BadProof, Leaf
from registry.transparency.ledger.model import merkle, note
from registry.transparency.ledger.model.merkle import Unproven
from registry.transparency.ledger.model.note import BadNote
from registry.transparency.ledger.model.verification import Link, Report


def check(raw: bytes, evidence: Evidence, now: datetime) -> Report:
    """Check every link in order. The first finding is the first link that is wrong."""
    report = Report()
    try:
        proof = entry_proof.read(raw)
        chain = Chain(proof, [event(leaf) for leaf in proof.leaves], evidence, now, report)
        check_media(chain)
        _entry(chain)
        _checkpoints_read(chain)
        _ledger(chain)
        check_checkpoints(chain)
        check_stamps(chain)
    except (BadProof, RecursionError) as error:
        message = f"The file is not a proof of an entry: {error}."
        report.links.append(Link("file", "wrong", message, "bad_proof"))
        report.wrong("bad_proof", message)
        return report
    if entry_proof.is_whole(raw, proof):
        chain.holds("file", "every byte is unchanged (a checksum, not a signature)")
    else:
        chain.wrong("file", "file_altered", "Its bytes were changed: request the proof again.")
    report.unchecked += [
        "whether the entry is still in force: ask the registry",
        "whether the media are fakes: that is a statement of the people who registered and reviewed them",
        "whether others see the same ledger: compare checkpoints with them",
    ]
    return report


def _entry(chain: Chain) -> None:
    proof, sound = chain.proof, True
    if chain.evidence.entry_id not in {None, proof.entry_id}:
        message = f"The proof is of entry {proof.entry_id}, not of {chain.evidence.entry_id}."
        chain.wrong("entry", "other_entry", message)
        sound = False
    for leaf, event_ in zip(proof.leaves, chain.events, strict=True):
        if event_["entry_id"] != proof.entry_id:
            message = f"Leaf {leaf.index} is of another entry: {str(event_['entry_id'])[:40]}."
            chain.wrong("entry", "other_entry", message, leaf.index)
            sound = False
    first: dict[str, int] = {}
    for number, event_ in enumerate(chain.events):
        first.setdefault(event_["kind"], number)
    if REGISTERED not in first:
        chain.lacks("entry", "no_registration", "no leaf records its registration")
        return
    if not sound:
        return
    if MATCHABLE not in first:
        chain.lacks("entry", "not_matchable", "no leaf records that it answered lookups")
        return
    registered, matchable = (
        f"{time_text(chain.events[number])} (leaf {proof.leaves[number].index})"
        for number in (first[REGISTERED], first[MATCHABLE])
    )
    chain.holds(
        "entry",
        f"{proof.entry_id} was registered at {registered} and has answered lookups since {matchable}, "
        "by the registry's own clock",
    )


def _checkpoints_read(chain: Chain) -> None:
    for number, anchor in enumerate(chain.proof.anchors):
        try:
            chain.signed[number] = note.checkpoint(note.read(anchor.note).text)
        except BadNote:
            continue  # reported by `check_checkpoints`


def _ledger(chain: Chain) -> None:
    proof, before, sound = chain.proof, -1, True
    for leaf in proof.leaves:
        if leaf.index <= before:
            message = f"Leaf {leaf.index} follows leaf {before}."
            chain.wrong("ledger", "contradiction", message, leaf.index)
            sound = False
        before = leaf.index
        if leaf.anchor >= len(proof.anchors):
            raise BadProof(f"leaf {leaf.index} refers to a missing checkpoint")
        sound = _included(chain, leaf) and sound
    if {leaf.anchor for leaf in proof.leaves} != set(range(len(proof.anchors))):
        chain.wrong("ledger", "contradiction", "No leaf refers to one of its checkpoints.")
        sound = False
    if sound:
        indexes = leaves(*(leaf.index for leaf in proof.leaves))
        chain.holds("ledger", f"{indexes}: in the tree, each at its index")


def _included(chain: Chain, leaf: Leaf) -> bool:
    signed = chain.signed.get(leaf.anchor)
    if signed is None:
        return False
    try:
        hash_ = merkle.leaf_hash(leaf.text.encode())
        merkle.verify_inclusion(hash_, leaf.index, signed.size, leaf.proof, signed.root)
    except Unproven as error:
        message = f"Leaf {leaf.index} is not in the tree of {signed.size} leaves: {error}."
        chain.wrong("ledger", "not_included", message, leaf.index)
        return False
    return True
