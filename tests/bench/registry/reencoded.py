"""Are those suspected who ask about one picture in thousands of encodings, or about every frame of a clip?

Pictures of a folder's clips and stills are encoded again and again: scaled, cut at the edges, brightened,
blurred, made noisy, with every quality of JPEG. Each is held against a registered hash that lies just so far
away that its encodings fall on both sides of a threshold, which is the worst there is.
`python -m tests.bench.registry.reencoded FOLDER [PICTURES] [ENCODINGS]` prints how often somebody would be
suspected.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model.algorithms import PDQ, PHASH256
from registry.core.settings import Settings
from registry.matching.abuse.model import Walks
from workers.hashers.pdq import Pdq
from workers.hashers.phash import Phash256

Pixels = NDArray[np.uint8]
SIDE: Final = 288
"""Pictures are scaled to it first: what hashes see is smaller."""
STEPS: Final = (47, 48, 55, 56)
"""Bits away from what is registered, next to where the answer for one picture changes."""
TARGETS: Final = 6
FRAMES: Final = 60
_HASHERS: Final[dict[str, Phash256 | Pdq]] = {PHASH256.name: Phash256(), PDQ.name: Pdq()}


@dataclass
class Count:
    """What came of it, by algorithm: sequences, hashes, those suspected, and the most bits of a walk."""

    sequences: int = 0
    hashes: int = 0
    suspected: int = 0
    bits: int = 0


def look_up_neighbours(values: Sequence[int], count: Count, numbers: random.Random) -> None:
    """Ask these in their order, of a registry that holds something at a threshold from one of them."""
    target = numbers.choice(values)
    for bit in numbers.sample(range(256), numbers.choice(STEPS)):
        target ^= 1 << bit
    walks, most, suspected = Walks(), Settings().reconstruction_bits, False
    for value in values:
        walk = walks.add(f"{value:064x}", _answer((value ^ target).bit_count()))
        if walk is not None:
            count.bits = max(count.bits, walk.bits)
            suspected = suspected or walks.is_suspected(walk, most)
    count.sequences += 1
    count.hashes += len(values)
    count.suspected += suspected


def _answer(bits: int) -> int | None:
    return 2 if bits < STEPS[1] else 1 if bits < STEPS[3] else None


def encodings(picture: Pixels, numbers: random.Random, count: int) -> Iterator[Pixels]:
    """The picture, and `count` copies of it."""
    yield picture
    noise = np.random.default_rng(1).normal(0, 1, picture.shape).astype(np.float32)
    for _ in range(count):
        yield _copy(picture, noise, numbers)


def _copy(picture: Pixels, noise: NDArray[np.float32], numbers: random.Random) -> Pixels:
    copy: Any = picture.astype(np.float32)
    if numbers.random() < 0.3:
        copy = copy * numbers.uniform(0.85, 1.15) + numbers.uniform(-10, 10)
    if numbers.random() < 0.2:
        copy = copy + noise * numbers.uniform(1, 8)
    if numbers.random() < 0.2:
        copy = cv2.GaussianBlur(copy, (0, 0), numbers.uniform(0.3, 1.5))
    copy = np.clip(copy, 0, 255).astype(np.uint8)
    height, width = copy.shape[:2]
    if numbers.random() < 0.3:
        top, left = (int(side * numbers.uniform(0, 0.01)) for side in (height, width))
        copy = copy[top : height - top, left : width - left]
    if numbers.random() < 0.5:
        share = numbers.uniform(0.3, 1)
        copy = cv2.resize(copy, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    for _ in range(numbers.choice((1, 1, 2))):
        quality = [cv2.IMWRITE_JPEG_QUALITY, numbers.randint(15, 95)]
        copy = cv2.imdecode(cv2.imencode(".jpg", np.ascontiguousarray(copy), quality)[1], cv2.IMREAD_COLOR)
    return np.asarray(copy, dtype=np.uint8)


def hashes(pictures: Sequence[Pixels]) -> dict[str, list[int]]:
    """By algorithm, the hash of each."""
    return {
        name: [int.from_bytes(hasher.compute(picture).value, "big") for picture in pictures]
        for name, hasher in _HASHERS.items()
    }


def frames(clip: Path) -> list[Pixels]:
    """The first frames of a clip, each of them."""
    opened = cv2.VideoCapture(str(clip))
    found: list[Pixels] = []
    while len(found) < FRAMES:
        there, frame = opened.read()
        if not there:
            break
        found.append(_small(frame))
    opened.release()
    return found


def _small(picture: Any) -> Pixels:
    share = min(1.0, SIDE / max(picture.shape[:2]))
    scaled = cv2.resize(picture, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(scaled[:, :, ::-1], dtype=np.uint8)


def main(folder: Path, pictures: int, copies: int) -> dict[str, Count]:
    """The counts by algorithm and kind."""
    numbers = random.Random(7)  # noqa: S311
    clips, stills = sorted(folder.rglob("*.mp4")), sorted(folder.rglob("*.jpg"))
    numbers.shuffle(clips)
    numbers.shuffle(stills)
    counts: dict[str, Count] = {}
    for clip, still in zip(clips[: pictures // 2], stills, strict=False):
        moving = frames(clip)
        sets = {"frames": moving} if moving else {}
        shown = [_small(cv2.imread(str(still))), *moving[:1]]
        for place, one in enumerate(shown):
            sets[f"encodings {place}"] = list(encodings(one, numbers, copies))
        for kind, some in sets.items():
            for algorithm, values in hashes(some).items():
                count = counts.setdefault(f"{kind.split()[0]} {algorithm}", Count())
                for _ in range(TARGETS):
                    look_up_neighbours(values, count, numbers)
    return counts


if __name__ == "__main__":
    given = sys.argv[2:] + ["100", "300"][len(sys.argv[2:]) :]
    for name, found in main(Path(sys.argv[1]), *map(int, given)).items():
        print(f"{name}: {found}")
