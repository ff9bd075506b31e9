"""peaks.1: the peaks of a spectrum with a logarithmic axis of pitch, some thirty a second.

A peak is louder than all within `NEAR` frames and bands. Of those, the ones that stand out most from the
band's own average are kept. The idea is A. Wang's ("An industrial-strength audio search algorithm", 2003),
with a pitch that is a shift, as in Panako (J. Six, 2014). The code is ours.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model import peaks
from workers.media.sound import RATE, Samples

FRAME: Final = 1024
HOP: Final = 256
PER_OCTAVE: Final = 24
BANDS: Final = 100
NEAR: Final = (4, 2)
"""Frames and bands around a peak that are less loud."""
SMOOTHING: Final = 32
"""Frames on each side over which a band's average is taken."""
LEVELLING: Final = 0.7
"""Share of a band's average that is subtracted before peaks are ranked."""
QUIET: Final = 3e-3
SECOND: Final = 21
"""Frames on each side among which peaks are ranked."""
KEPT: Final = 30
STRONG: Final = 10
GROUP: Final = 25
"""Bands whose bins are added at a time."""
SMALL: Final = 32
"""Frames transformed at a time. Larger products would be shared among threads, which costs more CPU."""
BLOCK: Final = 1024
"""Frames whose peaks are looked for at a time."""
MARGIN: Final = SMOOTHING + SECOND + NEAR[0] + 1
"""Frames beside a block that have a say in it."""

Floats = NDArray[np.float32]


