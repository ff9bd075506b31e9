"""Whether a part of a sound was cut out of a recording, by peaks at one lag.

Words that were cut out of a recording keep its peaks, all moved by the same time: their lag. Other words have
peaks in common with it too, by chance, at any lag. Codecs, telephones, rooms and noise take peaks from the
whole of a sound. So a part is compared with what lies beside it and is known to be in the recording.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model import audio, peaks
from registry.catalogue.fingerprints.model.audio import Stretch
from registry.catalogue.fingerprints.model.peaks import TICK, Peaks, Values

NEAR: Final = 1
"""Units of time and of pitch by which peaks at one lag may be off."""
BESIDE_NEAR: Final = 3
"""The same in time at the lag of what lies beside. Such peaks are no evidence of another lag."""
LIKE: Final = 0.3
"""Least share of peaks at one lag, as a share of the same beside the part (decision 157)."""
SAME: Final = 0.5
"""The same at the lag of what lies beside. The edges of a part may be half a second inside that."""
USUAL: Final = 0.6
"""Share of peaks at one lag where nothing beside the part is known to be in the recording."""
BESIDE: Final = 6.0
"""Most seconds on each side of a part that it is compared with."""
WINDOW: Final = 2.0
"""About the seconds of a part that are looked at together. Each may have its own lag."""
BY_CHANCE: Final = 0.01
"""Share of windows of other words that chance may take for cut out."""
MANY: Final = 50.0
"""Pairs at each lag from which no number at one of them tells anything."""
MOST_PAIRS: Final = 2_000_000
"""Most pairs of a window, which take 80 MB and .1 s. Beyond it, only every n-th of its peaks counts."""
MOST_ORIGINALS: Final = 8
"""Most originals that a part is compared with, first those that share other parts with the fake."""
LONGEST: Final = 30.0
"""Most seconds of a part that are looked at. Against an hour they cost .06 s, against 13 hours 3 s."""
HEARD: Final = 0.16
"""Least share of the peaks of a part of a fake that a copy has at their lag (decision 160)."""
PLACED: Final = 0.5
"""Most seconds between where the values and the peaks of a part place it."""

SHORT: Final = audio.WINDOW + 2.0
"""Seconds of a part that would be found in the recording by values."""
LEFT_OUT: Final = (2 * audio.STEP, audio.WINDOW + 1.0)
"""Seconds that count as left out, where a sound has no peaks."""

Places = NDArray[np.int64]
Flags = NDArray[np.bool_]
Seconds = tuple[float, float]


def are_cut_out(sound: Values, part: Seconds, recording: Values, common: Sequence[Stretch]) -> bool:
    """Tell whether all words of a part of a sound may be cut out of the recording. `common`: stretches of the
    sound that are known to be in it, of which those next to the part count."""
    if part[1] - part[0] > LONGEST:
        return False
    own, its = peaks.unpacked(sound), _by_pitch(peaks.unpacked(recording))
    known = [
        _pairs(own, window, its)
        for seconds in _beside(part, [stretch.query for stretch in common])
        for window in _windows(seconds)
    ]
    beside = [pairs.most() for pairs in known]
    at_lag = sum(int(pairs.at(lag, NEAR).sum()) for pairs, lag in zip(known, beside, strict=True))
    usual = at_lag / max(1, sum(pairs.total for pairs in known)) or USUAL
    return all(_is_cut_out(_pairs(own, window, its), beside, usual) for window in _windows(part))


def is_heard(sound: Values, part: Stretch, query: Values) -> bool:
    """Tell whether a query has the peaks of a part of a sound that is alike by values. Values of noise are
    alike in all recordings; its peaks are nowhere twice. `part`: where the part is in the query, and where in
    the sound (as asset)."""
    if not len(query) or part.asset[1] - part.asset[0] > LONGEST:
        return True
    own, its = peaks.unpacked(sound), _by_pitch(peaks.unpacked(query))
    heard = total = 0
    for window in _windows(part.asset):
        pairs = _pairs(own, window, its)
        at = (part.back(window[0]) - window[0]) / TICK
        near = np.abs(pairs.lags - at) <= PLACED / TICK
        here = pairs._replace(which=pairs.which[near], lags=pairs.lags[near])
        heard += int(here.at(here.most(), NEAR).sum())
        total += pairs.total
    return heard >= HEARD * total


def are_short(part: Seconds, common: Sequence[Stretch], lasting: Seconds) -> bool:
    """Tell the same without peaks: whether a part is short, and some of the recording is left out around it.
    `lasting`: seconds of the sound and of the recording."""
    before = [stretch for stretch in common if sum(stretch.query) < sum(part)]
    after = [stretch for stretch in common if sum(stretch.query) >= sum(part)]
    begin, low = max(((some.query[1], some.asset[1]) for some in before), default=(0.0, 0.0))
    end, high = min(((some.query[0], some.asset[0]) for some in after), default=lasting)
    left_out = high - low - (end - begin)
    return bool(common) and end - begin < SHORT and LEFT_OUT[0] <= left_out <= LEFT_OUT[1]


class _Pairs(NamedTuple):
    """Pairs of one of `total` peaks and a peak of the recording that has about its pitch: `which` of the
    peaks it is, and the lag."""

    total: int
    which: Places
    lags: Places

    def at(self, lag: int, near: int) -> Flags:
        """Return which peaks have a partner at a lag."""
        found = np.zeros(self.total, dtype=np.bool_)
        found[self.which[np.abs(self.lags - lag) <= near]] = True
        return found

    def most(self) -> int:
        """Return the lag of most pairs."""
        if not len(self.lags):
            return 0
        counts = np.bincount(self.lags - self.lags.min())
        around = np.convolve(counts, np.ones(2 * NEAR + 1), "same")
        return int(np.argmax(around)) + int(self.lags.min())

    def by_chance(self) -> int:
        """Return the least number of pairs that chance puts at the lag of most in at most `BY_CHANCE` of
        windows, if the pairs fall on all lags alike (Poisson)."""
        lags = int(np.ptp(self.lags)) + 1 if len(self.lags) else 1
        mean = (2 * NEAR + 1) * len(self.lags) / lags
        if mean > MANY:
            return self.total
        number, term = 0, math.exp(-mean)
        beyond = 1.0 - term
        while lags * beyond > BY_CHANCE and number < self.total:
            number += 1
            term *= mean / number
            beyond -= term
        return number + 1


def _is_cut_out(window: _Pairs, beside: Sequence[int], usual: float) -> bool:
    """Tell whether a window is at a lag of its own, or goes on at one of those `beside`."""
    near = np.zeros(window.total, dtype=np.bool_)
    for lag in beside:
        near |= window.at(lag, BESIDE_NEAR)
    left = ~near[window.which]
    rest = _Pairs(window.total, window.which[left], window.lags[left])
    own = int(rest.at(rest.most(), NEAR).sum())
    going_on = int(near.sum())
    if going_on >= SAME * usual * window.total:
        return True
    cut_out = usual * (window.total - going_on)
    by_chance = rest.by_chance()
    return own >= (max(LIKE * cut_out, by_chance) if by_chance <= cut_out else LIKE * cut_out)


def _windows(seconds: Seconds) -> Iterator[Seconds]:
    edges = np.linspace(*seconds, max(1, round((seconds[1] - seconds[0]) / WINDOW)) + 1).tolist()
    return pairwise(edges)


def _beside(part: Seconds, common: Sequence[Seconds]) -> list[Seconds]:
    """Return the seconds in common that are next to a part on each side."""
    before = [seconds for seconds in common if sum(seconds) < sum(part)]
    after = [seconds for seconds in common if sum(seconds) >= sum(part)]
    return [
        *((max(start, end - BESIDE), end) for start, end in sorted(before)[-1:]),
        *((start, min(end, start + BESIDE)) for start, end in sorted(after)[:1]),
    ]


def _by_pitch(its: Peaks) -> Peaks:
    order = np.argsort(its.pitch, kind="stable")
    return Peaks(its.time[order], its.pitch[order], its.strong[order])


def _pairs(own: Peaks, seconds: Seconds, its: Peaks) -> _Pairs:
    """Return the pairs of the peaks in these seconds. `its`: peaks of the recording in order of pitch."""
    inside = (own.time >= seconds[0] / TICK) & (own.time < seconds[1] / TICK)
    time, pitch = own.time[inside], own.pitch[inside]
    first = np.searchsorted(its.pitch, pitch - NEAR)
    count = np.searchsorted(its.pitch, pitch + NEAR, side="right") - first
    every = -(-int(count.sum()) // MOST_PAIRS) or 1
    time, first, count = time[::every], first[::every], count[::every]
    step = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    which = np.repeat(np.arange(len(time)), count)
    return _Pairs(len(time), which, its.time[np.repeat(first, count) + step] - time[which])
