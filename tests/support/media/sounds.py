"""Sounds generated from a seed: speech-like sound, noise, a tone, silence; and clips with them."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tests.support.media import clips as media

RATE: Final = 22_050
SYLLABLE: Final = 0.125
"""Seconds of one syllable of generated speech."""

Samples = NDArray[np.int16]


def speech(seed: int, seconds: float) -> Samples:
    """Return speech-like sound with pauses: pulses of varying pitch through two formants, new for each
    syllable."""
    numbers = np.random.default_rng(seed)
    count = round(seconds * RATE)
    marks = np.arange(0, seconds + 1, 0.2)
    pitch = np.interp(np.arange(count) / RATE, marks, 120 + 30 * numbers.standard_normal(len(marks)))
    pulses = np.diff(np.floor(np.cumsum(pitch) / RATE), prepend=0) > 0
    voice = np.zeros(count + 600)
    times = np.arange(600) / RATE
    step = round(SYLLABLE * RATE)
    for start in range(0, count, step):
        low, high = numbers.uniform(250, 900), numbers.uniform(900, 2500)
        mouth = np.sin(2 * np.pi * low * times) + 0.5 * np.sin(2 * np.pi * high * times)
        spoken = np.convolve(pulses[start : start + step], np.exp(-300 * times) * mouth)
        spoken = spoken[: len(voice) - start] * numbers.choice([0.1, 1.0, 1.0])
        voice[start : start + len(spoken)] += spoken
    return _scaled(voice[:count])


def noise(seed: int, seconds: float) -> Samples:
    return _scaled(np.random.default_rng(seed).standard_normal(round(seconds * RATE)))


def tone(hertz: float, seconds: float) -> Samples:
    return _scaled(np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE))


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), dtype=np.int16)


def at_half_rate(samples: Samples) -> Samples:
    """Return the sound at the rate that it is fingerprinted at."""
    return np.ascontiguousarray(samples[::2])


def computed(count: int) -> Samples:
    """A sound that anybody can recompute from the formula in the vectors' file: integers alone."""
    at = np.arange(count, dtype=np.int64)
    wave = ((at * (at // 1365 * 7 + 31) % 211) - 105) * 90 + ((at * (at // 2730 * 13 + 57) % 101) - 50) * 60
    return wave.astype(np.int16)


def wav(path: Path, samples: Samples) -> Path:
    """Write the samples to a file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


def under(clip: Path, samples: Samples, target: Path, *options: str) -> Path:
    """Combine the pictures of `clip` with this sound, as AAC of 64 kbit/s unless `options` differ."""
    sound = wav(target.with_suffix(".wav"), samples)
    encoding = options or ("-c:a", "aac", "-b:a", "64k")
    media.ffmpeg("-i", clip, "-i", sound, "-map", "0:v", "-map", "1:a", "-c:v", "copy", *encoding, target)
    return target


def _scaled(sound: NDArray[np.float64]) -> Samples:
    scaled: Samples = np.round(sound / np.abs(sound).max() * 20_000).astype(np.int16)
    return scaled
