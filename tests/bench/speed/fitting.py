"""The shape of a registry's frames, fitted to the fingerprints of real media and of edits of them.

    python -m tests.bench.speed.fitting EVAL [FILE]     (writes FILE, else shape.json beside this file)

Bits are thresholds of correlated normal variables: how far each leans comes from how often it is 1, their
correlation from that of the bits. Some hundred clips say too little of 130,000 correlations: these are
shrunk together until unrelated frames lie apart as unevenly as those of different footage do.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import NormalDist
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model import distance, runs
from registry.catalogue.fingerprints.model.algorithms import FACE_SFACE, SSCD
from registry.catalogue.fingerprints.model.document import from_document
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint, Frame
from tests.bench.accuracy import asking
from tests.bench.accuracy.media import copies
from tests.bench.accuracy.media.material import Item, Material, read
from tests.bench.accuracy.media.recipes import EDITS
from tests.bench.speed.shape import KEPT, Shape

Algorithm = Literal["phash256", "pdq"]
ALGORITHMS: Final[tuple[Algorithm, ...]] = ("phash256", "pdq")
SOURCES: Final = 8
"""Media of which edits are made."""
OF_A_COPY: Final = 12
"""Pairs taken of one copy at most, so that long ones do not outweigh the others."""
OF_A_MEDIUM: Final = 24
"""Frames of one medium whose bits are counted."""
RADIUS: Final = 31
QUANTILES: Final = 65
LEAST_LEAN: Final = 0.001


@dataclass(frozen=True, slots=True)
class Kept:
    """A medium as a registry keeps it: whose footage it shows and its rows."""

    group: str
    fingerprint: Fingerprint
    rows: tuple[Frame, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A hash of an edit and the nearest of those kept of what was edited, at most 31 bits apart."""

    algorithm: Algorithm
    asked: bytes
    stored: bytes
    medium: int

    @property
    def bits(self) -> int:
        """How many bits apart they are."""
        return (int.from_bytes(self.asked) ^ int.from_bytes(self.stored)).bit_count()


@dataclass(frozen=True, slots=True)
class Real:
    """Real media, each digest once, and what real edits make of their hashes."""

    media: tuple[Kept, ...]
    pairs: tuple[Pair, ...]


@cache
def real(folder: Path) -> Real:
    """Fingerprint what `folder` holds and edits of it; all is kept in .cache/bench-accuracy."""
    material = read(folder, quick=False, most=SOURCES)
    items = [*asking.registered(material), *asking.originals(material), *material.real]
    items = list({item.name: item for item in items}.values())
    plain = copies.made([asking.plain(item) for item in items], what="fingerprinting media")
    media = once(_kept(items, plain))
    edits = [edit for edit in EDITS if not edit.audio]
    jobs = asking.jobs(material, edits)
    edited = copies.made(jobs, what="making and fingerprinting copies")
    return Real(media, tuple(_pairs(material, media, edited)))


def name(found: Real) -> str:
    """What a shape was fitted to."""
    return f"{len(found.media)} media and {len(found.pairs)} pairs of hashes of edits of {SOURCES} of them"


def fitted(found: Real) -> Shape:
    """The shape of these media."""
    frames = [_spread([row for row in medium.rows if row.informative], OF_A_MEDIUM) for medium in found.media]
    owners = np.repeat([medium.group for medium in found.media], [len(some) for some in frames])
    flat = [row for some in frames for row in some if row.phash256 and row.pdq]
    bits = np.hstack([_bits([getattr(row, algorithm) for row in flat]) for algorithm in ALGORITHMS])
    weights = _weights(owners)
    ones = np.clip(weights @ bits, LEAST_LEAN, 1 - LEAST_LEAN)
    axes = _axes(found.media)
    videos = [medium for medium in found.media if medium.fingerprint.media.kind == "video"]
    rows = [row for medium in found.media for row in medium.rows]
    groups = {medium.group for medium in found.media}
    return Shape(
        lean=np.array([NormalDist().inv_cdf(float(item)) for item in ones], dtype=np.float32),
        together=_together(bits, weights, owners),
        steps=_quantiles([bits for video in videos for bits, _ in _steps(video)]),
        turns=_quantiles([turn for video in videos for _, turn in _steps(video)]),
        spectrum=axes[0],
        centre=axes[1],
        rows=_quantiles([float(len(video.rows)) for video in videos]),
        seconds=_quantiles([row.duration for video in videos for row in video.rows]),
        still=round(1 - len(videos) / len(found.media), 3),
        copies=round(1 - len(groups) / len(found.media), 3),
        dull=round(sum(not row.informative for row in rows) / len(rows), 4),
        faces=round(sum(len(video.fingerprint.faces) for video in videos) / len(rows), 3),
        face=_face(videos),
        phash256_flips=_flips(found.pairs, "phash256"),
        pdq_flips=_flips(found.pairs, "pdq"),
        fitted_to=name(found),
    )


