"""An original set into its fake where only the faces tell: dark on dark has no edges."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry.catalogue.entries.model.entry import Tier
from registry.catalogue.fingerprints.model.fingerprint import Face, Fingerprint
from registry.matching.decision.model import decision, keyframe_answers
from registry.matching.decision.model.decision import Decision
from tests.support.matching.decisions import candidate, query_of
from tests.support.matching.keyframes import SECONDS, keyframes
from tests.support.media import drawn

REVIEWED: Tier = "reviewed"
CORNER, SHARE = (0.58, 0.57), 0.4


def filmed(face: str, noise: float = 0.0, file: str | None = None) -> Fingerprint:
    """The footage, in which whoever speaks moves about."""
    clip = drawn.clip("room", seconds=SECONDS, face=face, noise=noise, file=file)
    return replace(clip, faces=tuple(replace(face, box=_moved(face)) for face in clip.faces))


def _moved(face: Face) -> tuple[float, float, float, float]:
    left, top, width, height = face.box
    return (left + 0.02 * (face.time % 4), top, width, height)


def with_face(whole: Fingerprint, other: Fingerprint, share: float = SHARE) -> Fingerprint:
    """A clip with the faces of another set into its corner, too dark to be seen otherwise."""
    small = tuple(
        replace(face, box=_placed(face, share), pixels=face.pixels * share, track=1) for face in other.faces
    )
    return replace(whole, faces=(*whole.faces, *small))


def _placed(face: Face, share: float) -> tuple[float, float, float, float]:
    left, top, width, height = face.box
    return (CORNER[0] + share * left, CORNER[1] + share * top, share * width, share * height)


FAKE, ORIGINAL = filmed("victim"), filmed("actress", 0.05, "original")
KNOWN = [
    candidate(FAKE, manipulation="face_swap", tier=REVIEWED, original_tier=REVIEWED, own=False),
    candidate(ORIGINAL, "original", tier=REVIEWED, original_tier=REVIEWED, own=False),
]


def decided(clip: Fingerprint) -> Decision:
    return decision.decide(query_of(clip), KNOWN)


def sent(face: str) -> Fingerprint:
    return filmed(face, 0.12, "sent")


def test_the_originals_face_in_a_corner_of_the_fake_makes_it_mixed() -> None:
    found = decided(with_face(sent("victim"), sent("actress")))
    assert (found.verdict, found.mixed) == ("known_fake", True)
    original = next(group[0] for group in found.groups if group[0].relation == "original")
    expected = (*CORNER, CORNER[0] + SHARE, CORNER[1] + SHARE)
    assert original.match.area == pytest.approx(expected, abs=0.02)


def test_keyframes_do_not_settle_it() -> None:
    glance = keyframes(with_face(sent("victim"), sent("actress")))
    assert keyframe_answers.needed(query_of(glance), decided(glance)) != "nothing"


@pytest.mark.parametrize("other", ["passer-by", "victim"])
def test_another_face_in_an_inset_changes_nothing(other: str) -> None:
    found = decided(with_face(sent("victim"), sent(other)))
    assert (found.verdict, found.mixed) == ("known_fake", False)


def test_the_swapped_persons_own_face_beside_genuine_footage_is_no_fake() -> None:
    found = decided(with_face(sent("actress"), sent("victim")))
    assert found.verdict != "known_fake"


def test_a_face_that_does_not_move_along_is_somebody_in_the_room() -> None:
    still = replace(sent("actress"), faces=drawn.clip("room", seconds=SECONDS, face="actress").faces)
    shaken = tuple(
        replace(one, box=(one.box[0] - 0.7 * (index % 2), *one.box[1:]))
        for index, one in enumerate(still.faces)
    )
    found = decided(with_face(sent("victim"), replace(still, faces=shaken)))
    assert (found.verdict, found.mixed) == ("known_fake", False)
