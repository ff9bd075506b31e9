"""Answer a regime's questions on scope and exceptions; report passed terms and draft complaints about
them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from registry.core.audit.service import event, record_events
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns.service import access
from registry.takedown.delivery import store as delivery_store
from registry.takedown.delivery.service.deliveries import attempt
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
    _check(regime, answers)
    left = regime.open_questions(answers)
    stopped = set(regime.stopped_by(answers))
    in_scope = (
        None
        if left
        else not any(question.id in stopped for question in regime.questions if question.kind == "scope")
    )
    excepted = (
        None
        if left
        else any(question.id in stopped for question in regime.questions if question.kind != "scope")
    )
    with service.pool.transaction() as connection:
        access.find_campaign(connection, caller, campaign_id, lock=True, is_open=True)
        wanted = (
            named(notice_ids)
            if notice_ids is not None
            else notices.chosen(connection, campaign_id, states=sorted(EDITABLE), regime=regime_id)
        )
        rows = access.lock_notices(connection, caller, campaign_id, wanted)
        if other := [row for row in rows if row.regime != regime_id]:
            raise OtherRegime(f"The notice {other[0].notice_id} is under {other[0].regime}.")
        access.editable(connection, caller, rows)
        notices.answer(
            connection, wanted, answers, in_scope=in_scope, excepted=excepted, caller_id=caller.caller_id
        )
        record_events(
            connection,
            [
                event(
                    caller,
                    "notice.answered",
                    entry_id=row.entry_id,
                    subject={"notice_id": row.notice_id, "campaign_id": campaign_id},
                    said={"regime": regime_id, "version": regime.version, "answers": dict(answers)},
                )
                for row in rows
            ],
        )
    return AnswersKept(
        answered=len(rows), open=left, stopped_by=sorted(stopped), in_scope=in_scope, excepted=excepted
    )


def _check(regime: Regime, answers: Mapping[str, str]) -> None:
    known = [question.id for question in regime.questions]
    for name, said in answers.items():
        if name not in known:
            raise UnknownQuestion(
                f"{regime.id} does not ask {name[:40]!r}.",
                next_step=f"It asks: {', '.join(known) or 'nothing'}.",
            )
        if said not in ANSWERS:
            raise BadAnswer(f"`{name}` is answered yes or no.")


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


_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": (
        "Complaint about {platform}: no timely answer to a notice",
        "To: {authority}",
        "On {handed} (UTC) {platform} received the notice {reference} under {law}.",
        "The notice concerns: {url}",
        "It had to act by {due} (UTC). It has not been reported to us that it did.",
        "How the notice was handed over: {channel}, reference {mark}, SHA-256 of its text {digest}.",
    ),
    "es": (
        "Reclamación contra {platform}: sin respuesta en plazo a una notificación",
        "A: {authority}",
        "El {handed} (UTC) {platform} recibió la notificación {reference} conforme a: {law}.",
        "La notificación se refiere a: {url}",
        "Debía actuar antes del {due} (UTC). No nos consta que lo haya hecho.",
        "Cómo se entregó: {channel}, referencia {mark}, SHA-256 de su texto {digest}.",
    ),
    "fr": (
        "Plainte contre {platform} : pas de réponse dans le délai à une notification",
        "À : {authority}",
        "Le {handed} (UTC), {platform} a reçu la notification {reference} au titre de : {law}.",
        "La notification concerne : {url}",
        "Il fallait agir avant le {due} (UTC). Rien ne nous indique que cela a été fait.",
        "Mode de remise : {channel}, référence {mark}, SHA-256 du texte {digest}.",
    ),
    "ar": (
        "شكوى ضد {platform}: عدم الرد على إشعار في الأجل",
        "إلى: {authority}",
        "في {handed} (التوقيت العالمي) تسلّمت {platform} الإشعار {reference} بموجب: {law}.",
        "يتعلق الإشعار بـ: {url}",
        "كان عليها أن تتصرف قبل {due} (التوقيت العالمي)، ولم يبلغنا أنها فعلت.",
        "كيفية التسليم: {channel}، المرجع {mark}، بصمة النص SHA-256: {digest}.",
    ),
}
_LATE: Final[Mapping[str, str]] = {
    "en": "It had to act by {due} (UTC). That it removed the content was recorded on {removed} (UTC).",
    "es": "Debía actuar antes del {due} (UTC). La retirada consta desde el {removed} (UTC).",
    "fr": "Il fallait agir avant le {due} (UTC). Le retrait a été constaté le {removed} (UTC).",
    "ar": "كان عليها أن تتصرف قبل {due} (التوقيت العالمي)، وسُجِّلت الإزالة في {removed} (التوقيت العالمي).",
}
"""Replaces the fifth line if the content was removed, but late."""


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
        row = rows[0]
        sent = delivery_store.of_notice(connection, notice_id)[-1:]
        raised = [
            item
            for item in notice_alarms.of_notice(connection, notice_id)
            if item["kind"] != "reminder" and item["raised_at"] and item["delivery_id"] == sent[0].delivery_id
        ]
        made = delivery_store.attempts(connection, sent[0].delivery_id) if sent else []
    if row.paused_for:
        raise NoticePaused(
            f"The notice is paused for {', '.join(row.paused_for)}: a complaint about it waits.",
            extra={"paused_for": row.paused_for},
        )
    if not raised:
        raise NotBreached("No term of its last sending was over without an answer.")
    last = sent[0]
    values = access.values_of(service, row)
    if values is None:
        raise ClientErased
    regime = access.regime_of(service, row.regime)
    wanted = language or campaign.language
    chosen = wanted if wanted in LANGUAGES else "en"
    removed = row.removed_at if row.state == "removed" else None
    said = {
        "platform": str(values.get("platform")),
        "authority": regime.escalation.authority[chosen],
        "handed": last.handed_at.strftime("%Y-%m-%d %H:%M") if last.handed_at else "",
        "due": raised[-1]["due_at"].strftime("%Y-%m-%d %H:%M"),
        "removed": removed.strftime("%Y-%m-%d %H:%M") if removed else "",
        "reference": str(notice_id),
        "law": regime.title[chosen],
        "url": str(values.get("url") or values.get("content_id")),
        "channel": last.channel,
        "mark": f"FP-{last.token}",
        "digest": last.content_sha256.hex(),
    }
    words = list(_WORDS[chosen])
    if removed:
        words[4] = _LATE[chosen]
    subject, *lines = (word.format_map(said) for word in words)
    return Escalation(
        notice_id=notice_id,
        kind=raised[-1]["kind"],
        language=chosen,
        authority=regime.escalation.authority[chosen],
        url=regime.escalation.url,
        note=regime.escalation.note[chosen],
        sources=[f"{source.law}, {source.article}: {source.url}" for source in regime.sources],
        subject=subject,
        text="\n".join(lines) + "\n",
        attempts=[attempt(row) for row in made],
    )
