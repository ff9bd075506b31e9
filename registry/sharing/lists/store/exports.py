"""Read the entries of a bank with all that an export contains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from registry.catalogue import fingerprints
from registry.catalogue.fingerprints.model.algorithms import PDQ, PHASH256
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint, Frame
from registry.catalogue.media.model import Media
from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.sharing.lists.model.export_lines import Exported, Medium

_SQL = sql.load(__name__)

FRAMES: Final = 100_000
"""Maximum frames exported of a medium: the maximum of a document."""


def place(connection: Connection, bank_id: UUID, entry_id: UUID) -> datetime | None:
    """Return an entry's position in the order of `page`. None if the bank has no such entry."""
    row = connection.execute(_SQL["place"], {"bank_id": bank_id, "entry_id": entry_id}).fetchone()
    return row["created_at"] if row else None


def page(
    connection: Connection, bank_id: UUID, *, cases: bool, after: tuple[datetime, UUID] | None, limit: int
) -> tuple[list[Exported], datetime | None]:
    """Return entries of the bank, oldest first, and the creation time of the last. `cases`: include intake
    cases."""
    rows = connection.execute(
        _SQL["page"],
        {
            "bank_id": bank_id,
            "cases": cases,
            "after_at": after[0] if after else None,
            "after_id": after[1] if after else None,
            "limit": limit,
        },
    ).fetchall()
    by_entry = media(connection, [row["entry_id"] for row in rows])
    last = rows[-1]["created_at"] if rows else None
    return [_entry(row, by_entry.get(row["entry_id"], [])) for row in rows], last


def entries(connection: Connection, entry_ids: Sequence[UUID]) -> list[Exported]:
    """Return these entries, in any status. Only matchable ones have media."""
    rows = connection.execute(_SQL["entries"], {"entry_ids": list(entry_ids)}).fetchall()
    by_entry = media(connection, [row["entry_id"] for row in rows if row["status"] == "matchable"])
    return [_entry(row, by_entry.get(row["entry_id"], [])) for row in rows]


def _entry(row: dict[str, Any], media: Sequence[Medium]) -> Exported:
    opinion = row["opinion"] or ("malicious" if row["status"] == "matchable" else "disputed")
    if row["status"] == "suspended" and opinion in {"malicious", "unknown"}:
        opinion = "disputed"
    return Exported(
        entry_id=row["entry_id"],
        title=row["title"],
        claim=row["claim"],
        manipulation=row["manipulation"],
        references=row["references"],
        opinion=opinion,
        tags=row["tags"] or (),
        details=row["said"] or {},
        tier=row["tier"],
        media=media,
        created_at=row.get("created_at"),
        changed_at=row.get("changed_at"),
    )


def media(connection: Connection, entry_ids: Sequence[UUID]) -> dict[UUID, list[Medium]]:
    """Return the media of each entry, with their fingerprints."""
    rows = connection.execute(_SQL["media"], {"entry_ids": list(entry_ids)}).fetchall()
    of_hashes = _of_hashes(connection, rows)
    files = fingerprints.read_whole_files(connection, [row["asset_id"] for row in rows])
    by_entry: dict[UUID, list[Medium]] = {}
    for row in rows:
        fingerprint = of_hashes.get(row["asset_id"])
        whole = files[row["asset_id"]].whole if row["asset_id"] in files else None
        if not row["hash_only"]:
            fingerprint = fingerprints.read(connection, row["asset_id"], frames=FRAMES)
            if fingerprint is not None and whole is not None:
                fingerprint = replace(fingerprint, videohash=whole.videohash)
        digests = (row["sha256"], row["md5"], row["hash_only"])
        medium = Medium(row["role"], row["kind"], *digests, fingerprint, whole)
        by_entry.setdefault(row["entry_id"], []).append(medium)
    return by_entry


def _of_hashes(connection: Connection, rows: Sequence[dict[str, Any]]) -> dict[UUID, Fingerprint]:
    """Return the frames of media of which only a perceptual hash is known."""
    asset_ids = [
        row["asset_id"] for row in rows if row["hash_only"] and row["md5"] is None and row["sha256"] is None
    ]
    frames: dict[UUID, list[Frame]] = {}
    for row in connection.execute(_SQL["singles"], {"asset_ids": asset_ids}, binary=True):
        frame = Frame(
            round(row["time_s"], 3),
            round(row["duration_s"], 3),
            row["view"],
            row["quality"],
            row["phash256"],
            row["pdq"],
        )
        frames.setdefault(row["asset_id"], []).append(frame)
    kinds = {row["asset_id"]: row["kind"] for row in rows}
    return {
        asset_id: Fingerprint(
            Media("", kinds[asset_id], 0.0, 0, 0, 0),
            (PDQ.name if its_frames[0].pdq is not None else PHASH256.name,),
            tuple(its_frames),
        )
        for asset_id, its_frames in frames.items()
    }
