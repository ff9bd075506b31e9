"""Verify the links from the checkpoints to the authority's time. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from registry.transparency.entry_proof.model.chain_parts import Chain, leaves, moment
from registry.transparency.entry_proof.model.entry_proof import Anchor, BadProof
from registry.transparency.ledger.model import merkle, note
from registry.transparency.ledger.model.merkle import Unproven
from registry.transparency.ledger.model.note import BadNote, Checkpoint, VerifierKey
from registry.transparency.ledger.model.verification import kept_checkpoints
from registry.transparency.timestamps.model import timestamp
from registry.transparency.timestamps.model.timestamp import BadStamp


def check_checkpoints(chain: Chain) -> None:
    """Check signatures, growth and agreement of the checkpoints.

    Each must be signed by the keys and follow from the one before. Checkpoints kept earlier are compared as
    far as that is possible without an export. Raises `BadProof`.
    """
    proof, wrong = chain.proof, chain.report
    if not proof.anchors:
        raise BadProof("it has no checkpoint")
    findings = len(wrong.findings)
    used = _signatures(chain)
    if used is None:
        return
    _growth(chain)
    kept = kept_checkpoints(chain.held.notes, chain.held.keys or used, wrong)
    for checkpoint in kept:
        for signed in chain.signed.values():
            if checkpoint.origin != signed.origin:
                message = f"A checkpoint that you kept is of {checkpoint.origin}, not of {signed.origin}."
                chain.wrong("checkpoint", "foreign_ledger", message)
            elif checkpoint.size == signed.size and checkpoint.root != signed.root:
                message = f"You kept another checkpoint of {checkpoint.size} leaves."
                chain.wrong("checkpoint", "forked", message)
    if kept:
        wrong.unchecked.append("whether it follows from the checkpoints kept: that takes an export")
    if len(wrong.findings) > findings:
        return
    sizes = ", then ".join(str(item.size) for item in chain.signed.values())
    names = ", ".join(sorted({key.name for key in used}))
    if chain.held.keys:
        chain.holds("checkpoint", f"the tree, of {sizes} leaves, is signed by {names}")
    else:
        message = (
            f"the tree, of {sizes} leaves, is signed by who calls themselves {names}; the file names the "
        )
        chain.unchecked("checkpoint", f"{message}key itself: give --key")


def _signatures(chain: Chain) -> list[VerifierKey] | None:
    """Return the keys that the file names. None unless they are exactly the signers of its checkpoints."""
    proof = chain.proof
    try:
        named = [note.verifier_key(key) for key in proof.keys]
    except BadNote as error:
        chain.wrong("checkpoint", "bad_signature", f"A key that the file names is none: {error}.")
        return None
    signers: set[tuple[str, bytes]] = set()
    for anchor in proof.anchors:
        try:
            found = note.verify(anchor.note, named)
            note.checkpoint(found.text)
            note.verify(anchor.note, list(chain.held.keys) or named)
        except BadNote as error:
            chain.wrong("checkpoint", "bad_signature", f"The checkpoint does not hold: {error}.")
            return None
        each = {(name, key_id) for name, key_id, _ in found.signatures}
        if len(each) != len(found.signatures):
            chain.wrong("checkpoint", "bad_signature", "The checkpoint bears a signature twice.")
            return None
        signers |= each
    written = sorted({str(key) for key in named})
    if signers != {(key.name, key.key_id) for key in named} or list(proof.keys) != written:
        chain.wrong("checkpoint", "bad_signature", "Others have signed it than the file names.")
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
            message = f"the checkpoint over {places} bears no time stamp: when they were written "
            chain.lacks("stamp", "no_stamp", f"{message}is the registry's word alone")
        elif not chain.held.trusted:
            message = f"the checkpoint over {places} bears one; give --tsa-roots with the "
            chain.unchecked("stamp", f"{message}certificates of an authority that you trust")
        else:
            _stamp(chain, anchor, anchor.stamp, covered, places)


def _stamp(chain: Chain, anchor: Anchor, stamp: bytes, covered: Sequence[int], places: str) -> None:
    try:
        found = timestamp.read(stamp, anchor.note.encode(), chain.held.trusted, None)
    except BadStamp as error:
        chain.wrong("stamp", error.code, f"The time stamp over {places}: {error}.")
        return
    told = f"{found.at:%Y-%m-%d %H:%M:%S} UTC"
    if found.at > chain.now + timestamp.CLOCKS_DIFFER:
        chain.wrong("stamp", "bad_stamp", f"The time stamp states {told}, which is yet to come.")
        return
    for number in covered:
        leaf, at = chain.proof.leaves[number], moment(chain.said[number])
        if at > found.at + timestamp.CLOCKS_DIFFER:
            message = f"The time stamp states {told}, and leaf {leaf.index} tells of what happened later, at "
            chain.wrong("stamp", "stamp_before_event", f"{message}{at.isoformat()}.", leaf.index)
            return
    message = f"what {places} told was on record at {told}, as {found.by} has stamped"
    if found.until is not None and found.until < chain.now:
        message += f", whose certificate has ended since, on {found.until:%Y-%m-%d}"
    chain.holds("stamp", message)
