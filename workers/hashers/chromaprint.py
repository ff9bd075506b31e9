"""chromaprint.1: 32 bits for each 0.1238 s of sound, bit for bit equal to Chromaprint's algorithm 1.

Each value covers 2.7 s: sixteen rectangle filters over twelve pitch classes (Jang et al., "Pairwise boosted
audio fingerprint", 2009; Chromaprint 1.5 by L. Lalinsky, MIT, "TEST2"). It is computed here rather than by
FFmpeg's muxer for two reasons: no program has to be started on strangers' media, and values are on the
picture's clock. The contract tests compare it with that muxer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model.algorithms import CHROMAPRINT, OF_SOUND
from registry.core.errors import BadMedia, NotMedia
from workers.hashers.peaks import Peaks
from workers.media.limits import Limits
from workers.media.sound import RATE, Samples, Sound

FRAME: Final = 4096
HOP: Final = 1365
BLOCK: Final = 16
"""Frames transformed at a time. Larger products would be shared among threads, which costs more CPU."""
LOWEST: Final = 10
BEYOND: Final = 1308
"""Bins of the spectrum from 28 Hz (LOWEST) to 3,520 Hz."""
PITCHES: Final = 12
SMOOTHING: Final = (0.25, 0.75, 1.0, 0.75, 0.25)
QUIET: Final = 0.01
"""Length of a pitch vector below which it is silence."""
WIDTH: Final = 16
"""Smoothed frames that one value covers."""
GRAY: Final = np.array([0, 1, 3, 2], dtype=np.uint32)

Floats = NDArray[np.float64]


class Filter(NamedTuple):
    """A rectangle of `wide` frames and `high` pitch classes from `low` on.

    `kind` says how it is split; `levels` are the three thresholds between its four levels.
    """

    kind: int
    low: int
    high: int
    wide: int
    levels: tuple[float, float, float]


FILTERS: Final = (
    Filter(0, 4, 3, 15, (1.98215, 2.35817, 2.63523)),
    Filter(4, 4, 6, 15, (-1.03809, -0.651211, -0.282167)),
    Filter(1, 0, 4, 16, (-0.298702, 0.119262, 0.558497)),
    Filter(3, 8, 2, 12, (-0.105439, 0.0153946, 0.135898)),
    Filter(3, 4, 4, 8, (-0.142891, 0.0258736, 0.200632)),
    Filter(4, 0, 3, 5, (-0.826319, -0.590612, -0.368214)),
    Filter(1, 2, 2, 9, (-0.557409, -0.233035, 0.0534525)),
    Filter(2, 7, 3, 4, (-0.0646826, 0.00620476, 0.0784847)),
    Filter(2, 6, 2, 16, (-0.192387, -0.029699, 0.215855)),
    Filter(2, 1, 3, 2, (-0.0397818, -0.00568076, 0.0292026)),
    Filter(5, 10, 1, 15, (-0.53823, -0.369934, -0.190235)),
    Filter(3, 6, 2, 10, (-0.124877, 0.0296483, 0.139239)),
    Filter(2, 1, 1, 14, (-0.101475, 0.0225617, 0.231971)),
    Filter(3, 5, 6, 4, (-0.0799915, -0.00729616, 0.063262)),
    Filter(1, 9, 2, 12, (-0.272556, 0.019424, 0.302559)),
    Filter(3, 4, 2, 14, (-0.164292, -0.0321188, 0.0846339)),
)

_WINDOW: Final = (np.hamming(FRAME) / 32_767).astype(np.float32)


def _pitch_of_bins() -> NDArray[np.float32]:
    """Return (bins, 12): 1 if a bin of the spectrum is in a pitch class; 27.5 Hz begins the first class."""
    octaves = np.log2(np.arange(LOWEST, BEYOND) * RATE / FRAME / 27.5)
    classes = (PITCHES * (octaves - np.floor(octaves))).astype(np.int64)
    return np.eye(PITCHES, dtype=np.float32)[classes]


_PITCHES: Final = _pitch_of_bins()


class AudioFingerprint(NamedTuple):
    """Fingerprint of a file's sound: values or None, the algorithms that ran, and notes.

    Notes: `no_chromaprint` if no sound can be decoded, `broken_sound` if some of it cannot.
    """

    audio: bytes | None
    algorithms: tuple[str, ...]
    notes: tuple[str, ...]


def listen(path: Path, limits: Limits, *, duration: float, tick: Callable[[], None]) -> AudioFingerprint:
    """Fingerprint the sound of a video whose picture lasts `duration` seconds, calling `tick` now and then.

    A file without sound gives None, with the algorithm among those that ran.
    """
    try:
        return _listen(Sound(), path, limits, duration, tick)
    except BadMedia:  # an animated picture, which the video reader does not read
        return AudioFingerprint(None, (CHROMAPRINT.name,), ())


def listen_alone(
    path: Path, limits: Limits, *, tick: Callable[[], None]
) -> tuple[AudioFingerprint, bytes | None, float]:
    """Fingerprint a file of sound alone. Returns the values of peaks.1 and its length in seconds too.

    Raises `BadMedia` (`not_media`) if nothing of it can be decoded, and as `container.opened_for_sound`.
    """
    sound, peaks = Sound(), Peaks()
    found = _listen(sound, path, limits, math.inf, tick, peaks)
    if not sound.good:
        raise NotMedia
    return found._replace(algorithms=OF_SOUND), peaks.values() or None, sound.seconds


def _listen(
    sound: Sound,
    path: Path,
    limits: Limits,
    duration: float,
    tick: Callable[[], None],
    *others: Peaks,
) -> AudioFingerprint:
    chromaprint = Chromaprint()
    for samples in sound.samples(path, limits, duration=duration):
        chromaprint.feed(samples)
        for other in others:
            other.feed(samples)
        tick()
    if sound.there and not sound.good:
        return AudioFingerprint(None, (), ("no_chromaprint",))
    notes = ("broken_sound",) if sound.broken else ()
    return AudioFingerprint(chromaprint.values() or None, (CHROMAPRINT.name,), notes)


class Chromaprint:
    """Takes sound piece by piece, in bounded memory: a minute costs 23 kB and about 20 ms of CPU."""

    def __init__(self) -> None:
        self._unread: Samples = np.empty(0, dtype=np.int16)
        self._pitches: list[NDArray[np.float32]] = []

    def feed(self, samples: Samples) -> None:
        """Add the next (n,) samples: one channel, 16 bit, `RATE` per second."""
        samples_left = np.concatenate([self._unread, samples])
        count = max(0, (len(samples_left) - FRAME) // HOP + 1)
        for start in range(0, count, BLOCK):
            block = samples_left[start * HOP : (min(start + BLOCK, count) - 1) * HOP + FRAME]
            frames = np.lib.stride_tricks.sliding_window_view(block, FRAME)[::HOP]
            spectrum = np.fft.rfft(frames * _WINDOW, axis=1)[:, LOWEST:BEYOND]
            self._pitches.append((spectrum.real**2 + spectrum.imag**2).astype(np.float32) @ _PITCHES)
        self._unread = samples_left[count * HOP :]

    def values(self) -> bytes:
        """Return all values so far, little-endian uint32; none for less than 2.7 s."""
        pitches = np.concatenate([np.empty((0, PITCHES), np.float32), *self._pitches]).astype(np.float64)
        count = len(pitches) - len(SMOOTHING) + 1
        if count < WIDTH:
            return b""
        smooth = np.zeros((count, PITCHES))
        for at, share in enumerate(SMOOTHING):
            smooth += share * pitches[at : at + count]
        length = np.sqrt((smooth**2).sum(axis=1, keepdims=True))
        image = np.where(length < QUIET, 0.0, smooth / np.maximum(length, QUIET))
        return _values(image).astype("<u4").tobytes()


def _values(image: Floats) -> NDArray[np.uint32]:
    """Return (n - 15,) values of an (n, 12) image of unit pitch vectors."""
    sums = np.zeros((len(image) + 1, PITCHES + 1))
    sums[1:, 1:] = image.cumsum(axis=0).cumsum(axis=1)
    values = np.zeros(len(image) - WIDTH + 1, dtype=np.uint32)
    for rectangle in FILTERS:
        level = np.searchsorted(rectangle.levels, _response(sums, rectangle, len(values)), side="right")
        values = (values << np.uint32(2)) | GRAY[level]
    return values


def _response(sums: Floats, rectangle: Filter, count: int) -> Floats:
    """Return (count,) how much louder one half of the rectangle is than the other, on a logarithmic scale."""
    top, wide = rectangle.low + rectangle.high, rectangle.wide

    def area(begin: int, low: int, end: int, high: int) -> Floats:
        late, early = sums[end : end + count], sums[begin : begin + count]
        return np.asarray(late[:, high] - early[:, high] - late[:, low] + early[:, low])

    half, middle = wide // 2, rectangle.low + rectangle.high // 2
    match rectangle.kind:
        case 0:
            loud, quiet = area(0, rectangle.low, wide, top), np.zeros(count)
        case 1:
            loud, quiet = area(0, middle, wide, top), area(0, rectangle.low, wide, middle)
        case 2:
            loud, quiet = area(half, rectangle.low, wide, top), area(0, rectangle.low, half, top)
        case 3:
            loud = area(0, middle, half, top) + area(half, rectangle.low, wide, middle)
            quiet = area(0, rectangle.low, half, middle) + area(half, middle, wide, top)
        case 4:
            third = rectangle.high // 3
            loud = area(0, rectangle.low + third, wide, rectangle.low + 2 * third)
            quiet = area(0, rectangle.low, wide, rectangle.low + third) + area(
                0, rectangle.low + 2 * third, wide, top
            )
        case _:
            third = wide // 3
            loud = area(third, rectangle.low, 2 * third, top)
            quiet = area(0, rectangle.low, third, top) + area(2 * third, rectangle.low, wide, top)
    return np.asarray(np.log((1 + loud) / (1 + quiet)))
