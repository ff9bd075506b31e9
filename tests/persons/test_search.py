"""Which enrolled persons a medium shows, and what that makes of an answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from registry.catalogue.fingerprints.model import timeline
from registry.catalogue.fingerprints.model.distance import Vectors
from registry.catalogue.fingerprints.model.fingerprint import Face
from registry.persons.search.model import likeness, search
from registry.persons.search.model.search import Hit
from tests.support.media import drawn

ADA, BOB = UUID(int=1), UUID(int=2)


def photos(name: str, count: int = 3, noise: float = 0.6) -> Vectors:
    """(count, 128): photographs of a drawn person, none like another by more than the noise allows."""
    base = drawn.unit(drawn.generator(f"face {name}"), 128)
    numbers = drawn.generator(f"photos {name}")
    rows = [base + noise * drawn.unit(numbers, 128) for _ in range(count)]
    return np.array([row / np.linalg.norm(row) for row in rows], dtype=np.float32)


def found(faces: tuple[Face, ...], *names: str, duration: float = 8.0) -> list[Hit]:
    line = timeline.of_faces(faces)
    persons = {UUID(int=place): photos(name) for place, name in enumerate(names, start=1)}
    return search.find(line, search.usable_tracks(line), persons, duration=duration)


def test_a_person_is_found_with_the_seconds_in_which_they_are_seen() -> None:
    clip = drawn.clip("street", face="ada", seconds=8)
    (hit,) = found(clip.faces, "ada", "bob")
    assert hit == Hit(ADA, ((0.0, 7.5),), 16, 0.938)
    assert found(clip.faces, "bob") == []
    assert found((), "ada") == []


def test_two_stretches_are_two_spans() -> None:
    clip = drawn.joined(
        drawn.clip("one", face="ada", seconds=4),
        drawn.clip("two", seconds=6),
        drawn.clip("three", face="ada", seconds=4),
    )
    (hit,) = found(clip.faces, "ada", duration=14)
    assert hit.spans == ((0.0, 3.5), (10.0, 13.5))
    assert hit.coverage == 0.5


def test_hours_of_one_face_are_judged_by_their_best_moments() -> None:
    """Each face of a track is compared with each other, so there must not be thousands."""
    faces = drawn.clip("street", face="ada", seconds=1000).faces
    better = tuple(replace(face, quality=0.95) for face in drawn.clip("two", face="ada", seconds=10).faces)
    line = timeline.of_faces((*faces, *better))
    (track,) = search.usable_tracks(line)
    assert track.faces <= search.MOST_MOMENTS
    assert track.quality > 0.9, "the better ones are among them"
    (hit,) = search.find(line, [track], {ADA: photos("ada"), BOB: photos("bob")}, duration=1000)
    assert (hit.person_id, hit.moments) == (ADA, 2000)


def test_two_persons_in_one_clip() -> None:
    one = drawn.clip("street", face="ada", seconds=4).faces
    two = tuple(replace(face, track=1) for face in drawn.clip("street", face="bob", seconds=2).faces)
    hits = found((*one, *two), "ada", "bob")
    assert [(hit.person_id, hit.spans) for hit in hits] == [(ADA, ((0.0, 3.5),)), (BOB, ((0.0, 1.5),))]


def test_a_face_similar_to_two_persons_reports_both() -> None:
    clip = drawn.clip("street", face="ada")
    assert [hit.person_id for hit in found(clip.faces, "ada", "ada")] == [ADA, BOB]


@pytest.mark.parametrize(("pixels", "quality"), [(20.0, 0.9), (120.0, 0.01)])
def test_nobody_is_recognised_by_a_poor_face(pixels: float, quality: float) -> None:
    clip = drawn.clip("street", face="ada")
    faces = tuple(replace(face, pixels=pixels, quality=quality) for face in clip.faces)
    assert found(faces, "ada") == []


def test_the_threshold_is_the_measured_one() -> None:
    clip = drawn.clip("street", face="ada")
    line = timeline.of_faces(clip.faces)
    (track,) = search.usable_tracks(line)
    across = drawn.unit(drawn.generator("across"), 128)
    across -= (across @ track.embedding) * track.embedding
    across /= np.linalg.norm(across)
    for cosine, hits in ((likeness.PERSON_BAR + 0.1, 1), (likeness.PERSON_BAR - 0.1, 0)):
        photo = cosine * track.embedding + np.sqrt(1 - cosine**2) * across
        persons = {ADA: photo[None, :].astype(np.float32)}
        assert len(search.find(line, [track], persons, duration=8)) == hits


def test_media_under_quarantine_are_not_searched() -> None:
    clip = drawn.clip("street", face="ada")
    assert search.searchable(clip)
    assert not search.searchable(replace(clip, notes=("quarantined",)))


def answered(verdict: str, *matches: dict[str, Any], reasons: tuple[str, ...] = ()) -> dict[str, Any]:
    sure = max((match["confidence"] for match in matches if match["confidence"]), default=None)
    return {"verdict": verdict, "reasons": list(reasons), "confidence": sure, "matches": list(matches)}


def matched(verdict: str, span: tuple[float, float] = (0.0, 8.0)) -> dict[str, Any]:
    sure = None if verdict == "related" else 0.98
    return {"verdict": verdict, "spans": [{"query": list(span)}], "confidence": sure}


HIT = Hit(ADA, ((1.0, 6.0),), 6, 0.625)


@pytest.mark.parametrize("verdict", ["no_match", "undecidable"])
def test_a_person_alone_makes_the_answer_related(verdict: str) -> None:
    answer = search.combined(answered(verdict), [HIT])
    assert (answer["verdict"], answer["reasons"]) == ("related", ["same_person"])
    (match,) = answer["matches"]
    assert (match["relation"], match["verdict"], match["reasons"]) == (
        "same_person",
        "related",
        ["same_person"],
    )
    assert match["person_id"] == str(ADA)
    assert match["spans"][0]["query"] == [1.0, 6.0]
    assert match["entry_id"] is None


def test_a_known_fake_stays_one_and_names_the_person_too() -> None:
    fake = matched("known_fake")
    answer = search.combined(answered("known_fake", fake), [HIT])
    assert (answer["verdict"], answer["reasons"], answer["confidence"]) == ("known_fake", [], 0.98)
    assert [match["verdict"] for match in answer["matches"]] == ["known_fake", "related"]


def test_doubt_keeps_its_reasons() -> None:
    doubt = matched("related")
    answer = search.combined(answered("related", doubt, reasons=("no_face",)), [HIT])
    assert (answer["verdict"], answer["reasons"]) == ("related", ["no_face", "same_person"])
    assert answer["confidence"] is None
    assert [match["confidence"] for match in answer["matches"]] == [None, None]


def test_a_person_in_authentic_footage_is_no_reason_to_doubt_it() -> None:
    whole = answered("authentic_original", matched("authentic_original"))
    answer = search.combined(whole, [HIT])
    assert (answer["verdict"], answer["reasons"]) == ("authentic_original", [])
    assert [match.get("relation") for match in answer["matches"]] == [None, "same_person"]
    assert answer["matches"][1]["verdict"] == "authentic_original"


def test_a_person_beyond_the_authentic_footage_is() -> None:
    part = answered("authentic_original", matched("authentic_original", (0.0, 3.0)))
    answer = search.combined(part, [HIT])
    assert (answer["verdict"], answer["reasons"]) == ("related", ["same_person"])
    assert [match["verdict"] for match in answer["matches"]] == ["related", "authentic_original"]


def test_no_figure_reveals_face_similarity() -> None:
    """Two faces, one barely and one wholly like an enrolled person, are answered alike."""
    answers = []
    for noise in (0.1, 0.9):
        clip = drawn.clip("street", face="ada")
        line = timeline.of_faces(clip.faces)
        persons = {ADA: photos("ada", noise=noise)}
        hits = search.find(line, search.usable_tracks(line), persons, duration=8)
        answers.append(search.combined(answered("no_match"), hits))
    assert answers[0]["matches"]
    assert answers[0] == answers[1]


def test_a_crowd_is_distinguished_from_a_group() -> None:
    [face, *_] = drawn.clip("street", face="ada").faces
    for many, crowd in ((0, False), (search.MOST_AT_ONCE - 1, False), (search.MOST_AT_ONCE, True)):
        clip = replace(drawn.clip("street"), faces=tuple(replace(face, track=n) for n in range(many)))
        assert search.crowded(clip) is crowd


def test_nothing_found_changes_nothing() -> None:
    answer = answered("no_match")
    assert search.combined(answer, []) == answer
