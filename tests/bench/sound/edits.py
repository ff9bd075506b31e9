"""What people do to voice notes: each edit's parameters are drawn from the seed, the edit and the source."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from tests.support.media import clips as media
from tests.support.media import sounds
from workers.media.sound import RATE, Samples

AAC: Final = ("-c:a", "aac", "-b:a", "32k")
BESIDE: Final = 12.0
"""Seconds of other sound before and after a cut."""


@dataclass(frozen=True, slots=True)
class Edited:
    """A sound after an edit. `begin`: the second of the source that its second `at` sounds. `speed`: seconds
    of the source in one of it, None where nothing says which second is which. `lasts`: seconds of the source
    in it."""

    edit: str
    samples: Samples
    lasts: float
    at: float = 0.0
    begin: float = 0.0
    speed: float | None = 1.0


@dataclass(frozen=True, slots=True)
class Source:
    """A registered sound: `other` is another's sound, for what lies beside, under and over it."""

    name: str
    group: str
    samples: Samples
    other: Samples

    @property
    def seconds(self) -> float:
        return len(self.samples) / RATE


Draw = random.Random
Maker = Callable[[Source, Draw, Path], Edited]


def _encoded(samples: Samples, scratch: Path, *options: str, filters: str = "") -> Samples:
    """Return the samples after filters and an encoding."""
    here, there, back = scratch / "here.wav", scratch / "there.mkv", scratch / "back.raw"
    with_rate = np.repeat(samples, sounds.RATE // RATE)
    sounds.wav(here, with_rate)
    chosen = ("-af", filters) if filters else ()
    media.ffmpeg("-i", here, *chosen, *options, there)
    media.ffmpeg("-i", there, "-ac", "1", "-ar", str(RATE), "-f", "s16le", back)
    return np.fromfile(back, dtype="<i2")


def _plain(name: str, filters: Callable[[Draw], tuple[str, Sequence[str]]]) -> Maker:
    def make(source: Source, draw: Draw, scratch: Path) -> Edited:
        chain, options = filters(draw)
        return Edited(name, _encoded(source.samples, scratch, *options, filters=chain), lasts=source.seconds)

    return make


def _paced(name: str, *, tempo: bool, pitch: bool) -> Maker:
    """Change speed, pitch, or both by the same or by different factors of .8 to 1.25."""

    def make(source: Source, draw: Draw, scratch: Path) -> Edited:
        rate = draw.uniform(0.8, 1.25) if pitch else 1.0
        faster = draw.uniform(0.8, 1.25) if tempo else 1.0
        whole = 2 * RATE
        chain = f"asetrate={round(whole * rate)},aresample={whole},atempo={faster / rate:.5f}"
        samples = _encoded(source.samples, scratch, *AAC, filters=chain)
        return Edited(name, samples, source.seconds, speed=faster)

    return make


def _together(source: Source, draw: Draw, scratch: Path) -> Edited:
    rate, whole = draw.uniform(0.8, 1.25), 2 * RATE
    chain = f"asetrate={round(whole * rate)},aresample={whole}"
    return Edited(
        "speed with pitch",
        _encoded(source.samples, scratch, *AAC, filters=chain),
        source.seconds,
        speed=rate,
    )


def _over(name: str, other: Callable[[Source, Draw], Samples]) -> Maker:
    """Lay something over the sound, 3 to 15 dB quieter."""

    def make(source: Source, draw: Draw, scratch: Path) -> Edited:
        bed = np.resize(other(source, draw).astype(np.float64), len(source.samples))
        own = source.samples.astype(np.float64)
        quieter = 10 ** (-draw.uniform(3, 15) / 20)
        bed *= quieter * np.sqrt((own**2).mean() / max((bed**2).mean(), 1.0))
        mixed = own + bed
        mixed *= min(1.0, 32_000 / np.abs(mixed).max())
        return Edited(name, _encoded(mixed.astype(np.int16), scratch, *AAC), source.seconds)

    return make


def _room(source: Source, draw: Draw, scratch: Path) -> Edited:
    """Play it in a room and record it by a phone: echo of .15 to .5 s, 200-5,500 Hz, noise 20 to 30 dB
    below."""
    numbers = np.random.default_rng(draw.randrange(1 << 30))
    lasts = draw.uniform(0.15, 0.5)
    times = np.arange(round(lasts * RATE)) / RATE
    echo = numbers.standard_normal(len(times)) * np.exp(-6.9 * times / lasts) * draw.uniform(0.05, 0.15)
    echo[0] = 1.0
    own = np.convolve(source.samples.astype(np.float64), echo)[: len(source.samples)]
    noise = numbers.standard_normal(len(own)) * np.sqrt((own**2).mean()) * 10 ** (-draw.uniform(20, 30) / 20)
    heard = own + noise
    heard *= min(1.0, 28_000 / np.abs(heard).max())
    chain = "highpass=f=200,lowpass=f=5500"
    return Edited(
        "recorded in a room",
        _encoded(heard.astype(np.int16), scratch, "-c:a", "libopus", "-b:a", "24k", filters=chain),
        source.seconds,
    )


def _cut(name: str, seconds: float, *, beside: bool) -> Maker:
    """Cut seconds out, by themselves or between other sound."""

    def make(source: Source, draw: Draw, scratch: Path) -> Edited:
        lasts = min(seconds, source.seconds)
        begin = draw.uniform(0, source.seconds - lasts)
        first = round(begin * RATE)
        cut = source.samples[first : first + round(lasts * RATE)]
        around = round(BESIDE * RATE) if beside else 0
        before, after = source.other[:around], source.other[around : 2 * around]
        samples = _encoded(np.concatenate([before, cut, after]), scratch, *AAC)
        return Edited(name, samples, lasts, at=len(before) / RATE, begin=begin)

    return make


def _opus(draw: Draw) -> tuple[str, Sequence[str]]:
    return "", ("-c:a", "libopus", "-b:a", f"{draw.randint(12, 24)}k", "-ac", "1")


def _telephone(draw: Draw) -> tuple[str, Sequence[str]]:
    rate = draw.choice(("4.75k", "7.4k", "12.2k"))
    options = ("-ar", "8000", "-ac", "1", "-c:a", "libopencore_amrnb", "-b:a", rate)
    return "highpass=f=300,lowpass=f=3400", options


def _louder(draw: Draw) -> tuple[str, Sequence[str]]:
    chain = f"volume={draw.uniform(-20, 9):.1f}dB,acompressor=threshold=-20dB:ratio={draw.uniform(2, 8):.1f}"
    return chain, AAC


def _noise(source: Source, draw: Draw) -> Samples:
    return sounds.noise(draw.randrange(1 << 30), source.seconds)[:: sounds.RATE // RATE]


def _unsilenced(source: Source, _draw: Draw, scratch: Path) -> Edited:
    chain = "silenceremove=stop_periods=-1:stop_duration=0.15:stop_threshold=-38dB"
    samples = _encoded(source.samples, scratch, *AAC, filters=chain)
    return Edited("silence removed", samples, min(source.seconds, len(samples) / RATE), speed=None)


EDITS: Final[dict[str, Maker]] = {
    "opus": _plain("opus", _opus),
    "telephone": _plain("telephone", _telephone),
    "loudness": _plain("loudness", _louder),
    "recorded in a room": _room,
    "noise": _over("noise", _noise),
    "music or voices": _over("music or voices", lambda source, _draw: source.other),
    "tempo": _paced("tempo", tempo=True, pitch=False),
    "pitch": _paced("pitch", tempo=False, pitch=True),
    "tempo and pitch": _paced("tempo and pitch", tempo=True, pitch=True),
    "speed with pitch": _together,
    "silence removed": _unsilenced,
    "cut of 3 s": _cut("cut of 3 s", 3.0, beside=False),
    "cut of 6 s": _cut("cut of 6 s", 6.0, beside=False),
    "6 s between other sound": _cut("6 s between other sound", 6.0, beside=True),
}


def edited(source: Source, edit: str, seed: int, scratch: Path) -> Edited:
    """Return a source after an edit, with parameters of this seed."""
    draw = random.Random(f"{seed}|{edit}|{source.name}")  # noqa: S311  # repeatable, guards nothing
    return EDITS[edit](source, draw, scratch)
