"""Read and write vPDQ's list format: the features of a video's frames. Pure.

vPDQ (Facebook's `vpdq`, `facebook/ThreatExchange`) describes a video by a list of texts, one for each sampled
frame: `pdq,quality,timestamp`. `pdq` is 64 hex digits, `quality` 0-100, `timestamp` seconds. Older versions
wrote `frame,quality,pdq,timestamp`. A hash list holds the features as a JSON array in one line or one cell.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from registry.catalogue.fingerprints.model.document import MAX_SECONDS
from registry.catalogue.fingerprints.model.fields import MAX_SAMPLES
from registry.catalogue.fingerprints.model.fingerprint import FULL, Fingerprint, Frame
from registry.matching.lookups.errors import BadHash

STEP: Final = 1.0
"""vPDQ's usual seconds between two features, and the duration of the frame in a list of one."""
LONGEST_STEP: Final = 10.0
"""Maximum seconds that a frame lasts."""
_DIGITS: Final = 64


def parse_json(text: object) -> object:
    """Parse a JSON array of features; an array is returned unchanged. Raises `BadInput` (`bad_hash`)."""
    try:
        return json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError) as error:
        raise BadHash("A vpdq signal is a JSON list of features.") from error


def read_features(features: object) -> tuple[Frame, ...]:
    """Parse a list of features into frames, in the order of time. A frame lasts until the next one.

    Of several features with one time, the first counts. Raises `BadInput` (`bad_hash`).
    """
    if not isinstance(features, Sequence) or isinstance(features, str) or not features:
        raise BadHash("The value of vpdq is a list of features.")
    if len(features) > MAX_SAMPLES:
        raise BadHash(f"A vPDQ list has {MAX_SAMPLES} features at most.")
    hashes: dict[float, tuple[bytes, int]] = {}
    for feature in features:
        time, pdq, quality = _feature(feature)
        hashes.setdefault(time, (pdq, quality))
    times = sorted(hashes)
    steps = [min(following - time, LONGEST_STEP) for time, following in pairwise(times)]
    steps.append(steps[-1] if steps else STEP)
    return tuple(
        Frame(time, round(step, 3), FULL, hashes[time][1], pdq=hashes[time][0])
        for time, step in zip(times, steps, strict=True)
    )


def _feature(feature: object) -> tuple[float, bytes, int]:
    """Parse one feature into time, PDQ and quality."""
    parts = feature.split(",") if isinstance(feature, str) else []
    if len(parts) == 4:
        parts = [parts[2], parts[1], parts[3]]
    try:
        pdq, quality, time = bytes.fromhex(parts[0]), int(parts[1]), round(float(parts[2]), 3)
    except (ValueError, IndexError):
        pdq, quality, time = b"", 0, -1.0
    if len(parts) != 3 or not 0 <= time <= MAX_SECONDS or not 0 <= quality <= 100:
        raise BadHash("A vPDQ feature reads `pdq,quality,timestamp`.")
    if len(pdq) * 2 != _DIGITS or len(parts[0]) != _DIGITS:
        raise BadHash(f"The hash of a vPDQ feature has {_DIGITS} hex digits.")
    return time, pdq, quality


def features(fingerprint: Fingerprint) -> list[str]:
    """Return a video's frames as vPDQ features, with three decimals of a second."""
    return [
        f"{frame.pdq.hex()},{frame.quality},{frame.time:.3f}"
        for frame in fingerprint.frames
        if frame.pdq is not None and frame.view == FULL
    ]


def sampled_features(fingerprint: Fingerprint) -> list[str]:
    """Return vPDQ features of a video, one for each second: that of the frame shown at that second."""
    frames = sorted(
        (frame for frame in fingerprint.frames if frame.view == FULL and frame.pdq),
        key=lambda frame: frame.time,
    )
    sampled: list[str] = []
    index, second = 0, 0.0
    while frames and second < max(fingerprint.media.duration, STEP):
        while index + 1 < len(frames) and frames[index + 1].time <= second:
            index += 1
        frame = frames[index]
        if frame.pdq and frame.time <= second + STEP:
            sampled.append(f"{frame.pdq.hex()},{frame.quality},{second:.3f}")
        second += STEP
    return sampled
