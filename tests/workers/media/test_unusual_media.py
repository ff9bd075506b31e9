"""Media that are unusual and good: what is said of them, and that their hashes are those of what is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from threatexchange.signal_type.pdq.signal import PdqSignal

from registry.catalogue.fingerprints.model.fingerprint import FULL, UNTURNED, Fingerprint, Frame
from tests.support.media import clips as media
from workers.pipeline.fingerprint import fingerprint_file
from workers.pipeline.progressive import fingerprint_keyframes

pytestmark = pytest.mark.slow(85)

SAME = 24
"""Bits of 256 that the pHash of one picture may change by, scaled or encoded another way."""


def read(path: Path) -> Fingerprint:
    return fingerprint_file(path, faces=False)


def full(fingerprint: Fingerprint) -> list[Frame]:
    return [frame for frame in fingerprint.frames if frame.view == FULL]


def apart(frame: Frame, other: Frame) -> int:
    """Bits in which two frames' pHashes differ."""
    assert frame.phash256 is not None
    assert other.phash256 is not None
    return (int.from_bytes(frame.phash256) ^ int.from_bytes(other.phash256)).bit_count()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("odd")


@pytest.fixture(scope="module")
def plain(folder: Path) -> Frame:
    """The astronaut as an ordinary PNG."""
    Image.fromarray(media.photograph("astronaut")).save(folder / "plain.png")
    return full(read(folder / "plain.png"))[0]


@pytest.fixture(scope="module")
def clip(folder: Path) -> Path:
    """Four seconds of 320 x 180 at 25 frames a second."""
    return media.clip(folder / "clip.mp4", seconds=4, size=(320, 180))


@pytest.fixture(scope="module")
def clip_read(clip: Path) -> list[Frame]:
    return full(read(clip))


def astronaut() -> Image.Image:
    return Image.fromarray(media.photograph("astronaut"))


def sixteen_bit_grey() -> Image.Image:
    return Image.fromarray(np.asarray(astronaut().convert("L")).astype(np.uint16) * 257)


def see_through() -> Image.Image:
    return Image.merge("RGBA", [*astronaut().split(), Image.new("L", (512, 512), 255)])


def floating() -> Image.Image:
    return Image.fromarray(np.asarray(astronaut().convert("L"), dtype=np.float32) / 255)


@pytest.mark.parametrize(
    ("name", "image", "options"),
    [
        ("a.jpg", astronaut, {"quality": 80}),
        ("cmyk.jpg", lambda: astronaut().convert("CMYK"), {"quality": 90}),
        ("progressive.jpg", astronaut, {"progressive": True}),
        ("grey.jpg", lambda: astronaut().convert("L"), {}),
        ("16bit.png", sixteen_bit_grey, {}),
        ("palette.png", lambda: astronaut().quantize(128), {}),
        ("alpha.png", see_through, {}),
        ("lossy.webp", astronaut, {"quality": 60}),
        ("a.avif", astronaut, {"quality": 60}),
        ("one.gif", lambda: astronaut().quantize(128), {}),
        ("a.bmp", astronaut, {}),
        ("a.tiff", astronaut, {"compression": "tiff_lzw"}),
        ("float.tiff", floating, {}),
        ("16bit.tiff", sixteen_bit_grey, {}),
    ],
)
def test_stills(folder: Path, plain: Frame, name: str, image: Any, options: dict[str, Any]) -> None:
    image().save(folder / name, **options)
    found = read(folder / name)
    assert found.media.kind == "image"
    assert found.media.duration == 0
    assert (found.media.width, found.media.height) == (512, 512)
    assert found.distinct_instants == 1
    assert apart(full(found)[0], plain) <= SAME


def test_sixteen_bit_colour(folder: Path, plain: Frame) -> None:
    """Pillow writes none; FFmpeg does."""
    media.ffmpeg("-i", folder / "plain.png", "-pix_fmt", "rgb48be", folder / "48.png")
    assert apart(full(read(folder / "48.png"))[0], plain) <= SAME


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "CMYK", "I;16"])
def test_large_stills_are_shrunk_in_strips(folder: Path, plain: Frame, mode: str) -> None:
    large = astronaut().resize((5600, 2800), Image.Resampling.BILINEAR)
    if mode == "I;16":
        large = Image.fromarray(np.asarray(large.convert("L")).astype(np.uint16) * 257)
    else:
        large = large.convert(mode)
    path = folder / f"large.{'tiff' if mode == 'CMYK' else 'png'}"
    options: dict[str, Any] = {} if mode == "CMYK" else {"compress_level": 1}
    large.save(path, **options)
    found = read(path)
    assert (found.media.width, found.media.height) == (5600, 2800)
    assert apart(full(found)[0], plain) <= SAME


