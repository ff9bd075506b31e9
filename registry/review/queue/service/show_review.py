"""Show a reviewer what there is to know of an entry before deciding on it."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any
from uuid import UUID

from registry.catalogue.entries.service.details import opened
from registry.core.audit import service as statements
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.lineage.store import lineage
from registry.review.disputes import store as disputes
from registry.review.opinions import store as opinions
from registry.review.queue import store as reviews
from registry.review.queue.service.find_review import find_review


def show_review(service: Service, caller: Caller, entry_id: UUID) -> dict[str, Any]:
    """The entry with what is said of it, its media and which of them the caller has looked at, which seconds
    of its fakes show which of its originals, decisions, disputes, opinions and files that others hold in the
    other role. Needs `review`. Places and evidence are for reviewers of its own organization. Who decided is
    told by organization; callers of one's own by id and name.

    Raises `NotFound` (`unknown_entry`), `Unavailable` (`keys_unavailable`).
    """
    caller.require("review")
    with service.pool.transaction() as connection:
        row = find_review(connection, caller, entry_id)
        said_of_it = opened(service, connection, row).shown(own=row["own"])
        media = reviews.media(connection, entry_id)
        looked_at = reviews.looked_at(connection, entry_id, caller.caller_id)
        derived = lineage.derivations(connection, entry_id)
        decided = reviews.history(connection, entry_id)
        conflicts = reviews.conflicts(connection, caller.organization_id, entry_id)
        contested = disputes.page(
            connection,
            caller.organization_id,
            reviews=True,
            side=None,
            is_open=None,
            entry_id=entry_id,
            after=None,
            limit=100,
        )
        said = opinions.summary(connection, entry_id)
        claim = reviews.claim_of(connection, entry_id)
    return {
        **_entry(row),
        **said_of_it,
        "registered_by_you": row["created_by"] == caller.caller_id,
        "media": [_medium(one, caller, looked_at) for one in media],
        "derived": [_derived(one) for one in derived],
        "decisions": [_decision(service, caller, one) for one in decided],
        "conflicts": [{**one, **_ids(one, "asset_id", "entry_id")} for one in conflicts],
        "disputes": [dispute(one) for one in contested],
        "opinions": counted(said),
        "claimed": _claim(claim, caller),
    }


def dispute(row: dict[str, Any]) -> dict[str, Any]:
    """A dispute as it stands in lists: nothing that people wrote."""
    plain = ("kind", "standing", "state", "suspends", "outcome", "remedy", "title", "entry_status", "bank")
    return {
        **_ids(row, "dispute_id", "entry_id"),
        **{name: row[name] for name in (*plain, "organization", "owner")},
        "opened_at": row["opened_at"].isoformat(),
        "answer_due": row["answer_due"].isoformat(),
        "closed_at": row["closed_at"].isoformat() if row["closed_at"] else None,
    }


def counted(row: dict[str, Any]) -> dict[str, Any]:
    """Opinions of an entry, summed up."""
    return {**row, "latest": row["latest"].isoformat() if row["latest"] else None}


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    plain = ("title", "bank", "organization", "own", "status", "suspended_for", "tier", "original_tier")
    inner = {name: row[name] if row["own"] else None for name in ("own_tier", "own_original_tier")}
    case = {name: row[name] for name in ("standing", "intimate")} if row["own"] and row["standing"] else None
    return {
        "entry_id": str(row["entry_id"]),
        "private_case": case,
        **{name: row[name] for name in (*plain, "claim", "language", "manipulation", "references")},
        **inner,
        "created_at": row["created_at"].isoformat(),
    }


def _medium(row: dict[str, Any], caller: Caller, looked_at: AbstractSet[UUID]) -> dict[str, Any]:
    plain = ("role", "sha256", "kind", "duration", "notes", "tier", "media_kept", "recomputed")
    return {
        "asset_id": str(row["asset_id"]),
        **{name: row[name] for name in plain},
        "added_at": row["added_at"].isoformat(),
        "added_by_you": row["added_by"] == caller.caller_id,
        "seen_by_you": row["asset_id"] in looked_at,
    }


def _derived(row: dict[str, Any]) -> dict[str, Any]:
    spans = [
        {"fake": list(one.query), "original": list(one.asset), "speed": one.speed, "mirrored": one.mirrored}
        for one in row["spans"]
    ]
    return {**_ids(row, "fake_id", "original_id"), "faces": row["faces"], "spans": spans}


def _decision(service: Service, caller: Caller, row: dict[str, Any]) -> dict[str, Any]:
    key = statements.keys(service).find(row["review_id"]) if row["sealed"] is not None else None
    said = statements.unpack(key, row["sealed"], statements.REASONS) or {}
    own = row["organization_id"] == caller.organization_id
    return {
        "review_id": str(row["review_id"]),
        "decision": row["decision"],
        "organization": row["organization"],
        "caller_id": str(row["caller_id"]) if own else None,
        "caller": row["caller"] if own else None,
        "reason_code": row["reason_code"],
        "reason": said.get("reason"),
        "order": _order(said.get("order"), row["order_sha256"]),
        "decided_at": row["decided_at"].isoformat(),
        "stands": row["superseded_at"] is None,
        "unseen": row["unseen"],
    }


def _order(said: dict[str, str] | None, digest: str | None) -> dict[str, Any] | None:
    if digest is None:
        return None
    known = said or {}
    named = {name: known.get(name) for name in ("court", "docket", "date")}
    return {**named, "document_sha256": digest}


def _claim(claim: dict[str, Any] | None, caller: Caller) -> dict[str, Any] | None:
    if claim is None or not claim["holds"]:
        return None
    by = "you" if claim["caller_id"] == caller.caller_id else "another"
    return {"by": by, "lease_until": claim["lease_until"].isoformat()}


def _ids(row: dict[str, Any], *names: str) -> dict[str, str]:
    return {name: str(row[name]) for name in names}
