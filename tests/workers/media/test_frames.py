"""Sampled frames: passing over frames changes nothing, what stands still is kept once."""

from __future__ import annotations

from dataclasses import replace
from itertools import repeat
from pathlib import Path

import numpy as np
import pytest

from tests.support.media import clips as media
from workers.media import container, frames, sampling, source, timetable, video
from workers.media.frames import Sample
from workers.media.limits import Limits
from workers.media.picture import Pixels, hash_size

LIMITS = Limits()


def _samples(path: Path) -> list[Sample]:
    with frames.opened(source.identify(path, LIMITS), LIMITS) as reel:
        return list(reel.samples())


def _rendered(path: Path, *, skipping: bool) -> list[tuple[float, Pixels]]:
    table = timetable.read(path, LIMITS)
    assert table.needed is not None
    if not skipping:
        table = replace(table, needed=None)
    with container.opened(path, LIMITS) as (opened, stream):
        moments = video.Video(opened, stream, table, LIMITS).moments()
        return [
            (instant.time, instant.moment.render(hash_size(instant.moment.size)))
            for instant in sampling.on_grid(moments, sampling.STEP)
        ]


@pytest.mark.parametrize(
    ("codec", "suffix", "options"),
    [
        ("libx264", ".mp4", {"preset": "medium", "bf": "3"}),
        ("libx264", ".mkv", {"preset": "ultrafast"}),
        ("libx265", ".mp4", {"preset": "fast", "x265-params": "log-level=error"}),
        ("mpeg4", ".mov", {"bf": "2"}),
    ],
)
def test_frames_passed_over_change_no_sample(
    tmp_path: Path, codec: str, suffix: str, options: dict[str, str]
) -> None:
    path = media.encode(
        tmp_path / f"clip{suffix}", media.panning("astronaut", 320, 180, 110), codec=codec, options=options
    )
    whole, part = _rendered(path, skipping=False), _rendered(path, skipping=True)
    assert [time for time, _ in whole] == [time for time, _ in part]
    assert all(np.array_equal(one, other) for (_, one), (_, other) in zip(whole, part, strict=True))


def test_still_footage_is_stored_once(tmp_path: Path) -> None:
    picture = media.view(media.photograph("coffee"), 320, 180, 0.5)
    path = media.encode(tmp_path / "still.mp4", repeat(picture, 100))
    (only,) = _samples(path)
    assert only.time == 0.0
    assert only.duration == pytest.approx(4.0, abs=0.05)


@pytest.mark.slow
def test_moving_footage_is_sampled_twice_a_second(tmp_path: Path) -> None:
    path = media.clip(tmp_path / "clip.mp4", seconds=6)
    kept = _samples(path)
    assert [sample.time for sample in kept] == [*(index / 2 for index in range(12)), 5.96]
    assert all(sample.duration == pytest.approx(0.5) for sample in kept[:-2])


def test_a_cut_in_something_still_is_seen(tmp_path: Path) -> None:
    one, two = (media.view(media.photograph(name), 320, 180, 0.5) for name in ("coffee", "chelsea"))
    path = media.encode(tmp_path / "slides.mp4", iter([one] * 75 + [two] * 75))
    assert [(sample.time, sample.duration) for sample in _samples(path)] == [(0.0, 3.0), (3.0, 3.0)]


def test_the_duration_comes_from_the_packets(tmp_path: Path) -> None:
    path = media.clip(tmp_path / "clip.mp4", seconds=2)
    table = timetable.read(path, LIMITS)
    assert table.duration == pytest.approx(2.0, abs=0.05)
    assert not table.cut
