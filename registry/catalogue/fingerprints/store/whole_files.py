"""Values of whole files: stored once a file, read back, and searched by their first 64 bits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from pgvector import Bit

from registry.catalogue.fingerprints.model.whole_file import LEAST_BYTES, CodeQuery, StoredFile, WholeFile
from registry.catalogue.media.model import Kind
from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)

MOST: Final = 1000
"""Most media returned of one search."""
_BANDS: Final = 4
_BAND_BITS: Final = 16


def save(connection: Connection, asset_id: UUID, whole: WholeFile) -> None:
    """Store the values of a file. Repetition replaces."""
    parameters = {
        "videohash": whole.videohash,
        "content": whole.content,
        "data": whole.data,
        "instance": whole.instance,
    }
    bits = {name: None if value is None else Bit(value) for name, value in parameters.items()}
    connection.execute(_SQL["save"], {"asset_id": asset_id, **bits})


def add_algorithms(connection: Connection, asset_id: UUID, algorithms: Sequence[str]) -> None:
    """Record that these algorithms have read the media."""
    connection.execute(_SQL["add_algorithms"], {"asset_id": asset_id, "algorithms": list(algorithms)})


def medium(connection: Connection, asset_id: UUID) -> tuple[Kind, str] | None:
    """Return kind and sha256 of a fingerprinted medium. None if it is gone."""
    row = connection.execute(_SQL["medium"], {"asset_id": asset_id}).fetchone()
    return (row["kind"], row["sha256"]) if row else None


def read(connection: Connection, asset_ids: Sequence[UUID]) -> dict[UUID, StoredFile]:
    """Return the stored values of these media, without those that have none."""
    rows = connection.execute(_SQL["read"], {"asset_ids": list(asset_ids)}, binary=True).fetchall()
    return {
        row["asset_id"]: StoredFile(
            row["kind"], WholeFile(row["videohash"], row["content"], row["data"], row["instance"])
        )
        for row in rows
    }


def near_videohash(connection: Connection, value: bytes, *, radius: int) -> list[UUID]:
    """Return the media within `radius` bits of a videohash of 8 bytes, nearest first. Complete up to 7
    bits."""
    return _near(connection, "near_videohash", value, {"radius": radius})


def near_code(connection: Connection, query: CodeQuery, *, content: int, data: int) -> list[UUID]:
    """Return the media of which a unit is near the query's, over 64 bits.

    `content`, `data`: the most bits by which Content-Codes and Data-Codes differ. Complete up to 7 bits. An
    Instance-Code is equal or not near.
    """
    found: list[UUID] = []
    if query.instance is not None:
        found += _near(connection, "same_instance", query.instance, {})
    if query.content is not None:
        found += _near(connection, "near_content", query.content, {"radius": content, "kind": query.kind})
    if query.data is not None:
        found += _near(connection, "near_data", query.data, {"radius": data})
    return list(dict.fromkeys(found))


def _near(connection: Connection, query: str, value: bytes, parameters: Mapping[str, object]) -> list[UUID]:
    connection.execute(_SQL["plan"])
    first = value[:LEAST_BYTES]
    arguments = {"hash": str(Bit(first).to_text()), "keys": keys(first), "most": MOST, **parameters}
    return [row["asset_id"] for row in connection.execute(_SQL[query], arguments).fetchall()]


def keys(value: bytes) -> list[int]:
    """Return the index keys that a search for 8 bytes visits: each band of 16 bits, and its neighbours by one
    bit.

    Of a hash within 7 bits, at least one of the four bands differs by one bit at most.
    """
    number = int.from_bytes(value)
    found = []
    for place in range(_BANDS):
        band = (number >> (_BAND_BITS * (_BANDS - 1 - place))) & 0xFFFF
        found += [
            (place << _BAND_BITS) + (band ^ flipped) for flipped in (0, *(1 << bit for bit in range(16)))
        ]
    return found
