"""The first page's tasks of the owners of disputed entries, and of those who decide disputes."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from registry.console.languages import N_
from registry.console.view import Card, Page, Waiting
from registry.core.tally import MOST, Tally
from registry.review.disputes.service.disputes import DisputeFilter, Task, list_disputes


def _to_answer(page: Page) -> Card:
    return Card(
        N_("Disputes to answer"),
        N_("No disputes to answer."),
        "/disputes?state=answer",
        _disputes(page, "answer"),
        N_("Somebody contests an entry of yours. After the deadline a reviewer may decide without you."),
    )


def _to_decide(page: Page) -> Card:
    tally = _disputes(page, "decide")
    return Card(
        N_("Disputes to decide"),
        N_("No disputes to decide."),
        "/disputes?state=decide",
        Tally(tally.count, tally.oldest),
        N_("The owner has answered, or the time to answer is over."),
    )


def _disputes(page: Page, task: Task) -> Tally:
    found = list_disputes(page.service, page.caller, DisputeFilter(task=task), limit=MOST).disputes
    if not found:
        return Tally()
    due = min(datetime.fromisoformat(dispute.answer_due) for dispute in found)
    return Tally(len(found), datetime.fromisoformat(found[0].opened_at), due)


TASKS: Final = (Waiting("answerDispute", _to_answer), Waiting("decideDispute", _to_decide))
