"""Entries and the assets that belong to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from registry.catalogue.banks.model import Trust
from registry.catalogue.entries.model.entry import Order
from registry.catalogue.entries.model.stored_entry import Description, StoredEntry
from registry.catalogue.media.model import Role
from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.core.tally import MOST, Tally
from registry.core.weeks import Weeks, WeekValue

_SQL = sql.load(__name__)
_ORDERED: Final[Mapping[Order, LiteralString]] = {
    "newest": _SQL["list"] + "\n" + _SQL["newest"],
    "oldest": _SQL["list"] + "\n" + _SQL["oldest"],
    "title": _SQL["list"] + "\n" + _SQL["title"],
}


def lock_registrations(connection: Connection, bank_id: UUID) -> None:
    """Serialise registrations into this bank until the transaction ends."""
    connection.execute(_SQL["lock_registrations"], {"bank_id": bank_id})


def insert(
    connection: Connection, bank_id: UUID, description: Description, *, language: str | None, created_by: UUID
) -> UUID:
    """Insert a new, pending entry."""
    row = connection.execute(
        _SQL["insert"],
        {
            "bank_id": bank_id,
            "title": description.title,
            "claim": description.claim,
            "language": language,
            "manipulation": description.manipulation,
            "references": Jsonb(list(description.references)),
            "created_by": created_by,
        },
    ).fetchone()
    assert row is not None  # noqa: S101 - an insert returns its row
    entry_id: UUID = row["entry_id"]
    return entry_id


def link(
    connection: Connection, entry_id: UUID, asset_id: UUID, role: Role, batch: UUID, added_by: UUID
) -> bool:
    """Add an asset to an entry. Returns True if it was not there in that role. `added_by` may not review it.

    Assets of one `batch` become matchable in one commit. If the asset was there and waits, it joins the new
    batch, together with the assets of its old batch.
    """
    parameters = {"entry_id": entry_id, "asset_id": asset_id, "role": role, "batch": batch}
    if connection.execute(_SQL["link"], parameters | {"added_by": added_by}).fetchone() is not None:
        return True
    connection.execute(_SQL["join_batch"], parameters)
    return False


def roles(connection: Connection, entry_id: UUID, sha256: bytes) -> set[Role]:
    """Return the roles in which the entry holds a file."""
    parameters = {"entry_id": entry_id, "sha256": sha256}
    return {row["role"] for row in connection.execute(_SQL["roles"], parameters).fetchall()}


def of_fakes(connection: Connection, bank_id: UUID, sha256: Sequence[bytes]) -> UUID | None:
    """Return the entry of the bank that already holds all these files as fakes."""
    row = connection.execute(_SQL["of_fakes"], {"bank_id": bank_id, "sha256": list(sha256)}).fetchone()
    return row["entry_id"] if row else None


def elsewhere(
    connection: Connection, organization_id: UUID, entry_id: UUID, sha256: Sequence[bytes], *, cases: bool
) -> list[dict[str, Any]]:
    """Return other entries that hold the same files as fakes. `cases`: include private intake cases."""
    return connection.execute(
        _SQL["elsewhere"],
        {"organization_id": organization_id, "entry_id": entry_id, "sha256": list(sha256), "cases": cases},
    ).fetchall()


def owned_by(
    connection: Connection, organization_id: UUID, entry_ids: Sequence[UUID], *, cases: bool
) -> set[UUID]:
    """Return those of the entries that belong to the organization's banks. `cases`: include private intake
    cases."""
    parameters = {"organization_id": organization_id, "entry_ids": list(entry_ids), "cases": cases}
    return {row["entry_id"] for row in connection.execute(_SQL["owned_by"], parameters).fetchall()}


def lock_of_files(connection: Connection, bank_id: UUID, entry_id: UUID, sha256: Sequence[bytes]) -> None:
    """Lock an entry, and the entries of its bank that share these files, until the transaction ends.

    All code locks in this order: entries by id, then assets, then the job.
    """
    connection.execute(
        _SQL["lock_of_files"], {"bank_id": bank_id, "entry_id": entry_id, "sha256": list(sha256)}
    )


def lock_of_asset(connection: Connection, asset_id: UUID) -> None:
    """Lock the asset's entries until the transaction ends. Call this before changing the asset."""
    connection.execute(_SQL["lock_of_asset"], {"asset_id": asset_id})


def lock_entry(connection: Connection, entry_id: UUID) -> None:
    """Lock an entry and those that share a medium with it until the transaction ends."""
    connection.execute(_SQL["lock_entry"], {"entry_id": entry_id})


def settle(connection: Connection, asset_id: UUID) -> list[tuple[UUID, UUID]]:
    """Open what waited only for this asset. Returns the entries that became matchable, with their
    organizations.

    Lock the asset's entries first.
    """
    rows = connection.execute(_SQL["settle"], {"asset_id": asset_id}).fetchall()
    return [(row["entry_id"], row["organization_id"]) for row in rows]


