"""Alignment of sounds by both fingerprints: that counts which hears more of the recording.

Only chromaprint.1 is sure that it is the very recording. Peaks find it again where that hears little, in
another speed or pitch, and leave the decision to a person.
"""

from __future__ import annotations

from registry.catalogue.fingerprints.model import audio
from registry.catalogue.fingerprints.model.audio import Stretch
from registry.catalogue.fingerprints.model.sounds import Heard
from registry.matching.alignment.model import landmarks
from registry.matching.alignment.model.landmarks import Marks


def align(query: Heard, asset: Heard) -> tuple[Stretch, ...]:
    """Return the stretches of `query` that sound like `asset`, longest first."""
    by_values = audio.align(query.audio, asset.audio) if len(query.audio) and len(asset.audio) else ()
    if not len(query.peaks) or not len(asset.peaks):
        return by_values
    by_peaks = landmarks.align(Marks.of(query.peaks), Marks.of(asset.peaks))
    return max(by_peaks, by_values, key=_heard)


def _heard(stretches: tuple[Stretch, ...]) -> tuple[float, float]:
    """Return the seconds that are the very recording, and all seconds."""
    return (
        sum(stretch.seconds for stretch in stretches if stretch.sure),
        sum(stretch.seconds for stretch in stretches),
    )
