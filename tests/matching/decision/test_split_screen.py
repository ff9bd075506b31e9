"""A fake and what it was made from in one picture, the one set into the other: what each part of it shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from registry.catalogue.entries.model.entry import Candidate, Query, Tier
from registry.catalogue.fingerprints.model.fingerprint import Box, Fingerprint, Frame
from registry.matching.decision.model import decision, keyframe_answers
from registry.matching.decision.model.decision import Decision
from tests.support.matching.decisions import candidate, query_of
from tests.support.matching.keyframes import SECONDS, keyframes
from tests.support.media import drawn

INSET: Box = (0.58, 0.57, 0.4, 0.4)
LEFT: Box = (0.0, 0.25, 0.5, 0.5)
RIGHT: Box = (0.5, 0.25, 0.5, 0.5)
REVIEWED: Tier = "reviewed"


def disturbed(clip: Fingerprint, noise: float, file: str) -> Fingerprint:
    """What was made from a clip: its frames, each somewhat different."""
    numbers = drawn.generator(file)
    frames = tuple(_disturbed(frame, noise, numbers) for frame in clip.frames)
    return replace(clip, media=replace(clip.media, sha256=f"{numbers.bytes(32).hex()}"), frames=frames)


def _disturbed(frame: Frame, noise: float, numbers: np.random.Generator) -> Frame:
    vector = np.frombuffer(frame.sscd or b"", "<f2").astype(np.float32)
    return replace(
        frame,
        phash256=_flipped(frame.phash256 or b"", noise, numbers),
        pdq=_flipped(frame.pdq or b"", noise, numbers),
        sscd=drawn.packed(vector + noise * drawn.unit(numbers, 512)),
    )


def _flipped(value: bytes, noise: float, numbers: np.random.Generator) -> bytes:
    some = (numbers.random(256) < noise * 0.25).astype(np.uint8)
    return np.packbits(np.unpackbits(np.frombuffer(value, np.uint8)) ^ some).tobytes()


def with_parts(whole: Fingerprint, *parts: tuple[Fingerprint, Box]) -> Fingerprint:
    """A clip into whose picture others are set."""
    views = [
        replace(frame, view=f"box.{number}", box=box)
        for number, (clip, box) in enumerate(parts, 1)
        for frame in clip.frames
    ]
    frames = sorted([*whole.frames, *views], key=lambda frame: (frame.time, frame.view))
    return replace(whole, media=replace(whole.media, sha256="d" * 64), frames=tuple(frames))


ORIGINAL = disturbed(drawn.clip("footage", seconds=SECONDS), 0.0, "original")
FAKE = disturbed(ORIGINAL, 0.4, "fake")
KNOWN = [
    candidate(FAKE, manipulation="edited", tier=REVIEWED, original_tier=REVIEWED, own=False),
    candidate(ORIGINAL, "original", tier=REVIEWED, original_tier=REVIEWED, own=False),
]


def sent(clip: Fingerprint, noise: float = 0.1) -> Fingerprint:
    """A clip as an app sends it on."""
    return disturbed(clip, noise, f"sent {clip.media.sha256} {noise}")


def decided(clip: Fingerprint) -> Decision:
    return decision.decide(query_of(clip), KNOWN)


@pytest.mark.parametrize(
    ("whole", "inset"), [(FAKE, ORIGINAL), (ORIGINAL, FAKE)], ids=["original in fake", "fake in original"]
)
def test_a_picture_in_the_picture_is_held_against_the_other(whole: Fingerprint, inset: Fingerprint) -> None:
    found = decided(with_parts(sent(whole, 0.2), (sent(inset), INSET)))
    assert (found.verdict, found.mixed) == ("known_fake", True)
    assert {group[0].relation for group in found.groups} == {"copy", "original"}
    areas = {group[0].relation: group[0].match.area for group in found.groups}
    expected = (0.58, 0.57, 0.98, 0.97)
    assert areas["original" if whole is FAKE else "copy"] == pytest.approx(expected, abs=0.011)


def test_side_by_side_is_mixed_whatever_the_whole_looks_like() -> None:
    page = drawn.clip("page", seconds=SECONDS)
    found = decided(with_parts(page, (sent(FAKE), LEFT), (sent(ORIGINAL), RIGHT)))
    assert (found.verdict, found.mixed) == ("known_fake", True)


def test_genuine_footage_beside_a_cut_of_itself_is_no_fake() -> None:
    """Wide and zoomed in; the fake was made from the zoom and is like it, the zoom itself more so."""
    zoomed = disturbed(ORIGINAL, 0.3, "zoom")
    of_zoom = disturbed(zoomed, 0.5, "fake of the zoom")
    page = drawn.clip("page", seconds=SECONDS)
    both = with_parts(page, (sent(ORIGINAL, 0.05), LEFT), (sent(zoomed, 0.05), RIGHT))
    known = [
        candidate(of_zoom, manipulation="edited", tier=REVIEWED, original_tier=REVIEWED, own=False),
        KNOWN[1],
    ]
    for shown in (both, sent(zoomed, 0.05)):
        found = decision.decide(query_of(shown), known)
        assert (found.verdict, found.mixed) == ("authentic_original", False)


@pytest.mark.parametrize(("clip", "verdict"), [(FAKE, "known_fake"), (ORIGINAL, "authentic_original")])
def test_a_picture_area_like_the_whole_gives_the_same_verdict(clip: Fingerprint, verdict: str) -> None:
    """Bars, an app's screen, or a frame: a rectangle of the copy that shows the same as the whole copy."""
    found = decided(with_parts(sent(clip), (sent(clip, 0.3), (0.0, 0.2, 1.0, 0.6))))
    assert (found.verdict, found.mixed) == (verdict, False)


def quick(clip: Fingerprint, known: list[Candidate]) -> tuple[str, Decision]:
    glance = keyframes(clip)
    query: Query = query_of(glance)
    found = decision.decide(query, known)
    return keyframe_answers.needed(query, found), found


def test_keyframes_never_settle_a_debunk() -> None:
    assert quick(sent(FAKE), KNOWN)[0] == "nothing"
    wanted, found = quick(with_parts(sent(FAKE), (sent(ORIGINAL), INSET)), KNOWN)
    assert found.mixed
    assert wanted != "nothing"
    wanted, _ = quick(with_parts(sent(ORIGINAL), (sent(FAKE), INSET)), KNOWN)
    assert wanted != "nothing"


def test_a_picture_in_keyframes_that_may_be_the_original_is_looked_at_closely() -> None:
    unclear = with_parts(sent(FAKE), (sent(ORIGINAL, 1.5), INSET))
    assert quick(unclear, KNOWN)[0] != "nothing"
    assert quick(unclear, KNOWN[:1])[0] == "nothing", "nothing there to be told from"
