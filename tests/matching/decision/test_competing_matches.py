"""Fake and original are held against the same seconds, however many spans there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from registry.catalogue.entries.model.entry import Candidate
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint, Frame
from registry.matching.alignment.model.matched_filter import Difference
from registry.matching.decision.model import competing, decision, match
from tests.support.matching.decisions import candidate, query_of
from tests.support.media import drawn
from tests.support.media.faked import FACE, clip, picture
from workers.hashers import mosaic
from workers.media.picture import Pixels

EDITED = 0.08
"""How far the fake's pictures are from the original's."""
ENCODED = 0.04


def again(frame: Frame, time: float, noise: float, numbers: np.random.Generator) -> Frame:
    """The picture at another second, encoded anew."""
    assert frame.phash256 is not None
    assert frame.pdq is not None
    assert frame.sscd is not None
    vector = np.frombuffer(frame.sscd, "<f2").astype(np.float32)
    return replace(
        frame,
        time=time,
        phash256=drawn._flipped(frame.phash256, noise, numbers),
        pdq=drawn._flipped(frame.pdq, noise, numbers),
        sscd=drawn.packed(vector + noise * drawn.unit(numbers, 512)),
    )


def cut(source: Fingerprint, order: Sequence[int], noise: float, seed: str) -> Fingerprint:
    """The pictures of a clip in another order, encoded anew."""
    numbers = drawn.generator(seed)
    frames = tuple(again(source.frames[one], index / 2, noise, numbers) for index, one in enumerate(order))
    media = replace(
        source.media, sha256=drawn.generator(f"{seed} file").bytes(32).hex(), duration=len(order) / 2
    )
    return replace(source, frames=frames, media=media)


def pair(seed: int, seconds: float) -> tuple[Fingerprint, Fingerprint]:
    """An original, and a fake of it that differs little."""
    original = drawn.clip(f"original {seed}", seconds=seconds)
    return original, cut(original, range(len(original.frames)), EDITED, f"fake {seed}")


def both(original: Fingerprint, fake: Fingerprint) -> list[Candidate]:
    rules = {"tier": "reviewed", "original_tier": "reviewed", "own": False}
    return [
        candidate(fake, manipulation="edited", **rules),  # type: ignore[arg-type]  # literal keys
        candidate(original, "original", **rules),  # type: ignore[arg-type]  # as above
    ]


def pieces(seed: int, count: int) -> list[int]:
    """Two minutes cut into four seconds each, in a random order."""
    order = drawn.generator(f"pieces {seed}").permutation(count // 8)
    return [8 * int(piece) + item for piece in order for item in range(8)]


@pytest.mark.parametrize("loops", [5, 20, 40])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_genuine_clip_that_is_looped_accuses_nobody(loops: int, seed: int) -> None:
    original, fake = pair(seed, 3)
    query = cut(original, list(range(6)) * loops, ENCODED, f"loop {loops} {seed}")
    decided = decision.decide(query_of(query), both(original, fake))
    assert decided.verdict in {"authentic_original", "related"}
    assert set(decided.reasons) <= {"original_close"}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_recut_genuine_clip_is_not_accused(seed: int) -> None:
    original, fake = pair(seed, 120)
    query = cut(original, pieces(seed, 240), ENCODED, f"recut {seed}")
    decided = decision.decide(query_of(query), both(original, fake))
    assert decided.verdict in {"authentic_original", "related"}
    assert set(decided.reasons) <= {"original_close"}


@pytest.mark.parametrize("seed", [1, 2])
def test_a_fake_that_is_looped_is_nowhere_genuine(seed: int) -> None:
    original, fake = pair(seed, 3)
    query = cut(fake, list(range(6)) * 20, ENCODED, f"fake loop {seed}")
    decided = decision.decide(query_of(query), both(original, fake))
    assert decided.verdict == "known_fake"
    assert not decided.mixed
    assert {item.match.candidate.role for group in decided.groups for item in group} == {"fake"}


def test_nothing_is_added_where_both_are_found_everywhere() -> None:
    original, fake = pair(1, 12)
    query = query_of(cut(fake, range(24), ENCODED, "copy"))
    candidates = both(original, fake)
    found = [item for each in candidates for item in match.find(query, each)]
    assert len(found) == 2
    assert competing.add_missing(query, candidates, found) == found


def test_each_moment_of_a_match_is_held_against_the_other_role() -> None:
    original, fake = pair(2, 120)
    query = query_of(cut(original, pieces(2, 240), ENCODED, "recut"))
    candidates = both(original, fake)
    found = [item for each in candidates for item in match.find(query, each)]
    made = competing.add_missing(query, candidates, found)
    assert made[: len(found)] == found
    seconds = {
        role: {time for item in made if item.candidate.role == role for time in item.aligned.frames.query}
        for role in ("fake", "original")
    }
    assert seconds["fake"] == seconds["original"]


def half_of_each(time: float) -> Pixels:
    both = picture(time, "swapped").astype(np.int16) + picture(time, "genuine")
    return (both // 2).astype(np.uint8)


def covered(time: float) -> Pixels:
    """The fake's face under a patch as light as the original's."""
    pixels = picture(time, "swapped")
    pixels[FACE] = picture(time, "genuine")[FACE].mean(axis=(0, 1))
    return pixels


SHOWN: dict[str, Callable[[float], Pixels]] = {
    "half of each": half_of_each,
    "another fake": lambda time: picture(time, "third"),
    "covered": covered,
    "the fake": lambda time: picture(time, "swapped"),
    "the original": lambda time: picture(time, "genuine"),
}


@pytest.mark.parametrize("shown", SHOWN)
def test_whole_pictures_that_look_nearer_do_not_make_an_original(shown: str) -> None:
    """Compression moved them towards it. Only what is seen where the two differ proves it."""
    original = clip("genuine", file="original")
    fake = cut(clip("swapped", file="fake"), range(len(original.frames)), 0.3, "fake")
    seen = clip("genuine", file="copy")
    values = tuple(replace(item, value=mosaic.compute(SHOWN[shown](item.time))) for item in seen.mosaics)
    decided = decision.decide(query_of(replace(seen, mosaics=values)), both(original, fake))
    sure = {"the fake": "known_fake", "the original": "authentic_original"}
    assert decided.verdict == sure.get(shown, "related")
    assert decided.reasons == (() if shown in sure else ("original_close",))


@pytest.mark.parametrize(("nearer", "verdict"), [(0.2, "related"), (0.5, "authentic_original")])
def test_whole_pictures_alone_must_be_much_nearer(nearer: float, verdict: str) -> None:
    original = drawn.clip("footage", seconds=6.0)
    fake = cut(original, range(len(original.frames)), nearer, "fake")
    query = cut(original, range(len(original.frames)), 0.2, "copy")
    assert decision.decide(query_of(query), both(original, fake)).verdict == verdict


FAR = 0.7
"""How far a close-up is from the fake and the fake from its original. The close-up matches the fake alone."""


def close_up(shown: str, begins: float) -> tuple[Fingerprint, Fingerprint, Fingerprint]:
    """An original, a fake of its seconds from `begins` on, and a query that is too far from the original."""
    original = clip("genuine", file="original", seconds=6 + begins)
    made, seen = (clip(face, file="made", start=begins) for face in ("swapped", shown))
    order = range(len(made.frames))
    fake = cut(made, order, FAR, "fake")
    query = cut(replace(fake, mosaics=seen.mosaics), order, FAR, "query")
    frames = tuple(replace(frame, sscd=None) for frame in query.frames)
    return original, fake, replace(query, frames=frames)


def swapped(original: Fingerprint, fake: Fingerprint) -> list[Candidate]:
    return [replace(medium, manipulation="face_swap") for medium in both(original, fake)]


@pytest.mark.parametrize("begins", [0.0, 2.0])
def test_a_close_up_that_only_the_fake_matches_is_held_against_the_original(begins: float) -> None:
    original, fake, query = close_up("swapped", begins)
    known = swapped(original, fake)
    assert not match.find(query_of(query), known[1])
    decided = decision.decide(query_of(query), known)
    assert (decided.verdict, decided.reasons) == ("known_fake", ())


@pytest.mark.parametrize("begins", [0.0, 2.0])
def test_a_close_up_of_the_original_is_not_accused(begins: float) -> None:
    original, fake, query = close_up("genuine", begins)
    decided = decision.decide(query_of(query), swapped(original, fake))
    assert (decided.verdict, decided.reasons) == ("related", ("original_close",))


def bars(pixels: Pixels) -> Pixels:
    return np.pad(pixels[20:160], ((20, 20), (0, 0), (0, 0)))


def crop(pixels: Pixels) -> Pixels:
    return np.kron(pixels[45:135, 80:240], np.ones((2, 2, 1), np.uint8))


def caption(pixels: Pixels) -> Pixels:
    return np.concatenate([pixels[:140], np.full_like(pixels[140:], 250)])


def with_mosaics(
    fingerprint: Fingerprint, shown: str, framing: Callable[[Pixels], Pixels] = lambda pixels: pixels
) -> Fingerprint:
    """Replace the mosaics by those of drawn pictures, framed in some way."""
    values = tuple(
        replace(item, value=mosaic.compute(framing(picture(item.time, shown))))
        for item in clip("genuine").mosaics
    )
    return replace(fingerprint, mosaics=values)


@pytest.mark.parametrize("shown", ["genuine", "swapped"])
def test_an_original_framed_otherwise_decides_nothing_by_way_of_its_fake(shown: str) -> None:
    original, fake, query = close_up(shown, 0.0)
    decided = decision.decide(query_of(query), swapped(with_mosaics(original, "genuine", bars), fake))
    assert (decided.verdict, decided.reasons) == ("related", ("no_face",))


@pytest.mark.parametrize("framing", [bars, crop, caption])
def test_genuine_footage_is_not_accused_beside_an_original_framed_otherwise(
    framing: Callable[[Pixels], Pixels],
) -> None:
    original = clip("genuine", file="original")
    order = range(len(original.frames))
    fake = with_mosaics(cut(original, order, ENCODED, "fake"), "swapped")
    query = query_of(with_mosaics(cut(fake, order, ENCODED, "query"), "genuine"))
    known = swapped(with_mosaics(original, "genuine", framing), fake)
    assert decision.decide(query, swapped(original, fake)).verdict == "authentic_original"
    assert decision.decide(query, known).verdict == "related"


@pytest.mark.parametrize(
    ("value", "unexplained", "contrary", "decides"),
    [
        (0.1, 0.02, True, True),
        (0.1, 0.04, True, False),
        (0.1, 0.04, False, True),
        (0.1, 0.06, False, False),
        (0.9, 0.06, False, True),
        (0.9, 0.04, True, True),
        (0.9, 0.06, True, False),
    ],
)
def test_what_else_differs_is_not_taken_for_what_was_changed(
    value: float, unexplained: float, *, contrary: bool, decides: bool
) -> None:
    found = Difference(
        value,
        odds=20 * (0.5 - value),
        fits=True,
        times=(0.0, 1.0, 2.0),
        values=(value - 0.1, value, value + 0.1),
        contrary=contrary,
        unexplained=unexplained,
    )
    assert found.decides == decides


def test_seconds_past_an_originals_end_say_nothing() -> None:
    _, fake, query = close_up("genuine", 0.0)
    short = clip("genuine", file="original", seconds=3.5)
    assert decision.decide(query_of(query), swapped(short, fake)).verdict == "related"


def test_an_original_of_other_footage_decides_nothing() -> None:
    _, fake, query = close_up("swapped", 0.0)
    other = replace(drawn.clip("elsewhere", seconds=6.0), mosaics=clip("genuine").mosaics)
    decided = decision.decide(query_of(query), swapped(other, fake))
    assert (decided.verdict, decided.reasons) == ("related", ("no_face",))


def test_a_strangers_original_that_the_query_does_not_match_decides_nothing() -> None:
    original, fake, query = close_up("swapped", 0.0)
    known = [replace(medium, original_tier="unreviewed") for medium in swapped(original, fake)]
    decided = decision.decide(query_of(query), known)
    assert (decided.verdict, decided.reasons) == ("related", ("no_face",))


@pytest.mark.parametrize(("value", "proves"), [(1.1, True), (1.4, False)])
def test_what_lies_far_beyond_the_original_does_not_prove_it(value: float, *, proves: bool) -> None:
    values = (value - 0.1, value, value + 0.1)
    found = Difference(value, odds=-11.5, fits=True, times=(0.0, 1.0, 2.0), values=values)
    assert (found.shows_original, found.proves_original) == (True, proves)
