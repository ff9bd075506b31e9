"""peaks.1: which moments of a sound are peaks, and that nothing else has a say in it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from registry.catalogue.fingerprints.model import peaks
from registry.catalogue.fingerprints.model.algorithms import PEAKS
from tests.support.media import sounds
from tests.workers.hashers import vectors
from workers.hashers.peaks import BLOCK, HOP, KEPT, STRONG, Peaks
from workers.media.sound import RATE, Samples

SPEECH = sounds.at_half_rate(sounds.speech(1, 60))


def ours(samples: Samples, piece: int = 10 * RATE) -> peaks.Values:
    heard = Peaks()
    for start in range(0, len(samples), piece):
        heard.feed(samples[start : start + piece])
    return peaks.values(heard.values())


def test_a_beep_is_a_peak_at_its_moment_and_pitch() -> None:
    beeps = np.concatenate([sounds.silence(1), sounds.tone(880, 0.1), sounds.silence(1)])
    found = peaks.unpacked(ours(sounds.at_half_rate(beeps)))
    loudest = found.pitch == 2 * peaks.PER_OCTAVE
    assert loudest.any()
    assert np.abs(found.time[loudest] * peaks.TICK - 1.05).max() < 0.05


@pytest.mark.parametrize("piece", [777, HOP, BLOCK * HOP + 1])
def test_it_does_not_matter_in_which_pieces_sound_comes(piece: int) -> None:
    assert np.array_equal(ours(SPEECH, piece), ours(SPEECH))


def test_there_are_so_many_a_second_in_order_of_time() -> None:
    found = peaks.unpacked(ours(SPEECH))
    assert (np.diff(found.time) >= 0).all()
    assert 20 < len(found.time) / 60 < 1.1 * KEPT
    assert found.strong.sum() / 60 == pytest.approx(STRONG, rel=0.2)


def test_silence_has_none_and_neither_has_less_than_a_tenth_of_a_second() -> None:
    assert len(ours(sounds.at_half_rate(sounds.silence(5)))) == 0
    assert len(ours(SPEECH[: RATE // 11])) == 0


def test_frozen_vectors_are_reproduced() -> None:
    frozen = json.loads((vectors.FOLDER / f"{PEAKS.name}.json").read_text())
    assert frozen["algorithm"] == PEAKS.name
    said = {int(value, 16) for value in frozen["values"]}
    mine = set(ours(sounds.computed(frozen["samples"])).tolist())
    # Sums of floats differ in their last digit; where one lies between two units a value may turn.
    assert len(said ^ mine) <= len(said) / 50
