"""Recompute the tiers of an entry from its reviews."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from registry.catalogue import entries
from registry.catalogue.banks import model as policies
from registry.catalogue.banks.model import Trust
from registry.catalogue.entries.model.entry import Tier, rank
from registry.catalogue.entries.service.media import fingerprint_file, lock_with_files
from registry.catalogue.errors import EntryWithdrawn
from registry.catalogue.media.service.uploads import Upload
from registry.core.audit.service import event, record_event, record_events
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.queue import wake_workers
from registry.review.queue import model as review
from registry.review.queue import store as reviews
from registry.review.queue.errors import NotThatFile
from registry.review.queue.model import MissingApprovals, ReviewedEntry, Vote
from registry.review.queue.schemas import Verified
from registry.review.queue.service.queue import find_review


@dataclass(frozen=True, slots=True)
class RecomputedTiers:
    """Recomputed tiers of an entry, for other organizations and for its own.

    `changed`: a tier differs from before. `complete`: no medium waits for a reviewer. `votes`: the decisions
    in force.
    """

    tier: Tier
    original_tier: Tier
    own_tier: Tier
    own_original_tier: Tier
    changed: bool
    complete: bool
    votes: tuple[Vote, ...]


def recompute_tiers(connection: Connection, row: ReviewedEntry) -> RecomputedTiers:
    """Recompute and store the tiers of an entry and its media from the decisions in force.

    `row`: of `find_review`. Lock the entry first.
    """
    entry_id = row.entry_id
    votes = reviews.votes(connection, entry_id)
    media = reviews.media(connection, entry_id)
    trusts = {(medium["asset_id"], medium["role"]): _trust(row, medium, votes) for medium in media}
    tiers = {
        "tier": _most([trust.others for (_, role), trust in trusts.items() if role == "fake"]),
        "original_tier": _most([trust.others for (_, role), trust in trusts.items() if role == "original"]),
        "own_tier": _most([trust.own for (_, role), trust in trusts.items() if role == "fake"]),
        "own_original_tier": _most([trust.own for (_, role), trust in trusts.items() if role == "original"]),
    }
    before = {name: getattr(row, name) for name in tiers}
    changed = before != tiers or any(
        (medium["tier"], medium["own_tier"]) != (trust.others, trust.own)
        for medium, trust in zip(media, trusts.values(), strict=True)
    )
    if changed:
        entries.set_trust(connection, entry_id, trusts, tiers)
    private = row.visibility == "private"
    confirmed = [(trust.own if private else trust.others) != "unreviewed" for trust in trusts.values()]
    return RecomputedTiers(
        **tiers, changed=changed, complete=bool(confirmed) and all(confirmed), votes=_votes(votes)
    )


def _trust(row: ReviewedEntry, medium: Mapping[str, Any], votes: Sequence[Mapping[str, Any]]) -> Trust:
    """Return the tiers of a medium. A rejection counts for all media of the entry, an approval for those it
    covers."""
    policy = policies.policy(row.policy)
    owner = row.owner_id
    covering = _covering(medium, votes)
    tiers = review.trust(
        covering,
        owner=owner,
        registrars={row.created_by, medium["added_by"]},
        strict=policy.review_by_another_organization,
    )
    tier = policy.source_original_tier
    return review.sourced(
        tiers, covering, owner=owner, source=medium["source"], role=medium["role"], policy=tier
    )


def _covering(medium: Mapping[str, Any], votes: Sequence[Mapping[str, Any]]) -> tuple[Vote, ...]:
    place = (medium["asset_id"], medium["role"])
    return _votes(
        [
            vote
            for vote in votes
            if vote["decision"] == "reject" or place in set(zip(vote["assets"], vote["roles"], strict=True))
        ]
    )


def get_missing_approvals(service: Service, caller: Caller, entry_id: UUID) -> MissingApprovals:
    """Return what an entry lacks for `reviewed`: the most that one of its media lacks. Needs `review`. Raises
    `NotFound` (`unknown_entry`)."""
    caller.require("review")
    with service.pool.transaction() as connection:
        row = find_review(connection, caller, entry_id)
        votes = reviews.votes(connection, entry_id)
        media = reviews.media(connection, entry_id)
    strict = policies.policy(row.policy).review_by_another_organization
    missing = [
        review.missing_for_tier(
            _covering(medium, votes),
            owner=row.owner_id,
            registrars={row.created_by, medium["added_by"]},
            strict=strict,
        )
        for medium in media
    ] or [
        review.missing_for_tier(_votes(votes), owner=row.owner_id, registrars={row.created_by}, strict=strict)
    ]
    return MissingApprovals(
        max(approvals.count for approvals in missing), any(approvals.foreign for approvals in missing)
    )


def _votes(rows: Sequence[Mapping[str, Any]]) -> tuple[Vote, ...]:
    return tuple(
        Vote(
            row["caller_id"], row["organization_id"], row["decision"], row["order_sha256"], row["administers"]
        )
        for row in rows
    )


def _most(tiers: Sequence[Tier]) -> Tier:
    return max(tiers, key=rank, default="unreviewed")


def recompute_tiers_of_asset(connection: Connection, asset_id: UUID) -> None:
    """Recompute the entries of a medium whose manifest was just read, in the caller's transaction."""
    _recompute_sourced(connection, asset_id=asset_id)