def fail(connection: Connection, asset_id: UUID, code: str, message: str) -> list[tuple[UUID, UUID]]:
    """Fail the entries that wait for the failed asset and answer nothing yet. Returns them with their
    organizations."""
    parameters = {"asset_id": asset_id, "code": code, "message": message}
    rows = connection.execute(_SQL["fail"], parameters).fetchall()
    return [(row["entry_id"], row["organization_id"]) for row in rows]


def reopen(connection: Connection, asset_id: UUID) -> None:
    """Set the failed entries of an asset back to pending before a retry, unless another asset failed too."""
    connection.execute(_SQL["reopen"], {"asset_id": asset_id})


def get_entry(connection: Connection, organization_id: UUID, entry_id: UUID) -> StoredEntry | None:
    """Return an entry that the organization may see."""
    parameters = {"organization_id": organization_id, "entry_id": entry_id}
    row = connection.execute(_SQL["get"], parameters).fetchone()
    return StoredEntry(**row) if row else None


def visible(connection: Connection, organization_id: UUID, entry_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of the entries that the organization may see."""
    parameters = {"organization_id": organization_id, "entry_ids": list(entry_ids)}
    return {row["entry_id"] for row in connection.execute(_SQL["visible"], parameters).fetchall()}


def public(connection: Connection, entry_id: UUID) -> dict[str, Any] | None:
    """Return a matchable entry of a bank of fakes, with the bank's policy, whoever the reader is."""
    return connection.execute(_SQL["public"], {"entry_id": entry_id}).fetchone()


@dataclass(frozen=True, slots=True)
class EntryQuery:
    """Entries to list.

    `cases`: include private intake cases, which only reviewers see. `listed`: list one bank of another
    organization. `words`: must all occur in the title or the claim, ignoring case. `since`, `until`: bounds
    of the registration time; `until` is exclusive. `person_id`: only entries whose media show this enrolled
    person of the organization, while the consent is in force. `detailed`: only entries with encrypted
    details.
    """

    cases: bool
    bank_id: UUID | None
    status: str | None = None
    tier: str | None = None
    words: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    person_id: UUID | None = None
    detailed: bool = False
    listed: bool = False
    order: Order = "newest"


def page(
    connection: Connection,
    organization_id: UUID,
    query: EntryQuery,
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return entries of the organization's own banks, in the order of the query."""
    at, after_id = after or (None, None)
    position = {"organization_id": organization_id, "after_at": at, "after_id": after_id, "limit": limit}
    return connection.execute(
        _ORDERED[query.order],
        asdict(query) | position | {"words": list(query.words) or None},
    ).fetchall()


def count_failed(connection: Connection, organization_id: UUID, *, cases: bool) -> Tally:
    """Count the failed entries of the organization's own banks. `cases`: with private intake cases."""
    parameters = {"organization_id": organization_id, "cases": cases, "limit": MOST}
    row = connection.execute(_SQL["failed"], parameters).fetchone()
    return Tally(**row) if row else Tally()


def weeks(connection: Connection, organization_id: UUID, last: Weeks, *, limit: int) -> list[WeekValue]:
    """Return the number of entries registered in the organization's own banks, by week. Of each bank, the
    newest `limit` entries are read."""
    parameters = last.parameters | {"organization_id": organization_id, "limit": limit}
    return [WeekValue(**row) for row in connection.execute(_SQL["weeks"], parameters)]


def private_cases(connection: Connection, entry_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of the entries that are private intake cases."""
    rows = connection.execute(_SQL["private_cases"], {"entry_ids": list(entry_ids)}).fetchall()
    return {row["entry_id"] for row in rows}


def set_trust(
    connection: Connection, entry_id: UUID, media: Mapping[tuple[UUID, Role], Trust], entry: Mapping[str, str]
) -> None:
    """Set the trust tiers of media and entry. `entry`: tier, original_tier, own_tier, own_original_tier."""
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


def set_status(connection: Connection, entry_id: UUID, status: str, suspended_for: str | None = None) -> None:
    """Set the status of an entry. Lock it first."""
    parameters = {"entry_id": entry_id, "status": status, "suspended_for": suspended_for}
    connection.execute(_SQL["set_status"], parameters)


def make_originals(connection: Connection, entry_id: UUID, assets: Sequence[UUID]) -> list[UUID]:
    """Turn fakes of an entry into unreviewed originals. Returns those of `assets` that changed."""
    parameters = {"entry_id": entry_id, "assets": list(assets)}
    connection.execute(_SQL["make_originals"], parameters)
    return [row["asset_id"] for row in connection.execute(_SQL["drop_fakes"], parameters).fetchall()]


def lock_of_organization(connection: Connection, organization_id: UUID) -> list[UUID]:
    """Lock and return the entries of an organization that are not withdrawn."""
    rows = connection.execute(_SQL["lock_of_organization"], {"organization_id": organization_id}).fetchall()
    return [row["entry_id"] for row in rows]


def open_media(connection: Connection, entry_ids: Sequence[UUID]) -> None:
    """Open the media of entries that answer now and did not before."""
    connection.execute(_SQL["open_media"], {"entries": list(entry_ids)})
