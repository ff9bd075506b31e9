"""Lookups, registrations and reviews of past weeks, for statistics over time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from registry.core.service import Service
from registry.identity.callers.model import Caller
from tests.support.service.rows import write


def count_past_lookups(service: Service, organization_id: UUID | str) -> None:
    """Let the organization have looked up some hundred files a week, with every verdict."""
    write(
        service,
        "INSERT INTO lookup_count (organization_id, day, verdict, count)"
        " SELECT %s, (now() AT TIME ZONE 'UTC')::date - 7 * w, v.verdict, 1 + (v.share * (20 + 37 * w %% 90))"
        " FROM generate_series(0, 11) w, (VALUES ('known_fake', 1), ('related', 2), ('no_match', 9),"
        " ('authentic_original', 1), ('undecidable', 1)) v (verdict, share)"
        " ON CONFLICT DO NOTHING",
        organization_id,
    )


def let_entry_be_of(
    service: Service, entry_id: UUID | str, weeks: int, *, at: datetime | None = None
) -> None:
    """Let an entry have been registered so many weeks ago: before now, or before `at`."""
    past = (at or datetime.now(UTC)) - timedelta(weeks=weeks)
    write(
        service,
        "UPDATE entry SET created_at = %(past)s, matchable_at = %(past)s WHERE entry_id = %(entry_id)s",
        entry_id=entry_id,
        past=past,
    )


def let_decisions_be_of(
    service: Service, entry_id: UUID | str, caller: Caller, *, weeks: int, hours: Sequence[int]
) -> None:
    """Replace the decisions on an entry: the caller approved it so many weeks ago, after so many hours."""
    write(service, "DELETE FROM review WHERE entry_id = %s", entry_id)
    for waited in hours:
        write(
            service,
            "INSERT INTO review (review_id, entry_id, caller_id, organization_id, decision, decided_at,"
            " superseded_at) SELECT gen_random_uuid(), entry_id, %s, %s, 'approve',"
            " matchable_at + make_interval(hours => %s), now() FROM entry WHERE entry_id = %s",
            caller.caller_id,
            caller.organization_id,
            waited,
            entry_id,
        )


def fill_lookups(service: Service, caller_id: UUID, count: int) -> None:
    """Add answered lookups, each in its own place of the count."""
    write(
        service,
        "INSERT INTO lookup (caller_id, input, status, verdict, answer, answered_at)"
        " SELECT %s, 'hash', 'answered', 'no_match', '{}', now() FROM generate_series(1, %s)",
        caller_id,
        count,
    )


def answer_in_another_server(service: Service) -> None:
    """Let all lookups, and the count of them, come from a server that had run more transactions."""
    write(service, "UPDATE lookup SET answered_in = answered_in + 1000000000")
    write(service, "UPDATE lookup_count_cursor SET answered_in = answered_in + 1000000000")
