"""Which frames of a query ask the database."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.catalogue.fingerprints.model.fingerprint import FULL, MIRROR, VIEWS, Frame
from registry.matching.candidates.model import probes

FRAMES = st.lists(st.tuples(st.integers(0, 50), st.sampled_from(VIEWS)), unique=True, max_size=200).map(
    lambda drawn: [Frame(float(time), 0.5, view, 100) for time, view in sorted(drawn)]
)


@given(FRAMES, st.integers(8, 64))
def test_probes_are_limited_ordered_and_complete_if_they_fit(frames: list[Frame], most: int) -> None:
    kept = probes.chosen(frames, most)
    assert len(kept) <= most
    assert kept == [frame for frame in frames if frame in kept]
    if len(frames) <= most:
        assert kept == frames
    else:
        assert len(kept) >= most - 2 * len(VIEWS)


def test_every_view_is_probed_over_the_whole_time() -> None:
    """Every second frame of the list would be the mirrored one."""
    frames = [Frame(time / 2, 0.5, view, 100) for time in range(120) for view in (FULL, MIRROR)]
    frames += [Frame(time, 0.5, "box.1", 100) for time in range(60)]
    kept = probes.chosen(sorted(frames, key=lambda frame: frame.time), 48)
    assert len(kept) == 48
    for view, least in ((FULL, 24), (MIRROR, 12), ("box.1", 12)):
        times = [frame.time for frame in kept if frame.view == view]
        assert len(times) >= least
        assert max(b - a for a, b in itertools.pairwise(times)) <= 6


@pytest.mark.parametrize("view", [FULL, "box.1"])
@pytest.mark.parametrize("start", range(0, 57, 3))
def test_a_four_second_cut_in_a_minute_of_views_is_probed(view: str, start: int) -> None:
    """In the minute all views are seen each half a second, in the cut only the picture and this one."""
    times = [time / 2 for time in range(120)]
    within = [time for time in times if start <= time < start + 4]
    frames = [
        Frame(time, 0.5, item, 100)
        for time in times
        for item in VIEWS
        if time not in within or item in {FULL, view}
    ]
    hashed, embedded = probes.chosen(frames, probes.hashes(60)), probes.chosen(frames, probes.vectors(60))
    assert sum(frame.time in within for frame in hashed) >= 2
    assert sum(frame.time in within for frame in embedded) >= 1


def test_long_queries_ask_more_but_not_without_end() -> None:
    assert (probes.hashes(0), probes.vectors(0)) == (64, 48)
    assert (probes.hashes(660), probes.vectors(660)) == (664, 348)
    assert (probes.hashes(1e6), probes.vectors(1e6)) == (1200, 600)


def test_first_probes_represent_their_neighbours() -> None:
    frames = [
        Frame(
            at / 2,
            0.5,
            view,
            100,
            bytes([at, len(view)] * 16),
            bytes([len(view), at] * 16),
            unit(2 * at + (view == FULL)),
        )
        for at in range(120)
        for view in (FULL, MIRROR)
    ]
    probed = probes.choose_values(frames, 60.0)
    assert [value[0] / 2 for value in probed.first] == [3.0 * number for number in range(20)]
    assert probed.pdq == {}, "a pHash of each is asked"
    assert not set(probed.first) & set(probed.phash256)
    assert probes.hashes(60.0) - 20 <= len(probed.phash256) < probes.hashes(60.0)
    assert all(abs(value[0] / 2 - 3 * (place - 1)) <= 2.5 for value, place in probed.phash256.items())
    assert sum(place == 0 for _, place in probed.sscd) == 1
    assert len(probed.sscd) == probes.vectors(60.0) // 3


def test_pdq_is_probed_without_phash() -> None:
    frames = [Frame(at / 2, 0.5, FULL, 100, None, bytes([at] * 32)) for at in range(120)]
    probed = probes.choose_values(frames, 60.0)
    assert (probed.first, probed.phash256, len(probed.pdq)) == ((), {}, probes.hashes(60.0))


def test_a_vector_stands_for_those_that_are_like_it() -> None:
    frames = [Frame(float(at), 1.0, FULL, 100, sscd=unit(at // 4)) for at in range(12)]
    probed = probes.choose_values(frames, 12.0)
    assert [value for value, _ in probed.sscd] == [unit(0), unit(1), unit(2)]


def test_the_least_similar_moments_are_probed() -> None:
    frames = [Frame(at / 4, 0.25, FULL, 100, sscd=unit(at % 2)) for at in range(240)]
    frames[117] = replace(frames[117], sscd=unit(7))
    assert {value for value, _ in probes.choose_values(frames[:236], 59.0).sscd} >= {unit(0), unit(1)}
    within = probes.choose_values(frames[100:130], 8.0)
    assert {value for value, _ in within.sscd} == {unit(0), unit(1), unit(7)}


def unit(axis: int) -> bytes:
    """A vector of length 1 along an axis."""
    return bytes(np.eye(512, dtype="<f2")[axis].tobytes())


def test_unrepresented_moments_are_always_probed() -> None:
    near = [Frame(3.0 * at, 3.0, FULL, 100, bytes([at] * 32), b"p" * 32) for at in range(3)]
    lone = Frame(20.0, 0.5, MIRROR, 100, b"m" * 32, b"m" * 32, b"m" * 1024)
    probed = probes.choose_values([*near, lone], 21.0)
    assert probed.first == tuple(frame.phash256 for frame in near)
    assert probed.phash256 == {b"m" * 32: 0}
    assert probed.pdq == {b"p" * 32: 0, b"m" * 32: 0}, "what is seen around several too"


def test_a_still_or_short_clip_is_probed_completely() -> None:
    frames = [Frame(at / 2, 0.5, FULL, 100, bytes([at] * 32), bytes([at] * 32)) for at in range(12)]
    for some in (frames[:1], frames):
        probed = probes.choose_values(some, len(some) / 2)
        assert probed.first == ()
        assert list(probed.phash256.values()) == list(probed.pdq.values()) == [0] * len(some)
