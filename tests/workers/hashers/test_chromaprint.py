"""chromaprint.1 against the reference: FFmpeg's muxer, which is the Chromaprint library."""

from __future__ import annotations

import json
import subprocess

import imageio_ffmpeg
import numpy as np
import pytest
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model import audio
from registry.catalogue.fingerprints.model.algorithms import CHROMAPRINT
from tests.support.media import sounds
from tests.workers.hashers import vectors
from workers.hashers.chromaprint import HOP, Chromaprint
from workers.media.sound import RATE, Samples


def reference(samples: Samples) -> NDArray[np.uint32]:
    """What the library says."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "s16le", "-ar", str(RATE), "-ac", "1"]
    command += ["-i", "-", "-f", "chromaprint", "-fp_format", "raw", "-"]
    done = subprocess.run(command, input=samples.tobytes(), capture_output=True, check=True)
    return np.frombuffer(done.stdout, dtype="<u4")


def ours(samples: Samples, *, piece: int = 40_000) -> NDArray[np.uint32]:
    chromaprint = Chromaprint()
    for start in range(0, len(samples), piece):
        chromaprint.feed(samples[start : start + piece])
    return audio.values(chromaprint.values())


@pytest.mark.parametrize(
    "samples",
    [
        sounds.at_half_rate(sounds.speech(1, 30)),
        sounds.at_half_rate(sounds.speech(2, 12)),
        sounds.at_half_rate(sounds.noise(3, 12)),
        sounds.at_half_rate(sounds.tone(440, 8)),
        sounds.at_half_rate(sounds.silence(8)),
        sounds.at_half_rate(sounds.speech(4, 3)),
        sounds.at_half_rate(sounds.speech(4, 2.6)),
    ],
)
def test_values_are_those_of_the_library_bit_for_bit(samples: Samples) -> None:
    said, mine = reference(samples), ours(samples)
    assert len(said) == len(mine)
    # Sums of floats differ in their last digit; where one lies on a threshold a bit may turn.
    assert np.bitwise_count(said ^ mine).sum() <= len(said) * 32 / 1000


@pytest.mark.parametrize("piece", [1, 777, HOP, 4096, 100_000])
def test_it_does_not_matter_in_which_pieces_sound_comes(piece: int) -> None:
    samples = sounds.at_half_rate(sounds.speech(5, 6 if piece > 1 else 3))
    assert (ours(samples, piece=piece) == ours(samples)).all()


def test_steps_and_windows_are_as_long_as_said() -> None:
    assert audio.STEP == HOP / RATE
    least = round(audio.WINDOW * RATE)
    speech = sounds.at_half_rate(sounds.speech(6, 4))
    assert len(ours(speech[:least])) == 1
    assert len(ours(speech[: least - 1])) == 0
    assert len(ours(speech[: least + HOP])) == 2


def test_frozen_vectors_are_reproduced() -> None:
    frozen = json.loads((vectors.FOLDER / f"{CHROMAPRINT.name}.json").read_text())
    assert frozen["algorithm"] == CHROMAPRINT.name
    said = np.array([int(value, 16) for value in frozen["values"]], dtype=np.uint32)
    mine = ours(sounds.computed(frozen["samples"]))
    assert len(said) == len(mine)
    assert np.bitwise_count(said ^ mine).sum() <= 1
