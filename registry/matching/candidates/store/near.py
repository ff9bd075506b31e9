"""Candidate search in PostgreSQL: by keys of hashes and the vector index, or by comparing with everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, LiteralString

from registry.catalogue.fingerprints.model.algorithms import PDQ, PHASH256
from registry.core.database import arrays, sql
from registry.core.database.pool import Connection
from registry.matching.candidates.model.index import Hit

_SQL = sql.load(__name__)

BY_KEYS: Final[dict[str, LiteralString]] = {PHASH256.name: _SQL["phash256"], PDQ.name: _SQL["pdq"]}
"""Query that finds moments near `hashes`, by algorithm; its columns are those of `Hit`, `place` from 1 on."""
_EXACT: Final[dict[str, LiteralString]] = {
    PHASH256.name: _SQL["exact_phash256"],
    PDQ.name: _SQL["exact_pdq"],
}


@dataclass(frozen=True, slots=True)
class PostgresIndex:
    """`CandidateIndex` over the rows themselves: what is committed is found, what is deleted is not.

    `exact`: compare with every stored hash and vector, so that none is missed. Of vectors the nearest `most`
    count, those that the caller may not see among them.
    """

    connection: Connection
    exact: bool = False

    def near_hashes(self, algorithm: str, hashes: Sequence[bytes], *, radius: int, effort: int) -> list[Hit]:
        """Search by keys, 12 x (`effort` + 1) of them for each hash."""
        if not hashes:
            return []
        query = (_EXACT if self.exact else BY_KEYS)[algorithm]
        return self._hits(query, {"hashes": arrays.bits_literal(hashes), "radius": radius, "effort": effort})

    def near_vectors(self, model: str, vectors: Sequence[bytes], *, distance: float, most: int) -> list[Hit]:
        """Search by the vector index, as far as the settings of the transaction say."""
        if not vectors:
            return []
        query = _SQL["exact_sscd" if self.exact else "sscd"]
        searched = {"vectors": arrays.HalfVectors(vectors), "model": model}
        return self._hits(query, {**searched, "distance": distance, "most": most})

    def _hits(self, query: LiteralString, arguments: dict[str, object]) -> list[Hit]:
        # Comparing with everything is rare and long, so it is planned for its values.
        rows = self.connection.execute(query, arguments, prepare=not self.exact, binary=True).fetchall()
        return [Hit(row["place"] - 1, row["asset_no"], row["time"], row["apart"]) for row in rows]
