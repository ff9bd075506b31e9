"""Fakes that are the genuine footage for the most part: a face swapped for some seconds only, one that is not
the largest, or one of a crowd."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from registry.catalogue.fingerprints.model import timeline
from registry.catalogue.fingerprints.model.fingerprint import Box, Fingerprint, Frame
from registry.matching.alignment.model import faces, similarity
from registry.matching.alignment.model.faces import PEOPLE, FaceEvidence
from registry.matching.decision.model import decision, evidence, match
from tests.support.matching.decisions import candidate, query_of
from tests.support.media import drawn

GENUINE = drawn.clip("footage", face="actor", noise=0.02, file="genuine")
RESENT = drawn.clip("footage", face="actor", noise=0.12, file="resent")


def swapped(*moments: float, noise: float = 0.02, file: str = "fake", track: int = 0) -> Fingerprint:
    """The footage, with the victim's face at these moments."""
    clip = drawn.clip("footage", face="actor", noise=noise, file=file)
    other = drawn.clip("footage", face="victim", noise=noise, file=file)
    faces = tuple(
        replace(theirs, track=track) if mine.time in moments else mine
        for mine, theirs in zip(clip.faces, other.faces, strict=True)
    )
    return replace(clip, faces=faces)


@pytest.mark.parametrize("moments", [(6.0, 6.5, 7.0, 7.5), (3.0, 3.5), (3.0,), (0.0, 4.0)])
@pytest.mark.parametrize("track", [0, 1])
def test_the_footage_of_a_fake_of_some_seconds_is_not_accused(moments: tuple[float, ...], track: int) -> None:
    fake = swapped(*moments, track=track)
    for query in (GENUINE, RESENT):
        decided = decision.decide(query_of(query), [candidate(fake)])
        assert decided.verdict == "related"
        assert set(decided.reasons) & {"face_undecided", "other_face"}
    copy = swapped(*moments, noise=0.12, file="copy", track=track)
    assert decision.decide(query_of(copy), [candidate(fake)]).verdict == "known_fake"


def test_with_the_original_registered_both_are_distinguished() -> None:
    fake = swapped(3.0, 3.5)
    known = [candidate(fake), candidate(GENUINE, role="original")]
    assert decision.decide(query_of(RESENT), known).verdict == "authentic_original"


def test_faces_of_another_instant_turn_and_say_nothing_by_one_moment() -> None:
    """A copy cut at an odd second is sampled between the fake's samples, while a head turns."""
    fake = drawn.clip("footage", face="victim", noise=0.02)
    turned = drawn.clip("footage", face="in profile", noise=0.02)
    late = [replace(face, time=face.time + 0.25) for face in fake.faces[:-1]]
    late[4] = replace(late[4], embedding=turned.faces[4].embedding)
    copy = replace(drawn.clip("footage", face="victim", noise=0.05, file="copy"), faces=tuple(late))
    assert decision.decide(query_of(copy), [candidate(fake)]).verdict == "known_fake"


def test_one_moment_of_a_turned_head_is_no_other_face() -> None:
    fake = drawn.clip("footage", face="victim", noise=0.02)
    copy = drawn.clip("footage", face="victim", noise=0.05, file="copy")
    bar = evidence.other_bar(min(fake.faces[4].pixels, copy.faces[4].pixels))
    for quality, verdict in ((0.5, "known_fake"), (1.0, "related")):
        vectors = np.stack([np.frombuffer(item.faces[4].embedding, "<f2") for item in (fake, copy)])
        mine, other = vectors.astype(np.float64)
        aside = other - (other @ mine) * mine
        cosine = bar - faces.ONCE / 4
        turned = cosine * mine + np.sqrt(1 - cosine**2) * aside / np.linalg.norm(aside)
        seen = list(copy.faces)
        seen[4] = replace(seen[4], embedding=turned.astype("<f2").tobytes(), quality=quality)
        assert (
            decision.decide(query_of(replace(copy, faces=tuple(seen))), [candidate(fake)]).verdict == verdict
        )


