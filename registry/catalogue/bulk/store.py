"""Write many media and entries at once, and apply later changes from lists and peers."""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from registry.catalogue.entries.model.entry import Tier
from registry.catalogue.fingerprints.model.fingerprint import Frame
from registry.catalogue.media.model import Role
from registry.core.database import copying, sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)
_HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_FULL: Final = struct.pack(">i4s", 4, b"full")
_TIMES: Final = struct.pack(">ifif", 4, 0.0, 4, 0.0)
_BITS: Final = struct.pack(">ii", 36, 256)
_NULL: Final = struct.pack(">i", -1)


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A change of an entry's status that a list causes. `by_list`: a list made the current status."""

    entry_id: UUID
    before: str
    after: str
    by_list: bool


@dataclass(frozen=True, slots=True)
class MediumTier:
    """The tier of a medium of an entry in lookups of the bank's own organization."""

    entry_id: UUID
    asset_id: UUID
    role: Role
    tier: Tier


def copy_rows(
    connection: Connection,
    query: Literal["copy_assets", "copy_entries", "copy_links", "copy_algorithms"],
    rows: Iterable[Sequence[object]],
) -> None:
    """Insert rows by COPY. The columns are those of the query."""
    copying.rows(connection, _SQL[query], rows)


def copy_frames(connection: Connection, frames: Mapping[UUID, Frame]) -> None:
    """Insert the frames of media that have one frame each."""
    rows = connection.execute(_SQL["numbers"], {"asset_ids": list(frames)}).fetchall()
    packed = [_frame(row["asset_no"], frames[row["asset_id"]]) for row in rows]
    with connection.cursor() as cursor, cursor.copy(_SQL["copy_frames"]) as copy:
        copy.write(_HEADER + b"".join(packed) + b"\xff\xff")


def _frame(asset_no: int, frame: Frame) -> bytes:
    """Return a row of `copy_frames` in PostgreSQL's binary format."""
    hashes = [_NULL if value is None else _BITS + value for value in (frame.phash256, frame.pdq)]
    return struct.pack(">hii", 7, 4, asset_no) + b"".join(
        (_TIMES, struct.pack(">ih", 2, frame.quality), _FULL, *hashes)
    )


def set_statuses(connection: Connection, changes: Collection[StatusChange]) -> dict[UUID, str]:
    """Set the statuses that follow from lists. Return the new status of each entry that changed.

    Decisions of people stay: a review, and a suspension or withdrawal that no list has made.
    """
    parameters = {
        "entries": [change.entry_id for change in changes],
        "befores": [change.before for change in changes],
        "afters": [change.after for change in changes],
        "by_list": [change.by_list for change in changes],
    }
    rows = connection.execute(_SQL["set_statuses"], parameters).fetchall()
    return {row["entry_id"]: row["status"] for row in rows}


def unlink_media(connection: Connection, links: Collection[tuple[UUID, UUID, Role]]) -> None:
    """Remove media from entries. `links`: entry, medium, role."""
    parameters = {
        "entries": [entry_id for entry_id, _, _ in links],
        "assets": [asset_id for _, asset_id, _ in links],
        "roles": [role for _, _, role in links],
    }
    connection.execute(_SQL["unlink_media"], parameters)


def set_own_tiers(
    connection: Connection, entries: Mapping[UUID, Tier], media: Collection[MediumTier]
) -> None:
    """Set the tiers of entries and media in lookups of the bank's own organization."""
    parameters = {
        "entries": [medium.entry_id for medium in media],
        "assets": [medium.asset_id for medium in media],
        "roles": [medium.role for medium in media],
        "tiers": [medium.tier for medium in media],
    }
    connection.execute(_SQL["set_media_tiers"], parameters)
    connection.execute(_SQL["set_entry_tiers"], {"entries": list(entries), "tiers": list(entries.values())})
