"""What cannot be fingerprinted is refused with a stable code; what is merely damaged is used."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from registry.catalogue.fingerprints.model import audio
from registry.catalogue.fingerprints.model.algorithms import OF_SOUND
from registry.core.errors import MEDIA_CODES, BadMedia
from tests.support.media import clips as media
from tests.support.media import sounds
from workers.media.limits import Limits
from workers.pipeline.fingerprint import fingerprint_file


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of H.264 in MP4, its index at the end."""
    return media.clip(tmp_path_factory.mktemp("clips") / "clip.mp4", seconds=4, size=(320, 180))


def refused(path: Path, limits: Limits | None = None) -> BadMedia:
    with pytest.raises(BadMedia) as caught:
        fingerprint_file(path, limits=limits, faces=False)
    assert caught.value.code in MEDIA_CODES
    assert caught.value.status == 422
    assert repr(path.name) not in caught.value.message
    return caught.value


@pytest.mark.parametrize(
    "content",
    [
        b"hello, I am a text\n" * 100,
        b"\x00" * 5000,
        b"PK\x03\x04" + b"zip" * 900,
        b"%PDF-1.7\n" + b"x" * 3000,
        b"G",
    ],
    ids=["text", "zeros", "zip", "pdf", "one byte"],
)
@pytest.mark.parametrize("name", ["file.mp4", "file.jpg", "file"])
def test_other_files_are_refused(tmp_path: Path, content: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert refused(path).code == "not_media"


def test_a_message_does_not_name_the_file(tmp_path: Path, clip: Path) -> None:
    """A worker reads it under a key that means nothing to who sent it."""
    path = tmp_path / "6a58c11b845d"
    picture = tmp_path / "picture.png"
    Image.fromarray(media.photograph("coffee")).save(picture)
    for content in (b"", b"a text", clip.read_bytes()[:20_000], picture.read_bytes()[:200]):
        path.write_bytes(content)
        message = refused(path).message
        assert path.name not in message
        assert message.startswith("The file")
    path.unlink()
    assert refused(path).message == "There is no such file."
    long = tmp_path / ("long" * 100)
    assert "longlong" not in refused(long).message


def test_random_bytes_are_not_media(tmp_path: Path) -> None:
    path = tmp_path / "noise.mp4"
    for seed in range(20):
        path.write_bytes(np.random.default_rng(seed).bytes(20_000))
        refused(path)


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.mp4"
    path.touch()
    assert refused(path).code == "empty_file"


def test_a_missing_path(tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere" / "clip.mp4").code == "missing_path"


def test_a_folder(tmp_path: Path) -> None:
    assert refused(tmp_path).code == "is_a_directory"


def test_a_dangling_link_and_a_loop(tmp_path: Path) -> None:
    dangling, loop = tmp_path / "dangling", tmp_path / "loop"
    dangling.symlink_to(tmp_path / "gone")
    loop.symlink_to(loop)
    assert refused(dangling).code == "missing_path"
    assert refused(loop).code == "missing_path"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert refused(pipe).code == "not_media"


def test_no_rights(tmp_path: Path, clip: Path) -> None:
    """As somebody else: root may read everything."""
    tmp_path.chmod(0o755)
    locked = tmp_path / "locked.mp4"
    locked.write_bytes(clip.read_bytes())
    locked.chmod(0o000)
    code = (
        "import os, pathlib, sys\n"
        "from registry.core.errors import BadMedia\n"
        "from workers.pipeline.fingerprint import fingerprint_file\n"
        "os.getuid() or (os.setgroups([]), os.setgid(65534), os.setuid(65534))\n"
        "try:\n    fingerprint_file(pathlib.Path(sys.argv[1]), faces=False)\n"
        "except BadMedia as error:\n    print(error.code)\n"
    )
    shown = _reachable(locked)
    ran = subprocess.run(
        [sys.executable, "-c", code, str(shown)], capture_output=True, text=True, check=True, cwd=Path.cwd()
    )
    assert ran.stdout.strip() == "no_permission"


def test_a_truncated_jpeg_is_used(tmp_path: Path) -> None:
    path = tmp_path / "cut.jpg"
    Image.fromarray(media.photograph("astronaut")).save(path, quality=90)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
    found = fingerprint_file(path, faces=False)
    assert "truncated_media" in found.notes
    assert found.media.kind == "image"


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".gif"])
def test_a_picture_of_which_nothing_is_left(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"cut{suffix}"
    Image.fromarray(media.photograph("coffee")).save(path)
    content = path.read_bytes()
    for keep in (11, 40, 200):
        path.write_bytes(content[:keep])
        assert refused(path).code in {"truncated_media", "not_media", "decode_failed"}


@pytest.mark.parametrize("height", [1, 2, 3, 4, 8])
def test_a_picture_of_a_few_lines_is_read(tmp_path: Path, height: int) -> None:
    path = tmp_path / "line.png"
    Image.fromarray(media.photograph("astronaut")[:height, :96]).save(path)
    assert fingerprint_file(path, faces=False).media.height == height


def test_a_truncated_mp4_with_its_index_first_is_used(tmp_path: Path, clip: Path) -> None:
    whole = tmp_path / "fast.mp4"
    media.ffmpeg("-i", clip, "-c", "copy", "-movflags", "+faststart", whole)
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    found = fingerprint_file(cut, faces=False)
    assert "truncated_media" in found.notes
    assert 1.5 < found.media.duration < 3
    assert max(frame.time for frame in found.frames) < 3


def test_a_truncated_mp4_without_its_index(tmp_path: Path, clip: Path) -> None:
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    assert refused(cut).code == "truncated_media"


@pytest.mark.parametrize("suffix", [".mkv", ".ts", ".avi", ".flv"])
def test_truncated_containers_that_need_no_index(tmp_path: Path, clip: Path, suffix: str) -> None:
    whole = tmp_path / f"whole{suffix}"
    media.ffmpeg("-i", clip, "-c", "copy", whole)
    cut = tmp_path / f"cut{suffix}"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    found = fingerprint_file(cut, faces=False)
    assert 1.5 < found.media.duration < 3
    assert found.distinct_instants >= 5


def test_damaged_bytes_in_the_middle(tmp_path: Path, clip: Path) -> None:
    content = bytearray(clip.read_bytes())
    place = content.index(b"mdat") + len(content) // 3
    content[place : place + 400] = b"\xa5" * 400
    path = tmp_path / "damaged.mp4"
    path.write_bytes(content)
    assert fingerprint_file(path, faces=False).distinct_instants >= 4


def test_a_video_of_no_frame(tmp_path: Path, clip: Path) -> None:
    path = tmp_path / "none.mp4"
    media.ffmpeg("-i", clip, "-c:v", "libx264", "-frames:v", "0", "-movflags", "+empty_moov", path)
    assert refused(path).code == "zero_length"


@pytest.mark.parametrize(
    "options",
    [
        ("note.ogg", "-c:a", "libopus", "-b:a", "16k"),
        ("note.opus", "-c:a", "libopus", "-b:a", "12k"),
        ("note.m4a", "-c:a", "aac"),
        ("note.mp4", "-c:a", "aac"),
        ("note.aac", "-c:a", "aac"),
        ("note.amr", "-c:a", "libopencore_amrnb", "-ar", "8000"),
        ("note.3gp", "-c:a", "libopencore_amrnb", "-ar", "8000"),
        ("note.mp3", "-c:a", "libmp3lame", "-b:a", "32k"),
        ("note.flac", "-c:a", "flac"),
        ("note.wav", "-c:a", "pcm_s16le"),
    ],
    ids=lambda options: options[0],
)
def test_sound_alone_is_fingerprinted_by_its_sound(tmp_path: Path, options: tuple[str, ...]) -> None:
    name, *encoding = options
    speech = sounds.wav(tmp_path / "speech.raw", sounds.speech(1, 8))
    media.ffmpeg("-i", speech, *encoding, tmp_path / name)
    found = fingerprint_file(tmp_path / name)
    assert (found.media.kind, found.frames, found.algorithms) == ("audio", (), OF_SOUND)
    assert (found.media.width, found.media.height) == (0, 0)
    assert found.media.duration == pytest.approx(8, abs=0.1)
    own = fingerprint_file(speech)
    (stretch,) = audio.align(audio.values(found.audio), audio.values(own.audio))
    assert stretch.query == pytest.approx((0, 8), abs=0.3)


def test_what_is_neither_picture_nor_sound_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "noise.mp3"
    path.write_bytes(np.random.default_rng(0).bytes(100_000))
    assert refused(path).code == "not_media"


def test_sound_over_the_limit_is_refused(tmp_path: Path) -> None:
    path = sounds.wav(tmp_path / "long.wav", sounds.tone(440, 12))
    with pytest.raises(BadMedia) as caught:
        fingerprint_file(path, limits=Limits(max_seconds=10))
    assert caught.value.code == "too_large"


def test_the_cover_of_a_song_is_no_video(tmp_path: Path) -> None:
    cover, song = tmp_path / "cover.jpg", tmp_path / "song.m4a"
    Image.fromarray(media.photograph("coffee")).save(cover)
    media.ffmpeg("-f", "lavfi", "-i", "sine=d=1", "-i", cover, "-map", "0", "-map", "1", "-c:a", "aac",
                 "-c:v", "copy", "-disposition:v:0", "attached_pic", song)  # fmt: skip
    assert fingerprint_file(song).media.kind == "audio"


def test_a_header_bomb_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(media.png_claiming(30_000, 30_000))
    assert refused(path).code == "too_large"
    path.write_bytes(media.png_claiming(2_000_000_000, 2_000_000_000))
    assert refused(path).code in {"too_large", "not_media"}


@pytest.mark.slow
def test_limits(tmp_path: Path, clip: Path) -> None:
    assert refused(clip, Limits(max_bytes=1000)).code == "too_large"
    assert refused(clip, Limits(max_pixels=320 * 180 - 1)).code == "too_large"
    assert refused(clip, Limits(max_seconds=2)).code == "too_large"
    assert fingerprint_file(clip, limits=Limits(max_pixels=320 * 180, max_seconds=4.1), faces=False).frames
    still = tmp_path / "still.png"
    Image.fromarray(media.photograph("coffee")).save(still)
    assert refused(still, Limits(max_pixels=1000)).code == "too_large"
    moving = tmp_path / "moving.gif"
    pictures = [Image.fromarray(frame) for frame in media.panning("coffee", 64, 64, 30)]
    pictures[0].save(moving, save_all=True, append_images=pictures[1:], duration=200)
    assert refused(moving, Limits(max_seconds=3)).code == "too_large"


HLS = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:4,\n{target}\n#EXT-X-ENDLIST\n"
CONCAT = "ffconcat version 1.0\nfile '{target}'\n"
SDP = (
    "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
    "m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n"
)
DASH = (
    '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet>'
    '<Representation id="1" bandwidth="1" codecs="avc1"><BaseURL>{target}</BaseURL></Representation>'
    "</AdaptationSet></Period></MPD>"
)


@pytest.mark.parametrize("script", [HLS, CONCAT, SDP, DASH], ids=["hls", "concat", "sdp", "dash"])
@pytest.mark.parametrize("suffix", [".mp4", ".m3u8", ".ts", ""])
def test_a_playlist_opens_no_other_file(tmp_path: Path, clip: Path, script: str, suffix: str) -> None:
    other = tmp_path / "other.ts"
    media.ffmpeg("-i", clip, "-c", "copy", other)
    for target in (str(other), other.name, f"file:{other}"):
        path = tmp_path / f"playlist{suffix}"
        path.write_text(script.format(target=target))
        assert refused(path).code == "not_media"


@pytest.mark.slow
def test_a_playlist_in_front_of_a_stream_opens_nothing(tmp_path: Path, clip: Path) -> None:
    """Two formats in one file: whatever part is read, it is the file's own."""
    other, path = tmp_path / "other.ts", tmp_path / "both.ts"
    media.ffmpeg("-i", clip, "-c", "copy", other)
    stream = tmp_path / "stream.ts"
    media.encode(stream, media.panning("coffee", 160, 120, 50))
    path.write_bytes(HLS.format(target=other).encode() + b"#" * 64 + b"\n" + stream.read_bytes())
    found = fingerprint_file(path, faces=False, videohash=True)
    assert (found.media.width, found.media.height) == (160, 120)
    alone = fingerprint_file(stream, faces=False, videohash=True)
    assert found.videohash == alone.videohash


@pytest.mark.slow(14)
def test_damaged_files_of_every_kind_end_in_an_answer_or_a_code(tmp_path: Path, clip: Path) -> None:
    """Bytes flipped at fixed places: never another exception, never a crash."""
    sources = [clip]
    for suffix in (".jpg", ".png", ".webp", ".gif", ".tiff", ".bmp"):
        sources.append(tmp_path / f"whole{suffix}")
        Image.fromarray(media.view(media.photograph("chelsea"), 200, 150, 0.5)).save(sources[-1])
    for source in sources:
        content = source.read_bytes()
        for seed in range(25):
            numbers = np.random.default_rng(seed)
            broken = bytearray(content)
            for place in numbers.integers(0, len(broken), 1 + seed % 9):
                broken[place] = int(numbers.integers(0, 256))
            path = tmp_path / f"broken{source.suffix}"
            path.write_bytes(broken[: int(numbers.integers(len(broken) // 2, len(broken) + 1))])
            assert _code(path) in {None, *MEDIA_CODES}


def _code(path: Path) -> str | None:
    try:
        fingerprint_file(path, faces=False)
    except BadMedia as error:
        return error.code
    return None


def _reachable(path: Path) -> Path:
    """Open the folders above to others, as far as they are ours; pytest keeps them to their owner."""
    for folder in path.parents:
        if folder.name.startswith("pytest-"):
            folder.chmod(folder.stat().st_mode | 0o011)
    return path
