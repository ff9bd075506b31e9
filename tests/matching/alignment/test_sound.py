"""Sound aligned: what is the same is found wherever it lies, and what says nothing never is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.catalogue.fingerprints.model import audio
from registry.catalogue.fingerprints.model.audio import LEAST, STEP, WINDOW, Values
from tests.support.media import drawn, sounds
from workers.hashers.chromaprint import Chromaprint
from workers.media.sound import RATE

SEEDS = st.integers(0, 2**32 - 1)


def heard(seed: int, count: int) -> Values:
    """Values that have nothing to do with each other."""
    return np.random.default_rng(seed).integers(0, 1 << 32, count, dtype=np.uint32)


def disturbed(values: Values, share: float, seed: int) -> Values:
    """With that share of the bits turned."""
    turned = np.random.default_rng([seed, 1]).random((len(values), 32)) < share
    return values ^ (turned << np.arange(32)).sum(axis=1).astype(np.uint32)


def of(samples: sounds.Samples) -> Values:
    chromaprint = Chromaprint()
    chromaprint.feed(np.ascontiguousarray(samples[:: sounds.RATE // RATE]))
    return audio.values(chromaprint.values())


@given(SEEDS, st.integers(LEAST, 300))
def test_a_sound_is_itself_from_beginning_to_end(seed: int, count: int) -> None:
    values = heard(seed, count)
    (stretch,) = audio.align(values, values)
    assert stretch.query == pytest.approx((0.0, (count - 1) * STEP + WINDOW), abs=0.01)
    assert (stretch.asset, stretch.bit_error) == (stretch.query, 0.0)


@given(SEEDS, st.integers(20, 60), st.integers(0, 200), st.integers(0, 200), st.floats(0, 0.1))
def test_a_cut_is_found_where_it_lies(seed: int, count: int, place: int, other: int, noise: float) -> None:
    cut = heard(seed, count)
    query = np.concatenate(
        [heard(seed + 1, place), disturbed(cut, noise, seed), heard(seed + 2, 200 - place)]
    )
    asset = np.concatenate([heard(seed + 3, other), cut, heard(seed + 4, 200 - other)])
    found = audio.align(query, asset)[0]
    # A value hears more than its step, so that an edge inside both sounds is known to a second.
    assert found.query[0] == pytest.approx(place * STEP, abs=0.6)
    assert found.query[1] == pytest.approx((place + count - 1) * STEP + WINDOW, abs=1.3)
    assert found.asset[0] - found.query[0] == pytest.approx((other - place) * STEP, abs=0.02)
    assert found.bit_error <= noise + 0.05


@given(SEEDS, st.integers(20, 120), st.integers(0, 60), st.floats(0, 0.12))
def test_it_does_not_matter_which_of_the_two_asks(seed: int, count: int, place: int, noise: float) -> None:
    one = heard(seed, count)
    other = disturbed(np.concatenate([heard(seed + 1, place), one]), noise, seed)
    there, back = audio.align(one, other), audio.align(other, one)
    assert [(a.query, a.asset) for a in there] == [(b.asset, b.query) for b in back]


@given(SEEDS, st.integers(1, 400), st.integers(1, 400))
def test_sounds_that_have_nothing_in_common_do_not_match(seed: int, one: int, other: int) -> None:
    assert audio.align(heard(seed, one), heard(seed + 1, other)) == ()


@given(SEEDS, st.integers(0, 400))
def test_constant_sound_is_ignored(seed: int, count: int) -> None:
    still = np.full(count, heard(seed, 1)[0], dtype=np.uint32)
    assert not audio.informative(still).any()
    assert audio.keys(still) == []
    assert audio.align(still, still) == ()


@given(SEEDS, st.integers(0, 300), st.one_of(st.none(), st.integers(1, 50)))
def test_keys_are_few_distinct_and_fit_the_database(seed: int, count: int, most: int | None) -> None:
    keys = audio.keys(heard(seed, count), most)
    assert len(keys) == len(set(keys)) <= (most or count)
    assert all(-(1 << 31) <= key < 1 << 31 for key in keys)
    assert bool(keys) == (count >= LEAST)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (sounds.silence(20), sounds.silence(30)),
        (sounds.tone(440, 20), sounds.tone(441, 20)),
        (sounds.noise(1, 20), sounds.noise(2, 20)),
    ],
)
def test_silence_tones_and_noise_do_not_match(one: sounds.Samples, other: sounds.Samples) -> None:
    left, right = of(one), of(other)
    assert audio.keys(left) == []
    assert audio.align(left, right) == ()
    assert audio.align(left, left) == ()


def test_two_voices_do_not_match_and_one_voice_does() -> None:
    voices = [of(sounds.speech(seed, 20)) for seed in range(6)]
    for one, values in enumerate(voices):
        for other, others in enumerate(voices):
            assert bool(audio.align(values, others)) == (one == other)


def test_several_cuts_of_one_sound_are_several_stretches() -> None:
    asset = heard(1, 300)
    query = np.concatenate([asset[200:240], heard(2, 80), asset[20:70], heard(3, 40)])
    first, second = sorted(audio.align(query, asset), key=lambda item: item.query)
    assert first.asset[0] == pytest.approx(200 * STEP, abs=0.6)
    assert second.query[0] == pytest.approx(120 * STEP, abs=0.6)
    assert second.asset[0] == pytest.approx(20 * STEP, abs=0.6)


def test_a_pause_does_not_cut_a_stretch() -> None:
    sound = np.concatenate([heard(1, 60), np.full(40, 7, dtype=np.uint32), heard(2, 60)])
    (stretch,) = audio.align(disturbed(sound, 0.02, 1), sound)
    assert stretch.seconds == pytest.approx(159 * STEP + WINDOW, abs=0.1)


def test_hours_of_sound_are_aligned_in_bounded_time_and_memory() -> None:
    film = heard(1, 116_000)
    (stretch,) = audio.align(film[50_000:50_485], film)
    assert stretch.asset[0] == pytest.approx(50_000 * STEP, abs=0.01)
    (whole,) = audio.align(film, film)
    assert whole.seconds == pytest.approx(14_364, abs=1)
    assert audio.align(film, heard(2, 116_000)) == ()


def test_drawn_voices_are_aligned_as_drawn() -> None:
    one = audio.values(drawn.voice("a", 20))
    cut = audio.values(drawn.voice("a", 8, 5 * STEP, noise=0.2))
    (stretch,) = audio.align(cut, one)
    assert stretch.asset[0] == pytest.approx(5 * STEP, abs=0.01)
