"""Sounds are aligned by their peaks in another speed and pitch, and other sounds are not."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from registry.catalogue.fingerprints.model import peaks
from registry.catalogue.fingerprints.model.audio import Stretch
from registry.matching.alignment.model import landmarks
from registry.matching.alignment.model.landmarks import Marks
from tests.support.media import clips as media
from tests.support.media import drawn, sounds
from workers.hashers.peaks import Peaks

SPEECH = sounds.speech(1, 12)


def marks(samples: sounds.Samples) -> Marks:
    heard = Peaks()
    heard.feed(np.ascontiguousarray(samples[::2]))
    return Marks.of(peaks.values(heard.values()))


@cache
def known() -> Marks:
    return marks(SPEECH)


def changed(folder: Path, samples: sounds.Samples, *, speed: float, pitch: float) -> sounds.Samples:
    """Return the sound at other factors of speed and pitch."""
    there = folder / "there.raw"
    chain = f"asetrate={round(sounds.RATE * pitch)},aresample={sounds.RATE},atempo={speed / pitch:.5f}"
    media.ffmpeg("-i", sounds.wav(folder / "here.wav", samples), "-af", chain, "-f", "s16le", there)
    return np.fromfile(there, dtype="<i2")


def found(query: Marks, asset: Marks) -> Stretch:
    (stretch,) = landmarks.align(query, asset)
    return stretch


def test_a_sound_is_found_in_itself_from_its_first_to_its_last_second() -> None:
    stretch = found(known(), known())
    assert stretch.query == pytest.approx((0, 12), abs=0.4)
    assert stretch.asset == stretch.query
    assert (stretch.bit_error, stretch.exact, stretch.sure) == (0, True, False)


@pytest.mark.parametrize(("speed", "pitch"), [(1.005, 1.0), (1.0, 1.005)])
def test_half_a_percent_of_speed_or_pitch_is_another_take(tmp_path: Path, speed: float, pitch: float) -> None:
    stretch = found(marks(changed(tmp_path, SPEECH, speed=speed, pitch=pitch)), known())
    assert not stretch.exact


def test_noise_and_a_telephone_change_neither(tmp_path: Path) -> None:
    there = tmp_path / "there.raw"
    chain = f"highpass=f=300,lowpass=f=3400,aresample=8000,aresample={sounds.RATE}"
    loud = SPEECH + sounds.noise(2, 12) * (np.std(SPEECH) / np.std(sounds.noise(2, 12)) / 3)
    wav = sounds.wav(tmp_path / "here.wav", loud.astype(np.int16))
    media.ffmpeg("-i", wav, "-af", chain, "-f", "s16le", there)
    stretch = found(marks(np.fromfile(there, dtype="<i2")), known())
    assert stretch.exact


@pytest.mark.parametrize(("speed", "pitch"), [(0.82, 1.0), (1.2, 1.0), (1.0, 1.15), (1.2, 1.2), (0.85, 1.15)])
def test_speed_and_pitch_may_change_apart_and_together(tmp_path: Path, speed: float, pitch: float) -> None:
    stretch = found(marks(changed(tmp_path, SPEECH, speed=speed, pitch=pitch)), known())
    assert stretch.speed == pytest.approx(speed, abs=0.01)
    assert stretch.query == pytest.approx((0, 12 / speed), abs=0.5)
    assert stretch.asset == pytest.approx((0, 12), abs=0.5)
    assert stretch.at(stretch.back(6.0)) == pytest.approx(6)


def test_three_seconds_are_enough_and_are_placed() -> None:
    cut = SPEECH[5 * sounds.RATE : 8 * sounds.RATE]
    stretch = found(marks(cut), known())
    assert stretch.query == pytest.approx((0, 3), abs=0.4)
    assert stretch.asset == pytest.approx((5, 8), abs=0.4)


def test_noise_may_be_laid_over_it() -> None:
    loud = SPEECH + sounds.noise(2, 12) * (np.std(SPEECH) / np.std(sounds.noise(2, 12)) / 2)
    assert found(marks(loud.astype(np.int16)), known()).seconds == pytest.approx(12, abs=0.6)


def test_what_was_left_out_divides_it() -> None:
    joined = np.concatenate([SPEECH[: 5 * sounds.RATE], SPEECH[7 * sounds.RATE :]])
    first, second = sorted(landmarks.align(marks(joined), known()), key=lambda stretch: stretch.query)
    assert first.asset[1] == pytest.approx(5, abs=0.4)
    assert second.asset[0] == pytest.approx(7, abs=0.4)


def test_other_sound_within_a_stretch_is_no_part_of_it() -> None:
    mixed = SPEECH.copy()
    mixed[5 * sounds.RATE : 8 * sounds.RATE] = sounds.speech(9, 3)
    heard = [part for stretch in landmarks.align(marks(mixed), known()) for part in stretch.parts]
    before, after = sorted(heard)
    assert before == pytest.approx((0, 5), abs=0.5)
    assert after == pytest.approx((8, 12), abs=0.5)


@pytest.mark.parametrize(
    "other",
    [sounds.speech(7, 12), sounds.noise(7, 12), sounds.tone(440, 12), sounds.silence(12), SPEECH[:4_000]],
    ids=["speech", "noise", "tone", "silence", "a moment"],
)
def test_another_sound_is_not_found(other: sounds.Samples) -> None:
    assert landmarks.align(marks(other), known()) == ()
    assert landmarks.align(known(), marks(other)) == ()


def test_keys_survive_a_change_and_are_none_of_chromaprint(tmp_path: Path) -> None:
    own = peaks.keys(peaks.packed(*known().peaks))
    assert all(key & 1 and 0 < key < 1 << 31 for key in own)
    copy = marks(changed(tmp_path, SPEECH, speed=1.2, pitch=0.9))
    other = marks(sounds.speech(7, 12))
    shared, chance = (len({*peaks.probes(peaks.packed(*some.peaks))} & {*own}) for some in (copy, other))
    assert shared > max(10, 3 * chance)


@pytest.mark.slow
def test_of_a_long_sound_a_share_is_aligned_in_which_a_minute_is_found() -> None:
    long = drawn.tops("long", 2.5 * 3600)
    time = peaks.unpacked(long).time * peaks.TICK
    minute = long[(time >= 6000) & (time < 6060)] - np.uint32(round(6000 / peaks.TICK) << 9)
    assert len(peaks.triplets(peaks.unpacked(long)).time) < 2 * peaks.LAGS * peaks.MANY
    stretch = found(Marks.of(minute), Marks.of(long))
    assert stretch.query == pytest.approx((0, 60), abs=0.3)
    assert stretch.asset == pytest.approx((6000, 6060), abs=0.3)
