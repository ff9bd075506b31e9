"""Join runs of nearly equal frames: only the first is stored, with the duration of the run.

A talking head hardly changes within half a second. Queries keep every sample, so that spans begin and end at
the same times. Measured on 53 clips and 40 cuts of four seconds: talking heads take 49-62 rows a minute
instead of 126, all clips a sixth fewer. Every cut is found, and its edges are as near as before (90 % within
.25 s). On 38 copies of 19 face swaps and 38 of their originals, both registered, no verdict changes, with or
without faces.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from registry.catalogue.fingerprints.model.fingerprint import Frame

NEAR_BITS: Final = 24
NEAR_SSCD: Final = 0.96
"""Limits of distance to the first frame of a run: pHash-256 bits (`NEAR_BITS`) and cosine. Compression alone
changes a frame by as much."""
LONGEST: Final = 2.0
"""Most seconds of a run. Slow movement must not be located worse than a second in time."""
SLACK: Final = 0.01


def joined(frames: Iterable[Frame]) -> Iterator[Frame]:
    """Join the runs of each view. `frames` must be in order of time."""
    open_runs: dict[str, Frame] = {}
    ended: list[Frame] = []
    for frame in frames:
        run = open_runs.get(frame.view)
        if run is not None and _continues(run, frame):
            open_runs[frame.view] = replace(run, duration=round(frame.time + frame.duration - run.time, 3))
            continue
        if run is not None:
            ended.append(run)
        open_runs[frame.view] = frame
    return iter(sorted([*ended, *open_runs.values()], key=lambda frame: frame.time))


def _continues(run: Frame, frame: Frame) -> bool:
    """Return whether a frame shows the same as the run and follows it directly."""
    if run.phash256 is None or frame.phash256 is None or run.sscd is None or frame.sscd is None:
        return False
    if not run.informative or not frame.informative or run.box != frame.box:
        return False
    if frame.time + frame.duration - run.time > LONGEST or frame.time - run.time - run.duration > SLACK:
        return False
    bits = (int.from_bytes(run.phash256) ^ int.from_bytes(frame.phash256)).bit_count()
    return bits <= NEAR_BITS and float(_vector(run.sscd) @ _vector(frame.sscd)) >= NEAR_SSCD


def _vector(value: bytes) -> np.ndarray:
    return np.frombuffer(value, dtype="<f2").astype(np.float32)
