"""Array parameters with a fixed type, so that PostgreSQL plans a statement once a connection.

psycopg derives an array's type from its items. An empty array, or one of small numbers, would get another
type and so another prepared statement.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import psycopg
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format
from psycopg.types import TypeInfo

_HEAD: Final = struct.Struct(">iiIii")
"""Header of a one-dimensional array: dimensions, has nulls, item type, length, first index."""


@dataclass(frozen=True, slots=True)
class HalfVectors:
    """Vectors of one length, each as little-endian float16 bytes."""

    values: Sequence[bytes]


def register(connection: psycopg.Connection[Any]) -> None:
    """Register the adapter for `HalfVectors` on a connection. Does nothing if the database lacks pgvector's
    type."""
    info = TypeInfo.fetch(connection, "halfvec")
    if info is not None:
        dumper = type("HalfVectorsDumper", (_Dumper,), {"oid": info.array_oid, "item": info.oid})
        connection.adapters.register_dumper(HalfVectors, dumper)


def bits_literal(values: Iterable[bytes]) -> str:
    """Format bit strings as a PostgreSQL array literal."""
    digits = ",x".join([value.hex() for value in values])
    return "{x" + digits + "}" if digits else "{}"


def array_literal(values: Iterable[object]) -> str:
    """Format numbers or UUIDs as a PostgreSQL array literal."""
    return "{" + ",".join(map(str, values)) + "}"


class _Dumper(Dumper):
    format = Format.BINARY
    item = 0

    def dump(self, obj: HalfVectors) -> Buffer | None:
        count = len(obj.values)
        if not count:
            return struct.pack(">iiI", 0, 0, self.item)
        rows = np.frombuffer(b"".join(obj.values), dtype="<f2").reshape(count, -1)
        dimensions = rows.shape[1]
        layout = np.dtype(
            [("bytes", ">i4"), ("dimensions", ">i2"), ("unused", ">i2"), ("vector", ">f2", dimensions)]
        )
        items = np.zeros(count, dtype=layout)
        items["bytes"] = 4 + 2 * dimensions
        items["dimensions"] = dimensions
        items["vector"] = rows
        return _HEAD.pack(1, 0, self.item, count, 1) + items.tobytes()
