"""Open and decide disputes."""

from __future__ import annotations

from uuid import UUID

from registry.core.service import Service
from registry.identity.callers.service.keys import authenticate, create_caller
from registry.review.disputes.service.decision import Ruling, decide_dispute
from registry.review.disputes.service.disputes import Contest
from registry.review.queue.service.queue import claim_entry
from registry.takedown.notices.service.moves import contest_notice
from tests.support.service.rows import write
from tests.support.takedown.campaigns import Case


def uphold(about: Case, notice_id: UUID) -> None:
    contest = Contest("satire", "author", "It is a sketch of ours.")
    hearing = contest_notice(about.service, about.caller, about.campaign_id, notice_id, contest).dispute_id
    made = create_caller(
        about.service, about.caller, organization="Neutral", name="j", roles=["review", "lookup"]
    )
    judge = authenticate(about.service, made.key)
    let_answer_time_end(about.service)
    claim_entry(about.service, judge, about.entry_id)
    decide_dispute(
        about.service,
        judge,
        UUID(hearing),
        Ruling("uphold", reason_code="shown_satire", remedy="withdrawn"),
    )


def let_answer_time_end(service: Service) -> None:
    """Let all disputes have been opened 8 days earlier, and the time for an answer be over."""
    write(service, "UPDATE dispute SET opened_at = opened_at - interval '8 days', answer_due = now()")


def date_disputes(service: Service, organization: str, *, hours: int) -> None:
    """Let the disputes of an organization have been opened so many hours ago."""
    write(
        service,
        "UPDATE dispute SET opened_at = now() - make_interval(hours => %s)"
        " FROM organization o WHERE o.organization_id = dispute.organization_id AND o.name = %s",
        hours,
        organization,
    )
