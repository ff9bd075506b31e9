"""Faces of long media, sampled every two seconds on both sides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry.catalogue.fingerprints.model import timeline
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.matching.alignment.model import align, faces
from registry.matching.alignment.model.faces import FaceEvidence
from tests.support.media import drawn


def sampled(clip: Fingerprint, every: float, start: float) -> Fingerprint:
    """The clip with the faces of some of its moments."""
    kept = tuple(face for face in clip.faces if (face.time - start) % every == 0)
    return replace(clip, faces=kept)


def evidence(every: float, start: float, *, face: str = "one") -> FaceEvidence:
    """A clip of 40 s against its copy, whose faces are seen `start` seconds later."""
    asset = sampled(drawn.clip("scene", seconds=40, face="one"), every, 0)
    query = sampled(drawn.clip("scene", seconds=40, face=face, noise=0.1, file="copy"), every, start)
    sides = [timeline.of_fingerprint(side) for side in (query, asset)]
    [aligned] = align.align(sides[0][0], sides[1][0], query_duration=40, asset_duration=40)
    return faces.compare(sides[0][1], sides[1][1], aligned)


@pytest.mark.parametrize(("every", "start"), [(1.0, 0.5), (2.0, 0.0), (2.0, 0.5), (2.0, 1.0)])
def test_faces_seen_at_other_moments_are_compared(every: float, start: float) -> None:
    found = evidence(every, start)
    assert found.compared >= 15
    assert found.complete
    assert found.cosine is not None
    assert found.cosine > 0.8


def test_another_face_stays_another() -> None:
    found = evidence(2.0, 1.0, face="two")
    assert found.cosine is not None
    assert found.cosine < 0.3


def test_faces_that_are_far_apart_are_not_compared() -> None:
    assert evidence(8.0, 4.0).compared == 0
