"""Hashes asked one by one: which of them are near any registered hash at all? Most are not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pgvector import Bit

from registry.domain.algorithms import PDQ, PHASH256
from registry.domain.caller import Caller
from registry.store import callers, sql
from registry.store.candidates import RADIUS
from registry.store.pool import Connection

_SQL = sql.load("hashes")
_QUERIES: Final = {PHASH256.name: _SQL["phash256"], PDQ.name: _SQL["pdq"]}

ALGORITHMS: Final = frozenset(_QUERIES)
"""What is answered here."""


def near(
    connection: Connection, key_sha256: bytes, algorithm: str, hashes: Sequence[bytes]
) -> tuple[Caller, frozenset[int]] | None:
    """The caller whose key has this digest, and the places of those `hashes` (32 bytes each) that are within
    `RADIUS` of a registered one, as `candidates.propose` finds it; None where the key does not work now.

    One statement on a connection of `Pool.quick`.
    """
    asked = {"key_sha256": key_sha256, "hashes": [Bit(value) for value in hashes], "radius": RADIUS}
    row = connection.execute(_QUERIES[algorithm], asked, prepare=True).fetchone()
    if row is None:
        return None
    return callers.of_row(row), frozenset(row["near"])
