"""Verify the links from a file to its fingerprint. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from registry.catalogue.fingerprints.model import canonical, forgery
from registry.catalogue.fingerprints.model.canonical import NotCanonical
from registry.catalogue.fingerprints.model.document import from_document
from registry.core.audit.model.ledger import opens
from registry.core.errors import FakeprintError
from registry.transparency.entry_proof.model.chain_parts import ADDED, FINGERPRINTED, Chain, Clip, Said
from registry.transparency.entry_proof.model.entry_proof import Medium, Opening
from registry.transparency.ledger.model.verification import Code


def check_media(chain: Chain) -> None:
    """Check that a leaf commits to each medium and to its fingerprint, and that the fingerprint is of that
    medium."""
    media = chain.proof.media
    if not media:
        chain.lacks("media", "no_media", "the proof is of no medium")
    listed = [medium.asset_id for medium in media]
    added_ids = list(dict.fromkeys(_asset(said) for said in chain.said if said["kind"] == ADDED))
    spoken = {_asset(said) for said in chain.said if said["kind"] in {ADDED, FINGERPRINTED}}
    in_order = [medium for medium in listed if medium in added_ids] == added_ids
    if not in_order or len(set(listed)) != len(listed) or spoken - set(listed):
        chain.wrong("media", "contradiction", "Its leaves speak of other media than it lists, in its order.")
    files = {medium.file.digest.hex() for medium in media if medium.file}
    for clip in chain.held.clips:
        if clip.sha256 not in files:
            message = f"{clip.name} (SHA-256 {clip.sha256}) is none of the entry's media."
            chain.wrong("media", "media_differs", message)
    for medium in media:
        added = [n for n, said in enumerate(chain.said) if said["kind"] == ADDED and _is_of(said, medium)]
        if _file(chain, medium, added):
            _fingerprint(chain, medium)


def _file(chain: Chain, medium: Medium, added: Sequence[int]) -> bool:
    """Return whether a leaf commits to the medium."""
    if not added or medium.file is None:
        told = "no leaf commits to its file" if not added else "the registry has forgotten its file"
        chain.lacks("media", "media_forgotten", f"medium {medium.asset_id}: {told}")
        return bool(added)
    digest = medium.file.digest.hex()
    for number in added:
        index = chain.proof.leaves[number].index
        if not _opens(medium.file, chain.said[number]["said"].get("sha256")):
            message = f"Leaf {index} commits to another file than SHA-256 {digest}."
            chain.wrong("media", "media_altered", message, index)
            return False
    role, index = chain.said[added[0]]["said"].get("role"), chain.proof.leaves[added[0]].index
    what = f"the {role} of SHA-256 {digest}"
    clips = [clip.name for clip in chain.held.clips if clip.sha256 == digest]
    if clips:
        chain.holds("media", f"{', '.join(clips)} is {what}, to which leaf {index} commits")
    elif chain.held.clips:
        chain.holds("media", f"leaf {index} commits to {what}")
    else:
        message = f"leaf {index} commits to {what}; give --media to hold a file against it"
        chain.unchecked("media", message)
    return True


def _fingerprint(chain: Chain, medium: Medium) -> None:
    told = [n for n, said in enumerate(chain.said) if said["kind"] == FINGERPRINTED and _is_of(said, medium)]
    known = medium.fingerprint
    if known is None:
        if told:
            message = f"medium {medium.asset_id}: the registry has forgotten what leaf "
            message += f"{chain.proof.leaves[told[0]].index} commits to"
            chain.lacks("fingerprint", "fingerprint_forgotten", message)
        else:
            message = (
                f"medium {medium.asset_id}: no leaf commits to its fingerprint; it was registered before "
            )
            message += "the ledger held these, or is not fingerprinted"
            chain.lacks("fingerprint", "no_fingerprint", message)
        return
    digest = known.opening.digest.hex()
    for number in told:
        index = chain.proof.leaves[number].index
        if not _opens(known.opening, chain.said[number]["said"].get("fingerprint")):
            message = f"Leaf {index} commits to another fingerprint than SHA-256 {digest}."
            chain.wrong("fingerprint", "fingerprint_altered", message, index)
            return
    if not told:
        message = f"No leaf commits to the fingerprint of SHA-256 {digest}."
        chain.wrong("fingerprint", "contradiction", message)
        return
    index = chain.proof.leaves[told[0]].index
    by = "computed from the medium by the registry's workers"
    if not any(chain.said[number]["said"].get("recomputed") is True for number in told):
        by = "as it was sent by who registered it"
    what = f"leaf {index} commits to the fingerprint of SHA-256 {digest}, {by}"
    if known.document is None:
        chain.unchecked("fingerprint", f"{what}; the fingerprint itself is not in this file")
    elif (wrong := _document(chain, medium, known.document, digest)) is not None:
        chain.wrong("fingerprint", *wrong)
    else:
        chain.holds("fingerprint", what)


def _document(chain: Chain, medium: Medium, document: Said, digest: str) -> tuple[Code, str] | None:
    """Return the error of a fingerprint document in the proof. None if it is right."""
    try:
        if canonical.digest(document).hex() != digest:
            return "fingerprint_altered", f"The fingerprint in the file is another than SHA-256 {digest}."
    except NotCanonical as error:
        return "fingerprint_altered", f"The fingerprint in the file is none: {error}."
    if medium.file is None or document.get("sha256") != medium.file.digest.hex():
        return "contradiction", "The fingerprint says that it is of another file."
    for clip in chain.held.clips:
        if clip.sha256 == document["sha256"]:
            return _anew(chain, clip, document)
    return None


def _anew(chain: Chain, clip: Clip, document: Said) -> tuple[Code, str] | None:
    """Compare a fingerprint computed from the given file with the registered one."""
    try:
        computed = clip.computed()
        if computed is None:
            chain.report.unchecked.append(
                f"whether {clip.name} gives that fingerprint: that takes fakeprint[workers]"
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


def _asset(said: Said) -> str:
    return str(said["subject"].get("asset_id"))


def _is_of(said: Said, medium: Medium) -> bool:
    return _asset(said) == medium.asset_id


def _opens(opening: Opening, commitment: object) -> bool:
    try:
        digest = bytes.fromhex(commitment if isinstance(commitment, str) else "")
    except ValueError:
        return False
    return opens(opening.digest.hex(), opening.salt, digest)
