"""Alignment of sounds by both fingerprints: that counts which hears more of the recording.

Only chromaprint.1 is sure that it is the very recording. Peaks find it again where that hears little, in
another speed or pitch, and leave the decision to a person. They also tell takes apart, which chromaprint.1
does not: they measure speed and pitch to a thousandth, which another take hardly ever repeats (decision 148).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from registry.catalogue.fingerprints.model import audio
from registry.catalogue.fingerprints.model.audio import Stretch
from registry.catalogue.fingerprints.model.sounds import Heard
from registry.matching.alignment.model import landmarks
from registry.matching.alignment.model.landmarks import Marks

WITHOUT_PEAKS: Final = 5.5
"""Fewest seconds that are alike by values and have no peaks in common. Two voices of one text are alike for
up to 4.5 s."""
APART: Final = 0.5
"""Most seconds between where values and peaks place a sound."""
COVERED: Final = 0.5
"""Least share of a stretch in which exact peaks are heard."""


def align(query: Heard, asset: Heard) -> tuple[Stretch, ...]:
    """Return the stretches of `query` that sound like `asset`, longest first."""
    by_values, by_peaks = _by_both(query, asset)
    return max(by_peaks, by_values, key=_heard)


def align_one_take(query: Heard, asset: Heard) -> tuple[Stretch, ...]:
    """As `align`, for what an answer rests on: where both have peaks, no other take is sure.

    Stretches of values end soon after exact peaks. Short ones without any peaks in common are left out.
    """
    by_values, by_peaks = _by_both(query, asset)
    if len(query.peaks) and len(asset.peaks):
        lasting = audio.seconds(query.audio), audio.seconds(asset.audio)
        by_values = tuple(
            _confirmed(stretch, met, lasting)
            for stretch in by_values
            for met in [_met(stretch, by_peaks)]
            if met or stretch.seconds >= WITHOUT_PEAKS
        )
    return max(by_peaks, by_values, key=_heard)


def _by_both(query: Heard, asset: Heard) -> tuple[tuple[Stretch, ...], tuple[Stretch, ...]]:
    by_values = audio.align(query.audio, asset.audio) if len(query.audio) and len(asset.audio) else ()
    if not len(query.peaks) or not len(asset.peaks):
        return by_values, ()
    return by_values, landmarks.align(Marks.of(query.peaks), Marks.of(asset.peaks))


def _met(stretch: Stretch, others: Sequence[Stretch]) -> list[Stretch]:
    """Return those of the others that have seconds of the query in common with it."""
    return [
        other for other in others if other.query[0] < stretch.query[1] and stretch.query[0] < other.query[1]
    ]


def _confirmed(stretch: Stretch, met: Sequence[Stretch], lasting: tuple[float, float]) -> Stretch:
    """Return a stretch of values, sure only by exact peaks in its place, and ending soon after these unless a
    sound ends there. `lasting`: seconds of the query and of the asset."""
    same = [
        other for other in met if other.exact and abs(other.at(stretch.query[0]) - stretch.asset[0]) <= APART
    ]
    if not same:
        return replace(stretch, sure=False)
    start, end = stretch.query
    first, last = min(other.query[0] for other in same), max(other.query[1] for other in same)
    heard = sum(max(0.0, min(other.query[1], end) - max(other.query[0], start)) for other in same)
    sure = stretch.sure and heard >= COVERED * stretch.seconds
    if min(start, stretch.asset[0]) > APART:
        start = max(start, first - APART)
    if min(lasting[0] - end, lasting[1] - stretch.asset[1]) > APART:
        end = min(end, last + APART)
    return replace(stretch.limited_to((round(start, 2), round(end, 2))), sure=sure)


def _heard(stretches: tuple[Stretch, ...]) -> tuple[float, float]:
    """Return the seconds that are the very recording, and all seconds."""
    return (
        sum(stretch.seconds for stretch in stretches if stretch.sure),
        sum(stretch.seconds for stretch in stretches),
    )


def without(seconds: tuple[float, float], taken: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the parts of a stretch of time that none of `taken` covers."""
    parts, (begin, stop) = [], seconds
    for start, end in sorted(taken):
        if end > begin and start < stop:
            if start > begin:
                parts.append((begin, start))
            begin = max(begin, end)
    return [*parts, (begin, stop)] if begin < stop else parts


def total(times: Iterable[tuple[float, float]]) -> float:
    """Return the total length of stretches of time. Overlaps count once."""
    seconds, reached = 0.0, -math.inf
    for start, end in sorted(times):
        seconds += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return seconds
