"""ISCC units of files: as the standard's own test data say, and as its reference implementation prepares
media."""

from __future__ import annotations

from pathlib import Path

import iscc_lib
import pytest
from PIL import Image, ImageOps

from registry.catalogue.fingerprints.model.whole_file import common_bits
from tests.support.media import clips as media
from workers.hashers import iscc, iscc_picture
from workers.media.limits import Limits

STEADY = "mbtree=0"
"""For x264: with its macroblock tree the same pictures made other files in each process."""


@pytest.fixture(scope="module")
def picture() -> Image.Image:
    return Image.fromarray(media.view(media.photograph("chelsea"), 320, 240, 0.5))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("iscc") / "clip.mp4"
    options = {"crf": "20", "preset": "fast", "x264-params": STEADY}
    return media.encode(path, media.panning("coffee", 320, 180, 100), options=options)


def saved(folder: Path, picture: Image.Image, **more: Image.Exif) -> bytes:
    path = folder / "picture.png"
    picture.save(path, format="PNG", **more)
    return iscc_picture.of_picture(path, Limits()) or b""


def test_the_library_computes_what_the_standard_says() -> None:
    assert iscc_lib.conformance_selftest()


def test_a_picture_is_prepared_as_the_reference_does(tmp_path: Path, picture: Image.Image) -> None:
    grey = picture.convert("L").resize((32, 32), Image.Resampling.BICUBIC)
    expected = iscc_lib.iscc_decode(iscc_lib.gen_image_code_v0(grey.tobytes(), 256)["iscc"])[4]
    plain = saved(tmp_path, picture)
    assert plain == expected
    assert saved(tmp_path, ImageOps.expand(picture, 30, (9, 9, 9))) == plain, "a border of one colour"
    turned = Image.Exif()
    turned[0x0112] = 6
    assert saved(tmp_path, picture.rotate(90, expand=True), exif=turned) == plain, "shown upright"
    clear = ImageOps.expand(picture, 30, (9, 9, 9)).convert("RGBA")
    clear.putalpha(ImageOps.expand(Image.new("L", picture.size, 255), 30, 0))
    assert saved(tmp_path, clear) == plain, "transparency is white"


def test_a_picture_that_shows_nothing_has_no_code(tmp_path: Path) -> None:
    assert saved(tmp_path, Image.new("RGB", (64, 64), (3, 3, 3))) == b""
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff no picture")
    assert iscc_picture.of_picture(broken, Limits()) is None


@pytest.mark.slow
def test_a_video_keeps_its_code_when_it_is_encoded_again(tmp_path: Path, clip: Path) -> None:
    again = tmp_path / "again.mkv"
    media.ffmpeg("-i", clip, "-vf", "scale=200:-2", "-crf", "36", "-x264-params", STEADY, again)
    first, second = iscc.of_video(clip), iscc.of_video(again)
    assert first is not None
    assert second is not None
    assert len(first) == 32
    distance, bits = common_bits(first[:8], second)
    assert (distance <= 6, bits) == (True, 64)


def test_what_is_no_video_has_no_code(tmp_path: Path, clip: Path) -> None:
    playlist = tmp_path / "list.mp4"
    playlist.write_text(f"#EXTM3U\n#EXTINF:4,\n{clip}\n#EXT-X-ENDLIST\n")
    assert iscc.of_video(playlist) is None, "a playlist opens no other file"


def test_bytes_are_named_by_their_digest(tmp_path: Path) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(b"")
    data, instance = iscc.of_bytes(path)
    assert len(data) == 32
    assert instance.hex() == "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262", (
        "BLAKE3 of nothing"
    )
