"""Faces of one person through time share a number."""

from __future__ import annotations

import numpy as np

from workers.faces.base import Embedding, unit
from workers.faces.tracks import FORGOTTEN, Box, Tracker


def _person(seed: int) -> Embedding:
    return unit(np.random.default_rng(seed).normal(size=128))


def _like(person: Embedding, cosine: float, seed: int = 99) -> Embedding:
    other = np.random.default_rng(seed).normal(size=128)
    other -= (other @ person) * person
    return unit(cosine * person + np.sqrt(1 - cosine**2) * unit(other))


LEFT: Box = (0.1, 0.2, 0.2, 0.3)
RIGHT: Box = (0.6, 0.2, 0.2, 0.3)
ANNA, BERT = _person(1), _person(2)


def test_a_face_that_stays_is_one_track() -> None:
    tracker = Tracker()
    numbers = [tracker.number(float(time), [(LEFT, _like(ANNA, 0.8, time))]) for time in range(5)]
    assert numbers == [[0]] * 5


def test_a_face_that_walks_across_is_one_track() -> None:
    tracker = Tracker()
    numbers = [tracker.number(float(step), [((0.15 * step, 0.2, 0.2, 0.3), ANNA)]) for step in range(5)]
    assert numbers == [[0]] * 5


def test_two_people_are_two_tracks_in_whatever_order_they_are_found() -> None:
    tracker = Tracker()
    assert tracker.number(0.0, [(LEFT, ANNA), (RIGHT, BERT)]) == [0, 1]
    assert tracker.number(1.0, [(RIGHT, BERT), (LEFT, ANNA)]) == [1, 0]


def test_people_who_change_places_keep_their_tracks() -> None:
    tracker = Tracker()
    tracker.number(0.0, [(LEFT, ANNA), (RIGHT, BERT)])
    assert tracker.number(1.0, [(LEFT, BERT), (RIGHT, ANNA)]) == [1, 0]


def test_another_person_at_the_same_place_is_another_track() -> None:
    """A cut from one speaker to the other."""
    tracker = Tracker()
    stranger = _like(ANNA, 0.0)
    assert tracker.number(0.0, [(LEFT, ANNA)]) == [0]
    assert tracker.number(1.0, [(LEFT, stranger)]) == [1]
    assert tracker.number(2.0, [(LEFT, ANNA)]) == [0]


def test_a_blurred_face_at_its_place_stays_in_its_track() -> None:
    tracker = Tracker()
    tracker.number(0.0, [(LEFT, ANNA)])
    assert tracker.number(1.0, [(LEFT, _like(ANNA, 0.3))]) == [0]


def test_a_track_takes_one_face_of_a_sample() -> None:
    tracker = Tracker()
    tracker.number(0.0, [(LEFT, ANNA)])
    assert tracker.number(1.0, [(LEFT, ANNA), ((0.12, 0.22, 0.2, 0.3), _like(ANNA, 0.9))]) == [0, 1]


def test_a_track_is_forgotten_after_a_while() -> None:
    tracker = Tracker()
    tracker.number(0.0, [(LEFT, ANNA)])
    assert tracker.number(FORGOTTEN, [(LEFT, ANNA)]) == [0]
    assert tracker.number(3 * FORGOTTEN, [(LEFT, ANNA)]) == [1]


def test_no_face_is_no_number() -> None:
    assert Tracker().number(0.0, []) == []
