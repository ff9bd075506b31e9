"""Fake and original beside each other in one picture: what each part of it shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from registry.catalogue.fingerprints.model.fingerprint import Box, Face, Fingerprint
from registry.matching.alignment.model.temporal_voting import Line
from registry.matching.decision.model import decision, match, parts
from tests.support.matching.decisions import candidate, query_of
from tests.support.media import drawn

FAKE = drawn.clip("footage", face="victim", noise=0.02)
GENUINE = drawn.clip("footage", face="actor", noise=0.02, file="genuine")
LEFT: Box = (0.0, 0.0, 0.5, 1.0)
RIGHT: Box = (0.5, 0.0, 0.5, 1.0)


def _beside(left: Fingerprint, right: Fingerprint) -> Fingerprint:
    """A clip whose frames show two clips side by side, and as a whole neither."""
    whole = drawn.clip("neither", file="debunk")
    parts = [
        replace(frame, view=view, box=box)
        for clip, view, box in ((left, "box.1", LEFT), (right, "box.2", RIGHT))
        for frame in clip.frames
        if frame.view == "full"
    ]
    frames = sorted([*whole.frames, *parts], key=lambda frame: (frame.time, frame.view))
    faces = [
        *(_within(face, LEFT, 0) for face in left.faces),
        *(_within(face, RIGHT, 1) for face in right.faces),
    ]
    return replace(whole, frames=tuple(frames), faces=tuple(faces))


def _within(face: Face, part: Box, track: int) -> Face:
    """A face of a picture that stands in a part of another."""
    x, y, width, height = face.box
    left, top, across, down = part
    box = (left + x * across, top + y * down, width * across, height * down)
    return replace(face, box=box, track=track)


def test_a_comparison_of_fake_and_original_is_mixed() -> None:
    """A fact-checker shows both at once: the fake is in it, and no machine should remove it unseen."""
    query = query_of(_beside(FAKE, GENUINE))
    known = [candidate(FAKE), candidate(GENUINE, role="original")]
    decided = decision.decide(query, known)
    assert decided.verdict == "known_fake"
    assert decided.mixed
    assert {group[0].relation for group in decided.groups} == {"copy", "original"}


def test_the_original_beside_a_stranger_is_no_fake() -> None:
    query = query_of(_beside(GENUINE, drawn.clip("stranger", face="passer-by")))
    known = [candidate(FAKE), candidate(GENUINE, role="original")]
    decided = decision.decide(query, known)
    assert decided.verdict == "authentic_original"
    assert not decided.mixed


def test_the_victim_speaking_beside_the_genuine_footage_is_no_fake() -> None:
    """Only the faces in the part that matched are compared: a news panel shows both people."""
    interview = drawn.clip("interview", face="victim", noise=0.05)
    decided = decision.decide(query_of(_beside(GENUINE, interview)), [candidate(FAKE)])
    assert (decided.verdict, decided.reasons) == ("related", ("other_face",))


def test_a_face_that_stands_elsewhere_is_not_compared() -> None:
    """The same with the victim set into a corner of the genuine footage, which matches as a whole."""
    inset = tuple(_within(face, (0.75, 0.75, 0.25, 0.25), 1) for face in FAKE.faces)
    own = tuple(_within(face, (0.0, 0.0, 0.6, 0.6), 0) for face in GENUINE.faces)
    decided = decision.decide(query_of(replace(GENUINE, faces=(*own, *inset))), [candidate(FAKE)])
    assert decided.verdict == "related"


def test_a_match_names_its_part_of_the_picture() -> None:
    decided = decision.decide(query_of(_beside(FAKE, drawn.clip("stranger"))), [candidate(FAKE)])
    areas = decided.groups[0][0].match.aligned.frames.areas
    assert np.array_equal(areas, np.tile([0.0, 0.0, 0.5, 1.0], (len(areas), 1)))


def test_matches_in_a_picture_area_can_be_divided_in_time() -> None:
    """The line need not meet the asset's moments: some of the span's are another's to speak for."""
    query, known = query_of(drawn.clip("body", file="copy")), candidate(drawn.clip("body"))
    (found,) = match.find(query, known)
    aside = replace(found, aligned=replace(found.aligned, line=Line(1.0, 0.13)))
    held = parts._limited_to_part(aside, parts.parts(query.frames, known.frames, aside.aligned)[0])
    kept = np.arange(len(held.aligned.frames)) < 5
    (part,) = held.part(kept)
    assert len(part.aligned.frames) == 5
