"""Which enrolled persons a medium shows, and how that changes a lookup's answer. Pure.

A person found is for a human to judge: the verdict is at most `related`, without a score or a name. The faces
come from a file that a worker has read; faces of fingerprint documents are never searched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final
from uuid import UUID

import numpy as np

from registry.catalogue.entries.model.verdict import GRAVITY
from registry.catalogue.fingerprints.model.distance import Vectors
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.fingerprints.model.timeline import FaceTimeline
from registry.persons.search.model import likeness
from registry.persons.search.model.likeness import Track

SAME_PERSON: Final = "same_person"
"""Relation and reason of such a match; part of the API."""
QUARANTINED: Final = "quarantined"
"""Note on the fingerprint of suspicious media: such media are not searched for faces."""
GAP: Final = 5.0
"""Seconds without the person that separate two stretches."""
MOST_MOMENTS: Final = 400
"""Most faces of one track that are compared. A talk of three hours has 8,000, and each is compared with
each."""
MOST_AT_ONCE: Final = 20
"""Most faces that a worker describes in one sample, largest first."""
SLACK: Final = 1.0
"""Seconds by which faces, sampled once a second, may lie outside the stretch that explains them."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A person found: the `spans` (seconds, ascending), the number of samples with compared faces
    (`moments`), and the share of the medium covered (0-1)."""

    person_id: UUID
    spans: tuple[tuple[float, float], ...]
    moments: int
    coverage: float


def searchable(fingerprint: Fingerprint) -> bool:
    """Whether a medium may be searched for faces: never if it is quarantined."""
    return QUARANTINED not in fingerprint.notes


def crowded(fingerprint: Fingerprint) -> bool:
    """Whether any sample may show more faces than were described, so that somebody may be missing."""
    at_once = Counter(face.time for face in fingerprint.faces)
    return max(at_once.values(), default=0) >= MOST_AT_ONCE


def usable_tracks(faces: FaceTimeline) -> list[Track]:
    """Return the tracks that may be used for recognition. Of a long track, only the best samples are used."""
    return [track for track in likeness.tracks(_best(faces)) if track.usable]


def find(
    faces: FaceTimeline,
    tracks: Iterable[Track],
    persons: Mapping[UUID, Vectors],
    *,
    duration: float,
) -> list[Hit]:
    """Return the persons whom `tracks` of `faces` show, in the given order. `persons`: (n, 128) vectors of
    each.

    Several persons may be found in one face: if a face resembles two, a human has to check both.
    """
    compared = list(tracks)
    hits = []
    for person_id, vectors in persons.items():
        numbers = [track.number for track in compared if _shows(track, vectors)]
        if numbers:
            times = np.unique(faces.times[np.isin(faces.tracks, numbers)])
            spans = _spans(times.tolist())
            hits.append(Hit(person_id, spans, len(times), _share(spans, duration)))
    return hits


def combined(answer: Mapping[str, Any], hits: Sequence[Hit]) -> dict[str, Any]:
    """Add the persons found to the answer. The verdict stays the most serious one, so a known fake stays one.

    If an authentic original explains every second of a person, the person is expected there. The match is
    listed with that verdict and is no reason for doubt.
    """
    if not hits:
        return dict(answer)
    genuine = [
        tuple(span["query"])
        for match in answer["matches"]
        if match["verdict"] == "authentic_original"
        for span in match["spans"]
    ]
    person_matches = [_match(hit, explained=_explained(hit, genuine)) for hit in hits]
    gravest = max(person_matches, key=lambda match: _gravity(match["verdict"]))
    matches = sorted([*answer["matches"], *person_matches], key=lambda match: -_gravity(match["verdict"]))
    merged = {**answer, "matches": matches}
    if gravest["verdict"] != "related" or _gravity(answer["verdict"]) > _gravity("related"):
        return merged
    if answer["verdict"] != "related":
        return merged | {"verdict": "related", "reasons": [SAME_PERSON], "confidence": None}
    return merged | {"reasons": [*answer["reasons"], SAME_PERSON]}


def _best(faces: FaceTimeline) -> FaceTimeline:
    """Keep at most `MOST_MOMENTS` faces of a track, those of highest quality, because all are compared with
    each other."""
    order = np.lexsort((-faces.quality, faces.tracks))
    tracks = faces.tracks[order]
    first = np.searchsorted(tracks, tracks)
    chosen = np.sort(order[np.arange(len(order)) - first < MOST_MOMENTS])
    if len(chosen) == len(faces):
        return faces
    return replace(faces, **{field.name: getattr(faces, field.name)[chosen] for field in fields(faces)})


def _shows(track: Track, vectors: Vectors) -> bool:
    cosine = likeness.similarity(vectors, track.embedding)
    return track.usable and likeness.same(cosine, track.pixels, track.quality)


def _spans(times: Sequence[float]) -> tuple[tuple[float, float], ...]:
    spans: list[tuple[float, float]] = []
    for time in times:
        if spans and time - spans[-1][1] <= GAP:
            spans[-1] = (spans[-1][0], time)
        else:
            spans.append((time, time))
    return tuple(spans)


def _share(spans: Sequence[tuple[float, float]], duration: float) -> float:
    if duration <= 0:
        return 1.0
    return round(min(1.0, sum(end - start for start, end in spans) / duration), 3)


def _explained(hit: Hit, genuine: Sequence[tuple[float, float]]) -> bool:
    return all(
        any(first - SLACK <= start and end <= last + SLACK for first, last in genuine)
        for start, end in hit.spans
    )


def _gravity(verdict: str) -> int:
    """Return the rank of a verdict among those of matches. Verdicts for incomparable media rank like no
    match."""
    return next((place for place, ranked in enumerate(GRAVITY) if ranked == verdict), 0)


def _match(hit: Hit, *, explained: bool) -> dict[str, Any]:
    """Return the JSON of a match. Persons are enrolled by photos, so spans of the asset are 0."""
    return {
        "entry_id": None,
        "asset_id": None,
        "person_id": str(hit.person_id),
        "title": "",
        "bank": None,
        "tier": None,
        "relation": SAME_PERSON,
        "verdict": "authentic_original" if explained else "related",
        "reasons": [SAME_PERSON],
        "confidence": None,
        "action": None,
        "exact": False,
        "coverage": {"query": hit.coverage, "asset": 1.0},
        "spans": [
            {"query": [start, end], "asset": [0.0, 0.0], "speed": 1.0, "mirrored": False}
            for start, end in hit.spans
        ],
        "signals": {
            "frames": {"aligned": 0, "phash": None, "sscd": None},
            "faces": {"compared": hit.moments, "same": True},
            "audio": None,
        },
        "references": [],
    }
