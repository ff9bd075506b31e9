"""Keyframes of a generated clip."""

from __future__ import annotations

from dataclasses import replace

from registry.catalogue.entries.model.entry import KEYFRAMES
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint

SECONDS = 48.0


def keyframes(whole: Fingerprint, *, every: int = 12, tail: bool = True, faces: bool = True) -> Fingerprint:
    """Return every `every`-th sample of a fingerprint and the last one, like a worker's keyframes."""
    times = sorted({frame.time for frame in whole.frames})
    kept = set(times[::every]) | ({times[-1]} if tail else set())
    ran = tuple(name for name in whole.algorithms if faces or not name.startswith("face"))
    return replace(
        whole,
        algorithms=ran,
        frames=tuple(replace(frame, duration=0.5) for frame in whole.frames if frame.time in kept),
        faces=tuple(face for face in whole.faces if faces and face.time in kept),
        notes=(KEYFRAMES,),
        # The last picture lies at the end of the clip.
        media=replace(whole.media, duration=times[-1] + 0.1),
    )
