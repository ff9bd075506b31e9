"""Media and their rows as a registry keeps them, drawn after a `Shape`: the same for the same number.

A row is 512 correlated normal variables; its hashes say which lie above the median of their 256, as pHash's
and PDQ's own bits do. The rows of a medium are a walk whose steps are as long as those of real footage: small
ones within a shot, large ones at a cut. One medium in ten has vectors and faces: ten million frames go with a
million of each. A share of media are copies of others, with the bits flipped that real edits flip.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model import expressions
from registry.catalogue.fingerprints.model.algorithms import FACE_SFACE, PDQ, PHASH256, SSCD
from registry.catalogue.fingerprints.model.fingerprint import FULL, Face, Fingerprint, Frame
from registry.catalogue.media.model import Media
from tests.bench.speed.shape import BITS, Bytes, Floats, Shape

SEED: Final = 20_250_701
MEDIA: Final = 512
"""Media of a chunk."""
WITH_VECTORS: Final = 10
"""One medium in so many has vectors and faces."""
CLEAR: Final = 85
DULL: Final = 20
"""Quality of rows that are indexed, and of those that are not."""


@dataclass(frozen=True, slots=True)
class Rich:
    """(k, 512) vectors, (k, 128) faces and (k, 54) expressions of the rows that have them, in their order."""

    vectors: NDArray[np.float16]
    faces: NDArray[np.float16]
    expressions: NDArray[np.int8]


@dataclass(frozen=True)
class Chunk:
    """512 media with their n rows: medium i has rows `edges[i]:edges[i + 1]`. `ids` are its assets; `rich` is
    of the media that have vectors and faces."""

    number: int
    ids: tuple[UUID, ...]
    edges: NDArray[np.int64]
    times: Floats
    durations: Floats
    quality: NDArray[np.int16]
    phash256: Bytes
    pdq: Bytes
    rich: Rich

    @cached_property
    def owners(self) -> NDArray[np.int64]:
        """(n,) which medium a row is of."""
        return np.repeat(np.arange(len(self.ids)), np.diff(self.edges))

    @cached_property
    def _vector_row(self) -> NDArray[np.int64]:
        has = self.owners % WITH_VECTORS == 0
        return np.where(has, np.cumsum(has) - 1, -1)

    def rows(self, medium: int) -> range:
        """The rows of a medium."""
        return range(int(self.edges[medium]), int(self.edges[medium + 1]))

    def frame(self, row: int) -> Frame:
        """A row as a frame."""
        vector = int(self._vector_row[row])
        return Frame(
            time=round(float(self.times[row]), 3),
            duration=round(float(self.durations[row]), 3),
            view=FULL,
            quality=int(self.quality[row]),
            phash256=self.phash256[row].tobytes(),
            pdq=self.pdq[row].tobytes(),
            sscd=self.rich.vectors[vector].tobytes() if vector >= 0 else None,
        )

    def face(self, row: int) -> Face:
        """The face in a row of a medium with faces: one person through all of it."""
        at = int(self._vector_row[row])
        return Face(
            time=round(float(self.times[row]), 3),
            box=(0.375, 0.25, 0.25, 0.375),
            pixels=120.0,
            score=0.9,
            quality=0.8,
            track=0,
            embedding=self.rich.faces[at].tobytes(),
            expression=self.rich.expressions[at].tobytes(),
        )

    def fingerprint(self, medium: int) -> Fingerprint:
        """All of a medium."""
        rows = self.rows(medium)
        rich = has_vectors(medium)
        end = float(self.times[rows[-1]] + self.durations[rows[-1]])
        still = len(rows) == 1
        return Fingerprint(
            media=Media(
                self.digest(medium),
                "image" if still else "video",
                0.0 if still else round(end, 3),
                1280,
                720,
                1,
            ),
            algorithms=ALGORITHMS if rich else ALGORITHMS[:2],
            frames=tuple(map(self.frame, rows)),
            faces=tuple(map(self.face, rows)) if rich else (),
        )

    def digest(self, medium: int) -> str:
        """The sha256 of a medium's file, which nobody has."""
        return self.ids[medium].hex * 2


ALGORITHMS: Final = (PHASH256.name, PDQ.name, SSCD.name, FACE_SFACE.name)


def has_vectors(medium: int) -> bool:
    """Whether a medium of this place in its chunk has vectors and faces."""
    return medium % WITH_VECTORS == 0


