"""A copy of the fake's seconds is told from other seconds of its scene, as far as they can be told apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.catalogue.entries.model.entry import Manipulation
from registry.catalogue.fingerprints.model.document import to_document
from registry.catalogue.fingerprints.model.fingerprint import FULL, Face, Fingerprint, Frame, Mosaic
from registry.catalogue.fingerprints.model.runs import joined
from registry.catalogue.media.model import Media
from registry.matching.decision.model import decision, scene_consistency
from registry.matching.decision.model.decision import Decision
from tests.bench.accuracy.media import excerpts
from tests.bench.accuracy.media.recipes import Truth
from tests.support.matching.decisions import candidate, query_of
from tests.support.media import drawn

RATE: Final = 2.0
MOVES: Final = 0.35


def scene(
    place: str,
    *,
    start: float = 0.0,
    seconds: float = 8.0,
    noise: float = 0.0,
    moves: float = MOVES,
    shots: float = 0.0,
    who: str | None = None,
    sound: str | None = None,
    backwards: bool = False,
    like: float = 0.0,
) -> Fingerprint:
    """Return seconds of a scene before one camera, or before two that alternate every `shots` seconds.
    Every picture is the place's and departs from it by `moves`. It repeats part of the first seconds:
    `like`."""
    numbers = drawn.generator(f"{place} {start} {seconds} {noise}")
    frames, faces = [], []
    times = np.arange(0, seconds, 1 / RATE)
    for at, time in enumerate(times):
        second = start + (seconds - time if backwards else time)
        camera = f"{place} {int(second // shots) % 2 if shots else 0}"
        still, moment = drawn.generator(camera), drawn.generator(f"{place} at {second:.3f}")
        other = drawn.generator(f"{place} at {second - start:.3f}")
        apart = np.sqrt(1 - like**2)
        move = apart * drawn.unit(moment, 512) + like * drawn.unit(other, 512)
        sscd = drawn.unit(still, 512) + moves * move + noise * drawn.unit(numbers, 512)
        levels = still.standard_normal(512) + moves * moment.standard_normal(512)
        bits = np.packbits(levels + noise * numbers.standard_normal(512) > 0).tobytes()
        frames.append(Frame(round(time, 3), 1 / RATE, FULL, 100, bits[:32], bits[32:], drawn.packed(sscd)))
        if who is not None and at % 2 == 0:
            look = drawn.unit(drawn.generator(who), 128) + 0.4 * drawn.unit(moment, 128)
            look = look + noise * drawn.unit(numbers, 128)
            faces.append(Face(round(time, 3), (0.4, 0.2, 0.2, 0.3), 150.0, 0.95, 0.9, 0, drawn.packed(look)))
    name = drawn.generator(f"{place} {start} {seconds} {noise} {moves} {who} {backwards}").bytes(32).hex()
    heard = None if sound is None else drawn.voice(sound, seconds, start)
    media = Media(name, "video", seconds, 640, 360, 1000)
    return Fingerprint(media, drawn.DRAWN, tuple(frames), tuple(faces), audio=heard)


def registered(clip: Fingerprint) -> Fingerprint:
    return replace(clip, frames=tuple(joined(clip.frames)))


def answered(
    query: Fingerprint, fake: Fingerprint, manipulation: Manipulation | None = "edited", **more: object
) -> Decision:
    """The answer where `fake` is registered, sound and all."""
    known = candidate(registered(fake), manipulation=manipulation, **more)  # type: ignore[arg-type]
    heard = query_of(fake).audio
    return decision.decide(query_of(query), [replace(known, audio=heard)])


FAKE: Final = scene("press room", who="minister")
COPY: Final = scene("press room", who="minister", noise=0.25)
LATER: Final = scene("press room", start=20.0, who="minister", noise=0.1, like=0.3)
"""Other seconds of it, as much like the first as chance would have it."""


@pytest.mark.parametrize("manipulation", ["edited", "synthetic", None])
def test_other_seconds_of_the_scene_are_not_the_fake(manipulation: Manipulation | None) -> None:
    copy, later = answered(COPY, FAKE, manipulation), answered(LATER, FAKE, manipulation)
    assert (copy.verdict, copy.reasons) == ("known_fake", ())
    assert (later.verdict, later.reasons) == ("related", ("same_scene",))
    assert later.groups[0][0].relation is None
    assert later.groups[0][0].match.strong


def test_the_very_same_file_needs_no_moments() -> None:
    still = scene("press room", moves=0.02)
    assert answered(still, still).verdict == "known_fake"


def test_a_scene_without_movement_is_undecided() -> None:
    """As much of it as two codecs leave different."""
    query, fake = (scene("studio", moves=0.12, noise=noise) for noise in (0.3, 0.24))
    assert (answered(query, fake).verdict, answered(query, fake).reasons) == ("related", ("same_scene",))


def test_a_programme_around_other_pictures_is_not_the_fake() -> None:
    """What never changes, however much of the picture it is, is no evidence of moments."""
    query, fake = (replace_places(scene(f"inset {name}", moves=0.6), "programme") for name in "ab")
    assert answered(query, fake).verdict == "related"


def replace_places(clip: Fingerprint, place: str) -> Fingerprint:
    """The clip as a small part of one programme's picture."""
    around = drawn.unit(drawn.generator(place), 512)
    frames = []
    for frame in clip.frames:
        assert frame.sscd is not None
        inside = np.frombuffer(frame.sscd, "<f2").astype(np.float32)
        same = drawn.generator(place).bytes(32)
        frames.append(replace(frame, sscd=drawn.packed(around + 0.3 * inside), phash256=same, pdq=same))
    return replace(clip, frames=tuple(frames))


