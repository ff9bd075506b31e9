"""What follows for an entry from the decisions that stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from registry.catalogue.banks import model as policies
from registry.catalogue.entries.model.entry import Tier, rank
from registry.core.database.pool import Connection
from registry.review.queue import model as review
from registry.review.queue import store as reviews
from registry.review.queue.model import Trust, Vote


@dataclass(frozen=True, slots=True)
class Weighed:
    """How far the entry is trusted now, by strangers and by its own; `changed`: otherwise than before;
    `votes`: the decisions that stand; `complete`: no medium of it waits for anybody."""

    tier: Tier
    original_tier: Tier
    own_tier: Tier
    own_original_tier: Tier
    changed: bool
    complete: bool
    votes: tuple[Vote, ...]


def weigh_reviews(connection: Connection, row: Mapping[str, Any]) -> Weighed:
    """Set the tiers of an entry, `row` of `find_review`, and of its media, from the decisions that stand.
    Lock the entry first."""
    entry_id: UUID = row["entry_id"]
    votes = reviews.votes(connection, entry_id)
    media = reviews.media(connection, entry_id)
    found = {(one["asset_id"], one["role"]): _trust(row, one, votes) for one in media}
    tiers = {
        "tier": _most([trust.others for (_, role), trust in found.items() if role == "fake"]),
        "original_tier": _most([trust.others for (_, role), trust in found.items() if role == "original"]),
        "own_tier": _most([trust.own for (_, role), trust in found.items() if role == "fake"]),
        "own_original_tier": _most([trust.own for (_, role), trust in found.items() if role == "original"]),
    }
    before = {name: row[name] for name in tiers}
    changed = before != tiers or any(
        (one["tier"], one["own_tier"]) != (trust.others, trust.own)
        for one, trust in zip(media, found.values(), strict=True)
    )
    if changed:
        reviews.set_trust(connection, entry_id, found, tiers)
    private = row["visibility"] == "private"
    seen = [(trust.own if private else trust.others) != "unreviewed" for trust in found.values()]
    return Weighed(**tiers, changed=changed, complete=bool(seen) and all(seen), votes=_votes(votes))


def _trust(row: Mapping[str, Any], medium: Mapping[str, Any], votes: Sequence[Mapping[str, Any]]) -> Trust:
    """A rejection speaks of the whole entry, an approval of the media that it covers."""
    place = (medium["asset_id"], medium["role"])
    covering = [
        one
        for one in votes
        if one["decision"] == "reject" or place in set(zip(one["assets"], one["roles"], strict=True))
    ]
    policy = policies.policy(row["policy"])
    owner = row["owner_id"]
    said = _votes(covering)
    found = review.trust(
        said,
        owner=owner,
        registrars={row["created_by"], medium["added_by"]},
        strict=policy.review_by_another_organization,
    )
    tier = policy.source_original_tier
    return review.sourced(found, said, owner=owner, source=medium["source"], role=medium["role"], policy=tier)


def _votes(rows: Sequence[Mapping[str, Any]]) -> tuple[Vote, ...]:
    return tuple(
        Vote(
            one["caller_id"], one["organization_id"], one["decision"], one["order_sha256"], one["administers"]
        )
        for one in rows
    )


def _most(tiers: Sequence[Tier]) -> Tier:
    return max(tiers, key=rank, default="unreviewed")
