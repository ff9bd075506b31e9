"""A long video read in segments: bit by bit what it is when read in one, or not divided at all."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.catalogue.fingerprints.model.algorithms import SSCD
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from tests.support.media import clips as media
from workers.errors import NotDivisible
from workers.hashers import catalogue, chromaprint
from workers.media import container, frames, pieces, sampling, source
from workers.media.limits import Limits
from workers.pipeline import fingerprint as pipeline
from workers.pipeline import segments
from workers.pipeline.chapters import Joined
from workers.pipeline.orders import Plan, SoundFound
from workers.pipeline.reading import Reading

LIMITS = Limits()
SIZE = (192, 108)
X264 = "-c:v libx264 -preset veryfast -pix_fmt yuv420p -g 12 -threads 1"
MOVES = "testsrc2=size=192x108:rate={rate}:duration=9"
CUTS = (
    "testsrc2=size=192x108:rate=10:duration=3.3[a];mandelbrot=size=192x108:rate=10,trim=duration=2.4[b];"
    "color=c=gray:size=192x108:rate=10:duration=4[c];[a][b][c]concat=n=3"
)


@pytest.fixture(autouse=True)
def short_chapters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chapters of two seconds, so that nine are a long video."""
    monkeypatch.setattr(sampling, "CHAPTER", 2.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("segments")


def made(path: Path, arguments: str, source: str = MOVES.format(rate=10)) -> Path:
    """A file that FFmpeg makes of a drawn picture."""
    given = ["-f", "lavfi", "-i", source] if source else []
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *given, *arguments.split(), str(path)]
    subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return path


def planned(path: Path) -> Plan | None:
    return segments.plan(path, LIMITS, longer=4, most=48)


def in_segments(path: Path, plan: Plan) -> Fingerprint:
    shared = json.loads(json.dumps(plan.shared))
    found = [segments.read(path, LIMITS, shared, json.loads(json.dumps(task))) for task, _ in plan.tasks]
    return joined(path, shared, found)


def joined(path: Path, shared: dict[str, Any], found: list[bytes]) -> Fingerprint:
    def listen(duration: float) -> SoundFound:
        return SoundFound(*chromaprint.listen(path, LIMITS, duration=duration, tick=lambda: None))

    return segments.join(shared, found, lambda _share: None, listen)


def whole(path: Path) -> Fingerprint:
    return pipeline.fingerprint_file(path)


