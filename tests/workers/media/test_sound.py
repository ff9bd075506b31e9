"""The sound of real files: on the picture's clock, whatever the file does, and bounded."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from registry.catalogue.fingerprints.model import audio
from registry.catalogue.fingerprints.model.algorithms import CHROMAPRINT
from registry.catalogue.fingerprints.model.audio import OUTLASTS, Values
from tests.support.media import clips as media
from tests.support.media import sounds
from workers.hashers.chromaprint import AudioFingerprint, listen
from workers.media import sound
from workers.media.limits import Limits
from workers.media.sound import RATE, Sound
from workers.pipeline.fingerprint import fingerprint_file

SECONDS = 12.0
VOICE = sounds.speech(7, SECONDS)


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve seconds without a sound."""
    return media.clip(tmp_path_factory.mktemp("picture") / "p.mp4", seconds=SECONDS, size=(160, 90), rate=10)


@pytest.fixture(scope="module")
def spoken(picture: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sounds.under(picture, VOICE, tmp_path_factory.mktemp("spoken") / "s.mp4")


def hear(path: Path, *, duration: float = SECONDS, limits: Limits | None = None) -> AudioFingerprint:
    return listen(path, limits or Limits(), duration=duration, tick=lambda: None)


def values(path: Path) -> Values:
    return audio.values(hear(path).audio)


def shift(path: Path, other: Path) -> float:
    """By how many seconds `other` is heard later than `one`, on the clock of its picture."""
    (stretch,) = audio.align(values(path), values(other))
    return stretch.asset[0] - stretch.query[0]


def test_a_file_with_sound_has_a_value_each_step(spoken: Path) -> None:
    heard = hear(spoken)
    assert (heard.algorithms, heard.notes) == ((CHROMAPRINT.name,), ())
    assert len(values(spoken)) == pytest.approx((SECONDS - audio.WINDOW) / audio.STEP, abs=2)


@pytest.mark.slow
def test_a_fingerprint_may_contain_sound(spoken: Path, picture: Path) -> None:
    with_sound, silent = fingerprint_file(spoken, faces=False), fingerprint_file(picture, faces=False)
    assert with_sound.audio == hear(spoken).audio
    assert CHROMAPRINT.name in with_sound.algorithms
    assert (silent.audio, CHROMAPRINT.name in silent.algorithms) == (None, True)
    unasked = fingerprint_file(spoken, faces=False, audio=False)
    assert (unasked.audio, CHROMAPRINT.name in unasked.algorithms) == (None, False)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mkv", ("-c:a", "libopus", "-b:a", "24k")),
        ("a.webm", ("-c:v", "libvpx", "-b:v", "100k", "-c:a", "libvorbis")),
        ("a.avi", ("-c:a", "libmp3lame", "-b:a", "48k")),
        ("a.mov", ("-c:a", "pcm_s16le")),
        ("a.mp4", ("-c:a", "aac", "-b:a", "24k", "-ac", "2", "-ar", "48000")),
        ("a.ts", ("-c:a", "aac")),
        ("a.flv", ("-c:a", "aac")),
    ],
)
def test_containers_and_codecs_agree(
    spoken: Path, picture: Path, tmp_path: Path, name: str, options: tuple[str, ...]
) -> None:
    other = sounds.under(picture, VOICE, tmp_path / name, *options)
    (stretch,) = audio.align(values(other), values(spoken))
    assert stretch.bit_error < 0.1
    assert stretch.seconds > SECONDS - 1
    assert stretch.asset[0] - stretch.query[0] == pytest.approx(0, abs=0.13)


@pytest.mark.parametrize("seconds", [-2.0, 0.7])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_sound_follows_the_pictures_clock(spoken: Path, tmp_path: Path, seconds: float, suffix: str) -> None:
    moved = tmp_path / f"moved{suffix}"
    media.ffmpeg(
        "-i", spoken, "-itsoffset", str(seconds), "-i", spoken, "-map", "0:v", "-map", "1:a",
        "-c", "copy", "-copyts", "-avoid_negative_ts", "make_zero", moved,
    )  # fmt: skip
    assert shift(spoken, moved) == pytest.approx(seconds, abs=0.13)


