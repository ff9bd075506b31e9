"""Look up hashes: check the caller's API key and find the media near each hash. Most hashes are near nothing.

`candidates.py` searches for the candidates of a whole query.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString
from uuid import UUID

from registry.catalogue import banks
from registry.catalogue.banks import Overlays
from registry.catalogue.entries.model.entry import Candidate, Manipulation
from registry.catalogue.fingerprints.model.algorithms import PDQ, PHASH256
from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.identity import callers
from registry.identity.callers.model import Caller
from registry.matching.candidates.store.candidates import EFFORT, MEDIA, OTHERS, RADIUS, TRUSTED
from registry.matching.candidates.store.near import BY_KEYS
from registry.matching.decision.model import nearest
from registry.matching.decision.model.nearest import Nearest

_SQL = sql.load(__name__)
_NEAR: Final[dict[str, LiteralString]] = {
    algorithm: _SQL["caller_fragment"] + "\nFROM (" + query + ") found\n" + _SQL["by_caller_fragment"]
    for algorithm, query in BY_KEYS.items()
}
_NEAREST: Final[dict[str, LiteralString]] = {
    algorithm: _SQL["media_fragment"] + "\n" + nearest_moment + "\n" + _SQL["around_fragment"]
    for algorithm, nearest_moment in (
        (PHASH256.name, _SQL["nearest_phash256_fragment"]),
        (PDQ.name, _SQL["nearest_pdq_fragment"]),
    )
}

ALGORITHMS: Final = frozenset(_NEAR)
"""Algorithms of the hashes that this module searches."""


@dataclass(frozen=True, slots=True)
class Near:
    """Which hashes are near which assets, and by how many bits: three arrays in PostgreSQL's text form.

    Places count from 1.
    """

    places: str
    assets: str
    bits: str


def near(
    connection: Connection, key_sha256: bytes, algorithm: str, hashes: Sequence[bytes]
) -> tuple[Caller, Near | None] | None:
    """Return the caller of the key with this digest, and what lies within `RADIUS` of `hashes` (32 bytes
    each).

    The near media are those that `candidates.propose` finds; None if nothing is near. The whole result is
    None if the key is not valid now. Runs one statement on a connection of `Pool.quick`.
    """
    arguments = {
        "key_sha256": key_sha256,
        "hashes": _bit_array(hashes),
        "radius": RADIUS,
        "effort": EFFORT,
    }
    row = connection.execute(_NEAR[algorithm], arguments, prepare=True, binary=True).fetchone()
    if row is None:
        return None
    matches = Near(row["places"], row["assets"], row["bits"]) if row["places"] else None
    return callers.caller_of_row(row), matches


def media(
    connection: Connection, organization_id: UUID, algorithm: str, hashes: Sequence[bytes], matches: Near
) -> dict[int, list[Nearest]]:
    """Return the media near each hash that the organization may see, by places in `hashes` from 0 on.

    They are the media of `matches` that `candidates.propose` would return, each with its moment most like the
    hash, if within `RADIUS`. Runs one statement on a connection of `Pool.quick`, and another if any of their
    banks has overlays.
    """
    arguments = {
        "places": matches.places,
        "assets": matches.assets,
        "bits": matches.bits,
        "hashes": _bit_array(hashes),
        "organization_id": organization_id,
        "radius": RADIUS,
        "trusted": TRUSTED,
        "others": OTHERS,
        "media": MEDIA,
    }
    media_by_place: dict[int, list[Nearest]] = {}
    rows = connection.execute(_NEAREST[algorithm], arguments, prepare=True, binary=True).fetchall()
    overlays = banks.overlays(connection, organization_id, rows)
    for row in rows:
        medium = _nearest(row, overlays, measured=algorithm == PDQ.name or row["measured"])
        media_by_place.setdefault(row["place"] - 1, []).append(medium)
    return media_by_place


def _bit_array(hashes: Sequence[bytes]) -> str:
    """Return an array of bit strings in PostgreSQL's text form."""
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
        frames=nearest.no_frames(),
        faces=nearest.no_faces(),
        allowlisted=row["allowlisted"],
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
    """Return the given manipulation, or derive it: with faces, or faces not looked for, it may be a swap, and
    then the faces must agree."""
    registered: Manipulation | None = row["manipulation"]
    return registered or ("face_swap" if row["has_faces"] or not row["faces_ran"] else "edited")
