"""Checks whether a fingerprint can be enrolled: something of it must be comparable."""

from __future__ import annotations

from typing import Final

from registry.catalogue.entries.model.entry import is_partial
from registry.catalogue.fingerprints.model import audio
from registry.catalogue.fingerprints.model.fingerprint import MIN_QUALITY, Fingerprint
from registry.core.errors import BadDocument, DocumentTooLarge, LowInformation

LOW_INFORMATION: Final = "low_information"
DENSEST: Final = 8.0
"""Most frames a second in a document: twice the sampling rate of the two stored views."""
SHORT: Final = 64
"""Frames allowed in addition, because stills and short clips are sampled more densely."""


def comparable(fingerprint: Fingerprint) -> bool:
    """Return whether any stored frame, or the sound, is informative enough to be compared."""
    if any(frame.informative and frame.stored for frame in fingerprint.frames):
        return True
    return bool(audio.keys(audio.values(fingerprint.audio)))


def check_media(fingerprint: Fingerprint) -> None:
    """Raise `BadMedia` (`low_information`) if nothing of a file can be compared. Its entry could never
    match."""
    if not comparable(fingerprint):
        raise LowInformation


def notes(fingerprint: Fingerprint) -> tuple[str, ...]:
    """Return the fingerprint's notes, with `low_information` if nothing of it can be compared."""
    if comparable(fingerprint) or LOW_INFORMATION in fingerprint.notes:
        return fingerprint.notes
    return (*fingerprint.notes, LOW_INFORMATION)


def check_document(fingerprint: Fingerprint) -> None:
    """Check that a document can be enrolled.

    Raises `BadDocument`: `document_too_large` for more frames than its duration allows, `low_information` if
    nothing of it can be compared, `bad_document` for a document of keyframes only.
    """
    if is_partial(fingerprint):
        raise BadDocument(
            "The document holds keyframes only. They can be looked up, but not registered.",
            next_step="Send the fingerprint of the whole file: `fakeprint hash`.",
        )
    stored = sum(frame.stored for frame in fingerprint.frames)
    most = int(DENSEST * fingerprint.media.duration) + SHORT
    if stored > most:
        raise DocumentTooLarge(
            f"The document holds {stored} frames; at most {most} are allowed for its duration."
        )
    if not comparable(fingerprint):
        raise LowInformation(
            "Nothing in the document can be compared: each frame is mirrored or of quality under "
            f"{MIN_QUALITY}, and there is no sound to compare."
        )
