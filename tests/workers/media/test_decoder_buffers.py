"""How many frames a decoder would hold is known before it holds them, and too much is refused."""

from __future__ import annotations

import itertools
from pathlib import Path

import av
import pytest

from registry.core.errors import BadMedia
from tests.support.media import clips as media
from workers.media.decoder_buffers import BESIDE, INTRA, Holding
from workers.pipeline.fingerprint import fingerprint_file

X265 = {"preset": "ultrafast", "x265-params": "log-level=0:ref={}:bframes=0:keyint=30"}


def held(path: Path) -> int:
    """Frames that decoding the file holds at most, by what it says to its end."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        holding = Holding(stream.codec_context)
        for packet in container.demux(stream):
            holding.see(packet)
            packet.decode()
        return holding.frames


def large() -> media.Pixels:
    """A picture of 8K whose blocks are the pixels of a small one."""
    return media.drawn(480, 270).repeat(16, axis=0).repeat(16, axis=1)


def drawn(path: Path, codec: str, options: dict[str, str]) -> Path:
    frames = (media.drawn(160, 96, index) for index in range(4))
    return media.encode(path, frames, codec=codec, options=options)


@pytest.mark.parametrize("references", [1, 4, 16])
@pytest.mark.parametrize("suffix", ["mp4", "ts"])
def test_h264_needs_its_first_packet(tmp_path: Path, references: int, suffix: str) -> None:
    options = {"preset": "ultrafast", "x264-params": f"ref={references}:bframes=0"}
    assert held(drawn(tmp_path / f"a.{suffix}", "libx264", options)) == references + BESIDE


@pytest.mark.parametrize("references", [2, 5])
@pytest.mark.parametrize("suffix", ["mp4", "ts"])
def test_hevc_needs_its_parameter_sets(tmp_path: Path, references: int, suffix: str) -> None:
    options = {key: value.format(references) for key, value in X265.items()}
    assert held(drawn(tmp_path / f"a.{suffix}", "libx265", options)) == references + BESIDE


def test_hevc_may_say_it_between_its_frames(tmp_path: Path) -> None:
    few, many = (
        drawn(tmp_path / f"{count}.ts", "libx265", {key: value.format(count) for key, value in X265.items()})
        for count in (2, 5)
    )
    both = tmp_path / "both.ts"
    both.write_bytes(few.read_bytes() + many.read_bytes())
    assert held(both) == 5 + BESIDE


def test_pictures_that_stand_by_themselves_are_few(tmp_path: Path) -> None:
    assert held(drawn(tmp_path / "a.avi", "mjpeg", {"strict": "-1"})) == INTRA


@pytest.mark.slow
def test_8k_of_single_pictures_is_read(tmp_path: Path) -> None:
    frames = itertools.repeat(large(), 1)
    path = media.encode(tmp_path / "a.avi", frames, codec="mjpeg", options={"strict": "-1"})
    assert fingerprint_file(path, faces=False).media.width == 7680


@pytest.mark.slow
def test_8k_that_refers_to_sixteen_frames_is_refused(tmp_path: Path) -> None:
    options = {"preset": "ultrafast", "x264-params": "ref=16:bframes=0:level=6.2"}
    path = media.encode(tmp_path / "a.mp4", itertools.repeat(large(), 3), options=options)
    with pytest.raises(BadMedia, match="22 frames") as caught:
        fingerprint_file(path, faces=False)
    assert caught.value.code == "too_large"
    assert caught.value.next_step is not None
    assert "reference frames" in caught.value.next_step
