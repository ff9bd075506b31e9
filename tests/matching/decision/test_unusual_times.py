"""Videos whose times are odd: what they show is what is compared, whatever their clocks say."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from PIL import Image

from registry.catalogue.entries.model.entry import Candidate, Policy, Query
from registry.catalogue.fingerprints.model import timeline
from registry.catalogue.fingerprints.model.fingerprint import FULL, Fingerprint, Frame
from registry.matching.decision.model import decision
from registry.matching.decision.model.decision import Decision
from registry.matching.lookups.service.answer_json import undecidable
from tests.support.media import clips as media
from tests.support.media.clips import Pixels
from workers.media import sampling
from workers.pipeline.fingerprint import fingerprint_file

SIZE = (160, 90)
RATE = 10
BLACK = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)


def read(path: Path) -> Fingerprint:
    return fingerprint_file(path, faces=False)


def times(fingerprint: Fingerprint) -> list[float]:
    return [frame.time for frame in full(fingerprint)]


def full(fingerprint: Fingerprint) -> list[Frame]:
    return [frame for frame in fingerprint.frames if frame.view == FULL]


def footage(frames: int = 60) -> list[Pixels]:
    """Six seconds that pan over a photograph."""
    return list(media.panning("coffee", *SIZE, frames))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("times")


@pytest.fixture(scope="module")
def clip(folder: Path) -> Path:
    return media.encode(folder / "clip.mp4", iter(footage()), rate=RATE)


@pytest.fixture(scope="module")
def registered(clip: Path) -> Candidate:
    """The clip as it stands in a registry, its claim that it was edited."""
    found = read(clip)
    return Candidate(
        asset_id=uuid4(),
        entry_id=uuid4(),
        role="fake",
        sha256=found.media.sha256,
        kind="video",
        duration=found.media.duration,
        title="clip",
        bank="bank",
        tier="reviewed",
        original_tier="unreviewed",
        manipulation="edited",
        own=True,
        policy=Policy(),
        references=(),
        frames=timeline.of_frames([frame for frame in found.frames if frame.stored]),
        faces=timeline.of_faces(()),
    )


def decided(fingerprint: Fingerprint, registered: Candidate) -> Decision:
    query = Query.of(fingerprint, *timeline.of_fingerprint(fingerprint))
    return decision.decide(query, [registered], undecidable=undecidable(fingerprint))


def spans(found: Decision) -> list[tuple[float, float]]:
    return [item.match.aligned.span.query for group in found.groups for item in group]


@pytest.mark.slow
def test_black_alone_is_undecidable(folder: Path, registered: Candidate) -> None:
    found = read(media.encode(folder / "black.mp4", itertools.repeat(BLACK, 100), rate=RATE))
    assert "low_information" in found.notes
    assert not list(found.informative())
    result = decided(found, registered)
    assert (result.verdict, result.reasons, result.confidence) == ("undecidable", ("low_information",), None)


@pytest.mark.slow
def test_a_minute_of_black_is_decided_by_the_following_footage(folder: Path, registered: Candidate) -> None:
    frames = itertools.chain(itertools.repeat(BLACK, 60 * RATE), footage())
    found = read(media.encode(folder / "late.mp4", frames, rate=RATE))
    assert "low_information" not in found.notes
    assert min(frame.time for frame in found.informative()) == 60.0
    assert len(full(found)) < 20, "a black minute is one row"
    result = decided(found, registered)
    assert result.verdict == "known_fake"
    [(start, end)] = spans(result)
    assert start == pytest.approx(60, abs=0.5)
    assert end == pytest.approx(66, abs=0.5)


def test_a_still_shown_for_a_minute_is_a_still(folder: Path, registered: Candidate) -> None:
    still = footage()[20]
    found = read(media.encode(folder / "slide.mp4", itertools.repeat(still, 60 * RATE), rate=RATE))
    assert found.distinct_instants == 1
    assert full(found)[0].duration == pytest.approx(60.0, abs=0.2)
    result = decided(found, registered)
    assert (result.verdict, result.reasons) == ("related", ("single_frame",))


def test_a_slideshow_is_one_row_a_picture(folder: Path) -> None:
    slides = [media.view(media.photograph(name), *SIZE, 0.5) for name in ("coffee", "chelsea", "astronaut")]
    frames = itertools.chain.from_iterable(itertools.repeat(slide, 20 * RATE) for slide in slides)
    found = read(media.encode(folder / "slides.mp4", frames, rate=RATE))
    assert times(found) == [0.0, 20.0, 40.0]


@pytest.mark.parametrize("seconds", [0.2, 0.5, 1.0, 2.0, 2.9])
def test_a_short_cut_is_decided(folder: Path, registered: Candidate, seconds: float) -> None:
    path = folder / f"cut{seconds}.mp4"
    media.ffmpeg("-ss", "1.3", "-i", folder / "clip.mp4", "-t", str(seconds), "-r", "30", path)
    result = decided(read(path), registered)
    if seconds > 2:
        assert result.verdict == "known_fake"
    elif seconds >= 1:  # an even pan is all trend: too short to tell its moments from others of the scene
        assert (result.verdict, result.reasons) == ("related", ("same_scene",))
    else:
        assert result.verdict in {"known_fake", "related"}
    [(start, end)] = spans(result)
    assert start == pytest.approx(0, abs=0.3)
    assert end == pytest.approx(seconds, abs=0.3)


def test_one_frame_decides_nothing(folder: Path, registered: Candidate) -> None:
    found = read(media.encode(folder / "one.mp4", iter(footage()[20:21]), rate=RATE))
    assert found.distinct_instants == 1
    assert decided(found, registered).reasons == ("single_frame",)


@pytest.mark.slow
def test_two_thousand_frames_a_second(folder: Path) -> None:
    picture = media.drawn(64, 36)
    frames = (np.roll(picture, index // 50, axis=1) for index in range(4000))
    path = media.encode(folder / "fast.mp4", frames, rate=2000)
    found = read(path)
    assert found.media.duration == pytest.approx(2.0, abs=0.05)
    assert 8 <= len(full(found)) <= 10


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_header_that_promises_two_thousand(folder: Path, registered: Candidate, suffix: str) -> None:
    """Ten frames a second, as their times say."""
    path = media.encode(
        folder / f"boast{suffix}", iter(footage()), rate=2000, pts=lambda index: index * 200_000
    )
    found = read(path)
    assert found.media.duration == pytest.approx(6.0, abs=0.2)
    assert decided(found, registered).verdict == "known_fake"


@pytest.mark.parametrize("suffix", [".ts", ".mkv", ".mp4"])
def test_a_clock_that_begins_at_ten_hours(
    folder: Path, clip: Path, registered: Candidate, suffix: str
) -> None:
    path = folder / f"ten{suffix}"
    media.ffmpeg("-i", clip, "-c", "copy", "-output_ts_offset", "36000", path)
    found = read(path)
    assert found.media.duration == pytest.approx(6.0, abs=0.2)
    assert times(found)[:3] == [0.0, 0.5, 1.0]
    assert decided(found, registered).verdict == "known_fake"


@pytest.mark.slow
def test_a_clock_that_jumps_back(folder: Path, clip: Path, registered: Candidate) -> None:
    """Another recording before it, whose clock is an hour ahead."""
    other, part, both = folder / "other.ts", folder / "part.ts", folder / "back.ts"
    media.encode(folder / "other.mp4", media.panning("chelsea", *SIZE, 60), rate=RATE)
    media.ffmpeg("-i", folder / "other.mp4", "-c", "copy", "-output_ts_offset", "3600", other)
    media.ffmpeg("-i", clip, "-c", "copy", part)
    both.write_bytes(other.read_bytes() + part.read_bytes())
    found = read(both)
    assert times(found) == sorted(times(found))
    assert len(full(found)) >= 20
    result = decided(found, registered)
    assert result.verdict == "known_fake"
    [(start, end)] = spans(result)
    assert start == pytest.approx(6, abs=1)
    assert end == pytest.approx(12, abs=1)


@pytest.mark.slow
def test_a_clock_that_starts_again_and_again_costs_no_more(folder: Path, clip: Path) -> None:
    """Each part says that it begins at zero, so the whole claims six seconds."""
    part, many = folder / "again.ts", folder / "many.ts"
    media.ffmpeg("-i", clip, "-c", "copy", part)
    many.write_bytes(part.read_bytes() * 6)
    found = read(many)
    assert found.media.duration == pytest.approx(36, abs=1)
    assert 60 <= len(full(found)) <= 80


def test_half_a_minute_without_a_frame(folder: Path, registered: Candidate) -> None:
    """A player shows the frame before the gap; so does the fingerprint, in one row."""

    def at(index: int) -> int:
        return index * 1000 if index < 30 else index * 1000 + 30 * RATE * 1000

    path = media.encode(folder / "gap.mp4", iter(footage()), rate=RATE, pts=at)
    found = read(path)
    assert found.media.duration == pytest.approx(36.0, abs=0.2)
    assert len(full(found)) <= 15
    assert max(frame.duration for frame in full(found)) == pytest.approx(30, abs=1)
    assert decided(found, registered).verdict == "known_fake"


def two_streams(folder: Path, clip: Path, *, default: int) -> Path:
    """A decoy and the clip in one file; players show the stream marked as the default."""
    decoy, path = folder / "decoy.mp4", folder / f"two{default}.mkv"
    media.encode(decoy, media.panning("chelsea", *SIZE, 60), rate=RATE)
    marks = itertools.chain.from_iterable(
        (f"-disposition:v:{stream}", "default" if stream == default else "0") for stream in range(2)
    )
    media.ffmpeg("-i", decoy, "-i", clip, "-map", "0:v", "-map", "1:v", "-c", "copy", *marks, path)
    return path


@pytest.mark.parametrize("default", [0, 1])
def test_of_two_video_streams_the_default_is_read(
    folder: Path, clip: Path, registered: Candidate, default: int
) -> None:
    found = decided(read(two_streams(folder, clip, default=default)), registered)
    assert found.verdict == ("known_fake" if default else "no_match")


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_cover_art_is_not_the_video(folder: Path, clip: Path, registered: Candidate, suffix: str) -> None:
    cover, path = folder / "cover.jpg", folder / f"covered{suffix}"
    Image.fromarray(media.photograph("chelsea")).save(cover)
    media.ffmpeg("-i", cover, "-i", clip, "-map", "0", "-map", "1", "-c", "copy",
                 "-disposition:v:0", "attached_pic", path)  # fmt: skip
    found = read(path)
    assert (found.media.width, found.media.height) == SIZE
    assert decided(found, registered).verdict == "known_fake"


@pytest.fixture(scope="module")
def long_footage(folder: Path) -> Path:
    """Forty seconds that pan over four photographs, one after the other."""
    names = ("coffee", "chelsea", "rocket", "astronaut")
    scenes = (media.panning(name, *SIZE, 10 * RATE) for name in names)
    return media.encode(folder / "long.mp4", itertools.chain.from_iterable(scenes), rate=RATE)


@pytest.mark.slow
@pytest.mark.parametrize(("start", "seconds"), [(8.3, 10.0), (12.7, 4.0), (21.6, 4.0), (31.1, 4.0)])
def test_an_excerpt_of_long_media_is_placed_within_a_second(
    folder: Path,
    long_footage: Path,
    registered: Candidate,
    monkeypatch: pytest.MonkeyPatch,
    start: float,
    seconds: float,
) -> None:
    """Sampled every two seconds, as media of more than an hour are."""
    excerpt = folder / "excerpt.mp4"
    media.ffmpeg("-ss", str(start), "-i", long_footage, "-t", str(seconds), "-crf", "30", excerpt)
    query = read(excerpt)
    monkeypatch.setattr(sampling, "PLENTY", 0)
    whole = read(long_footage)
    assert len(full(whole)) <= 22
    asset = replace(
        registered,
        sha256=whole.media.sha256,
        duration=whole.media.duration,
        frames=timeline.of_frames([frame for frame in whole.frames if not frame.mirrored]),
    )
    result = decided(query, asset)
    assert result.verdict == "known_fake" or (seconds < 5 and result.reasons == ("same_scene",))
    spans = [item.match.aligned.span for group in result.groups for item in group]
    longest = max(spans, key=lambda span: span.query[1] - span.query[0])
    assert longest.query == pytest.approx((0, seconds), abs=1)
    assert longest.asset == pytest.approx((start, start + seconds), abs=1)
