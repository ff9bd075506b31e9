"""Locate an original that is inset into the picture of a fake, by faces alone. Pure.

The edges of a dark picture on a dark background cannot be seen, but both faces can. The fake's face is where
its footage has it. The original's face is elsewhere, smaller, and moves along with it. The two positions give
the place of the inset.

The result is used only to say that a known fake is shown beside its original. Beside genuine footage, the
second face may be the person whose face was swapped in, speaking there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from registry.catalogue.fingerprints.model.timeline import FaceTimeline
from registry.core.numbers import Floats, Ints
from registry.matching.alignment.model.faces import DISPLACED, MIN_PIXELS, TOLERANCE
from registry.matching.decision.model import match as matching
from registry.matching.decision.model.evidence import face_bar, other_bar
from registry.matching.decision.model.match import Match

LARGEST: Final = 0.7
"""Longest side of an inset, as a share of the whole picture's."""
OUTSIDE: Final = 0.1
"""How far an inset may seem to reach beyond the picture: faces are measured to a tenth."""
STEADY: Final = 0.5
"""Intersection over union of a moment's place with the usual place from which they agree ..."""
USUALLY: Final = 0.8
"""... in this share of the moments."""
WHOLE: Final = (0.0, 0.0, 1.0, 1.0)


def locate(fake: Match, original: Match) -> tuple[Match, Match] | None:
    """Return both matches, each limited to where it is seen; None if the faces do not show it."""
    if fake.judgement != "same" or original.judgement not in {"other", "undecided", "none"}:
        return None
    if fake.aligned.span.mirrored or original.aligned.span.mirrored or not len(original.aligned.frames):
        return None
    places = [area for at in _instants(original) if (area := _place(at, fake, original)) is not None]
    if len(places) < max(fake.least, 2):
        return None
    areas = np.array(places)
    usual = np.median(areas, axis=0)
    if usual.min() < -OUTSIDE or usual.max() > 1 + OUTSIDE:
        return None
    if np.mean([matching.union(area, usual) >= STEADY for area in areas]) < USUALLY:
        return None
    left, top, right, bottom = map(float, np.clip(usual, 0, 1))
    frames = original.aligned.frames
    within = replace(frames, areas=np.tile([left, top, right, bottom], (len(frames), 1)))
    limited = original.seen_in((left, top, right, bottom), replace(original.aligned, frames=within))
    return (replace(fake, area=WHOLE), limited) if limited.judgement == "same" else None


def _instants(original: Match) -> list[float]:
    start, end = original.aligned.span.asset
    times = np.unique(original.candidate.faces.times)
    return [float(time) for time in times if start <= time <= end]


def _place(at: float, fake: Match, original: Match) -> Floats | None:
    """Return (4,) the place of the picture that the original's face is in, at second `at` of the original."""
    query, asset = original.query.faces, original.candidate.faces
    query_time = original.aligned.line.query(at)
    rows = _near(query, query_time)
    columns = _near(asset, at)
    fake_faces = _near(fake.candidate.faces, fake.aligned.line.asset(query_time))
    if len(rows) < 2 or not len(columns) or not len(fake_faces):
        return None
    cosines = query.embeddings[rows] @ asset.embeddings[columns].T
    row, column = np.unravel_index(int(cosines.argmax()), cosines.shape)
    small, face = rows[row], columns[column]
    pixels = float(min(query.pixels[small], asset.pixels[face]))
    as_fake = float((fake.candidate.faces.embeddings[fake_faces] @ query.embeddings[small]).max())
    if cosines[row, column] < face_bar(pixels) or as_fake >= other_bar(pixels):
        return None
    placed = np.abs(query.centres[rows] - asset.centres[face]).max(axis=1) <= DISPLACED
    in_place = rows[placed & (rows != small)]
    if not len(in_place):
        return None
    large = in_place[int(np.argmax(query.pixels[in_place]))]
    share = float(query.pixels[small] / query.pixels[large])
    if share > LARGEST:
        return None
    corner = query.centres[small] - share * query.centres[large]
    return np.concatenate([corner, corner + share])


def _near(faces: FaceTimeline, time: float) -> Ints:
    """Return the faces of the moment nearest to `time`; none if that is too far."""
    if not len(faces):
        return np.empty(0, np.int64)
    nearest = float(faces.times[np.argmin(np.abs(faces.times - time))])
    candidates = (faces.times == nearest) & (faces.pixels >= MIN_PIXELS)
    rows = np.nonzero(candidates & (abs(nearest - time) <= TOLERANCE))[0]
    return np.asarray(rows, dtype=np.int64)
