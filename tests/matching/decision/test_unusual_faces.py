"""Faces that are none, too many, too small or half hidden: each has an answer of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from registry.catalogue.fingerprints.model import timeline
from registry.catalogue.fingerprints.model.algorithms import FACE_SFACE
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.matching.alignment.model.faces import PEOPLE
from registry.matching.decision.model import decision
from registry.persons.search.model import likeness
from registry.persons.search.model.likeness import Track
from tests.support.matching.decisions import candidate, query_of
from tests.support.media import clips as media
from tests.support.media.clips import Pixels
from workers.faces.reader import MOST, SMALLEST
from workers.pipeline.fingerprint import fingerprint_file

LEFT, TOP, RIGHT, BOTTOM = 178, 62, 268, 175
"""The astronaut's face, 90 pixels wide."""


def _read(picture: Pixels, folder: Path, name: str = "picture") -> Fingerprint:
    path = folder / f"{name}.png"
    Image.fromarray(picture).save(path)
    found = fingerprint_file(path)
    assert FACE_SFACE.name in found.algorithms, "looked for, whatever was found"
    return found


def _tracks(clip: Fingerprint) -> list[Track]:
    return likeness.tracks(timeline.of_faces(clip.faces))


def _astronaut() -> Pixels:
    return media.photograph("astronaut").copy()


def _crowd() -> Pixels:
    face = _astronaut()[TOP - 20 : BOTTOM + 20, LEFT - 20 : RIGHT + 20]
    tile = np.asarray(cv2.resize(face, (120, 140)), np.uint8)
    return np.vstack([np.hstack([tile] * 8)] * 5)


def _drawing() -> Pixels:
    page = np.full((400, 400, 3), 235, np.uint8)
    cv2.circle(page, (200, 200), 120, (250, 215, 180), -1)
    cv2.circle(page, (200, 200), 120, (60, 40, 30), 4)
    for eye in (155, 245):
        cv2.circle(page, (eye, 170), 16, (255, 255, 255), -1)
        cv2.circle(page, (eye, 170), 8, (20, 20, 20), -1)
    cv2.line(page, (200, 185), (195, 225), (90, 60, 50), 3)
    cv2.ellipse(page, (200, 245), (50, 25), 0, 10, 170, (150, 30, 40), 5)
    return page


def _small(share: float) -> Pixels:
    scene = np.full((360, 640, 3), 128, np.uint8)
    small = cv2.resize(_astronaut(), None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    scene[100 : 100 + small.shape[0], 200 : 200 + small.shape[1]] = small
    return scene


@pytest.mark.parametrize(
    "picture",
    [media.photograph("coffee"), _drawing(), _small(20 / 90)],
    ids=["no face", "a drawing", "twenty pixels"],
)
def test_where_there_is_no_face_to_compare_a_person_decides(picture: Pixels, tmp_path: Path) -> None:
    found = _read(picture, tmp_path)
    assert not found.faces
    assert not _tracks(found)
    resent = query_of(replace(found, media=replace(found.media, sha256="0" * 64)))
    decided = decision.decide(resent, [candidate(found, manipulation="face_swap")])
    assert (decided.verdict, decided.reasons) == ("related", ("no_face", "single_frame"))


@pytest.mark.slow
def test_of_forty_faces_the_largest_are_compared_and_none_is_mixed_up(tmp_path: Path) -> None:
    found = _read(_crowd(), tmp_path)
    assert len(found.faces) == MOST
    assert len(_tracks(found)) == MOST, "one moment: as many people as faces"
    resent = query_of(replace(found, media=replace(found.media, sha256="0" * 64)))
    decided = decision.decide(resent, [candidate(found, manipulation="face_swap")])
    assert (decided.verdict, decided.reasons) == ("related", ("no_face", "single_frame"))
    assert decided.groups[0][0].relation is None, "the face that was swapped may be one that is not compared"
    assert decided.groups[0][0].match.faces.compared == PEOPLE


def test_a_face_under_the_least_size_is_not_described_and_one_above_hardly_counts(tmp_path: Path) -> None:
    (face,) = _read(_small(0.3), tmp_path).faces
    assert SMALLEST <= face.pixels < 30
    assert face.quality < 0.1
    assert likeness.bar(face.pixels, face.quality) > likeness.PERSON_BAR + likeness.HARDER / 2


@pytest.mark.slow
def test_a_mask_over_the_mouth_leaves_the_person_and_one_over_the_face_nobody(tmp_path: Path) -> None:
    (bare,) = _tracks(_read(_astronaut(), tmp_path, "bare"))
    cloth, covered = _astronaut(), _astronaut()
    cloth[TOP + 62 : BOTTOM + 8, LEFT - 4 : RIGHT + 4] = (200, 220, 230)
    covered[TOP - 5 : BOTTOM + 5, LEFT - 5 : RIGHT + 5] = (200, 220, 230)
    (masked,) = _tracks(_read(cloth, tmp_path, "cloth"))
    alike = likeness.similarity(bare.embedding[None], masked.embedding)
    assert likeness.same(alike, masked.pixels, masked.quality)
    assert alike < 0.95, "and it is seen that something is in the way"
    assert not _read(covered, tmp_path, "covered").faces
