"""Open and decide disputes."""

from __future__ import annotations

from uuid import UUID

from registry.identity.callers.service.keys import authenticate, create_caller
from registry.review.disputes.service.decision import Ruling, decide_dispute
from registry.review.disputes.service.disputes import Contest
from registry.review.queue.service.queue import claim_entry
from registry.takedown.notices.service.moves import contest_notice
from tests.support.takedown.campaigns import Case


def uphold(about: Case, notice_id: UUID) -> None:
    said = Contest("satire", "author", "It is a sketch of ours.")
    hearing = contest_notice(about.service, about.caller, about.campaign_id, notice_id, said)["dispute_id"]
    made = create_caller(
        about.service, about.caller, organization="Neutral", name="j", roles=["review", "lookup"]
    )
    judge = authenticate(about.service, made.key)
    with about.service.pool.transaction() as connection:
        connection.execute("UPDATE dispute SET opened_at = opened_at - interval '8 days', answer_due = now()")
    claim_entry(about.service, judge, about.entry_id)
    decide_dispute(
        about.service,
        judge,
        UUID(hearing),
        Ruling("uphold", reason_code="shown_satire", remedy="withdrawn"),
    )
