"""Notes of a fingerprint, or of the answer to a lookup, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from registry.core.terminal.text import printable

NOTES: Final[Mapping[str, str]] = {
    "no_sscd": "without the SSCD model: strongly cropped or framed copies may be missed",
    "no_faces": "without the face models: face swaps cannot be distinguished from their originals",
    "faces_left_out": "it shows faces, and the document holds no face vectors",
    "few_views": "the document holds fewer views of each picture than the command line makes",
    "no_chromaprint": "its sound cannot be decoded, so only pictures were compared",
    "broken_sound": "part of its sound cannot be decoded",
    "faces_not_searched": "enrolled persons were not searched: this needs a readable file and --upload",
    "crowd": "enrolled persons were searched only among the 20 largest faces of each moment",
    "persons_skipped": "enrolled persons whose key is missing were not searched: inform the operator",
    "truncated_media": "the file ends early: only what could be decoded was compared",
    "low_information": "much of the picture is blank, dark or too plain to compare",
    "face_unknown": "the face may be the footage's own, as in a lip-sync: give --original or --manipulation",
    "face_of_footage": "the face is the footage's own: give --original, or only the mouth's movement decides",
    "entry_gone": "an entry was withdrawn, disputed or hidden since: its details are left out",
}


def lines(codes: Iterable[str]) -> Iterator[str]:
    """Yield a line for each note of a fingerprint."""
    for code in dict.fromkeys(codes):
        yield f"  note: {NOTES.get(code, printable(str(code)))}"
