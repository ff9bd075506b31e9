"""Reviewers' claims and the review queue, as they are after some time."""

from __future__ import annotations

from uuid import UUID

from registry.core.service import Service
from tests.support.service.rows import write


def claim_for_account(service: Service, entry_id: str, account_id: UUID | str) -> None:
    """Claim an entry for a reviewer with an account, for 20 minutes."""
    write(
        service,
        "INSERT INTO review_claim (entry_id, caller_id, media, first_at, lease_until) SELECT %s,"
        " caller_id, '{}', now(), now() + interval '20 minutes' FROM account WHERE account_id = %s"
        " ON CONFLICT (entry_id) DO UPDATE SET caller_id = excluded.caller_id,"
        " media = '{}', first_at = excluded.first_at, lease_until = excluded.lease_until",
        entry_id,
        account_id,
    )


def claim_new_entries(service: Service, bank_id: UUID, caller_id: UUID, count: int) -> None:
    """Add entries without media, claimed by a reviewer for an hour."""
    write(
        service,
        "WITH made AS (INSERT INTO entry (bank_id, title, created_by)"
        " SELECT %(bank_id)s, 'x', %(caller_id)s FROM generate_series(1, %(count)s) RETURNING entry_id)"
        " INSERT INTO review_claim (entry_id, caller_id, media, lease_until)"
        " SELECT entry_id, %(caller_id)s, '{}', now() + interval '1 hour' FROM made",
        bank_id=bank_id,
        caller_id=caller_id,
        count=count,
    )


def let_claim_age(service: Service, entry_id: str, span: str, *, lease: bool) -> None:
    """Let a claim be older by an interval; `lease`: and its lease end so much sooner."""
    write(
        service,
        "UPDATE review_claim SET first_at = first_at - %(span)s::interval,"
        " lease_until = CASE WHEN %(lease)s THEN lease_until - %(span)s::interval"
        " ELSE least(lease_until, first_at - %(span)s::interval + interval '4 hours') END"
        " WHERE entry_id = %(entry_id)s",
        span=span,
        lease=lease,
        entry_id=entry_id,
    )


def end_claim(service: Service, entry_id: str) -> None:
    """Let the lease of a claim have ended a minute ago."""
    write(
        service,
        "UPDATE review_claim SET lease_until = now() - interval '1 minute' WHERE entry_id = %s",
        entry_id,
    )


def let_queue_age(service: Service) -> None:
    """Let all that is not urgent have waited for a day."""
    write(service, "UPDATE review_item SET since = now() - interval '1 day' WHERE priority > 0")