class Generator:
    """Draws chunks, each from its number alone."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        values, axes = np.linalg.eigh(shape.together.astype(np.float64))
        root = axes * np.sqrt(np.maximum(values, 1e-4))
        root /= np.sqrt((root**2).sum(axis=1, keepdims=True))
        self._root = root.T.astype(np.float32)

    def chunk(self, number: int, media: int = MEDIA) -> Chunk:
        """Chunk `number`: always the same."""
        draw = np.random.default_rng([SEED, number])
        shape = self.shape
        lengths = np.maximum(np.round(_drawn(draw, shape.rows, media)), 1).astype(np.int64)
        lengths[draw.random(media) < shape.still] = 1
        edges = np.concatenate([[0], np.cumsum(lengths)])
        count = int(edges[-1])
        luck = draw.random(count)
        steps = np.interp(luck, np.linspace(0, 1, len(shape.steps)), shape.steps)
        walk = _walk(
            draw.standard_normal((count, BITS), dtype=np.float32), np.cos(np.pi * steps / 256), edges
        )
        phash256, pdq = self._hashes(walk @ self._root + shape.lean)
        durations = np.maximum(_drawn(draw, shape.seconds, count), 0.05).astype(np.float32)
        ends = np.cumsum(durations, dtype=np.float64)
        starts = ends - durations
        times = (starts - np.repeat(starts[edges[:-1]], lengths)).astype(np.float32)
        durations[edges[:-1][lengths == 1]] = 0
        chunk = Chunk(
            number=number,
            ids=tuple(UUID(bytes=draw.bytes(16), version=4) for _ in range(media)),
            edges=edges,
            times=times,
            durations=durations,
            quality=np.where(draw.random(count) < shape.dull, DULL, CLEAR).astype(np.int16),
            phash256=phash256,
            pdq=pdq,
            rich=self._rich(draw, edges, luck),
        )
        self._copy(draw, chunk)
        return chunk

    def flip(self, draw: np.random.Generator, hashes: Bytes, algorithm: str) -> Bytes:
        """The hashes with bits flipped as real edits flip them."""
        masks = self.shape.flips(algorithm)
        return hashes ^ masks[draw.integers(len(masks), size=len(hashes))]

    def _hashes(self, latent: Floats) -> tuple[Bytes, Bytes]:
        halves = (latent[:, :256], latent[:, 256:])
        one, other = (np.packbits(half > np.median(half, axis=1, keepdims=True), axis=1) for half in halves)
        return one, other

    def _rich(self, draw: np.random.Generator, edges: NDArray[np.int64], luck: NDArray[np.float64]) -> Rich:
        """Vectors, faces and expressions of the media that have them."""
        shape = self.shape
        media = np.arange(0, len(edges) - 1, WITH_VECTORS)
        lengths = np.diff(edges)[media]
        inner = np.concatenate([[0], np.cumsum(lengths)])
        rows = np.concatenate([np.arange(edges[medium], edges[medium + 1]) for medium in media])
        turns = np.interp(1 - luck[rows], np.linspace(0, 1, len(shape.turns)), shape.turns)
        still = float((shape.centre**2).sum() / ((shape.centre**2).sum() + (shape.spectrum**2).sum()))
        near = np.clip((turns - still) / (1 - still), 0, 0.9999)
        walk = _walk(draw.standard_normal((len(rows), 512), dtype=np.float32), near, inner)
        people = np.repeat(_unit(draw.standard_normal((len(media), 128), dtype=np.float32)), lengths, axis=0)
        grain = np.sqrt((1 / shape.face - 1) / 128) * draw.standard_normal((len(rows), 128), dtype=np.float32)
        size = (len(rows), expressions.BYTES)
        return Rich(
            vectors=_unit(shape.centre + shape.spectrum * walk).astype(np.float16),
            faces=_unit(people + grain).astype(np.float16),
            expressions=draw.integers(-90, 91, size=size, dtype=np.int8),
        )

    def _copy(self, draw: np.random.Generator, chunk: Chunk) -> None:
        """Make a share of the media copies of those before them, as far as these reach; in place."""
        for medium in np.flatnonzero(draw.random(len(chunk.ids)) < self.shape.copies).tolist():
            if medium == 0 or has_vectors(medium):
                continue
            own, other = chunk.rows(medium), chunk.rows(medium - 1)
            count = min(len(own), len(other))
            mine, theirs = slice(own.start, own.start + count), slice(other.start, other.start + count)
            for name in ("phash256", "pdq"):
                hashes: Bytes = getattr(chunk, name)
                hashes[mine] = self.flip(draw, hashes[theirs], name)


def _drawn(draw: np.random.Generator, quantiles: Floats, count: int) -> NDArray[np.float64]:
    """Values that have these quantiles."""
    return np.interp(draw.random(count), np.linspace(0, 1, len(quantiles)), quantiles)


def _walk(noise: Floats, near: NDArray[np.float64], edges: NDArray[np.int64]) -> Floats:
    """`noise` made a walk within each stretch of `edges`: row i keeps `near[i]` of the one before it."""
    keep = near.astype(np.float32)[:, None]
    fresh = np.sqrt(np.maximum(1 - keep**2, 0))
    lengths = np.diff(edges)
    for place in range(1, int(lengths.max(initial=0))):
        rows = edges[:-1][lengths > place] + place
        noise[rows] = keep[rows] * noise[rows - 1] + fresh[rows] * noise[rows]
    return noise


def _unit(rows: Floats) -> Floats:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)