def _kept(items: Sequence[Item], plain: dict[str, copies.Made]) -> Iterator[Kept]:
    for item in items:
        document = plain[item.name].whole.document()
        if document is not None:
            fingerprint = from_document(document)
            rows = runs.joined(frame for frame in fingerprint.frames if frame.stored)
            yield Kept(item.group, fingerprint, tuple(rows))


def once(media: Iterable[Kept]) -> tuple[Kept, ...]:
    """One medium a digest: a folder may hold a file twice."""
    found: dict[str, Kept] = {}
    for medium in media:
        found.setdefault(medium.fingerprint.media.sha256, medium)
    return tuple(found.values())


def _pairs(material: Material, media: Sequence[Kept], edited: dict[str, copies.Made]) -> Iterator[Pair]:
    of_digest = {one.fingerprint.media.sha256: place for place, one in enumerate(media)}
    for item in (*material.sources, *asking.originals(material)):
        if item.sha256 not in of_digest:
            continue
        place = of_digest[item.sha256]
        for key, made in edited.items():
            document = made.whole.document() if key.partition("|")[2] == item.name else None
            if document is not None:
                copy = from_document(document)
                for algorithm in ALGORITHMS:
                    yield from _near(algorithm, copy, media[place], place)


def _near(algorithm: Algorithm, copy: Fingerprint, kept: Kept, place: int) -> Iterator[Pair]:
    values = list(dict.fromkeys(_values(algorithm, copy.informative())))
    stored = _values(algorithm, (row for row in kept.rows if row.informative))
    if not values or not stored:
        return
    apart = distance.hamming(distance.hashes(values)[0], distance.hashes(stored)[0])
    nearest = apart.argmin(axis=1)
    least = apart.min(axis=1)
    good = np.flatnonzero((least > 0) & (least <= RADIUS))
    for row in _spread(good[np.argsort(least[good], kind="stable")].tolist(), OF_A_COPY):
        yield Pair(algorithm, values[row], stored[int(nearest[row])], place)


def _values(algorithm: Algorithm, frames: Iterator[Frame]) -> list[bytes]:
    return [value for frame in frames if (value := getattr(frame, algorithm)) is not None]


def _flips(pairs: Sequence[Pair], algorithm: Algorithm) -> NDArray[np.uint8]:
    own = [pair for pair in pairs if pair.algorithm == algorithm]
    asked, stored = (
        distance.hashes([getattr(pair, side) for pair in own])[0] for side in ("asked", "stored")
    )
    return np.asarray(asked ^ stored)


def _bits(values: Sequence[bytes]) -> NDArray[np.float32]:
    return np.unpackbits(distance.hashes(values)[0], axis=1).astype(np.float32)


def _weights(owners: NDArray[np.str_]) -> NDArray[np.float32]:
    """Each footage counts alike."""
    _, place, count = np.unique(owners, return_inverse=True, return_counts=True)
    return np.asarray(1 / (len(count) * count[place]), dtype=np.float32)


