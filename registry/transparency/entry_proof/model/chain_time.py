"""Verify the links from the checkpoints to the authority's time. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from registry.transparency.entry_proof.model.chain_parts import Chain, leaves, moment
from registry.transparency.entry_proof.model.entry_proof import Anchor, BadProof
from registry.transparency.ledger.model import merkle, note
from registry.transparency.ledger.model.merkle import Unproven
from registry.transparency.ledger.model.note import BadNote, Checkpoint, VerifierKey
from registry.transparency.ledger.model.verification import kept_checkpoints
from registry.transparency.timestamps.model import rfc3161
from registry.transparency.timestamps.model.rfc3161 import BadStamp


def check_checkpoints(chain: Chain) -> None:
    """Check signatures, growth and agreement of the checkpoints.

    Each must be signed by the keys and follow from the one before. Checkpoints kept earlier are compared as
    far as that is possible without an export. Raises `BadProof`.
    """
    proof, report = chain.proof, chain.report
    if not proof.anchors:
        raise BadProof("it has no checkpoint")
    findings = len(report.findings)
    used = _signatures(chain)
    if used is None:
        return
    _growth(chain)
    kept = kept_checkpoints(chain.evidence.notes, chain.evidence.keys or used, report)
    for checkpoint in kept:
        for signed in chain.signed.values():
            if checkpoint.origin != signed.origin:
                message = f"A checkpoint that you kept is of {checkpoint.origin}, not of {signed.origin}."
                chain.wrong("checkpoint", "foreign_ledger", message)
            elif checkpoint.size == signed.size and checkpoint.root != signed.root:
                message = f"You kept another checkpoint of {checkpoint.size} leaves."
                chain.wrong("checkpoint", "forked", message)
    if kept:
        report.unchecked.append("whether it follows from the checkpoints kept: that takes an export")
    if len(report.findings) > findings:
        return
    sizes = ", then ".join(str(checkpoint.size) for checkpoint in chain.signed.values())
    names = ", ".join(sorted({key.name for key in used}))
    if chain.evidence.keys:
        chain.holds("checkpoint", f"the tree, of {sizes} leaves, is signed by {names}")
    else:
        message = f"the tree, of {sizes} leaves, is signed by {names}; the file names the "
        chain.unchecked("checkpoint", f"{message}key itself: give --key to check it")


def _signatures(chain: Chain) -> list[VerifierKey] | None:
    """Return the keys that the file names. None unless they are exactly the signers of its checkpoints."""
    proof = chain.proof
    try:
        named = [note.verifier_key(key) for key in proof.keys]
    except BadNote as error:
        chain.wrong("checkpoint", "bad_signature", f"A key in the file is invalid: {error}.")
        return None
    signers: set[tuple[str, bytes]] = set()
    for anchor in proof.anchors:
        try:
            note_ = note.verify(anchor.note, named)
            note.checkpoint(note_.text)
            note.verify(anchor.note, list(chain.evidence.keys) or named)
        except BadNote as error:
            chain.wrong("checkpoint", "bad_signature", f"The checkpoint is invalid: {error}.")
            return None
        note_signers = {(name, key_id) for name, key_id, _ in note_.signatures}
        if len(note_signers) != len(note_.signatures):
            chain.wrong("checkpoint", "bad_signature", "The checkpoint has a signature twice.")
            return None
        signers |= note_signers
    written = sorted({str(key) for key in named})
    if signers != {(key.name, key.key_id) for key in named} or list(proof.keys) != written:
        chain.wrong(
            "checkpoint", "bad_signature", "The checkpoint's signers are not those that the file names."
        )
        return None
    return named


def _growth(chain: Chain) -> None:
    """Check that each checkpoint follows from the one before."""
    before: Checkpoint | None = None
    for number, anchor in enumerate(chain.proof.anchors):
        now = chain.signed[number]
        try:
            _follows(before, now, anchor.consistency)
        except Unproven as error:
            message = f"The checkpoint of {now.size} leaves does not follow from the one before: {error}."
            chain.wrong("checkpoint", "history_changed", message)
        before = now


def _follows(before: Checkpoint | None, now: Checkpoint, proof: Sequence[bytes]) -> None:
    """Verify that a checkpoint follows from the one before. Raises `Unproven`."""
    if before is None:
        if proof:
            raise Unproven("the first one follows from nothing")
    elif now.origin != before.origin or now.size <= before.size:
        raise Unproven("they are not of one ledger, the smaller first")
    else:
        merkle.verify_consistency(before.size, now.size, proof, before.root, now.root)


def check_stamps(chain: Chain) -> None:
    """Check each timestamp: of its checkpoint, by a trusted authority, and later than the covered leaves."""
    for number, anchor in enumerate(chain.proof.anchors):
        covered = [n for n, leaf in enumerate(chain.proof.leaves) if leaf.anchor == number]
        places = leaves(*(chain.proof.leaves[n].index for n in covered))
        if anchor.stamp is None:
            message = f"the checkpoint over {places} has no time stamp: only the registry states when "
            chain.lacks("stamp", "no_stamp", f"{message}they were written")
        elif not chain.evidence.trusted:
            message = f"the checkpoint over {places} has one; give --tsa-roots with the "
            chain.unchecked("stamp", f"{message}certificates of an authority that you trust")
        else:
            _stamp(chain, anchor, anchor.stamp, covered, places)


def _stamp(chain: Chain, anchor: Anchor, stamp: bytes, covered: Sequence[int], places: str) -> None:
    try:
        stamped = rfc3161.read(stamp, anchor.note.encode(), chain.evidence.trusted, None)
    except BadStamp as error:
        chain.wrong("stamp", error.code, f"The time stamp over {places}: {error}.")
        return
    stamp_time = f"{stamped.at:%Y-%m-%d %H:%M:%S} UTC"
    if stamped.at > chain.now + rfc3161.CLOCKS_DIFFER:
        chain.wrong("stamp", "bad_stamp", f"The time stamp states {stamp_time}, which is in the future.")
        return
    for number in covered:
        leaf, at = chain.proof.leaves[number], moment(chain.events[number])
        if at > stamped.at + rfc3161.CLOCKS_DIFFER:
            message = f"The time stamp states {stamp_time}, and leaf {leaf.index} records a later event, at "
            chain.wrong("stamp", "stamp_before_event", f"{message}{at.isoformat()}.", leaf.index)
            return
    message = f"{places}: on record at {stamp_time}, stamped by {stamped.by}"
    if stamped.until is not None and stamped.until < chain.now:
        message += f", whose certificate expired on {stamped.until:%Y-%m-%d}"
    chain.holds("stamp", message)
