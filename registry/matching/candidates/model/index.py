"""The port of candidate search: which stored moments lie near the values of a query. Pure.

An index proposes. It knows neither banks nor callers: whether a medium may answer is decided by the rows of
PostgreSQL alone (`store.candidates`), after the search. So an index may lag behind: an entry that was
withdrawn after the index was filled does not answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Hit:
    """A stored moment near one of the values searched: the value at `place`, from 0 on.

    `apart`: bits by which hashes differ, or the cosine distance of vectors.
    """

    place: int
    asset_no: int
    time: float
    apart: float


class CandidateIndex(Protocol):
    """Searches the informative moments (quality from 50 on) of all stored media."""

    def near_hashes(
        self, algorithm: str, hashes: Sequence[bytes], *, radius: int, effort: int
    ) -> Sequence[Hit]:
        """Return the moments whose hash is within `radius` bits of one of `hashes` (32 bytes each).

        `effort`, 0-16: how much is searched. More finds no less. Equal hashes are found at any effort, and at
        15 almost all that real edits leave within 31 bits.
        """
        ...

    def near_vectors(
        self, model: str, vectors: Sequence[bytes], *, distance: float, most: int
    ) -> Sequence[Hit]:
        """Return the moments within this cosine distance of one of `vectors` (512 half floats each).

        Only vectors of the same model are compared. `most`: moments returned for each vector, the nearest.
        """
        ...


def votes(found: Iterable[tuple[Iterable[Hit], int]]) -> dict[int, float]:
    """Return the votes for each asset: the sum, over the values searched, of how like its nearest moment is.

    `found`: the hits of each search, with the `apart` of values that are nothing alike: bits of a hash, or 1
    for vectors.
    """
    total: defaultdict[int, float] = defaultdict(float)
    for hits, most in found:
        nearest: dict[tuple[int, int], float] = {}
        for hit in hits:
            key = hit.asset_no, hit.place
            nearest[key] = min(hit.apart, nearest.get(key, hit.apart))
        for (asset_no, _), apart in nearest.items():
            total[asset_no] += 1 - apart / most
    return dict(total)
