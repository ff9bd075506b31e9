"""Entries, and which assets belong to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from registry.catalogue.banks.model import Trust
from registry.catalogue.media.model import Role
from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def lock_bank(connection: Connection, bank_id: UUID) -> None:
    """Take turns with other registrations into this bank until the transaction ends."""
    connection.execute(_SQL["lock_bank"], {"bank_id": bank_id})


def insert(
    connection: Connection,
    *,
    bank_id: UUID,
    title: str,
    claim: str | None,
    language: str | None = None,
    manipulation: str | None,
    references: Sequence[Mapping[str, Any]],
    created_by: UUID,
) -> UUID:
    """A new entry, pending."""
    row = connection.execute(
        _SQL["insert"],
        {
            "bank_id": bank_id,
            "title": title,
            "claim": claim,
            "language": language,
            "manipulation": manipulation,
            "references": Jsonb(list(references)),
            "created_by": created_by,
        },
    ).fetchone()
    assert row is not None  # noqa: S101 - an insert returns its row
    entry_id: UUID = row["entry_id"]
    return entry_id


def link(
    connection: Connection, entry_id: UUID, asset_id: UUID, role: Role, batch: UUID, added_by: UUID
) -> bool:
    """Add an asset to an entry; True where it was not there in that role. `added_by` does not review it.

    All of one `batch` open in one commit. An asset that was there and waits brings those that wait with it.
    """
    parameters = {"entry_id": entry_id, "asset_id": asset_id, "role": role, "batch": batch}
    if connection.execute(_SQL["link"], parameters | {"added_by": added_by}).fetchone() is not None:
        return True
    connection.execute(_SQL["join_batch"], parameters)
    return False


def roles(connection: Connection, entry_id: UUID, sha256: bytes) -> set[Role]:
    """As what the entry holds a file."""
    parameters = {"entry_id": entry_id, "sha256": sha256}
    return {row["role"] for row in connection.execute(_SQL["roles"], parameters).fetchall()}


def of_fakes(connection: Connection, bank_id: UUID, sha256: Sequence[bytes]) -> UUID | None:
    """The entry of the bank that holds all these files as fakes already."""
    row = connection.execute(_SQL["of_fakes"], {"bank_id": bank_id, "sha256": list(sha256)}).fetchone()
    return row["entry_id"] if row else None


def elsewhere(
    connection: Connection, organization_id: UUID, entry_id: UUID, sha256: Sequence[bytes], *, cases: bool
) -> list[dict[str, Any]]:
    """Other entries that hold the same files as fakes. `cases`: private ones too."""
    return connection.execute(
        _SQL["elsewhere"],
        {"organization_id": organization_id, "entry_id": entry_id, "sha256": list(sha256), "cases": cases},
    ).fetchall()


def own(
    connection: Connection, organization_id: UUID, entry_ids: Sequence[UUID], *, cases: bool
) -> set[UUID]:
    """Those of these entries that are of the organization's own banks. `cases`: private ones too."""
    given = {"organization_id": organization_id, "entry_ids": list(entry_ids), "cases": cases}
    return {row["entry_id"] for row in connection.execute(_SQL["own"], given).fetchall()}


def lock_of_files(connection: Connection, bank_id: UUID, entry_id: UUID, sha256: Sequence[bytes]) -> None:
    """Lock an entry and those that share these files of its bank until the transaction ends.

    Everybody locks in one order: entries by id, then assets, then the job.
    """
    connection.execute(
        _SQL["lock_of_files"], {"bank_id": bank_id, "entry_id": entry_id, "sha256": list(sha256)}
    )


def lock_of_asset(connection: Connection, asset_id: UUID) -> None:
    """Lock the asset's entries until the transaction ends; call before changing the asset."""
    connection.execute(_SQL["lock_of_asset"], {"asset_id": asset_id})


def lock_of_entry(connection: Connection, entry_id: UUID) -> None:
    """Lock an entry and those that share a medium with it until the transaction ends."""
    connection.execute(_SQL["lock_of_entry"], {"entry_id": entry_id})


def settle(connection: Connection, asset_id: UUID) -> list[tuple[UUID, UUID]]:
    """Open, in this transaction, what the asset was the last to wait for; the entries that became matchable,
    and whose they are.

    Lock the asset's entries first.
    """
    rows = connection.execute(_SQL["settle"], {"asset_id": asset_id}).fetchall()
    return [(row["entry_id"], row["organization_id"]) for row in rows]


def fail(connection: Connection, asset_id: UUID, code: str, message: str) -> list[tuple[UUID, UUID]]:
    """The entries that answer nothing yet and wait for the failed asset have failed: which, and whose."""
    parameters = {"asset_id": asset_id, "code": code, "message": message}
    rows = connection.execute(_SQL["fail"], parameters).fetchall()
    return [(row["entry_id"], row["organization_id"]) for row in rows]