def _together(
    bits: NDArray[np.float32], weights: NDArray[np.float32], owners: NDArray[np.str_]
) -> NDArray[np.float32]:
    centred = bits - weights @ bits
    covariance = (centred * weights[:, None]).T @ centred
    spread = np.sqrt(np.maximum(np.diag(covariance), LEAST_LEAN))
    correlation = covariance / np.outer(spread, spread)
    latent = np.sin(np.pi / 2 * np.clip(correlation, -1, 1))
    uneven = _unevenness(bits, owners)
    # Four times the sum, over pairs of bits, of their squared covariance is the variance of the distance of
    # unrelated frames: so much of it as the diagonal does not give comes from the correlations.
    own = 4 * np.sum(np.diag(covariance)[:256] ** 2)
    joint = 4 * np.sum(covariance[:256, :256] ** 2) - own
    share = float(np.sqrt(np.clip((uneven**2 - own) / joint, 0, 1)))
    latent = share * latent
    np.fill_diagonal(latent, 1)
    return np.asarray(latent, dtype=np.float32)


def _unevenness(bits: NDArray[np.float32], owners: NDArray[np.str_]) -> float:
    """Standard deviation of the pHash distance of frames of different footage, each pair of these alike."""
    signs = bits[:, :256] * 2 - 1
    apart = (256 - signs @ signs.T) / 2
    groups = [np.flatnonzero(owners == owner) for owner in np.unique(owners)]
    mean, square = [], []
    for one, other in itertools.combinations(groups, 2):
        block = apart[np.ix_(one, other)]
        mean.append(block.mean())
        square.append((block**2).mean())
    return float(np.sqrt(np.mean(square) - np.mean(mean) ** 2))


def _steps(kept: Kept) -> Iterator[tuple[float, float]]:
    """Distance and cosine of each row of the whole picture to the one before it."""
    rows = [row for row in kept.rows if row.view == "full" and row.informative and row.phash256 and row.sscd]
    if len(rows) < 2:
        return
    vectors = distance.vectors([row.sscd for row in rows], SSCD.dimensions)[0]
    for place, (before, after) in enumerate(itertools.pairwise(rows)):
        assert before.phash256
        assert after.phash256
        bits = (int.from_bytes(before.phash256) ^ int.from_bytes(after.phash256)).bit_count()
        yield float(bits), float(vectors[place] @ vectors[place + 1])


def _axes(media: Sequence[Kept]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    frames = [
        [
            frame.sscd
            for frame in _spread([row for row in medium.rows if row.informative and row.sscd], OF_A_MEDIUM)
        ]
        for medium in media
    ]
    owners = np.repeat([medium.group for medium in media], [len(some) for some in frames])
    vectors = distance.vectors([value for some in frames for value in some], SSCD.dimensions)[0]
    weights = _weights(owners)
    mean = weights @ vectors
    centred = vectors - mean
    values, axes = np.linalg.eigh((centred * weights[:, None]).T @ centred)
    return np.sqrt(np.maximum(values, 1e-6)).astype(np.float32), np.asarray(mean @ axes, dtype=np.float32)


def _face(media: Sequence[Kept]) -> float:
    """Mean cosine of neighbouring moments of one face."""
    found: list[float] = []
    for medium in media:
        faces = sorted(medium.fingerprint.faces, key=lambda face: (face.track, face.time))
        vectors = distance.vectors([face.embedding for face in faces], FACE_SFACE.dimensions)[0]
        tracks = [face.track for face in faces]
        found += [
            float(vectors[place] @ vectors[place + 1])
            for place, (left, right) in enumerate(itertools.pairwise(tracks))
            if left == right
        ]
    return round(float(np.mean(found)), 3) if found else 0.9


def _quantiles(values: Sequence[float]) -> NDArray[np.float32]:
    return np.asarray(np.quantile(values, np.linspace(0, 1, QUANTILES)), dtype=np.float32)


def _spread[Thing](things: Sequence[Thing], most: int) -> list[Thing]:
    if len(things) <= most:
        return list(things)
    return [things[round(place)] for place in np.linspace(0, len(things) - 1, most)]


def main() -> None:
    """Fit and write."""
    target = Path(sys.argv[2]) if len(sys.argv) > 2 else KEPT
    found = real(Path(sys.argv[1]))
    fitted(found).save(target)
    print(f"{target}: {name(found)}")


if __name__ == "__main__":
    main()
