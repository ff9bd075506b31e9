"""Which fingerprints can be enrolled: those of which enough is left to be compared."""

from __future__ import annotations

from typing import Final

from registry.catalogue.entries.model.entry import is_partial
from registry.catalogue.fingerprints.model import audio
from registry.catalogue.fingerprints.model.fingerprint import MIN_QUALITY, Fingerprint
from registry.core.errors import MEDIA_CODES, BadDocument, BadMedia

LOW_INFORMATION: Final = "low_information"
DENSEST: Final = 8.0
"""Frames for each second that a document may bring: twice what is sampled in both views that are kept."""
SHORT: Final = 64
"""And that many more, since stills and short clips are sampled more densely."""


def comparable(fingerprint: Fingerprint) -> bool:
    """Whether anything that would be kept says enough to be compared: a frame, or the sound."""
    if any(frame.informative and frame.stored for frame in fingerprint.frames):
        return True
    return bool(audio.keys(audio.values(fingerprint.audio)))


def check_media(fingerprint: Fingerprint) -> None:
    """Raises `BadMedia` (`low_information`) where nothing of a file could ever be compared: an entry of it
    would be matchable by name alone."""
    if not comparable(fingerprint):
        raise BadMedia(MEDIA_CODES[LOW_INFORMATION], code=LOW_INFORMATION)


def notes(fingerprint: Fingerprint) -> tuple[str, ...]:
    """The fingerprint's notes, and `low_information` where nothing of it can be compared."""
    if comparable(fingerprint) or LOW_INFORMATION in fingerprint.notes:
        return fingerprint.notes
    return (*fingerprint.notes, LOW_INFORMATION)


def check_document(fingerprint: Fingerprint) -> None:
    """Raises `BadDocument` where a document cannot be enrolled: `document_too_large` for more frames than its
    duration can hold, `low_information` where nothing of it could ever be compared, else `bad_document` for
    one of keyframes alone."""
    if is_partial(fingerprint):
        raise BadDocument(
            "The document holds keyframes only, which serve to look up and not to register.",
            next_step="Send the fingerprint of the whole file, as `fakeprint hash` makes it.",
        )
    kept = sum(frame.stored for frame in fingerprint.frames)
    most = int(DENSEST * fingerprint.media.duration) + SHORT
    if kept > most:
        raise BadDocument(
            f"The document holds {kept} frames; at most {most} are taken for its duration.",
            code="document_too_large",
            next_step="Sample at 2 Hz, as `fakeprint hash` does.",
        )
    if not comparable(fingerprint):
        raise BadDocument(
            "Nothing in the document can be compared: each frame is mirrored or of quality under "
            f"{MIN_QUALITY}, and there is no sound to compare.",
            code=LOW_INFORMATION,
        )