def reopen(connection: Connection, asset_id: UUID) -> None:
    """Put the failed entries of an asset that is tried again back to pending, where nothing else failed."""
    connection.execute(_SQL["reopen"], {"asset_id": asset_id})


def show(connection: Connection, organization_id: UUID, entry_id: UUID) -> dict[str, Any] | None:
    """One entry that the organization may see."""
    return connection.execute(
        _SQL["show"], {"organization_id": organization_id, "entry_id": entry_id}
    ).fetchone()


def visible(connection: Connection, organization_id: UUID, entry_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these entries the organization may see."""
    asked = {"organization_id": organization_id, "entry_ids": list(entry_ids)}
    return {row["entry_id"] for row in connection.execute(_SQL["visible"], asked).fetchall()}


def public(connection: Connection, entry_id: UUID) -> dict[str, Any] | None:
    """An entry of a bank of fakes that answers, with its bank's policy, whoever asks."""
    return connection.execute(_SQL["public"], {"entry_id": entry_id}).fetchone()


def page(
    connection: Connection,
    organization_id: UUID,
    *,
    cases: bool,
    bank_id: UUID | None,
    status: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
    listed: bool = False,
    tier: str | None = None,
    words: Sequence[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    person_id: UUID | None = None,
    detailed: bool = False,
) -> list[dict[str, Any]]:
    """Entries of the organization's own banks, newest first. `cases`: private ones too, which only reviewers
    are shown. `listed`: of one bank of another's. `words`: all of them stand in title or claim, whatever
    their case. Registered from `since` on and before `until`. `person_id`: those whose media show this
    enrolled person of the organization's, whose consent is in force. `detailed`: those of which something is
    kept sealed."""
    return connection.execute(
        _SQL["list"],
        {
            "organization_id": organization_id,
            "cases": cases,
            "bank_id": bank_id,
            "status": status,
            "tier": tier,
            "words": list(words) or None,
            "since": since,
            "until": until,
            "person_id": person_id,
            "detailed": detailed,
            "after_at": after[0] if after else None,
            "after_id": after[1] if after else None,
            "limit": limit,
            "listed": listed and bank_id is not None,
        },
    ).fetchall()


def private_cases(connection: Connection, entry_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these entries are private cases."""
    rows = connection.execute(_SQL["private_cases"], {"entry_ids": list(entry_ids)}).fetchall()
    return {row["entry_id"] for row in rows}


def set_trust(
    connection: Connection, entry_id: UUID, media: Mapping[tuple[UUID, Role], Trust], entry: Mapping[str, str]
) -> None:
    """How far media and entry are trusted. `entry`: tier, original_tier, own_tier, own_original_tier."""
    if media:
        connection.execute(
            _SQL["trust_media"],
            {
                "entry_id": entry_id,
                "assets": [asset_id for asset_id, _ in media],
                "roles": [role for _, role in media],
                "tiers": [trust.others for trust in media.values()],
                "own_tiers": [trust.own for trust in media.values()],
            },
        )
    connection.execute(_SQL["trust_entry"], {"entry_id": entry_id, **entry})


def become(connection: Connection, entry_id: UUID, status: str, suspended_for: str | None = None) -> None:
    """The entry takes another status. Lock it first."""
    parameters = {"entry_id": entry_id, "status": status, "suspended_for": suspended_for}
    connection.execute(_SQL["become"], parameters)


def correct(connection: Connection, entry_id: UUID, assets: Sequence[UUID]) -> list[UUID]:
    """Fakes of an entry become originals, which nobody has reviewed; which of `assets` did."""
    parameters = {"entry_id": entry_id, "assets": list(assets)}
    connection.execute(_SQL["correct"], parameters)
    return [row["asset_id"] for row in connection.execute(_SQL["correct_old"], parameters).fetchall()]


def lock_of_organization(connection: Connection, organization_id: UUID) -> list[UUID]:
    """The entries of an organization that are not withdrawn, locked."""
    rows = connection.execute(_SQL["lock_of_organization"], {"organization_id": organization_id}).fetchall()
    return [row["entry_id"] for row in rows]


def withdraw_all(connection: Connection, entry_ids: Sequence[UUID]) -> None:
    """These entries answer nobody from this commit on. Lock them first."""
    connection.execute(_SQL["withdraw_all"], {"entry_ids": list(entry_ids)})


def open_media(connection: Connection, entry_ids: Sequence[UUID]) -> None:
    """Media of entries that answer from now on, and had not before, answer too."""
    connection.execute(_SQL["open_media"], {"entries": list(entry_ids)})