def test_a_large_photograph_of_a_phone_is_turned(folder: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    shown = astronaut().resize((4000, 6000), Image.Resampling.BILINEAR)
    shown.transpose(Image.Transpose.ROTATE_90).save(folder / "phone.jpg", exif=exif)
    shown.save(folder / "shown.jpg")
    found = read(folder / "phone.jpg")
    assert (found.media.width, found.media.height) == (4000, 6000)
    assert apart(full(found)[0], full(read(folder / "shown.jpg"))[0]) <= SAME


@pytest.mark.parametrize(("size", "suffix"), [((96, 64), "png"), ((1920, 1080), "jpg"), ((640, 480), "webp")])
def test_pdq_of_a_still_is_that_of_the_library_threatexchange(
    folder: Path, size: tuple[int, int], suffix: str
) -> None:
    path = folder / f"library.{suffix}"
    Image.fromarray(media.view(media.photograph("coffee"), *size, 0.4)).save(path, quality=70)
    (frame,) = full(read(path))
    assert frame.pdq is not None
    assert frame.pdq.hex() == PdqSignal.hash_from_file(path)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(folder: Path, orientation: int) -> None:
    shown = astronaut().crop((0, 0, 512, 300))
    stored = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = shown.transpose(stored[orientation]) if orientation > 1 else shown
    image.save(folder / "turned.jpg", exif=exif, quality=95)
    shown.save(folder / "upright.jpg", quality=95)
    found = read(folder / "turned.jpg")
    assert (found.media.width, found.media.height) == (512, 300)
    assert apart(full(found)[0], full(read(folder / "upright.jpg"))[0]) <= SAME
    in_the_file = [frame.pdq for frame in found.frames if frame.view == UNTURNED]
    library = bytes.fromhex(PdqSignal.hash_from_file(folder / "turned.jpg"))
    assert in_the_file == ([library] if orientation > 1 else [])


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png", ".avif"])
def test_animated_pictures_are_videos(folder: Path, suffix: str) -> None:
    pictures = [Image.fromarray(frame) for frame in media.panning("coffee", 160, 120, 20)]
    path = folder / f"moving{suffix}"
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=200)
    found = read(path)
    assert found.media.kind == "video"
    assert found.media.duration == pytest.approx(4.0, abs=0.05)
    assert found.distinct_instants >= 8
    clip = folder / "same.mp4"
    media.encode(clip, media.panning("coffee", 160, 120, 20), rate=5)
    for one, other in zip(full(found), full(read(clip)), strict=False):
        assert one.time == pytest.approx(other.time, abs=0.01)
        assert apart(one, other) <= 2 * SAME


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png"])
def test_an_animation_over_five_seconds_is_read_to_its_end(folder: Path, suffix: str) -> None:
    """Its length is reckoned from its first frames, then it is read from the start."""
    pictures = [Image.fromarray(frame) for frame in media.panning("coffee", 160, 120, 20)]
    path = folder / f"long{suffix}"
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=400)
    found = read(path)
    assert found.media.duration == pytest.approx(8.0, abs=0.05)
    assert "truncated_media" not in found.notes


def test_an_animation_that_stands_still_has_one_instant(folder: Path) -> None:
    picture = Image.fromarray(media.view(media.photograph("coffee"), 160, 120, 0.5))
    path = folder / "still.webp"
    again = picture.copy()
    again.putpixel((80, 60), tuple(np.clip(np.array(picture.getpixel((80, 60))) - 20, 0, 255).tolist()))
    picture.save(path, save_all=True, append_images=[again, picture, again], duration=500, lossless=True)
    found = read(path)
    assert found.media.kind == "video"
    assert found.distinct_instants == 1
    assert full(found)[0].duration == pytest.approx(2.0)


def test_a_video_of_one_frame(folder: Path) -> None:
    path = media.encode(folder / "one.mp4", media.panning("coffee", 320, 240, 1))
    found = read(path)
    assert found.media.kind == "video"
    assert found.distinct_instants == 1
    assert found.media.duration <= 0.1