DIVIDED: dict[str, Callable[[Path], Path]] = {
    "b-frames": lambda at: made(at / "b.mp4", f"{X264} -bf 3"),
    "cuts, a still end, matroska": lambda at: made(at / "cuts.mkv", X264, CUTS),
    "irregular groups": lambda at: made(at / "i.mp4", f"{X264} -g 500 -force_key_frames 1.1,1.9,4.7,5.95"),
    "23.976 pictures a second": lambda at: made(at / "film.mp4", X264, MOVES.format(rate="24000/1001")),
    "29.97, times in milliseconds": lambda at: made(
        at / "ntsc.mkv", f"{X264} -bf 2", MOVES.format(rate="30000/1001")
    ),
    "no fixed rate": lambda at: made(
        at / "vfr.mp4", f"{X264} -vf select=not(mod(n\\,3))+lt(mod(n\\,40)\\,17) -fps_mode vfr"
    ),
    "parameter sets at each key": lambda at: made(
        at / "avc3.mp4", f"{X264} -x264-params repeat-headers=1 -tag:v avc3"
    ),
    "open groups of hevc": lambda at: made(
        at / "open.mp4",
        "-c:v libx265 -preset ultrafast -pix_fmt yuv420p "
        "-x265-params open-gop=1:keyint=12:bframes=3:log-level=none",
    ),
    "vp9": lambda at: made(at / "vp9.webm", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 12"),
    "av1": lambda at: made(at / "av1.mp4", "-c:v libaom-av1 -cpu-used 8 -usage realtime -g 12"),
    "sound that is longer": lambda at: made(at / "long.mp4", f"-f lavfi -i sine=f=330:d=12 {X264} -c:a aac"),
    "sound that begins later": lambda at: made(
        at / "late.mkv", f"-itsoffset 1.3 -f lavfi -i anoisesrc=d=6:a=.3:seed=1 {X264} -c:a libopus"
    ),
}
WHOLE: dict[str, Callable[[Path], Path]] = {
    "short": lambda at: made(at / "short.mp4", f"{X264} -t 3.5"),
    "one group": lambda at: made(at / "one.mp4", f"{X264} -g 1000 -bf 0 -sc_threshold 0"),
    "open groups of h264": lambda at: made(at / "og.mp4", f"{X264} -bf 3 -x264-params open-gop=1:keyint=12"),
    "refreshed without keys": lambda at: made(at / "ir.mp4", f"{X264} -x264-params intra-refresh=1"),
    "a stream of transport": lambda at: made(at / "ts.ts", X264),
    "no times": lambda at: made(at / "old.avi", "-c:v mpeg4 -bf 0"),
    "mpeg-4": lambda at: made(at / "part2.mp4", "-c:v mpeg4 -bf 2 -g 12"),
    "an animated picture": lambda at: made(at / "moves.gif", "-t 6"),
    "cut by an edit list": lambda at: made(
        at / "edited.mp4", f"-ss 1.7 -i {made(at / 'uncut.mp4', X264)} -c copy", source=""
    ),
    "cut short": lambda at: cut_short(made(at / "full.mkv", X264)),
}


def cut_short(path: Path) -> Path:
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    return path


@pytest.fixture
def few_hashers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the model, which is slow and sees what the others see."""
    usable = [item for item in catalogue.usable() if item.algorithm is not SSCD]
    monkeypatch.setattr(catalogue, "usable", lambda: usable)


@pytest.mark.slow(21)
@pytest.mark.usefixtures("few_hashers")
@pytest.mark.parametrize("kind", DIVIDED)
def test_segments_make_the_same_fingerprint(folder: Path, kind: str) -> None:
    path = DIVIDED[kind](folder)
    plan = planned(path)
    assert plan is not None
    assert len(plan.tasks) >= 4
    assert sum(share for _, share in plan.tasks) == pytest.approx(1, abs=0.02)
    assert in_segments(path, plan) == whole(path)


@pytest.mark.parametrize("kind", WHOLE)
def test_unreliable_videos_are_not_divided(folder: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "RUN_UP", 1.5)
    assert planned(WHOLE[kind](folder)) is None


@pytest.mark.slow
def test_faces_and_their_tracks_go_on_over_chapters(folder: Path) -> None:
    shots = [*media.panning("astronaut", 480, 360, 55, 0.3), *media.panning("coffee", 480, 360, 20)]
    path = media.encode(folder / "face.mp4", iter(shots), rate=10, options={"g": "15", "preset": "veryfast"})
    plan = planned(path)
    assert plan is not None
    found = in_segments(path, plan)
    assert len({face.time for face in found.faces}) >= 4
    assert {face.track for face in found.faces} == {0}
    assert all(face.expression for face in found.faces)
    assert found == whole(path)


@pytest.mark.slow
def test_a_run_of_equal_pictures_is_one_over_many_chapters(folder: Path) -> None:
    path = made(folder / "still.mp4", X264, "color=c=red:size=192x108:rate=10:duration=9,drawgrid=w=31:h=17")
    plan = planned(path)
    assert plan is not None
    found = in_segments(path, plan)
    assert found == whole(path)
    assert found.distinct_instants == 1
    assert found.frames[0].duration == pytest.approx(9.0)


@pytest.mark.slow
@pytest.mark.usefixtures("few_hashers")
def test_another_picture_at_a_seam_is_not_joined(folder: Path) -> None:
    path = made(folder / "seam.mp4", X264)
    plan = planned(path)
    assert plan is not None
    found = [segments.read(path, LIMITS, plan.shared, task) for task, _ in plan.tasks]
    lying = json.loads(found[2])
    lying["begins"]["digest"] = "0" * 64
    with pytest.raises(NotDivisible, match="different pictures"):
        joined(path, plan.shared, [*found[:2], json.dumps(lying).encode(), *found[3:]])
    unlike = json.loads(found[2]) | {"algorithms": []}
    with pytest.raises(NotDivisible, match="differ"):
        joined(path, plan.shared, [*found[:2], json.dumps(unlike).encode(), *found[3:]])
    newer = json.loads(found[2]) | {"version": 99}
    with pytest.raises(NotDivisible, match="version"):
        joined(path, plan.shared, [*found[:2], json.dumps(newer).encode(), *found[3:]])


@pytest.mark.slow
def test_a_damaged_piece_is_no_piece(folder: Path) -> None:
    path = made(folder / "damaged.mp4", X264)
    with av.open(path) as opened:
        packets = [packet for packet in opened.demux(video=0) if packet.size]
    raw = bytearray(path.read_bytes())
    for packet in packets[len(packets) // 2 :][:3]:  # whole frames: of a few bytes decoders say nothing
        assert packet.pos is not None
        raw[packet.pos : packet.pos + packet.size] = b"\xff" * packet.size
    path.write_bytes(raw)
    plan = planned(path)
    if plan is not None:
        with pytest.raises(NotDivisible):
            in_segments(path, plan)


@pytest.mark.slow
@pytest.mark.usefixtures("few_hashers")
def test_where_seeking_leads_astray_the_piece_is_found_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(folder / "seek.mp4", X264)
    plan = planned(path)
    assert plan is not None
    expected = whole(path)
    opened = container.opened

    class Astray:
        """A container whose seeks lead to its end."""

        def __init__(self, real: Any) -> None:
            self._real = real

        def __getattr__(self, name: str) -> Any:
            return getattr(self._real, name)

        def seek(self, offset: int, **named: Any) -> None:
            self._real.seek(offset if not offset else 10**9, **named)

    @contextmanager
    def astray(path: Path, limits: Limits) -> Iterator[tuple[Any, Any]]:
        with opened(path, limits) as (file, stream):
            yield Astray(file), stream

    monkeypatch.setattr(container, "opened", astray)
    assert in_segments(path, plan) == expected


@pytest.mark.slow
@pytest.mark.usefixtures("few_hashers")
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    keys=st.lists(st.floats(0.2, 8.6), max_size=12),
    ticks=st.lists(st.integers(1, 5), min_size=30, max_size=60),
    bframes=st.integers(0, 3),
)
def test_any_groups_and_times(folder: Path, keys: list[float], ticks: list[int], bframes: int) -> None:
    """Pictures that stand for any while, and groups that begin anywhere."""
    path = folder / "any.mkv"
    pixels = np.arange(96 * 64 * 3).reshape(64, 96, 3)
    with av.open(str(path), "w") as file:
        stream: Any = file.add_stream(
            "libx264", rate=10, options={"preset": "ultrafast", "bf": str(bframes), "g": "40"}
        )
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        now, asked = 0, sorted(keys)
        for place, tick in enumerate(ticks):
            moved = np.roll(pixels, place // 3 * 7, axis=1)
            frame = av.VideoFrame.from_ndarray((moved % 251).astype(np.uint8), "rgb24")
            frame.pts = now
            if asked and now / 10 >= asked[0]:
                frame.pict_type = 1
                asked.pop(0)
            file.mux(stream.encode(frame))
            now += tick
        file.mux(stream.encode())
    division = pieces.divide(path, LIMITS, longer=4, most=48)
    if division is None:
        return
    identified = source.identify(path, LIMITS)
    one, reading = Joined(), Reading(faces=False, progress=None, thorough=True)
    with frames.opened(identified, LIMITS) as reel:
        for chapter in reading.chapters(reel):
            one.add(chapter)
    joined = Joined()
    seams = []
    for piece in division.pieces:
        with pieces.opened(path, LIMITS, division, piece) as part:
            for chapter in Reading(faces=False, progress=None, thorough=True).chapters(part):
                joined.add(chapter)
        seams.append((part.begins, part.meets))
    assert [meets for _, meets in seams[:-1]] == [begins for begins, _ in seams[1:]]
    assert joined.frames == one.frames
    assert part.end == reel.end == division.ends
