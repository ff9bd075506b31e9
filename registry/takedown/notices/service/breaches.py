"""Answer a regime's questions on scope and exceptions; report passed terms and draft complaints about
them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from registry.core.audit.service import event, record_events
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns.service import access
from registry.takedown.delivery import store as delivery_store
from registry.takedown.delivery.service.deliveries import attempt
from registry.takedown.delivery.store import StoredDelivery
from registry.takedown.errors import ClientErased, UnknownNotice
from registry.takedown.notices.errors import (
    BadAnswer,
    NotBreached,
    NoticePaused,
    OtherRegime,
    UnknownQuestion,
)
from registry.takedown.notices.model.notice import EDITABLE
from registry.takedown.notices.schemas.breaches import Breach, BreachReport, Escalation
from registry.takedown.notices.schemas.notices import AnswersKept
from registry.takedown.notices.service.preparation import named
from registry.takedown.notices.store import notice_alarms, notices
from registry.takedown.notices.store.notices import FullNotice, StoredNotice
from registry.takedown.regimes.model.regime import ANSWERS, LANGUAGES, Regime


def answer_questions(
    service: Service,
    caller: Caller,
    campaign_id: UUID,
    regime_id: str,
    answers: Mapping[str, str],
    *,
    notice_ids: Sequence[UUID] | None = None,
) -> AnswersKept:
    """Store the answers (`yes` or `no`) to a regime's questions for these notices, in place of earlier
    answers.

    `notice_ids` None: all notices of the regime that may still change. An unanswered question stays open and
    blocks `ready`. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`), `Conflict` (`campaign_closed`, `wrong_state`,
    `other_regime`), `BadInput` (`unknown_regime`, `unknown_question`, `bad_answer`, `which_notices`).
    """
    caller.require("takedown")
    regime = access.regime_of(service, regime_id)
    _require_valid(regime, answers)
    result = _assessed(regime, answers)
    with service.pool.transaction() as connection:
        access.find_campaign(connection, caller, campaign_id, lock=True, is_open=True)
        ids = (
            named(notice_ids)
            if notice_ids is not None
            else notices.chosen(connection, campaign_id, states=sorted(EDITABLE), regime=regime_id)
        )
        rows = access.lock_notices(connection, caller, campaign_id, ids)
        if other := [row for row in rows if row.regime != regime_id]:
            raise OtherRegime(f"The notice {other[0].notice_id} is under {other[0].regime}.")
        access.editable(connection, caller, rows)
        notices.answer(
            connection,
            ids,
            answers,
            in_scope=result.in_scope,
            excepted=result.excepted,
            caller_id=caller.caller_id,
        )
        _record_answers(connection, caller, rows, regime, answers)
    return result.model_copy(update={"answered": len(rows)})


def _record_answers(
    connection: Connection,
    caller: Caller,
    rows: Sequence[StoredNotice],
    regime: Regime,
    answers: Mapping[str, str],
) -> None:
    record_events(
        connection,
        [
            event(
                caller,
                "notice.answered",
                entry_id=row.entry_id,
                subject={"notice_id": row.notice_id, "campaign_id": row.campaign_id},
                said={"regime": regime.id, "version": regime.version, "answers": dict(answers)},
            )
            for row in rows
        ],
    )


def _require_valid(regime: Regime, answers: Mapping[str, str]) -> None:
    questions = [question.id for question in regime.questions]
    for name, answer in answers.items():
        if name not in questions:
            raise UnknownQuestion(
                f"{regime.id} does not ask {name[:40]!r}.",
                next_step=f"It asks: {', '.join(questions) or 'nothing'}.",
            )
        if answer not in ANSWERS:
            raise BadAnswer(f"`{name}` is answered yes or no.")


def _assessed(regime: Regime, answers: Mapping[str, str]) -> AnswersKept:
    """Return what the answers mean under the regime. While a question is open, scope and exception are
    unknown."""
    unanswered = regime.open_questions(answers)
    stopped = set(regime.stopped_by(answers))
    out_of_scope = any(question.id in stopped for question in regime.questions if question.kind == "scope")
    excepted = any(question.id in stopped for question in regime.questions if question.kind != "scope")
    return AnswersKept(
        answered=0,
        open=unanswered,
        stopped_by=sorted(stopped),
        in_scope=None if unanswered else not out_of_scope,
        excepted=None if unanswered else excepted,
    )


MOST: Final = 10_000


def report_breaches(
    service: Service,
    caller: Caller,
    *,
    campaign_id: UUID | None = None,
    platform: str | None = None,
    since: datetime | None = None,
) -> BreachReport:
    """Count notices and their results by platform, and list every passed term of the caller's organization.

    A passed term is a `breach` if a law sets it, else `overdue`. Needs `takedown`. Raises `NotFound`
    (`unknown_campaign`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        if campaign_id is not None:
            access.find_campaign(connection, caller, campaign_id)
        counted = notice_alarms.by_platform(
            connection, caller.organization_id, campaign_id=campaign_id, since=since
        )
        rows = notice_alarms.breaches(
            connection,
            caller.organization_id,
            campaign_id=campaign_id,
            platform=platform,
            since=since,
            limit=MOST,
        )
    return BreachReport(
        platforms=[row for row in counted if platform in {None, row["platform"]}],
        breaches=[Breach.from_row(row) for row in rows],
    )


def draft_escalation(
    service: Service, caller: Caller, campaign_id: UUID, notice_id: UUID, language: str | None = None
) -> Escalation:
    """Draft a complaint to the authority that is competent under the notice's regime. A person sends it.

    `language` None: the campaign's language. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`), `Conflict` (`notice_paused` for a notice that is
    contested or held, `not_breached`, `client_erased`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        campaign = access.find_campaign(connection, caller, campaign_id)
        rows = notices.full(connection, caller.organization_id, [notice_id])
        if not rows or rows[0].campaign_id != campaign_id:
            raise UnknownNotice(f"There is no notice {notice_id} in that campaign.")
        notice = rows[0]
        deliveries = delivery_store.of_notice(connection, notice_id)[-1:]
        alarms = [
            alarm
            for alarm in notice_alarms.of_notice(connection, notice_id)
            if alarm["kind"] != "reminder"
            and alarm["raised_at"]
            and alarm["delivery_id"] == deliveries[0].delivery_id
        ]
        attempts = delivery_store.attempts(connection, deliveries[0].delivery_id) if deliveries else []
    if notice.paused_for:
        raise NoticePaused(
            f"The notice is paused for {', '.join(notice.paused_for)}: a complaint about it waits.",
            extra={"paused_for": notice.paused_for},
        )
    if not alarms:
        raise NotBreached("No term of its last sending was over without an answer.")
    return _complaint(service, notice, deliveries[0], alarms[-1], attempts, language or campaign.language)


def _complaint(
    service: Service,
    notice: FullNotice,
    delivery: StoredDelivery,
    alarm: Mapping[str, Any],
    attempts: Sequence[Mapping[str, Any]],
    language: str,
) -> Escalation:
    """Fill the regime's complaint about a passed term, in the language or else in English.

    Raises `Conflict` (`client_erased`).
    """
    values = access.values_of(service, notice)
    if values is None:
        raise ClientErased
    regime = access.regime_of(service, notice.regime)
    chosen = language if language in LANGUAGES else "en"
    authority = regime.escalation.authority[chosen]
    removed_at = notice.removed_at if notice.state == "removed" else None
    placeholders = _placeholders(notice, delivery, values, due_at=alarm["due_at"], removed_at=removed_at)
    placeholders |= {"authority": authority, "law": regime.title[chosen]}
    complaint = regime.complaints[chosen]
    subject, text = complaint.letter(placeholders, removed=removed_at is not None)
    return Escalation(
        notice_id=notice.notice_id,
        kind=alarm["kind"],
        language=chosen,
        authority=authority,
        url=regime.escalation.url,
        note=regime.escalation.note[chosen],
        sources=[f"{source.law}, {source.article}: {source.url}" for source in regime.sources],
        subject=subject,
        text=text,
        attempts=[attempt(row) for row in attempts],
    )


def _placeholders(
    notice: FullNotice,
    delivery: StoredDelivery,
    values: Mapping[str, object],
    *,
    due_at: datetime,
    removed_at: datetime | None,
) -> dict[str, str]:
    return {
        "platform": str(values.get("platform")),
        "handed_over": _minute(delivery.handed_at),
        "due": _minute(due_at),
        "removed": _minute(removed_at),
        "reference": str(notice.notice_id),
        "url": str(values.get("url") or values.get("content_id")),
        "channel": delivery.channel,
        "letter_reference": f"FP-{delivery.token}",
        "letter_sha256": delivery.content_sha256.hex(),
    }


def _minute(time: datetime | None) -> str:
    return time.strftime("%Y-%m-%d %H:%M") if time else ""
