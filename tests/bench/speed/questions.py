"""What is asked: hashes at known distances, copies of what is registered as clips and stills, strangers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model.document import to_document
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from tests.bench.speed.database.filling import Filled
from tests.bench.speed.fitting import ALGORITHMS, Algorithm, Pair
from tests.bench.speed.generator import CLEAR, Chunk, Generator, has_vectors
from tests.bench.speed.shape import Bytes

STRANGERS: Final = 1_000_000
"""Number of the first chunk that no database holds."""
CHUNKS: Final = 6
"""Chunks that planted rows are drawn from, evenly over a database."""
MOMENTS: Final = 60
"""Moments of a clip, one a second."""
NAME: Final = {"phash256": "phash256.1", "pdq": "pdq.1"}
SSCD_NEAR: Final = 0.9
"""Cosine of a copy's vector to the original's: what a messenger's re-encoding leaves."""


@dataclass(frozen=True, slots=True)
class Hash:
    """A hash to ask about; `asset` is what must be found, None: nothing is known of it. `bits`: how far."""

    algorithm: Algorithm
    value: bytes
    asset: UUID | None
    bits: int

    @property
    def body(self) -> dict[str, Any]:
        """The question as the API takes it."""
        return {"type": "hash", "algorithm": NAME[self.algorithm], "value": self.value.hex()}


@dataclass(frozen=True, slots=True)
class Clip:
    """A document to ask about. `kind`: what it is a copy of; `asset`: what must be found."""

    kind: str
    fingerprint: Fingerprint
    asset: UUID | None

    @property
    def document(self) -> dict[str, Any]:
        """As a client sends it, faces included."""
        return to_document(self.fingerprint, faces=True)


