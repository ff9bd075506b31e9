"""Which enrolled persons does a medium show, and what does that make of a lookup's answer? Pure.

A person who is found is for a person to judge: `related` at most, without a likeness, without a name. Faces
come from a file that a worker has read; those of a fingerprint document are never searched.
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
"""Relation and reason alike; part of the API."""
QUARANTINED: Final = "quarantined"
"""Note on the fingerprint of media under suspicion: such media are not searched for faces."""
GAP: Final = 5.0
"""Seconds without the person from which on two stretches are told apart."""
MOST_MOMENTS: Final = 400
"""Faces of one track that are judged by; a talk of three hours has 8,000, each to be compared with each."""
MOST_AT_ONCE: Final = 20
"""Faces that a worker describes of one moment, the largest first."""
SLACK: Final = 1.0
"""Seconds by which faces, sampled once a second, may lie outside the stretch that explains them."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A person who was found: the `spans` in which (seconds, ascending), at how many `moments` faces were
    compared, and which share of the medium that covers, 0-1."""

    person_id: UUID
    spans: tuple[tuple[float, float], ...]
    moments: int
    coverage: float


def searchable(fingerprint: Fingerprint) -> bool:
    """Whether a medium may be searched for faces at all: never one that is under quarantine."""
    return QUARANTINED not in fingerprint.notes


def crowded(fingerprint: Fingerprint) -> bool:
    """Whether any moment may show more faces than were described, so that somebody may have been left out."""
    at_once = Counter(face.time for face in fingerprint.faces)
    return max(at_once.values(), default=0) >= MOST_AT_ONCE


def usable_tracks(faces: FaceTimeline) -> list[Track]:
    """The faces through time that are good enough to recognise anybody by; of a long one its best moments."""
    return [track for track in likeness.tracks(_best(faces)) if track.usable]


def find(
    faces: FaceTimeline,
    tracks: Iterable[Track],
    persons: Mapping[UUID, Vectors],
    *,
    duration: float,
) -> list[Hit]:
    """The persons whom `tracks` of `faces` show, in the order given; `persons`: (n, 128) vectors of each.

    Several persons may be found in one face: who looks like two has to be looked at for both.
    """
    given = list(tracks)
    hits = []
    for person_id, vectors in persons.items():
        shown = [track.number for track in given if _shows(track, vectors)]
        if shown:
            times = np.unique(faces.times[np.isin(faces.tracks, shown)])
            spans = _spans(times.tolist())
            hits.append(Hit(person_id, spans, len(times), _share(spans, duration)))
    return hits


def combined(answer: Mapping[str, Any], hits: Sequence[Hit]) -> dict[str, Any]:
    """The answer with the persons found. The gravest verdict is the answer's, so a known fake stays one.

    Where an authentic original explains every second of a person, the person is expected there: listed, as
    part of that verdict, and no reason to doubt it.
    """
    if not hits:
        return dict(answer)
    genuine = [
        tuple(span["query"])
        for match in answer["matches"]
        if match["verdict"] == "authentic_original"
        for span in match["spans"]
    ]
    found = [_match(hit, explained=_explained(hit, genuine)) for hit in hits]
    gravest = max(found, key=lambda match: _gravity(match["verdict"]))
    matches = sorted([*answer["matches"], *found], key=lambda match: -_gravity(match["verdict"]))
    merged = {**answer, "matches": matches}
    if gravest["verdict"] != "related" or _gravity(answer["verdict"]) > _gravity("related"):
        return merged
    if answer["verdict"] != "related":
        return merged | {"verdict": "related", "reasons": [SAME_PERSON], "confidence": None}
    return merged | {"reasons": [*answer["reasons"], SAME_PERSON]}


def _best(faces: FaceTimeline) -> FaceTimeline:
    """At most `MOST_MOMENTS` faces of a track, those of highest quality: all are compared with each other."""
    order = np.lexsort((-faces.quality, faces.tracks))
    tracks = faces.tracks[order]
    first = np.searchsorted(tracks, tracks)
    kept = np.sort(order[np.arange(len(order)) - first < MOST_MOMENTS])
    if len(kept) == len(faces):
        return faces
    return replace(faces, **{field.name: getattr(faces, field.name)[kept] for field in fields(faces)})


def _shows(track: Track, vectors: Vectors) -> bool:
    cosine = likeness.likest(vectors, track.embedding)
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
    """Of a verdict among those of matches; what cannot be compared weighs as little as no match."""
    return next((place for place, one in enumerate(GRAVITY) if one == verdict), 0)


def _match(hit: Hit, *, explained: bool) -> dict[str, Any]:
    """The JSON of a match. A person is enrolled by photos, which have no seconds."""
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
