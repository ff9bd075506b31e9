"""A still is one picture, whatever is done to it; what moves with the asset is more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from registry.catalogue.fingerprints.model import runs, timeline
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint, Frame
from registry.matching.alignment.model import align
from registry.matching.alignment.model.align import Aligned
from registry.matching.decision.model import decision
from tests.support.matching.decisions import candidate, query_of
from tests.support.media import drawn

SECONDS = 8


def head(*, noise: float = 0.0, seed: str = "") -> Fingerprint:
    """Somebody who speaks: each picture a little different from the others, as a take of its own is with
    `noise`."""
    clip = drawn.clip("head", seconds=SECONDS)
    still, numbers = clip.frames[0], drawn.generator(f"noise {seed} {noise}")
    return replace(
        clip,
        frames=tuple(
            moved(still, f"pose {frame.time}", 0.3, frame.time, noise, numbers) for frame in clip.frames
        ),
    )


def moved(
    frame: Frame, pose: str, far: float, time: float, noise: float, numbers: np.random.Generator
) -> Frame:
    """The picture with something in it elsewhere, and encoded anew."""
    there = drawn.generator(pose)
    assert frame.phash256 is not None
    assert frame.pdq is not None
    assert frame.sscd is not None
    vector = np.frombuffer(frame.sscd, "<f2").astype(np.float32) + far * drawn.unit(there, 512)
    return replace(
        frame,
        time=time,
        phash256=drawn._flipped(drawn._flipped(frame.phash256, far, there), noise, numbers),
        pdq=drawn._flipped(drawn._flipped(frame.pdq, far, there), noise, numbers),
        sscd=drawn.packed(vector + noise * drawn.unit(numbers, 512)),
    )


def still(kind: str) -> Fingerprint:
    """One picture of the head for as long as the head speaks."""
    clip, numbers = head(), drawn.generator(kind)
    one = clip.frames[5]
    zooms = {"plain": 0.0, "grain": 0.0, "zoom": 0.06}
    noise = {"plain": 0.0, "grain": 0.15, "zoom": 0.03}[kind]
    frames = (moved(one, "zoom", zooms[kind] * at.time, at.time, noise, numbers) for at in clip.frames)
    return replace(clip, frames=tuple(frames))


def aligned(query: Fingerprint, asset: Fingerprint) -> tuple[Aligned, ...]:
    kept = timeline.of_frames(list(runs.joined(asset.frames)))
    return align.align(
        timeline.of_frames(query.frames),
        kept,
        query_duration=query.media.duration,
        asset_duration=asset.media.duration,
    )


@pytest.mark.parametrize("noise", [0.0, 0.1, 0.3])
def test_a_head_that_moves_as_the_asset_does_is_more_than_a_picture(noise: float) -> None:
    found = aligned(head(noise=noise), head())
    assert found[0].pictures > 4
    assert found[0].span.query == pytest.approx((0, SECONDS), abs=0.5)


@pytest.mark.parametrize("kind", ["plain", "grain", "zoom"])
def test_a_picture_of_a_head_is_one_whatever_is_done_to_it(kind: str) -> None:
    found = aligned(still(kind), head())
    assert found
    assert all(item.pictures == 1 for item in found)


@pytest.mark.parametrize("seconds", [1, 2, 4])
@pytest.mark.parametrize("noise", [0.0, 0.02])
def test_a_card_in_two_clips_decides_nothing(seconds: float, noise: float) -> None:
    """Whatever else either of them shows."""
    numbers = drawn.generator("card")
    card = drawn.clip("card", seconds=0.5).frames[0]

    def showing(seed: str, start: float) -> Fingerprint:
        clip = drawn.clip(seed, seconds=20)
        frames = (
            moved(card, "card", 0, frame.time, noise, numbers)
            if start <= frame.time < start + seconds
            else frame
            for frame in clip.frames
        )
        return replace(clip, frames=tuple(frames))

    fake = candidate(showing("fake", 0), manipulation="edited", tier="reviewed", own=False)
    decided = decision.decide(query_of(showing("other", 15)), [fake])
    assert (decided.verdict, decided.reasons) == ("related", ("single_frame",))


def test_a_part_of_a_span_is_counted_by_itself() -> None:
    speaking, shown = head(), drawn.clip("head", seconds=SECONDS).frames[0]
    frozen = tuple(frame if frame.time < 4 else replace(shown, time=frame.time) for frame in speaking.frames)
    clip = replace(speaking, frames=frozen)
    (one,) = aligned(replace(clip, media=replace(clip.media, sha256="0" * 64)), clip)
    assert one.pictures > 4
    (moving,), (standing,) = one.part(one.frames.query < 4), one.part(one.frames.query >= 4)
    assert moving.pictures > 4
    assert standing.pictures == 1


def test_movement_beside_a_still_is_not_part_of_it() -> None:
    """A still in the corner of other footage: the part that agrees is what is counted."""
    corner = (0.5, 0.5, 0.5, 0.5)
    around, picture = drawn.clip("around", seconds=SECONDS), still("grain")
    inset = tuple(replace(frame, view="frame", box=corner) for frame in picture.frames)
    query = replace(around, frames=tuple(sorted((*around.frames, *inset), key=lambda item: item.time)))
    found = aligned(query, head())
    assert found
    assert all(item.pictures == 1 for item in found)
    talking = tuple(replace(frame, view="frame", box=corner) for frame in head(noise=0.1).frames)
    query = replace(around, frames=tuple(sorted((*around.frames, *talking), key=lambda item: item.time)))
    assert aligned(query, head())[0].pictures > 4


def portrait(face: str, *, noise: float = 0.0) -> Fingerprint:
    """One picture of a scene with somebody's face, without mosaics."""
    return drawn.clip("scene", seconds=0.5, face=face, noise=noise, file=f"{face} {noise}")


@pytest.mark.parametrize(("face", "verdict"), [("lent", "known_fake"), ("own", "authentic_original")])
def test_faces_decide_one_picture_against_its_original(face: str, verdict: str) -> None:
    known = [candidate(portrait("lent")), candidate(portrait("own"), "original")]
    decided = decision.decide(query_of(portrait(face, noise=0.05)), known)
    assert (decided.verdict, decided.reasons) == (verdict, ())


@pytest.mark.parametrize("face", ["lent", "own"])
def test_a_face_alone_decides_no_picture_without_an_original(face: str) -> None:
    """Nobody says whether the fake kept the face of its original."""
    decided = decision.decide(query_of(portrait(face, noise=0.05)), [candidate(portrait("lent"))])
    assert decided.verdict == "related"
    assert "single_frame" in decided.reasons


def test_a_face_that_fake_and_original_share_decides_no_picture() -> None:
    known = [candidate(portrait("own")), candidate(portrait("own", noise=0.01), "original")]
    assert decision.decide(query_of(portrait("own", noise=0.05)), known).verdict == "related"


def test_the_face_of_a_third_person_is_neither() -> None:
    known = [candidate(portrait("lent")), candidate(portrait("own"), "original")]
    decided = decision.decide(query_of(portrait("third", noise=0.05)), known)
    assert (decided.verdict, decided.reasons) == ("related", ("other_face", "single_frame"))


def test_an_original_that_nobody_has_confirmed_decides_no_picture() -> None:
    fake = candidate(portrait("lent"), tier="reviewed", original_tier="reviewed", own=False)
    claimed = candidate(portrait("own"), "original", tier="reviewed", own=False)
    assert decision.decide(query_of(portrait("lent", noise=0.05)), [fake, claimed]).verdict == "related"
