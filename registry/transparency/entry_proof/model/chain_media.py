"""Verify the links from a file to its fingerprint. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from registry.catalogue.fingerprints.model import canonical, forgery
from registry.catalogue.fingerprints.model.canonical import NotCanonical
from registry.catalogue.fingerprints.model.document import from_document
from registry.core.audit.model.ledger import opens
from registry.core.errors import FakeprintError
from registry.transparency.entry_proof.model.chain_parts import ADDED, FINGERPRINTED, Chain, Clip, EventFields
from registry.transparency.entry_proof.model.entry_proof import Medium, Opening
from registry.transparency.ledger.model.verification import Code


def check_media(chain: Chain) -> None:
    """Check that a leaf commits to each medium and to its fingerprint, and that the fingerprint is of that
    medium."""
    media = chain.proof.media
    if not media:
        chain.lacks("media", "no_media", "the proof has no medium")
    listed = [medium.asset_id for medium in media]
    added_ids = list(dict.fromkeys(_asset(event) for event in chain.events if event["kind"] == ADDED))
    mentioned = {_asset(event) for event in chain.events if event["kind"] in {ADDED, FINGERPRINTED}}
    in_order = [medium for medium in listed if medium in added_ids] == added_ids
    if not in_order or len(set(listed)) != len(listed) or mentioned - set(listed):
        chain.wrong(
            "media", "contradiction", "Its leaves name other media, or in another order, than it lists."
        )
    files = {medium.file.digest.hex() for medium in media if medium.file}
    for clip in chain.evidence.clips:
        if clip.sha256 not in files:
            message = f"{clip.name} (SHA-256 {clip.sha256}) is none of the entry's media."
            chain.wrong("media", "media_differs", message)
    for medium in media:
        added = [
            n for n, event in enumerate(chain.events) if event["kind"] == ADDED and _is_of(event, medium)
        ]
        if _file(chain, medium, added):
            _fingerprint(chain, medium)


def _file(chain: Chain, medium: Medium, added: Sequence[int]) -> bool:
    """Return whether a leaf commits to the medium."""
    if not added or medium.file is None:
        reason = "no leaf commits to its file" if not added else "the registry has deleted its digest"
        chain.lacks("media", "media_forgotten", f"medium {medium.asset_id}: {reason}")
        return bool(added)
    digest = medium.file.digest.hex()
    for number in added:
        index = chain.proof.leaves[number].index
        if not _opens(medium.file, chain.events[number]["said"].get("sha256")):
            message = f"Leaf {index} commits to another file than SHA-256 {digest}."
            chain.wrong("media", "media_altered", message, index)
            return False
    role, index = chain.events[added[0]]["said"].get("role"), chain.proof.leaves[added[0]].index
    file_text = f"the {role} of SHA-256 {digest}"
    clips = [clip.name for clip in chain.evidence.clips if clip.sha256 == digest]
    if clips:
        chain.holds("media", f"{', '.join(clips)} is {file_text}, to which leaf {index} commits")
    elif chain.evidence.clips:
        chain.holds("media", f"leaf {index} commits to {file_text}")
    else:
        message = f"leaf {index} commits to {file_text}; give --media to compare a file"
        chain.unchecked("media", message)
    return True


def _fingerprint(chain: Chain, medium: Medium) -> None:
    numbers = [
        n for n, event in enumerate(chain.events) if event["kind"] == FINGERPRINTED and _is_of(event, medium)
    ]
    fingerprint = medium.fingerprint
    if fingerprint is None:
        if numbers:
            message = f"medium {medium.asset_id}: the registry has deleted the data that leaf "
            message += f"{chain.proof.leaves[numbers[0]].index} commits to"
            chain.lacks("fingerprint", "fingerprint_forgotten", message)
        else:
            message = (
                f"medium {medium.asset_id}: no leaf commits to its fingerprint; it was registered before "
            )
            message += "the ledger held these, or is not fingerprinted"
            chain.lacks("fingerprint", "no_fingerprint", message)
        return
    digest = fingerprint.opening.digest.hex()
    for number in numbers:
        index = chain.proof.leaves[number].index
        if not _opens(fingerprint.opening, chain.events[number]["said"].get("fingerprint")):
            message = f"Leaf {index} commits to another fingerprint than SHA-256 {digest}."
            chain.wrong("fingerprint", "fingerprint_altered", message, index)
            return
    if not numbers:
        message = f"No leaf commits to the fingerprint of SHA-256 {digest}."
        chain.wrong("fingerprint", "contradiction", message)
        return
    index = chain.proof.leaves[numbers[0]].index
    origin = "computed from the medium by the registry's workers"
    if not any(chain.events[number]["said"].get("recomputed") is True for number in numbers):
        origin = "as sent at registration"
    commitment = f"leaf {index} commits to the fingerprint of SHA-256 {digest}, {origin}"
    if fingerprint.document is None:
        chain.unchecked("fingerprint", f"{commitment}; the fingerprint itself is not in this file")
    elif (error := _document(chain, medium, fingerprint.document, digest)) is not None:
        chain.wrong("fingerprint", *error)
    else:
        chain.holds("fingerprint", commitment)


def _document(chain: Chain, medium: Medium, document: EventFields, digest: str) -> tuple[Code, str] | None:
    """Return the error of a fingerprint document in the proof. None if it is right."""
    try:
        if canonical.digest(document).hex() != digest:
            return "fingerprint_altered", f"The fingerprint in the file is another than SHA-256 {digest}."
    except NotCanonical as error:
        return "fingerprint_altered", f"The fingerprint in the file is invalid: {error}."
    if medium.file is None or document.get("sha256") != medium.file.digest.hex():
        return "contradiction", "The fingerprint belongs to another file."
    for clip in chain.evidence.clips:
        if clip.sha256 == document["sha256"]:
            return _compare_computed(chain, clip, document)
    return None


def _compare_computed(chain: Chain, clip: Clip, document: EventFields) -> tuple[Code, str] | None:
    """Compare a fingerprint computed from the given file with the registered one."""
    try:
        computed = clip.computed()
        if computed is None:
            chain.report.unchecked.append(
                f"whether {clip.name} gives that fingerprint: this needs fakeprint[workers]"
            )
        elif forgery.forged(from_document(document), computed):
            return "fingerprint_belied", f"{clip.name} gives another fingerprint than the registered one."
        else:
            chain.report.checked.append(f"{clip.name}, fingerprinted here, gives that fingerprint")
    except FakeprintError as error:
        chain.report.unchecked.append(
            f"whether {clip.name} gives that fingerprint [{error.code}]: {error.message}"
        )
    return None


def _asset(event: EventFields) -> str:
    return str(event["subject"].get("asset_id"))


def _is_of(event: EventFields, medium: Medium) -> bool:
    return _asset(event) == medium.asset_id


def _opens(opening: Opening, commitment: object) -> bool:
    try:
        digest = bytes.fromhex(commitment if isinstance(commitment, str) else "")
    except ValueError:
        return False
    return opens(opening.digest.hex(), opening.salt, digest)
