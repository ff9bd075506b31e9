"""Notices after some time: deadlines that passed, removals and deliveries of hours ago."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from registry.core.service import Service
from tests.support.service.rows import write


def end_terms(service: Service) -> None:
    """Let the deadlines of all notices pass now."""
    write(service, "UPDATE notice_alarm SET planned_at = now() - interval '1 s', due_at = now()")


def let_alarms_come(service: Service, by: timedelta, notice_id: UUID | None = None) -> None:
    """Move the alarms of a notice, or all, so much earlier."""
    write(
        service,
        "UPDATE notice_alarm SET planned_at = planned_at - %(by)s, due_at = due_at - %(by)s"
        " WHERE %(notice_id)s::uuid IS NULL OR notice_id = %(notice_id)s",
        by=by,
        notice_id=notice_id,
    )


def send_earlier(service: Service, notice_id: UUID, by: timedelta) -> None:
    """Let a notice have been sent, and be due, so much earlier."""
    write(
        service,
        "UPDATE notice SET sent_at = sent_at - %(by)s, due_at = due_at - %(by)s WHERE notice_id = %(it)s",
        by=by,
        it=notice_id,
    )


def let_notice_be_due(service: Service, notice_id: UUID) -> None:
    """Let a notice have been sent a day ago, and be due now."""
    write(
        service,
        "UPDATE notice SET sent_at = now() - interval '1 day', due_at = now() WHERE notice_id = %s",
        notice_id,
    )


def move_earlier(service: Service, by: timedelta, notice_id: UUID | None = None, *, but: str = "") -> None:
    """Let the moves of a notice, or all, have happened so much earlier. `but`: an act that stays."""
    with service.pool.transaction() as connection:
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute(
            "UPDATE notice_move SET at = at - %(by)s WHERE act <> %(but)s"
            " AND (%(notice_id)s::uuid IS NULL OR notice_id = %(notice_id)s)",
            {"by": by, "but": but, "notice_id": notice_id},
        )


def hand_over_earlier(service: Service, notice_id: UUID, by: timedelta) -> None:
    """Let the platform have received a notice so much earlier."""
    write(
        service, "UPDATE notice_delivery SET handed_at = handed_at - %s WHERE notice_id = %s", by, notice_id
    )


def let_attempts_age(service: Service, by: timedelta) -> None:
    """Let all attempts to deliver have been made so much earlier."""
    write(service, "UPDATE notice_attempt SET at = at - %s", by)


def remove_later(service: Service, by: timedelta) -> None:
    """Let the platforms have removed everything so much later than now."""
    write(service, "UPDATE notice SET removed_at = now() + %s", by)


def breach(service: Service, notice_id: UUID) -> None:
    """Let the platform have received a notice 3 days ago, and its deadline be over."""
    write(service, "DELETE FROM notice_alarm WHERE notice_id = %s", notice_id)
    write(
        service,
        """WITH sent AS (
             UPDATE notice_delivery SET handed_at = now() - interval '3 d'
             WHERE notice_id = %s RETURNING *)
           INSERT INTO notice_alarm (delivery_id, kind, step, notice_id, organization_id, platform,
                                     planned_at, due_at, raised_at)
           SELECT delivery_id, 'breach', 0, notice_id, organization_id, platform, handed_at, handed_at,
                  now() FROM sent""",
        notice_id,
    )


def copy_notice(service: Service, notice_id: UUID, count: int) -> None:
    """Add drafts like this one, each at another place."""
    write(
        service,
        """WITH more AS (
             INSERT INTO notice (notice_id, organization_id, campaign_id, entry_id, regime, platform,
                                 place_sealed, place_digest, created_by)
             SELECT gen_random_uuid(), organization_id, campaign_id, entry_id, regime, platform,
                    place_sealed, sha256(gen_random_uuid()::text::bytea), created_by
             FROM notice, generate_series(1, %s)
             WHERE notice_id = %s RETURNING notice_id, created_by)
           INSERT INTO notice_move (notice_id, move_no, act, to_state, caller_id, reason_code)
           SELECT notice_id, 1, 'add', 'draft', created_by, 'added' FROM more""",
        count,
        notice_id,
    )


def end_deliveries(service: Service, campaign_id: UUID, *statuses: str) -> None:
    """Let the deliveries of a campaign have gone by mail and ended so, one each."""
    write(
        service,
        "UPDATE notice_delivery d SET channel = 'email', status = s.status FROM (SELECT delivery_id,"
        " (%s::text[])[row_number() OVER ()] AS status FROM notice_delivery"
        " JOIN notice USING (notice_id) WHERE campaign_id = %s) s WHERE d.delivery_id = s.delivery_id",
        [*statuses],
        campaign_id,
    )


def let_notice_be_due_in(service: Service, notice_id: UUID, hours: int) -> None:
    """Let the deadline of a sent notice end in so many hours."""
    write(
        service,
        "UPDATE notice SET sent_at = now() - interval '9 days', due_at = now() + make_interval(hours => %s)"
        " WHERE notice_id = %s",
        hours,
        notice_id,
    )


def let_letter_fail(service: Service, notice_id: UUID) -> None:
    """Let every attempt to send a notice's letter have failed."""
    write(service, "UPDATE notice_delivery SET status = 'dead' WHERE notice_id = %s", notice_id)