def test_a_swapped_face_at_other_seconds_is_left_open_where_many_tell() -> None:
    """Whoever shows the swapped face shows a fake; but a cut-away of it may be anybody's."""
    known = candidate(registered(FAKE), manipulation="face_swap")

    def doubted(freedom: int) -> bool:
        alike = scene_consistency.Together(0.0, freedom)
        motion = scene_consistency.Motion(alike, alike, alike, alike, 0)
        return motion.odds + decision.SWAPPED < scene_consistency.SURE

    assert answered(COPY, FAKE, "face_swap").verdict == "known_fake"
    assert answered(LATER, FAKE, "face_swap").verdict == "known_fake"
    elsewhere = scene("press room", start=28.0, who="minister", noise=0.1, like=0.18)
    decided = decision.decide(query_of(elsewhere), [known])
    assert (decided.verdict, decided.reasons) == ("related", ("same_scene",))
    assert [doubted(freedom) for freedom in (0, 1, 2, 5, 30)] == [False, False, True, True, True]


def test_a_face_swap_that_was_held_against_its_original_needs_no_moments() -> None:
    elsewhere = scene("press room", start=28.0, who="minister", noise=0.1, like=0.18)
    original = candidate(scene("press room", who="actor", noise=0.3), "original")
    decided = decision.decide(query_of(elsewhere), [candidate(FAKE, manipulation="face_swap"), original])
    assert decided.verdict == "known_fake"


def test_cameras_that_take_turns_are_no_evidence() -> None:
    """Two stretches before the same two cameras, in the same order: alike wherever the same one is on."""
    fake = scene("debate", seconds=16.0, shots=8.0)
    later = scene("debate", start=32.0, seconds=16.0, shots=8.0, noise=0.1)
    copy = scene("debate", seconds=16.0, shots=8.0, noise=0.1)
    assert (answered(later, fake).verdict, answered(copy, fake).verdict) == ("related", "known_fake")


def test_one_change_of_shot_proves_nothing_and_three_do() -> None:
    """A line can always be laid so that one falls on another."""

    def motion(cuts: int) -> scene_consistency.Motion:
        nothing = scene_consistency.NOTHING
        return scene_consistency.Motion(nothing, nothing, nothing, nothing, cuts)

    assert [motion(cuts).same for cuts in (0, 1, 3)] == [False, False, True]


def test_a_quick_montage_is_decided_by_its_pictures() -> None:
    """No shot lasts long enough to move, but no other footage has these shots at these times."""
    assert (
        answered(drawn.clip("trailer", noise=0.2, file="copy"), drawn.clip("trailer")).verdict == "known_fake"
    )


def test_a_copy_turned_backwards_shows_the_same_moments() -> None:
    copy = scene("press room", noise=0.1, backwards=True)
    decided = answered(copy, FAKE)
    assert decided.groups[0][0].match.aligned.line.speed < 0
    assert decided.verdict == "known_fake"


def test_synchronous_sound_confirms_the_moments() -> None:
    """A scene in which nothing can be seen to move is told by what is heard in it."""
    query, fake = (scene("studio", moves=0.12, noise=noise, sound="speech") for noise in (0.3, 0.24))
    assert answered(query, fake).verdict == "known_fake"
    other = replace(query, audio=drawn.voice("another speech", 8.0))
    assert answered(other, fake).reasons == ("same_scene",)


def test_other_doubts_are_reported_too() -> None:
    decided = answered(LATER, FAKE, own=False)
    assert decided.reasons == ("same_scene", "unreviewed")


def test_confidence_is_of_scene_and_moments_together() -> None:
    decided = answered(COPY, FAKE)
    only = decided.groups[0][0]
    assert decided.confidence is not None
    assert 0.9 < decided.confidence < only.match.footage


