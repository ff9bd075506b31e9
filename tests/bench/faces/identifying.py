"""Enrolled persons sought in other photographs of theirs, and in those of strangers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from registry.catalogue.fingerprints.model.distance import Vectors
from registry.persons.search.model import likeness
from registry.persons.search.model.likeness import Track
from tests.bench.faces.photographs import Photograph


@dataclass(frozen=True, slots=True)
class Identified:
    """What searches under one condition came to. `queries`: photographs of enrolled persons; `seen`: those
    with a face; `found`: those with a match of the right person; `mistaken`: those that match another person
    too, or instead. `strangers`: photographs of persons who are not enrolled; `matched`: those that match
    anybody. `comparisons`: cosines of strangers with enrolled persons."""

    condition: str
    enrolled: int
    queries: int
    seen: int
    found: int
    mistaken: int
    strangers: int
    matched: int
    comparisons: int


def split(photographs: Sequence[Photograph], enrolled: int) -> tuple[dict[str, Vectors], set[str]]:
    """The `enrolled` clearest photographs of each person, as (n, 128) vectors, and the names of these
    photographs. Who has no other is nobody's query; who has no face in them is not enrolled."""
    mine: dict[str, list[Photograph]] = defaultdict(list)
    for photograph in sorted(
        photographs,
        key=lambda photograph: (-photograph.face.quality if photograph.face else 0.0, photograph.name),
    ):
        if not photograph.stranger and photograph.face is not None:
            mine[photograph.person].append(photograph)
    taken = {person: several[:enrolled] for person, several in mine.items()}
    vectors = {
        person: np.array([item.face.embedding for item in several if item.face is not None])
        for person, several in taken.items()
    }
    return vectors, {item.name for several in taken.values() for item in several}


def identify(
    photographs: Sequence[Photograph], persons: dict[str, Vectors], used: set[str], condition: str
) -> Identified:
    """Search every photograph that was not enrolled, each usable face in it."""
    enrolled = max((len(vectors) for vectors in persons.values()), default=0)
    queries = [
        photograph
        for photograph in photographs
        if photograph.person in persons and photograph.name not in used
    ]
    strangers = [photograph for photograph in photographs if photograph.stranger]
    answers = [_matches(query.tracks, persons) for query in queries]
    foreign = [_matches(stranger.tracks, persons) for stranger in strangers]
    return Identified(
        condition=condition,
        enrolled=enrolled,
        queries=len(queries),
        seen=sum(bool(query.tracks) for query in queries),
        found=sum(one.person in answer for one, answer in zip(queries, answers, strict=True)),
        mistaken=sum(bool(answer - {one.person}) for one, answer in zip(queries, answers, strict=True)),
        strangers=len(strangers),
        matched=sum(map(bool, foreign)),
        comparisons=len(persons) * sum(len(stranger.tracks) for stranger in strangers),
    )


def _matches(tracks: Sequence[Track], persons: dict[str, Vectors]) -> set[str]:
    return {
        person
        for track in tracks
        for person, vectors in persons.items()
        if likeness.same(likeness.similarity(vectors, track.embedding), track.pixels, track.quality)
    }
