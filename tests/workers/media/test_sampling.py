"""Which moments of a video are looked at."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.media import sampling
from workers.media.picture import Moment, Pixels, Size, face_size, hash_size


def _render(size: Size) -> Pixels:
    return np.zeros((size.height, size.width, 3), np.uint8)


def _moments(times: list[float]) -> list[Moment]:
    return [Moment(time, 0.04, Size(8, 8), _render) for time in times]


def _sampled(times: list[float], every: float) -> list[tuple[float, float]]:
    return [(item.time, item.moment.time) for item in sampling.on_grid(_moments(times), every)]


def test_a_grid_point_takes_the_frame_on_screen() -> None:
    frames = [index / 25 for index in range(26)]
    assert _sampled(frames, 0.5) == [(0.0, 0.0), (0.5, 0.48), (1.0, 1.0)]


def test_frame_rates_are_sampled_at_the_same_instants() -> None:
    slow = [time for time, _ in _sampled([index / 24 for index in range(240)], 0.5)]
    fast = [time for time, _ in _sampled([index / 60 for index in range(600)], 0.5)]
    assert slow[:-1] == fast[:-1] == [index / 2 for index in range(20)]


def test_the_last_frame_is_always_looked_at() -> None:
    assert _sampled([0.0, 0.1, 0.7], 0.5) == [(0.0, 0.0), (0.5, 0.1), (0.7, 0.7)]


def test_a_frozen_frame_is_given_for_each_grid_point() -> None:
    assert _sampled([0.0, 2.0], 0.5) == [(0.0, 0.0), (0.5, 0.0), (1.0, 0.0), (1.5, 0.0), (2.0, 2.0)]


def test_timestamps_rounded_to_a_millisecond_hit_the_grid() -> None:
    assert _sampled([0.0, 0.4995, 1.0004], 0.5) == [(0.0, 0.0), (0.5, 0.4995), (1.0, 1.0004)]


def test_nothing_gives_nothing() -> None:
    assert _sampled([], 0.5) == []


def test_one_frame_gives_one_sample() -> None:
    assert _sampled([0.0], 0.5) == [(0.0, 0.0)]


@pytest.mark.parametrize(
    ("duration", "expected"),
    [(None, 0.5), (60.0, 0.5), (3.0, 0.5), (2.9, 0.25), (1.5, 0.25), (1.4, 0.125), (0.0, 1 / 64)],
)
def test_short_clips_are_sampled_more_finely(duration: float | None, expected: float) -> None:
    assert sampling.step(duration) == expected


@given(st.floats(0.1, 20))
def test_a_finer_grid_contains_the_usual_one(duration: float) -> None:
    """So that a 2.9 s cut meets the samples of the 60 s it came from."""
    assert (sampling.STEP / sampling.step(duration)).is_integer()


@pytest.mark.parametrize("duration", [0.5, 1.0, 2.0, 2.9])
def test_faces_of_a_short_clip_are_sought_about_six_times(duration: float) -> None:
    assert 5 <= duration / sampling.face_step(duration) <= 6


def test_faces_are_sought_once_a_second() -> None:
    assert sampling.face_step(None) == sampling.face_step(3.0) == sampling.face_step(600.0) == 1.0


@pytest.mark.parametrize(
    ("duration", "expected"),
    [(1800.0, 0.5), (1801.0, 1.0), (3600.0, 1.0), (3601.0, 2.0), (10_800.0, 2.0), (14_400.0, 2.0)],
)
def test_long_videos_are_sampled_more_coarsely(duration: float, expected: float) -> None:
    assert sampling.step(duration) == expected
    assert sampling.face_step(duration) == max(1.0, expected)


@given(st.floats(0, 7 * 86_400))
def test_no_video_has_more_samples_than_the_most(duration: float) -> None:
    assert duration / sampling.step(duration) <= sampling.MAX_SAMPLES


def _cells(times: list[float], every: float) -> list[tuple[float, float, float]]:
    return [(item.time, item.seen, item.moment.time) for item in sampling.on_grid(_moments(times), every)]


def test_on_a_coarse_grid_a_picture_from_the_middle_stands_for_its_cell() -> None:
    frames = [index / 4 for index in range(25)]
    expected = [(0.0, 0.75, 0.75), (2.0, 2.75, 2.75), (4.0, 4.75, 4.75), (6.0, 6.0, 6.0)]
    assert _cells(frames, 2.0) == expected


def test_a_coarse_grid_looks_at_the_last_frame_too() -> None:
    assert _cells([0.0, 0.3], 2.0) == [(0.0, 0.3, 0.3)]
    assert _cells([0.0, 1.0, 2.5], 2.0) == [(0.0, 0.75, 0.0), (2.0, 2.5, 2.5)]
    assert _cells([0.0, 1.9], 2.0) == [(0.0, 0.75, 0.0), (1.9, 1.9, 1.9)]


@pytest.mark.parametrize("every", [0.5, sampling.SHORTEST_STEP])
def test_a_video_longer_than_declared_has_a_bounded_number_of_samples(every: float) -> None:
    """Four hours, the grid chosen for less; all in one frozen frame, too."""
    moving = [sample.time for sample in sampling.on_grid(_moments([*range(4 * 3600)]), every)]
    frozen = list(sampling.on_grid(_moments([0.0, 4 * 3600.0]), every))
    for times in (moving, [sample.time for sample in frozen]):
        assert times == sorted(times)
        assert times[-1] >= 4 * 3600 - 60
        assert len(times) < 1.25 * sampling.MAX_SAMPLES


@given(
    st.lists(st.integers(1, 3000), min_size=1, max_size=80),
    st.sampled_from([0.125, 0.25, 0.5, 1.0, 2.0]),
)
def test_wanted_frames_equal_those_of_the_grid(gaps: list[int], every: float) -> None:
    """The decoder passes over the rest, so the two must agree."""
    times = [(sum(gaps[:index]) - gaps[0]) / 1000 for index in range(1, len(gaps) + 1)]
    used = {item.moment.time for item in sampling.on_grid(_moments(times), every)}
    wanted = {time for time, use in zip(times, sampling.wanted(times, every), strict=True) if use}
    assert wanted == used


def test_sizes_are_scaled_down_and_never_up() -> None:
    assert hash_size(Size(1280, 720)) == (512, 288)
    assert hash_size(Size(720, 1280)) == (288, 512)
    assert hash_size(Size(100, 50)) == (100, 50)
    assert hash_size(Size(100_000, 10)) == (1024, 1)
    assert face_size(Size(3840, 2160)) == (1280, 720)