def test_correlation_ignores_mean_and_trend() -> None:
    """Held against a fit by least squares."""
    numbers = np.random.default_rng(5)
    times = np.array([0.0, 0.5, 1.0, 1.5, 2.5, 3.0, 9.0, 9.5, 10.0, 10.5])
    groups = np.array([0] * 6 + [1] * 4)
    one, other = numbers.standard_normal((2, 10, 7))
    left: list[np.ndarray] = []
    right: list[np.ndarray] = []
    for group in (0, 1):
        mine = groups == group
        known = np.column_stack([np.ones(mine.sum()), times[mine]])
        for values, rest in ((one, left), (other, right)):
            fit, *_ = np.linalg.lstsq(known, values[mine], rcond=None)
            rest.append(values[mine] - known @ fit)
    a, b = np.concatenate(left).ravel(), np.concatenate(right).ravel()
    found = scene_consistency.together(one, other, times, groups)
    assert found.correlation == pytest.approx(float(a @ b / np.sqrt(a @ a * (b @ b))))
    assert found.freedom == 6


@settings(deadline=None, max_examples=50)
@given(
    seed=st.integers(0, 2**32 - 1),
    scale=st.floats(0.1, 10.0),
    constant=st.floats(-5.0, 5.0),
    trend=st.floats(-1.0, 1.0),
)
def test_brightness_logos_and_slow_changes_are_no_evidence(
    seed: int, scale: float, constant: float, trend: float
) -> None:
    numbers = np.random.default_rng(seed)
    one, other = numbers.standard_normal((2, 8, 5))
    times, groups = np.arange(8) / 2, np.zeros(8, np.int64)
    plain = scene_consistency.together(one, other, times, groups)
    drawn_aside = scale * one + constant + trend * times[:, None]
    changed = scene_consistency.together(drawn_aside, other, times, groups)
    assert changed.correlation == pytest.approx(plain.correlation, abs=1e-6)
    assert changed.freedom == plain.freedom


@given(st.floats(-1.0, 1.0), st.floats(-1.0, 1.0), st.integers(0, 40))
def test_more_agreement_never_lowers_the_sum(low: float, high: float, freedom: int) -> None:
    low, high = sorted((low, high))
    parts = [scene_consistency.Together(alike, freedom) for alike in (low, high)]
    sums = [scene_consistency.Motion(part, part, part, part, 0).odds for part in parts]
    assert sums[0] <= sums[1]


def mosaics_of(place: str, start: float, noise: float) -> tuple[Mosaic, ...]:
    """A head that moves before a wall: a few cells change from moment to moment, all others stay."""
    numbers = drawn.generator(f"cells {place} {start} {noise}")
    wall = drawn.generator(f"wall {place}").uniform(60, 200, (24, 24))
    found = []
    for at in range(16):
        cells = wall.copy()
        head = drawn.generator(f"head {place} {start + at / RATE}").uniform(0, 255, (6, 5))
        cells[8:14, 10:15] = head
        levels = np.clip((cells + noise * numbers.standard_normal((24, 24))) // 16, 0, 15).astype(np.uint8)
        packed = (levels.ravel()[::2] << 4) | levels.ravel()[1::2]
        found.append(Mosaic(at / RATE, FULL, bytes([0, 255]) + packed.tobytes()))
    return tuple(found)


def test_a_head_that_moves_before_a_wall_is_known_by_its_mosaics() -> None:
    """Neither the embedding nor the hashes of the whole picture tell its moments."""
    fake = replace(scene("wall", moves=0.03), mosaics=mosaics_of("wall", 0.0, 2.0))
    copy = replace(scene("wall", moves=0.03, noise=0.3), mosaics=mosaics_of("wall", 0.0, 25.0))
    later = replace(scene("wall", start=20.0, moves=0.03, noise=0.3), mosaics=mosaics_of("wall", 20.0, 25.0))
    assert (answered(copy, fake).verdict, answered(copy, fake).reasons) == ("known_fake", ())
    assert answered(replace(copy, mosaics=()), fake).verdict == "related"
    assert answered(later, fake).verdict == "related"


def test_too_few_moments_say_nothing() -> None:
    few = np.ones((2, 3))
    assert (
        scene_consistency.together(few, few, np.arange(2.0), np.zeros(2, np.int64))
        == scene_consistency.NOTHING
    )
    assert scene_consistency.NOTHING.nats(4.0) == 0.0


def test_the_bench_cuts_copies_into_the_same_and_other_moments() -> None:
    """Two parts of a clip, each held against both parts of its copy: never a frame in common unless right."""
    clip, copy = (scene("press room", seconds=20.0, noise=noise) for noise in (0.0, 0.1))
    sent, kept = (to_document(item, faces=True) for item in (copy, clip))
    found = excerpts.compared("copy", "clip", "group", sent, kept, Truth((0.0, 20.0), (0.0, 20.0)))
    assert [(item.right, item.verdict == "known_fake") for item in found] == [
        (True, True),
        (False, False),
        (False, False),
        (True, True),
    ]
    figures = excerpts.Told(tuple(found)).figures()
    assert (figures["same_scene_known_fake"], figures["same_scene_excerpts"]) == (0.0, 2.0)
    assert excerpts.compared("cut", "clip", "group", sent, kept, Truth((5.0, 9.0), (0.0, 4.0))) == []