def test_a_pause_in_the_timestamps_is_silence(spoken: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.mkv"
    media.ffmpeg("-i", spoken, "-bsf:a", "noise=drop='between(pts*tb,4,6)'", "-c", "copy", cut)
    heard = values(cut)
    assert len(heard) == pytest.approx(len(values(spoken)), abs=2)
    assert len(audio.align(values(spoken), heard)) >= 1
    for stretch in audio.align(values(spoken), heard):
        assert stretch.asset[0] - stretch.query[0] == pytest.approx(0, abs=0.13)


@pytest.mark.slow
def test_the_default_track_is_read(spoken: Path, tmp_path: Path) -> None:
    other = sounds.wav(tmp_path / "o.wav", sounds.speech(8, SECONDS))
    for dispositions, same in ((("default", "0"), True), (("0", "default"), False)):
        both = tmp_path / f"{same}.mkv"
        media.ffmpeg(
            "-i", spoken, "-i", other, "-map", "0:v", "-map", "0:a", "-map", "1:a", "-c:v", "copy",
            "-c:a", "aac", "-disposition:a:0", dispositions[0], "-disposition:a:1", dispositions[1], both,
        )  # fmt: skip
        assert bool(audio.align(values(spoken), values(both))) == same


def test_broken_sound_is_passed_over_and_said(spoken: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mkv"
    media.ffmpeg("-i", spoken, "-c", "copy", "-bsf:a", "noise=amount='if(between(n,80,100),1,0)'", broken)
    heard = hear(broken)
    assert heard.audio
    assert heard.notes in {(), ("broken_sound",)}
    assert audio.align(audio.values(heard.audio), values(spoken))


def test_sound_that_cannot_be_decoded_is_not_called_silence(spoken: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mkv"
    media.ffmpeg("-i", spoken, "-c", "copy", "-bsf:a", "noise=amount=1", broken)
    heard = hear(broken)
    if heard.audio is None:
        assert (heard.algorithms, heard.notes) == ((), ("no_chromaprint",))
    else:
        assert not audio.align(audio.values(heard.audio), values(spoken))


def test_sound_of_a_truncated_file_is_read_to_its_end(spoken: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole.mkv"
    media.ffmpeg("-i", spoken, "-c", "copy", whole)
    short = tmp_path / "short.mkv"
    short.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    (stretch,) = audio.align(values(short), values(spoken))
    assert 3 < stretch.seconds < 9


def test_an_animation_is_silent(tmp_path: Path) -> None:
    moving = tmp_path / "a.gif"
    media.ffmpeg("-f", "lavfi", "-i", "testsrc=d=2:r=5:s=64x64", moving)
    assert hear(moving) == AudioFingerprint(None, (CHROMAPRINT.name,), ())
    still = tmp_path / "a.png"
    media.ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x64", "-frames:v", "1", still)
    assert CHROMAPRINT.name not in fingerprint_file(still, faces=False).algorithms


@pytest.mark.slow
def test_sound_is_read_little_further_than_the_picture_goes(picture: Path, tmp_path: Path) -> None:
    long = tmp_path / "long.mkv"
    tone = sounds.tone(300, 40)
    sounds.under(picture, np.tile(tone, 12), long, "-c:a", "aac", "-b:a", "32k")

    def heard(limits: Limits) -> float:
        pieces = Sound().samples(long, limits, duration=SECONDS)
        return sum(map(len, pieces)) / RATE

    assert heard(Limits()) == pytest.approx(SECONDS + OUTLASTS, abs=0.01)
    assert heard(Limits(max_seconds=60)) == pytest.approx(60, abs=0.01)


def test_pieces_are_small_however_long_the_silence_before(spoken: Path, tmp_path: Path) -> None:
    late = tmp_path / "late.mkv"
    media.ffmpeg(
        "-i", spoken, "-itsoffset", "250", "-i", spoken, "-map", "0:v", "-map", "1:a", "-c", "copy", late
    )
    pieces = [len(piece) for piece in Sound().samples(late, Limits(), duration=SECONDS)]
    assert max(pieces) <= 2 * sound.PIECE
    assert sum(pieces) / RATE == pytest.approx(250 + SECONDS, abs=0.2)


def test_a_rate_that_changes_midway_is_followed(picture: Path, tmp_path: Path) -> None:
    parts = []
    for number, (rate, layout) in enumerate(((22_050, "mono"), (48_000, "stereo"))):
        part = tmp_path / f"{number}.ts"
        half = VOICE[len(VOICE) // 2 * number : len(VOICE) // 2 * (number + 1)]
        channels = "1" if layout == "mono" else "2"
        sounds.under(picture, half, part, "-c:a", "aac", "-ar", str(rate), "-ac", channels, "-t", "6")
        parts.append(part)
    joined = tmp_path / "joined.ts"
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    heard = values(joined)
    assert len(audio.align(heard, values(parts[0]))) >= 1


def test_clocks_that_jump_change_nothing_for_long() -> None:
    """Frames whose timestamps go back, repeat, leap beyond the end or are missing."""
    times = [0.0, 0.1, 5.0, 0.2, 0.2, None, 1e6, 0.3]
    frames = []
    for time in times:
        frame = av.AudioFrame.from_ndarray(np.zeros((1, RATE // 10), dtype=np.int16), "s16", "mono")
        frame.sample_rate = RATE
        if time is not None:
            frame.pts, frame.time_base = round(time * 1000), Fraction(1, 1000)
        frames.append(frame)
    placed = list(Sound()._placed(iter(frames), 0.0, 60 * RATE))
    said = sum(map(len, placed)) / RATE
    assert said == pytest.approx(5.0 + 0.1 * 6, abs=0.15)