def test_blurred_faces_say_nothing_by_one_moment() -> None:
    fake = drawn.clip("footage", face="victim", noise=0.02)
    other = drawn.clip("footage", face="a blur", noise=0.02)
    faces = list(fake.faces)
    faces[4] = replace(faces[4], embedding=other.faces[4].embedding, quality=0.1)
    copy = replace(drawn.clip("footage", face="victim", noise=0.05, file="copy"), faces=tuple(faces))
    assert decision.decide(query_of(copy), [candidate(fake)]).verdict == "known_fake"


def _beside(clip: Fingerprint, who: str, number: int, pixels: float) -> Fingerprint:
    """The clip with one more person in it, whose face is so large."""
    there = drawn.clip("footage", face=who, noise=0.02, file=who)
    x = 0.02 * number
    faces = tuple(replace(face, track=number, pixels=pixels, box=(x, 0.2, 0.1, 0.1)) for face in there.faces)
    return replace(clip, faces=(*clip.faces, *faces))


def test_the_smaller_of_two_faces_may_be_swapped() -> None:
    fake = _beside(GENUINE, "victim", 1, 40.0)
    decided = decision.decide(query_of(RESENT), [candidate(fake)])  # too small for the one behind to be found
    assert (decided.verdict, decided.reasons) == ("related", ("no_face",))
    copy = _beside(RESENT, "victim", 1, 40.0)
    assert decision.decide(query_of(copy), [candidate(fake)]).verdict == "known_fake"
    passing = replace(fake, faces=tuple(face for face in fake.faces if face.track == 0 or face.time < 1.5))
    assert decision.decide(query_of(RESENT), [candidate(passing)]).verdict == "known_fake"


@pytest.mark.parametrize(("people", "verdict"), [(PEOPLE, "known_fake"), (PEOPLE + 4, "related")])
def test_the_largest_of_a_crowd_prove_nothing(people: int, verdict: str) -> None:
    crowd = GENUINE
    for number in range(1, people):
        crowd = _beside(crowd, f"person {number}", number, 60.0)
    decided = decision.decide(query_of(replace(crowd, media=RESENT.media)), [candidate(crowd)])
    assert decided.verdict == verdict


def _with_corner(clip: Fingerprint, box: Box) -> Fingerprint:
    """The clip, and a part of its picture that has no face and that all its versions share."""

    def corner(frame: Frame) -> Frame:
        same = drawn.clip("corner").frames[round(frame.time * 2)]
        return replace(same, time=frame.time, view="box.1", box=box)

    frames = [item for frame in clip.frames for item in (frame, corner(frame))]
    return replace(clip, frames=tuple(frames))


def test_a_part_that_is_more_alike_than_the_whole_does_not_hide_the_face() -> None:
    """Where the face was swapped the corner is the same picture still, and the whole nearly."""
    box = (0.75, 0.0, 0.25, 0.25)
    fake = drawn.clip("footage", face="victim", noise=0.02)
    sides = [timeline.of_frames(_with_corner(clip, box).frames) for clip in (RESENT, fake)]
    found = similarity.similarity(*sides)
    mine = found.rows == found.columns
    assert np.allclose(found.areas[mine], [0, 0, 1, 1])
    decided = decision.decide(query_of(_with_corner(RESENT, box)), [candidate(_with_corner(fake, box))])
    assert (decided.verdict, decided.reasons) == ("related", ("other_face",))


def test_where_the_picture_is_kept_well_a_face_must_be_too() -> None:
    """What makes a face a little less alike is compression, or another face blended with it."""
    blended = FaceEvidence(8, evidence.face_bar(120.0) + evidence.FACE_KEPT / 2, 120.0)
    assert [evidence.judge(blended, preservation=kept) for kept in (0.0, 1.0)] == ["same", "undecided"]
    fake = candidate(drawn.clip("footage", face="victim"))
    said = [
        evidence.picture_preservation(
            match.find(query_of(drawn.clip("footage", noise=noise, file="q")), fake)[0].aligned
        )
        for noise in (0.05, 0.6)
    ]
    assert said == [1.0, 0.0]