class Questions:
    """Draws questions for one database, the same each time."""

    def __init__(
        self, filled: Filled, generator: Generator, pairs: Sequence[Pair] = (), planted: Sequence[UUID] = ()
    ) -> None:
        """`pairs` are of media whose assets are `planted`, in the order in which pairs number them."""
        self._draw = np.random.default_rng([filled.frames, 7])
        self._generator = generator
        self._pairs = pairs
        self._planted = planted
        last = max(filled.chunks - 1, 1)  # the last chunk may not be there whole
        numbers = sorted({round(place) for place in np.linspace(0, last - 1, min(CHUNKS, last))})
        self._chunks = [generator.chunk(number) for number in numbers]
        self._strange = [generator.chunk(STRANGERS), generator.chunk(STRANGERS + 1)]

    def uniform(self, algorithm: Algorithm, bits: int, count: int) -> list[Hash]:
        """Hashes with so many bits flipped, all alike likely."""
        found = []
        for chunk, row in self._rows(self._chunks, count):
            flipped = np.unpackbits(getattr(chunk, algorithm)[row])
            flipped[self._draw.choice(256, bits, replace=False)] ^= 1
            found.append(Hash(algorithm, np.packbits(flipped).tobytes(), _asset(chunk, row), bits))
        return found

    def edited(self, algorithm: Algorithm, count: int) -> list[Hash]:
        """Hashes as real edits leave them: of real media where these are registered, else of drawn ones."""
        own = [pair for pair in self._pairs if pair.algorithm == algorithm]
        if own:
            taken = self._draw.permutation(len(own))[:count]
            pairs = [own[place] for place in taken]
            return [Hash(algorithm, pair.asked, self._planted[pair.medium], pair.bits) for pair in pairs]
        found = []
        for chunk, row in self._rows(self._chunks, count):
            hashes: Bytes = getattr(chunk, algorithm)[row][None, :]
            value = self._generator.flip(self._draw, hashes, algorithm)
            bits = int(np.bitwise_count(value ^ hashes).sum())
            found.append(Hash(algorithm, value.tobytes(), _asset(chunk, row), bits))
        return found

    def hashes(self, count: int) -> list[Hash]:
        """What a platform asks: of two, one is an edit of what is registered; pHash and PDQ in turn."""
        found = []
        for algorithm in ALGORITHMS:
            known = self.edited(algorithm, count // 4)
            strange = [
                Hash(algorithm, getattr(chunk, algorithm)[row].tobytes(), None, 256)
                for chunk, row in self._rows(self._strange, count // 4)
            ]
            found += known + strange
        return [found[place] for place in self._draw.permutation(len(found))]

    def clips(self, count: int) -> list[Clip]:
        """A third each: copies of media with vectors and faces, of media with hashes alone, strangers."""
        kinds = (
            ("vectors", self._chunks, True),
            ("hashes", self._chunks, False),
            ("stranger", self._strange, True),
        )
        found = []
        for kind, chunks, rich in kinds:
            media = [
                (chunk, medium)
                for chunk in chunks
                for medium in range(len(chunk.ids))
                if has_vectors(medium) == rich and _seconds(chunk, medium) >= MOMENTS / 2
            ]
            for place in self._draw.integers(len(media), size=-(-count // 3)):
                chunk, medium = media[place]
                asset = None if kind == "stranger" else chunk.ids[medium]
                found.append(Clip(kind, self._copy(chunk, medium), asset))
        return [found[place] for place in self._draw.permutation(len(found))][:count]

    def stills(self, count: int) -> list[Clip]:
        """One picture of a clip each."""
        found = []
        for clip in self.clips(count):
            frame = replace(clip.fingerprint.frames[0], time=0.0, duration=0.0)
            media = replace(clip.fingerprint.media, kind="image", duration=0.0)
            faces = tuple(replace(face, time=0.0) for face in clip.fingerprint.faces[:1])
            still = replace(clip.fingerprint, media=media, frames=(frame,), faces=faces)
            found.append(Clip(clip.kind, still, clip.asset))
        return found

    def fresh(self, count: int, *, first: int = STRANGERS + 2) -> list[Fingerprint]:
        """Media that nobody has registered, of ten frames and more."""
        found: list[Fingerprint] = []
        number = first
        while len(found) < count:
            chunk = self._generator.chunk(number)
            number += 1
            found += [
                chunk.fingerprint(medium) for medium in range(len(chunk.ids)) if len(chunk.rows(medium)) > 9
            ]
        return found[:count]

    def _rows(self, chunks: Sequence[Chunk], count: int) -> list[tuple[Chunk, int]]:
        """Rows that are indexed, evenly drawn."""
        found: list[tuple[Chunk, int]] = []
        while len(found) < count:
            chunk = chunks[int(self._draw.integers(len(chunks)))]
            row = int(self._draw.integers(len(chunk.owners)))
            if chunk.quality[row] == CLEAR:
                found.append((chunk, row))
        return found

    def _copy(self, chunk: Chunk, medium: int) -> Fingerprint:
        """A minute of a medium, or as much as it has, looked at once a second and edited."""
        whole = chunk.fingerprint(medium)
        rows = chunk.rows(medium)
        ends = chunk.times[rows.start : rows.stop] + chunk.durations[rows.start : rows.stop]
        seconds = np.arange(MOMENTS, dtype=np.float32)
        places = np.minimum(np.searchsorted(ends, seconds % ends[-1], side="right"), len(rows) - 1)
        taken = [whole.frames[place] for place in places]
        values = {name: self._edited(taken, name) for name in ALGORITHMS}
        vectors = self._turned([frame.sscd for frame in taken])
        frames = tuple(
            replace(
                frame,
                time=float(second),
                duration=1.0,
                quality=CLEAR,
                phash256=values["phash256"][at],
                pdq=values["pdq"][at],
                sscd=vectors[at],
            )
            for at, (second, frame) in enumerate(zip(seconds, taken, strict=True))
        )
        faces = tuple(
            replace(whole.faces[place], time=float(second))
            for second, place in zip(seconds, places, strict=True)
            if whole.faces
        )
        media = replace(whole.media, kind="video", duration=float(MOMENTS), sha256=self._digest())
        return Fingerprint(media, whole.algorithms, frames, faces)

    def _edited(self, frames: Sequence[Any], name: str) -> list[bytes]:
        """Their hashes, all flipped in the bits that one edit flips: an edit does the same to every frame."""
        masks = self._generator.shape.flips(name)
        mask = masks[int(self._draw.integers(len(masks)))]
        return [(np.frombuffer(getattr(frame, name), dtype=np.uint8) ^ mask).tobytes() for frame in frames]

    def _turned(self, vectors: Sequence[bytes | None]) -> list[bytes | None]:
        turn = self._draw.standard_normal(512).astype(np.float32)
        turn *= np.sqrt(1 / SSCD_NEAR**2 - 1) / np.linalg.norm(turn)
        return [None if value is None else _unit(_half(value) + turn) for value in vectors]

    def _digest(self) -> str:
        return bytes(self._draw.integers(256, size=32, dtype=np.uint8)).hex()


def _half(value: bytes) -> NDArray[np.float32]:
    return np.frombuffer(value, dtype="<f2").astype(np.float32)


def _unit(vector: NDArray[np.float32]) -> bytes:
    return (vector / np.linalg.norm(vector)).astype("<f2").tobytes()


def _asset(chunk: Chunk, row: int) -> UUID:
    return chunk.ids[int(chunk.owners[row])]


def _seconds(chunk: Chunk, medium: int) -> float:
    last = chunk.rows(medium)[-1]
    return float(chunk.times[last] + chunk.durations[last])
