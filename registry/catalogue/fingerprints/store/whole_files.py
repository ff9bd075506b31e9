"""Values of whole files: stored once a file, read back, and searched by their first 64 bits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Searched:
    """Whose media a search returns: those that may answer this organization, of one bank if it is set."""

    organization_id: UUID
    bank_id: UUID | None = None


def near_videohash(connection: Connection, value: bytes, searched: Searched, *, radius: int) -> list[UUID]:
    """Return the media within `radius` bits of a videohash of 8 bytes: at most `MOST`, first those of the
    organization and reviewed ones, then the nearest. Complete up to 7 bits."""
    return _near(connection, "near_videohash", value, searched, {"radius": radius})


def near_code(
    connection: Connection, query: CodeQuery, searched: Searched, *, content: int, data: int
) -> list[UUID]:
    """Return the media of which a unit is near the query's, over 64 bits: at most `MOST` for each unit.

    `content`, `data`: the most bits by which Content-Codes and Data-Codes differ. Complete up to 7 bits. An
    Instance-Code is equal or not near.
    """
    found: list[UUID] = []
    if query.instance is not None:
        found += _near(connection, "same_instance", query.instance, searched, {})
    if query.content is not None:
        near = {"radius": content, "kind": query.kind}
        found += _near(connection, "near_content", query.content, searched, near)
    if query.data is not None:
        found += _near(connection, "near_data", query.data, searched, {"radius": data})
    return list(dict.fromkeys(found))


def _near(
    connection: Connection, query: str, value: bytes, searched: Searched, parameters: Mapping[str, object]
) -> list[UUID]:
    connection.execute(_SQL["plan"])
    first = value[:LEAST_BYTES]
    arguments = {
        "hash": str(Bit(first).to_text()),
        "keys": keys(first),
        "most": MOST,
        "organization_id": searched.organization_id,
        "bank_id": searched.bank_id,
        **parameters,
    }
    statement = "WITH near AS MATERIALIZED (" + _SQL[query] + ") " + _SQL["answering"]
    return [row["asset_id"] for row in connection.execute(statement, arguments).fetchall()]


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
