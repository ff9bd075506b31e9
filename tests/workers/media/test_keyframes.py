"""Keyframes read alone are the pictures that a full reading sees at those times; what has none goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import pytest
from PIL import Image

from registry.catalogue.entries.model.entry import KEYFRAMES
from registry.catalogue.fingerprints.model.fingerprint import FULL, MIRROR, Fingerprint, Frame
from registry.core.errors import BadMedia, NotSettled
from tests.support.media import clips as media
from workers.media import keyframes
from workers.media.limits import Limits
from workers.pipeline.fingerprint import fingerprint_file

RATE = 10
LIMITS = Limits()
H264 = {"crf": "23", "preset": "veryfast"}


def clip(
    path: Path, *, seconds: float = 12.0, codec: str = "libx264", options: dict[str, str] | None = None
) -> Path:
    frames = media.panning("astronaut", 320, 240, round(seconds * RATE), 0.3)
    return media.encode(path, frames, rate=RATE, codec=codec, options=options or H264 | {"g": "20"})


def first_look(path: Path) -> tuple[Fingerprint, Fingerprint]:
    """The glance, and what is added to it."""
    glance = fingerprint_file(path, sampling="glance")
    return glance, fingerprint_file(path, sampling="keyframes", before=glance)


def at(fingerprint: Fingerprint, time: float) -> Frame:
    (found,) = [
        frame for frame in fingerprint.frames if frame.view == FULL and frame.time == pytest.approx(time)
    ]
    return found


def times(fingerprint: Fingerprint) -> list[float]:
    return sorted({frame.time for frame in fingerprint.frames})


@pytest.mark.slow
def test_keyframes_equal_those_of_a_full_reading(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mp4")
    whole = fingerprint_file(path)
    glance, closer = first_look(path)
    assert times(glance) == pytest.approx([0, 2, 4, 6, 8, 10])
    assert times(closer) == pytest.approx([0, 2, 4, 6, 8, 10, 11.5])
    for time in times(closer):
        # The last picture, shown at 11.9 s, stands for the last half second.
        mine, theirs = at(closer, time), at(whole, 11.9 if time == 11.5 else time)
        assert (mine.phash256, mine.pdq, mine.sscd, mine.quality) == (
            theirs.phash256,
            theirs.pdq,
            theirs.sscd,
            theirs.quality,
        )
    assert {frame.view for frame in closer.frames} == {FULL, MIRROR}
    assert closer.media == whole.media
    assert glance.notes == closer.notes == (KEYFRAMES,)
    assert not glance.faces
    seen = {face.time: face for face in whole.faces}
    assert len(closer.faces) >= 5
    for face in closer.faces:
        if face.time in seen:
            assert face.box == seen[face.time].box
            assert face.embedding == seen[face.time].embedding


@pytest.mark.slow
def test_each_stands_for_half_a_second(tmp_path: Path) -> None:
    _, closer = first_look(clip(tmp_path / "a.mp4"))
    lasting = {frame.time: frame.duration for frame in closer.frames}
    assert list(lasting.values()) == pytest.approx([0.5] * 7)


@pytest.mark.slow(18)
@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("a.mkv", "libx264", H264 | {"g": "20", "bf": "3"}),
        ("a.mp4", "libx264", H264 | {"g": "20", "x264-params": "open-gop=1:bframes=3"}),
        (
            "a.mp4",
            "libx265",
            {"crf": "30", "preset": "ultrafast", "g": "20", "x265-params": "log-level=none"},
        ),
        ("a.mov", "mpeg4", {"g": "20"}),
        ("a.webm", "libvpx-vp9", {"crf": "40", "b": "0", "g": "20", "deadline": "realtime", "cpu-used": "8"}),
    ],
)
def test_whatever_the_codec_the_clock_is_the_same(
    tmp_path: Path, name: str, codec: str, options: dict[str, str]
) -> None:
    path = clip(tmp_path / name, codec=codec, options=options)
    whole = fingerprint_file(path)
    _, closer = first_look(path)
    assert closer.media == whole.media
    for time in times(closer)[:-1]:
        if any(frame.time == pytest.approx(time) for frame in whole.frames):
            assert at(closer, time).phash256 == at(whole, time).phash256


@pytest.mark.slow
def test_timestamps_that_begin_late_change_nothing(tmp_path: Path) -> None:
    early, late = clip(tmp_path / "a.mkv"), tmp_path / "late.mkv"
    media.ffmpeg("-i", early, "-c", "copy", "-output_ts_offset", "36000", late)
    (_, one), (_, other) = first_look(early), first_look(late)
    assert one.frames == other.frames
    assert one.media.duration == other.media.duration


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("a.mov", "mjpeg", {"q:v": "5"}),
        ("a.mp4", "libx264", H264 | {"g": "10"}),
    ],
)
def test_of_very_many_some_are_read(tmp_path: Path, name: str, codec: str, options: dict[str, str]) -> None:
    if codec == "mjpeg":
        source = clip(tmp_path / "source.mp4")
        media.ffmpeg("-i", source, "-c:v", "mjpeg", "-q:v", "5", tmp_path / name)
    else:
        clip(tmp_path / name, codec=codec, options=options)
    glance, closer = first_look(tmp_path / name)
    assert len(times(glance)) == 8
    gaps = [after - before for before, after in zip(times(closer), times(closer)[1:], strict=False)]
    assert max(gaps) < 2.1
    assert times(closer)[-1] == pytest.approx(11.5)


def _gif(folder: Path) -> Path:
    pictures = [Image.fromarray(pixels) for pixels in media.panning("coffee", 64, 48, 100)]
    pictures[0].save(folder / "a.gif", save_all=True, append_images=pictures[1:], duration=100)
    return folder / "a.gif"


def _still(folder: Path) -> Path:
    Image.fromarray(media.drawn(320, 240)).save(folder / "a.png")
    return folder / "a.png"


def _headless(folder: Path) -> Path:
    """A stream of which the first keyframe was cut off."""
    source = clip(folder / "source.mkv")
    with av.open(str(source)) as given, av.open(str(folder / "a.mkv"), "w") as made:
        stream = made.add_stream_from_template(given.streams.video[0])
        for number, packet in enumerate(given.demux(given.streams.video[0])):
            if number and packet.dts is not None:
                packet.stream = stream
                made.mux(packet)
    return folder / "a.mkv"


def _damaged(folder: Path) -> Path:
    """One keyframe overwritten in the middle of the file."""
    path = clip(folder / "a.mp4")
    content = bytearray(path.read_bytes())
    with av.open(str(path)) as opened:
        for packet in opened.demux(video=0):
            if packet.is_keyframe and packet.pos and packet.pts and packet.pts * packet.time_base == 4:
                content[packet.pos + 8 : packet.pos + packet.size] = bytes(packet.size - 8)
    path.write_bytes(content)
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    "made",
    [
        _gif,
        _still,
        _headless,
        _damaged,
        lambda folder: clip(folder / "a.avi", codec="mpeg4", options={"g": "20"}),
    ],
    ids=["gif", "still", "headless", "damaged", "unmarked"],
)
def test_unsettled_files_are_read_whole(tmp_path: Path, made: Callable[[Path], Path]) -> None:
    path = made(tmp_path)
    with pytest.raises(NotSettled) as raised:
        first_look(path)
    assert raised.value.wanted == "full"
    assert fingerprint_file(path).frames


@pytest.mark.parametrize(("seconds", "distance", "count"), [(6, "20", 3), (10, "1000", 1)])
def test_few_keyframes_are_read_too(tmp_path: Path, seconds: int, distance: str, count: int) -> None:
    """They are enough to miss what is unknown, and to go on where they resemble something."""
    options = H264 | {"g": distance, "sc_threshold": "0"}
    glance = fingerprint_file(clip(tmp_path / "a.mp4", seconds=seconds, options=options), sampling="glance")
    assert len({frame.time for frame in glance.frames}) == count


def test_a_video_of_one_picture_is_looked_at(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mp4", seconds=0.1, options=H264)
    glance = fingerprint_file(path, sampling="glance")
    assert {frame.time for frame in glance.frames} == {0.0}


def test_broken_files_fail_as_they_always_do(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mp4")
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(NotSettled):
        fingerprint_file(path, sampling="glance")
    with pytest.raises(BadMedia, match="damaged or cut"):
        fingerprint_file(path)
    with pytest.raises(BadMedia):
        fingerprint_file(tmp_path / "none.mp4", sampling="glance")


def test_a_plan_names_the_group_of_the_last_picture(tmp_path: Path) -> None:
    plan = keyframes.plan(clip(tmp_path / "a.mp4"), LIMITS)
    assert plan is not None
    assert plan.group == plan.keys[-1]
    assert plan.times == pytest.approx((0, 2, 4, 6, 8, 10))
    assert (plan.end, plan.duration) == pytest.approx((11.9, 12.0))


def test_a_digest_decodes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"no video at all")
    found = fingerprint_file(path, sampling="digest")
    assert (found.frames, found.notes) == ((), (KEYFRAMES,))
    assert found.media.bytes == 15