def recompute_tiers_of_bank(connection: Connection, bank_id: UUID) -> None:
    """Recompute the entries of a bank whose policy has just changed, in the caller's transaction."""
    _recompute_sourced(connection, bank_id=bank_id)


def _recompute_sourced(
    connection: Connection, *, asset_id: UUID | None = None, bank_id: UUID | None = None
) -> None:
    """Recompute entries with originals signed by a source. Changes are recorded as `entry.reweighed`, without
    a caller."""
    events = []
    for entry_id, organization_id in reviews.sourced(connection, asset_id=asset_id, bank_id=bank_id):
        reviews.lock(connection, entry_id)
        row = reviews.find(connection, organization_id, entry_id)
        if row is None:
            continue
        recomputed = recompute_tiers(connection, row)
        if recomputed.changed:
            tier = {"own_original_tier": recomputed.own_original_tier, "why": "source"}
            events.append(event(None, "entry.reweighed", organization_id, entry_id, said=tier))
    record_events(connection, events)


def verify_entry(service: Service, caller: Caller, entry_id: UUID, media: Upload) -> Verified:
    """Have the fingerprint of a medium computed from its file. It replaces the document's. Needs `review`.

    If they differ, the entry is suspended (`forged_fingerprint`).

    Raises `NotFound` (`unknown_entry`), `Conflict` (`entry_withdrawn`), `BadInput` (`not_that_file`).
    """
    caller.require("review")
    digest = media.blob.sha256
    with service.pool.transaction() as connection:
        row = find_review(connection, caller, entry_id)
        lock_with_files(connection, row.bank_id, entry_id, [digest])
        row = find_review(connection, caller, entry_id)
        if row.status == "withdrawn":
            raise EntryWithdrawn
        asset = reviews.asset_of(connection, entry_id, digest)
        if asset is None:
            raise NotThatFile(f"The entry holds no file of sha256 {digest[:16]}….")
        done = asset["recomputed"] and asset["status"] == "fingerprinted"
        if not done:
            fingerprint_file(service, connection, asset["asset_id"], media)
            record_event(
                connection,
                caller,
                "asset.added",
                organization_id=row.owner_id,
                entry_id=entry_id,
                subject={"asset_id": asset["asset_id"]},
                said={"purpose": "verification", "by": caller.organization_id},
            )
    wake_workers(service)
    return Verified(entry_id=str(entry_id), asset_id=str(asset["asset_id"]), sha256=digest, recomputed=done)
