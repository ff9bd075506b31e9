"""Faces of one person become one vector, and a cosine becomes a yes only where the face bears it."""

from __future__ import annotations

import numpy as np
import pytest

from registry.catalogue.fingerprints.model import expressions, timeline
from registry.catalogue.fingerprints.model.distance import Vectors
from registry.catalogue.fingerprints.model.timeline import FaceTimeline
from registry.persons.search.model import likeness

RANDOM = np.random.default_rng(5)


def _unit(vector: Vectors) -> Vectors:
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def _person() -> Vectors:
    return _unit(RANDOM.normal(size=128).astype(np.float32))


def _shots(person: Vectors, count: int, cosine: float = 0.8) -> Vectors:
    """So many embeddings of a person, each this like them and otherwise unlike each other."""
    noise = RANDOM.normal(size=(count, 128)).astype(np.float32)
    noise -= (noise @ person)[:, None] * person
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    return np.asarray(cosine * person + np.sqrt(1 - cosine**2) * noise, np.float32)


ANNA, BERT = _person(), _person()


def _timeline(
    embeddings: Vectors, tracks: list[int], *, pixels: float = 90.0, quality: float = 0.6
) -> FaceTimeline:
    count = len(embeddings)
    return FaceTimeline(
        np.arange(count, dtype=np.float64),
        np.array(tracks, np.int64),
        np.full(count, pixels),
        np.full(count, quality),
        timeline.nowhere(count),
        embeddings,
        expressions.unknown(count),
    )


def test_a_template_is_nearer_than_any_shot() -> None:
    shots = _shots(ANNA, 8, 0.7)
    made = likeness.template(shots, np.full(8, 0.5))
    assert float(np.linalg.norm(made)) == pytest.approx(1.0, abs=1e-5)
    assert float(made @ ANNA) > float((shots @ ANNA).max()) + 0.1


def test_strangers_in_a_track_do_not_draw_it_to_themselves() -> None:
    shots = np.vstack([_shots(BERT, 3), _shots(ANNA, 6)])
    made = likeness.template(shots, np.full(9, 0.5))
    assert float(made @ ANNA) > 0.93
    assert abs(float(made @ BERT)) < 0.35
    assert likeness.belonging(shots, np.full(9, 0.5)).tolist() == [False] * 3 + [True] * 6


def test_sharp_faces_count_for_more() -> None:
    left, right = _shots(ANNA, 1, 0.9), _shots(ANNA, 1, 0.6)
    both = np.vstack([left, right])
    sharp = likeness.template(both, np.array([0.9, 0.05]))
    assert float(sharp @ left[0]) > float(sharp @ right[0])


def test_one_embedding_is_its_own_template_and_none_is_refused() -> None:
    (shot,) = _shots(ANNA, 1)
    assert likeness.template(shot[None], np.array([0.0])) == pytest.approx(shot, abs=1e-6)
    with pytest.raises(ValueError, match="no embedding"):
        likeness.template(np.empty((0, 128), np.float32), np.empty(0))


def test_a_track_a_person_the_weightiest_first() -> None:
    shots = np.vstack([_shots(BERT, 2), _shots(ANNA, 5)])
    found = likeness.tracks(_timeline(shots, [4, 4, 7, 7, 7, 7, 7]))
    assert [track.number for track in found] == [7, 4]
    anna, bert = found
    assert float(anna.embedding @ ANNA) > 0.9
    assert float(bert.embedding @ BERT) > 0.85
    assert (anna.faces, anna.seconds, anna.usable) == (5, (2.0, 6.0), True)
    assert anna.weight == pytest.approx(3.0)
    assert not likeness.tracks(_timeline(np.empty((0, 128), np.float32), []))


@pytest.mark.parametrize(
    ("pixels", "quality"), [(20.0, 0.6), (90.0, 0.0)], ids=["twenty pixels", "a blurred profile"]
)
def test_poor_faces_recognise_nobody(pixels: float, quality: float) -> None:
    (track,) = likeness.tracks(_timeline(_shots(ANNA, 3), [0, 0, 0], pixels=pixels, quality=quality))
    assert not track.usable
    assert not likeness.same(0.99, pixels, quality)


def test_poor_faces_must_be_more_alike() -> None:
    assert likeness.same(likeness.PERSON_BAR, 90.0, 0.6)
    assert not likeness.same(likeness.PERSON_BAR - 0.001, 90.0, 0.6)
    assert not likeness.same(likeness.PERSON_BAR, 30.0, 0.6)
    assert not likeness.same(likeness.PERSON_BAR, 90.0, 0.05)
    assert likeness.same(likeness.PERSON_BAR + likeness.HARDER, 25.0, 0.03)


def test_several_photographs_say_more_than_the_nearest_of_them() -> None:
    photographs = _shots(ANNA, 5, 0.7)
    nearest = max(likeness.similarity(photograph[None], ANNA) for photograph in photographs)
    assert likeness.similarity(photographs, ANNA) > nearest + 0.1
    assert likeness.similarity(photographs, BERT) < 0.3
    assert likeness.similarity(np.empty((0, 128), np.float32), ANNA) == -1.0


def test_common_facial_features_do_not_match() -> None:
    one, other = (
        likeness.template(np.stack([person + 0.8 * likeness.MIDDLE]), np.ones(1)) for person in (ANNA, BERT)
    )
    assert likeness.similarity(one[None], other) < float(one @ other) - 0.05
    assert likeness.similarity(one[None], one) == pytest.approx(1.0, abs=1e-5)
