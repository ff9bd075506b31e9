"""Arrays as parameters, of one type whatever is in them, so that a statement is planned once a connection.

psycopg takes an array's type from its items: an empty one, or one of small numbers, makes another statement.
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
"""Of an array of one dimension: dimensions, whether it has nulls, type of its items, length, first index."""


@dataclass(frozen=True, slots=True)
class HalfVectors:
    """Vectors of one length, each as little-endian float16 bytes."""

    values: Sequence[bytes]


def register(connection: psycopg.Connection[Any]) -> None:
    """Let a connection take `HalfVectors`. It has to have pgvector's type."""
    info = TypeInfo.fetch(connection, "halfvec")
    if info is not None:
        made = type("HalfVectorsDumper", (_Dumper,), {"oid": info.array_oid, "item": info.oid})
        connection.adapters.register_dumper(HalfVectors, made)


def bits(values: Iterable[bytes]) -> str:
    """An array of bit strings as PostgreSQL reads it."""
    listed = ",x".join([value.hex() for value in values])
    return "{x" + listed + "}" if listed else "{}"


def written(values: Iterable[object]) -> str:
    """An array of numbers or UUIDs as PostgreSQL reads it."""
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
