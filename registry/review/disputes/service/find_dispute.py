"""Which dispute is meant by an id, and on which side does the caller stand?"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.core.database.pool import Connection
from registry.core.errors import NotFound
from registry.identity.callers.model import Caller
from registry.review.disputes import store as disputes
from registry.review.disputes.model import Side
from registry.review.queue import store as reviews


def find_dispute(
    connection: Connection, caller: Caller, dispute_id: UUID, *, lock: bool = False
) -> dict[str, Any]:
    """The row of a dispute that the caller may see: its parties, and reviewers who see its entry; of a
    private case whoever disputes it, and reviewers. `lock`: it and its entry do not change until the
    transaction ends. Raises `NotFound` (`unknown_dispute`)."""
    entry_id = disputes.entry_of(connection, dispute_id)
    if lock and entry_id is not None:
        reviews.lock(connection, entry_id)
    row = disputes.show(connection, caller.organization_id, dispute_id)
    if row is None or not _sees(row, caller):
        raise NotFound(
            f"There is no dispute {dispute_id} that this key may see.",
            code="unknown_dispute",
            next_step="`fakeprint dispute list` shows those that it may.",
        )
    return row


def _sees(row: dict[str, Any], caller: Caller) -> bool:
    """Of a private case the owner's reviewers alone see it: what is said of it may tell whom it is about."""
    side, reviews = side_of(row, caller), "review" in caller.roles
    if side in {"opener", "both"}:
        return True
    return (reviews or not row["private_case"]) if side == "owner" else (reviews and bool(row["sees"]))


def side_of(row: dict[str, Any], caller: Caller) -> Side:
    """On which side the caller stands; `both` where an organization disputes its own entry."""
    opener = row["organization_id"] == caller.organization_id
    owner = row["owner_id"] == caller.organization_id
    if opener and owner:
        return "both"
    return "opener" if opener else "owner" if owner else "neither"
