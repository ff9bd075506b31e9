"""Hashes asked one by one: which of them are near any registered hash at all, and near what? Most are near
nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString
from uuid import UUID

from registry.catalogue.banks.store import banks
from registry.catalogue.banks.store.banks import Overlays
from registry.catalogue.entries.model.entry import Candidate, Manipulation
from registry.catalogue.fingerprints.model.algorithms import PDQ, PHASH256
from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.identity.callers.model import Caller
from registry.identity.callers.store import callers
from registry.matching.alignment.model import nearest
from registry.matching.alignment.model.nearest import Nearest
from registry.matching.candidates.store.candidates import EFFORT, MEDIA, OTHERS, RADIUS, TRUSTED

_SQL = sql.load(__name__)
_NEAR: Final[dict[str, LiteralString]] = {PHASH256.name: _SQL["phash256"], PDQ.name: _SQL["pdq"]}
_NEAREST: Final[dict[str, LiteralString]] = {
    PHASH256.name: _SQL["links"] + "\n" + _SQL["nearest_phash256"] + "\n" + _SQL["around"],
    PDQ.name: _SQL["links"] + "\n" + _SQL["nearest_pdq"] + "\n" + _SQL["around"],
}

ALGORITHMS: Final = frozenset(_NEAR)
"""What is answered here."""


@dataclass(frozen=True, slots=True)
class Near:
    """Which hashes are near which assets, and how many bits away: three arrays as PostgreSQL writes them.
    Places count from 1."""

    places: str
    assets: str
    bits: str


def near(
    connection: Connection, key_sha256: bytes, algorithm: str, hashes: Sequence[bytes]
) -> tuple[Caller, Near | None] | None:
    """The caller whose key has this digest, and what is within `RADIUS` of `hashes` (32 bytes each), as
    `candidates.propose` finds it: None where nothing is. None for both where the key does not work now.

    One statement on a connection of `Pool.quick`.
    """
    asked = {
        "key_sha256": key_sha256,
        "hashes": _written(hashes),
        "radius": RADIUS,
        "effort": EFFORT,
    }
    row = connection.execute(_NEAR[algorithm], asked, prepare=True, binary=True).fetchone()
    if row is None:
        return None
    found = Near(row["places"], row["assets"], row["bits"]) if row["places"] else None
    return callers.of_row(row), found


def media(
    connection: Connection, organization_id: UUID, algorithm: str, hashes: Sequence[bytes], found: Near
) -> dict[int, list[Nearest]]:
    """By places in `hashes`, from 0 on, what an organization sees of what was `found` near them: the media
    that `candidates.propose` would bring, each with its moment most like the hash, if within `RADIUS`.

    One statement on a connection of `Pool.quick`; another where any of their banks has overlays.
    """
    asked = {
        "places": found.places,
        "assets": found.assets,
        "bits": found.bits,
        "hashes": _written(hashes),
        "organization_id": organization_id,
        "radius": RADIUS,
        "trusted": TRUSTED,
        "others": OTHERS,
        "media": MEDIA,
    }
    seen: dict[int, list[Nearest]] = {}
    rows = connection.execute(_NEAREST[algorithm], asked, prepare=True, binary=True).fetchall()
    overlays = banks.overlays(connection, organization_id, rows)
    for row in rows:
        one = _nearest(row, overlays, measured=algorithm == PDQ.name or row["measured"])
        seen.setdefault(row["place"] - 1, []).append(one)
    return seen


def _written(hashes: Sequence[bytes]) -> str:
    """An array of bit strings as PostgreSQL reads them."""
    return "{x" + ",x".join([value.hex() for value in hashes]) + "}"


def _nearest(row: dict[str, Any], overlays: Overlays, *, measured: bool) -> Nearest:
    following = row["following"]
    candidate = Candidate(
        asset_id=row["asset_id"],
        entry_id=row["entry_id"],
        role=row["role"],
        sha256="",
        kind="video",
        duration=row["duration"],
        title=row["title"],
        bank=row["bank"],
        tier=row["tier"],
        original_tier=row["original_tier"],
        manipulation=_manipulation(row),
        own=row["own"],
        policy=banks.policy_of(row, overlays),
        references=tuple(row["references"]),
        frames=nearest.nothing(),
        faces=nearest.nobody(),
        harmless=row["harmless"],
        bank_id=row["bank_id"],
    )
    return Nearest(
        candidate,
        bits=int(row["bits"]),
        time=nearest.seconds(row["time_s"]),
        duration=nearest.seconds(row["duration_s"]),
        following=None if following is None else nearest.seconds(following),
        measured=measured,
    )


def _manipulation(row: dict[str, Any]) -> Manipulation:
    """DESIGN section 1, rule 4: what is not given follows from whether there are faces, or may be."""
    given: Manipulation | None = row["manipulation"]
    return given or ("face_swap" if row["has_faces"] or not row["faces_ran"] else "edited")