def test_a_phone_held_upright(folder: Path, clip: Path, clip_read: list[Frame]) -> None:
    """The display matrix turns the picture; FFmpeg, turning the pixels, must agree."""
    turned = media.turn_by_matrix(clip, folder / "phone.mp4")
    media.ffmpeg("-i", turned, "-crf", "18", folder / "upright.mp4")
    found, upright = read(turned), read(folder / "upright.mp4")
    assert (found.media.width, found.media.height) == (180, 320)
    assert (upright.media.width, upright.media.height) == (180, 320)
    pairs = list(zip(full(found), full(upright), strict=True))
    assert max(apart(one, other) for one, other in pairs) <= SAME
    assert apart(full(found)[0], clip_read[0]) > 2 * SAME


def test_variable_frame_rate(folder: Path) -> None:
    """Frames bunched at the start: an instant shows what a player shows then."""
    frames = list(media.panning("coffee", 320, 180, 80))[:40]
    Image.fromarray(frames[19]).save(folder / "nineteenth.png")
    times = [min(index * 50, 1000) if index < 20 else 4000 + (index - 20) * 200 for index in range(40)]
    uneven = media.encode(folder / "uneven.mp4", iter(frames), rate=5, pts=lambda index: times[index] * 5)
    found = read(uneven)
    assert found.media.duration == pytest.approx(8.0, abs=0.3)
    held = [frame for frame in full(found) if 1.0 <= frame.time < 4.0]
    assert len(held) == 1, "a frame that stays for three seconds is one sample"
    assert held[0].duration == pytest.approx(3.0, abs=0.01)
    assert apart(held[0], full(read(folder / "nineteenth.png"))[0]) <= SAME


@pytest.mark.parametrize("size", [(321, 181), (33, 501), (16, 16), (1200, 40), (2, 2)])
def test_odd_sizes(folder: Path, size: tuple[int, int]) -> None:
    path = folder / "odd.mkv"
    media.encode(path, media.panning("coffee", *size, 30), codec="ffv1", options={}, rate=10)
    found = read(path)
    assert (found.media.width, found.media.height) == size
    assert found.frames
    still = folder / "odd.png"
    Image.fromarray(media.view(media.photograph("coffee"), *size, 0.5)).save(still)
    assert (read(still).media.width, read(still).media.height) == size


def test_one_pixel(folder: Path) -> None:
    Image.new("RGB", (1, 1), "red").save(folder / "pixel.png")
    found = read(folder / "pixel.png")
    assert "low_information" in found.notes
    assert not list(found.informative())


def test_samples_that_are_not_square(folder: Path, clip: Path, clip_read: list[Frame]) -> None:
    """A picture squeezed to half its width for storage and marked so is hashed as shown."""
    media.ffmpeg("-i", clip, "-vf", "scale=160:180,setsar=2", "-crf", "15", folder / "squeezed.mp4")
    found = read(folder / "squeezed.mp4")
    assert (found.media.width, found.media.height) == (320, 180)
    assert max(apart(*pair) for pair in zip(full(found), clip_read, strict=True)) <= SAME


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [
        (".mkv", "libx264"),
        (".webm", "libvpx-vp9"),
        (".mov", "mjpeg"),
        (".avi", "mpeg4"),
        (".ts", "mpeg2video"),
        (".mpg", "mpeg2video"),
        (".flv", "libx264"),
        (".mp4", "libx265"),
        (".mp4", "libaom-av1"),
    ],
)
def test_containers_and_codecs_agree(
    folder: Path, clip: Path, clip_read: list[Frame], suffix: str, codec: str
) -> None:
    other = folder / f"{codec}{suffix}"
    vp9 = ["-deadline", "realtime", "-cpu-used", "8"]
    quick = {"libaom-av1": ["-cpu-used", "8"], "libvpx-vp9": vp9, "libx265": ["-preset", "ultrafast"]}
    media.ffmpeg("-i", clip, "-c:v", codec, "-b:v", "1500k", *quick.get(codec, []), other)
    found = read(other)
    assert found.media.duration == pytest.approx(4.0, abs=0.1)
    pairs = list(zip(full(found), clip_read, strict=True))
    assert all(one.time == pytest.approx(two.time, abs=0.05) for one, two in pairs)
    assert max(apart(*pair) for pair in pairs) <= 2 * SAME


