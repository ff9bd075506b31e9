"""How much of a disk frames take: heap, hash index, vectors and the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import psycopg

VECTOR_BYTES: Final = 2 * 512 + 8
"""Of a half vector within a row."""
_PARTS: Final = """
SELECT c.relkind::text, coalesce(am.amname, '') AS method, pg_total_relation_size(c.oid)
       - CASE WHEN c.relkind = 'r' THEN pg_indexes_size(c.oid) ELSE 0 END AS bytes,
       EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
               AND format_type(a.atttypid, a.atttypmod) = 'bit(256)') AS hashes,
       EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
               AND format_type(a.atttypid, a.atttypmod) LIKE 'halfvec%') AS vectors
FROM pg_class c
LEFT JOIN pg_index i ON i.indexrelid = c.oid
JOIN pg_class t ON t.oid = coalesce(i.indrelid, c.oid)
LEFT JOIN pg_am am ON am.oid = c.relam AND c.relkind = 'i'
WHERE t.relname LIKE 'frame%' AND c.relkind IN ('r', 'i') AND t.relkind = 'r'
"""


@dataclass(frozen=True, slots=True)
class Disk:
    """Megabytes (10^6 bytes) a million frames. `heap`: rows with their hashes; `index`: what hashes are found
    by; `rest`: other indexes of the frames; `vectors`: vectors and their index, all of them."""

    heap: float
    index: float
    rest: float
    vectors: float

    @property
    def hashes(self) -> float:
        """What is bounded: heap and hash index."""
        return self.heap + self.index


def disk(url: str, *, frames: int, vectors: int) -> Disk:
    """What the frames of a database take, of which so many have vectors."""
    found = dict.fromkeys(("heap", "index", "rest", "vectors"), 0.0)
    with psycopg.connect(url) as connection:
        for kind, method, size, hashes, has_vectors in connection.execute(_PARTS).fetchall():
            part = "rest"
            if method == "hnsw" or (has_vectors and not hashes):
                part = "vectors"
            elif kind == "r":
                part = "heap"
            elif method == "gin":
                part = "index"
            found[part] += size
            if kind == "r" and hashes and has_vectors:
                # In one heap with the hashes: counted apart all the same.
                found["heap"] -= vectors * VECTOR_BYTES
                found["vectors"] += vectors * VECTOR_BYTES
    return Disk(**{name: size / frames for name, size in found.items()})