def _bands() -> list[tuple[int, int, Floats]]:
    """Return groups of bands: the first bin, the bin after the last one, and the (bins, bands) share of each
    bin in a band."""
    bins = np.arange(FRAME // 2 + 1) * RATE / FRAME
    middles = peaks.LOWEST * 2 ** (np.arange(-1, BANDS + 1) / PER_OCTAVE)
    low = np.minimum(middles[:-2], middles[1:-1] - RATE / FRAME)
    high = np.maximum(middles[2:], middles[1:-1] + RATE / FRAME)
    rising = (bins[:, None] - low) / (middles[1:-1] - low)
    falling = (high - bins[:, None]) / (high - middles[1:-1])
    shares = np.clip(np.minimum(rising, falling), 0, None).astype(np.float32)
    groups = []
    for some in np.split(shares, BANDS // GROUP, axis=1):
        used = np.flatnonzero(some.any(axis=1))
        groups.append((int(used[0]), int(used[-1]) + 1, np.ascontiguousarray(some[used[0] : used[-1] + 1])))
    return groups


_BANDS: Final = _bands()
_WINDOW: Final = (np.hanning(FRAME) / 32_768).astype(np.float32)


class Peaks:
    """Takes sound piece by piece, in bounded memory."""

    def __init__(self) -> None:
        self._unread: Samples = np.empty(0, dtype=np.int16)
        self._loud: Floats = np.empty((0, BANDS), np.float32)
        self._before = 0
        """Frames of `_loud` whose peaks are known."""
        self._dropped = 0
        """Frames before `_loud`."""
        self._found: list[peaks.Values] = []

    def feed(self, samples: Samples) -> None:
        """Add the next (n,) samples: one channel, 16 bit, `RATE` per second."""
        left = np.concatenate([self._unread, samples])
        count = max(0, (len(left) - FRAME) // HOP + 1)
        loud = [self._loud]
        for start in range(0, count, SMALL):
            end = min(start + SMALL, count)
            loud.append(_loudness(left[start * HOP : (end - 1) * HOP + FRAME]))
        self._loud = np.concatenate(loud)
        while len(self._loud) >= self._before + BLOCK + MARGIN:
            self._look(self._before + BLOCK)
        self._unread = left[count * HOP :]

    def values(self) -> bytes:
        """Return all values so far, little-endian uint32. Nothing can be fed afterwards."""
        self._look(len(self._loud))
        return np.sort(np.concatenate(self._found)).astype("<u4").tobytes()

    def _look(self, until: int) -> None:
        """Find the peaks of the frames up to `until`, and forget what is not needed any more."""
        self._found.append(_peaks(self._loud, self._before, until, self._dropped))
        drop = max(0, until - MARGIN)
        self._loud, self._before = self._loud[drop:], until - drop
        self._dropped += drop


def _loudness(samples: Samples) -> Floats:
    """Return the (frames, bands) logarithms of how loud the bands are."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP]
    spectrum = np.fft.rfft(frames * _WINDOW, axis=1)[:, _BANDS[0][0] : _BANDS[-1][1]]
    size, first = np.sqrt(spectrum.real**2 + spectrum.imag**2), _BANDS[0][0]
    loud = np.concatenate(
        [size[:, low - first : high - first] @ shares for low, high, shares in _BANDS], axis=1
    )
    return np.asarray(np.log(loud + np.float32(1e-4)))


def _peaks(loud: Floats, begin: int, end: int, dropped: int) -> peaks.Values:
    """Return the peaks of the frames from `begin` to `end`."""
    if len(loud) < 2 * NEAR[0]:
        return peaks.values()
    top = (loud >= _highest(_highest(loud, NEAR[0], 0), NEAR[1], 1)) & (loud > np.log(QUIET))
    top[[0, -1]] = top[:, [0, -1]] = False
    frame, band = np.nonzero(top)
    stands_out = loud[frame, band] - LEVELLING * _averages(loud, frame, band)
    rank = _rank(frame, stands_out)
    chosen = np.flatnonzero((frame >= begin) & (frame < end) & (rank < KEPT))
    frame, band, rank = frame[chosen], band[chosen], rank[chosen]
    here = loud[frame, band]
    later = _off(loud[frame - 1, band], here, loud[frame + 1, band])
    higher = _off(loud[frame, band - 1], here, loud[frame, band + 1])
    time = np.rint(((frame + dropped + later) * HOP + FRAME / 2) / (peaks.TICK * RATE)).astype(np.int64)
    pitch = np.rint((band + higher) * peaks.PER_OCTAVE / PER_OCTAVE).astype(np.int64)
    return peaks.packed(time, pitch, rank < STRONG)


def _highest(loud: Floats, near: int, axis: int) -> Floats:
    """Return the highest of the values within `near` places."""
    along = loud if axis == 0 else loud.T
    highest = along.copy()
    for step in range(1, near + 1):
        np.maximum(highest[step:], along[:-step], out=highest[step:])
        np.maximum(highest[:-step], along[step:], out=highest[:-step])
    return highest if axis == 0 else highest.T


def _averages(loud: Floats, frame: NDArray[np.int64], band: NDArray[np.int64]) -> Floats:
    """Return the average of a peak's band over the frames around."""
    sums = np.concatenate([np.zeros((1, BANDS)), np.cumsum(loud, axis=0, dtype=np.float64)])
    low, high = np.maximum(frame - SMOOTHING, 0), np.minimum(frame + SMOOTHING + 1, len(loud))
    return np.asarray((sums[high, band] - sums[low, band]) / (high - low), dtype=np.float32)


def _rank(frame: NDArray[np.int64], stands_out: Floats) -> NDArray[np.int64]:
    """Return how many peaks within `SECOND` frames stand out more."""
    rank = np.zeros(len(frame), dtype=np.int64)
    for lag in range(1, len(frame)):
        near = frame[lag:] - frame[:-lag] <= SECOND
        if not near.any():
            break
        rank[:-lag] += near & (stands_out[lag:] > stands_out[:-lag])
        rank[lag:] += near & (stands_out[:-lag] > stands_out[lag:])
    return rank


def _off(before: Floats, at: Floats, after: Floats) -> NDArray[Any]:
    """Return by how much the top of the parabola through three values is off its middle one."""
    bend = np.minimum(before - 2 * at + after, -1e-6)
    return np.asarray(np.clip(0.5 * (before - after) / bend, -0.5, 0.5))