def test_time_begins_with_the_first_frame(folder: Path, clip: Path) -> None:
    media.ffmpeg("-i", clip, "-c", "copy", "-output_ts_offset", "1000", folder / "late.ts")
    found = read(folder / "late.ts")
    assert [frame.time for frame in full(found)][:3] == [0.0, 0.5, 1.0]
    assert found.media.duration == pytest.approx(4.0, abs=0.1)


def test_recordings_joined_end_to_end(folder: Path, clip: Path) -> None:
    """Time jumps back to zero where the second begins."""
    part, joined = folder / "part.ts", folder / "joined.ts"
    media.ffmpeg("-i", clip, "-c", "copy", part)
    joined.write_bytes(part.read_bytes() * 2)
    found = read(joined)
    assert found.media.duration == pytest.approx(8.0, abs=0.3)
    assert found.distinct_instants >= 15


@pytest.mark.parametrize("seconds", [0.2, 0.5, 2.9])
def test_short_clips_get_enough_samples(folder: Path, seconds: float) -> None:
    path = media.clip(folder / "short.mp4", "coffee", seconds=seconds, size=(320, 180), rate=30)
    assert read(path).distinct_instants >= (6 if seconds > 0.2 else 5)


@pytest.mark.parametrize(
    "name",
    [
        "with space.mp4",
        "line\nbreak.mp4",
        'it\'s "quoted".mp4',
        "clip.mp4$(touch X)",
        "`touch X`;touch X.mp4",
        "😀 مقطع.mp4",
        "-i.mp4",
        "concat:other.mp4",
        "http:%2f%2fexample.org.mp4",
        "%d.mp4",
        "no suffix",
        "x" * 240 + ".mp4",
        "bad\udcff\udcfebytes.mp4",
    ],
)
def test_names_of_every_kind(tmp_path: Path, clip: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path(name)
    path.write_bytes(clip.read_bytes())
    found = fingerprint_file(path, faces=False, videohash=True)
    assert found.distinct_instants == 9
    assert found.videohash is not None
    assert len(list(tmp_path.iterdir())) == 1, "a name ran as a command"


def test_the_same_file_gives_the_same_fingerprint(clip: Path) -> None:
    assert fingerprint_file(clip) == fingerprint_file(clip)


def test_progress_only_grows_and_ends_at_one(clip: Path) -> None:
    seen: list[float] = []
    fingerprint_file(clip, progress=seen.append, faces=False)
    assert seen == sorted(seen)
    assert 0 <= seen[0] <= seen[-1] == 1.0


def test_a_picture_that_changes_its_size_midway(folder: Path) -> None:
    """As recordings of broadcasts do. A change of size is a cut, also where the picture goes on."""
    pictures = list(media.panning("astronaut", 320, 180, 200, reach=0.2))
    parts = [folder / "wide.ts", folder / "small.ts"]
    media.encode(parts[0], iter(pictures[:75]))
    media.encode(parts[1], (np.ascontiguousarray(picture[::2, ::2]) for picture in pictures[75:]))
    joined = folder / "sizes.ts"
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    found = read(joined)
    assert found.media.duration == pytest.approx(8, abs=0.5)
    for start, part in zip((0, 3), parts, strict=True):
        shown = full(read(part))
        there = [frame for frame in full(found) if start <= frame.time < start + 2.5]
        assert min(apart(there[0], frame) for frame in shown) <= SAME


def test_keyframes_of_several_sizes(folder: Path) -> None:
    parts = [folder / "first.mkv", folder / "second.mkv"]
    for part, size in zip(parts, ((320, 180), (160, 120)), strict=True):
        media.encode(part, media.panning("coffee", *size, 300), rate=25, options={"g": "25"})
    joined = folder / "keyframes.mkv"
    names = folder / "names.txt"
    names.write_text("".join(f"file '{part}'\n" for part in parts))
    media.ffmpeg("-f", "concat", "-safe", "0", "-i", names, "-c", "copy", joined)
    found = fingerprint_keyframes(joined, "glance")
    assert found is not None
    assert found.media.duration == pytest.approx(24, abs=0.5)


def test_a_photo_with_a_clip_behind_it(folder: Path, plain: Frame) -> None:
    """As phones store moving photos. Only the photo's own scans count."""
    photo = folder / "moving.jpg"
    astronaut().resize((6000, 3000)).save(photo, quality=60, progressive=True)
    photo.write_bytes(photo.read_bytes() + np.random.default_rng(1).bytes(8_000_000))
    assert apart(full(read(photo))[0], plain) <= SAME
