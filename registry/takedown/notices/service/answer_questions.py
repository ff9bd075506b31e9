"""Record what was answered to a regime's questions: does it cover these notices, does an exception apply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from registry.core.audit.service.record_event import event, record_events
from registry.core.errors import BadInput, Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns.service import takedown
from registry.takedown.notices.model.notice import EDITABLE
from registry.takedown.notices.service.confirm_grounds import named
from registry.takedown.notices.store import notices
from registry.takedown.regimes.model.regime import ANSWERS, Regime


def answer_questions(
    service: Service,
    caller: Caller,
    campaign_id: UUID,
    regime_id: str,
    answers: Mapping[str, str],
    *,
    notice_ids: Sequence[UUID] | None = None,
) -> dict[str, Any]:
    """The answers, `yes` or `no`, for these notices under the regime, or for all that may still change; in
    place of those given before. What is not answered stays open, and keeps a notice from being ready. Needs
    `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`), `Conflict` (`campaign_closed`, `wrong_state`,
    `other_regime`), `BadInput` (`unknown_regime`, `unknown_question`, `bad_answer`, `which_notices`).
    """
    caller.require("takedown")
    regime = takedown.regime_of(service, regime_id)
    _check(regime, answers)
    left = regime.open_questions(answers)
    stopped = set(regime.stopped_by(answers))
    in_scope = None if left else not any(one.id in stopped for one in regime.questions if one.kind == "scope")
    excepted = None if left else any(one.id in stopped for one in regime.questions if one.kind != "scope")
    with service.pool.transaction() as connection:
        takedown.find_campaign(connection, caller, campaign_id, lock=True, is_open=True)
        wanted = (
            named(notice_ids)
            if notice_ids is not None
            else notices.chosen(connection, campaign_id, states=sorted(EDITABLE), regime=regime_id)
        )
        rows = takedown.lock_notices(connection, caller, campaign_id, wanted)
        if other := [row for row in rows if row["regime"] != regime_id]:
            raise Conflict(
                f"The notice {other[0]['notice_id']} is under {other[0]['regime']}.", code="other_regime"
            )
        takedown.editable(connection, caller, rows)
        notices.answer(
            connection, wanted, answers, in_scope=in_scope, excepted=excepted, caller_id=caller.caller_id
        )
        record_events(
            connection,
            [
                event(
                    caller,
                    "notice.answered",
                    entry_id=row["entry_id"],
                    subject={"notice_id": row["notice_id"], "campaign_id": campaign_id},
                    said={"regime": regime_id, "version": regime.version, "answers": dict(answers)},
                )
                for row in rows
            ],
        )
    return {
        "answered": len(rows),
        "open": left,
        "stopped_by": sorted(stopped),
        "in_scope": in_scope,
        "excepted": excepted,
    }


def _check(regime: Regime, answers: Mapping[str, str]) -> None:
    known = [one.id for one in regime.questions]
    for name, said in answers.items():
        if name not in known:
            raise BadInput(
                f"{regime.id} does not ask {name[:40]!r}.",
                code="unknown_question",
                next_step=f"It asks: {', '.join(known) or 'nothing'}.",
            )
        if said not in ANSWERS:
            raise BadInput(f"`{name}` is answered yes or no.", code="bad_answer")
