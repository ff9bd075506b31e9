"""Notices of a campaign: add, check, confirm, move; missed deadlines."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from registry.catalogue.media.api import Body, receive
from registry.core.http import bodies, documentation, received
from registry.core.http.documentation import answer, problems
from registry.core.http.ndjson import NDJSON
from registry.core.http.paging import After
from registry.core.http.responses import Json
from registry.core.http.schemas import PathId, identifier, parse_time
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.review.disputes.service.disputes import Contest
from registry.takedown.campaigns.api import CampaignId
from registry.takedown.notices.model import notice
from registry.takedown.notices.model.notice import NoticeFilter, PersonMove
from registry.takedown.notices.schemas import breaches as breach_models
from registry.takedown.notices.schemas import notices as models
from registry.takedown.notices.service.breaches import answer_questions, draft_escalation, report_breaches
from registry.takedown.notices.service.creation import AddressRow, add_notices, read_addresses
from registry.takedown.notices.service.moves import contest_notice, go_on, move_notice
from registry.takedown.notices.service.notices import change_notice, list_notices, show_notice
from registry.takedown.notices.service.preparation import (
    attach_matches,
    confirm_addresses,
    confirm_grounds,
    prepare_notices,
)
from registry.takedown.url_lists.model.url_list import Format

router = APIRouter(route_class=Route, tags=["takedown"])

NoticeId = Annotated[UUID, PathId("Notice")]
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMS: Final[dict[str, Format]] = {
    "text/csv": "csv",
    NDJSON: "jsonl",
    "text/plain": "text",
    XLSX: "xlsx",
    "application/octet-stream": "auto",
}
_LISTS: Final = {
    "text/csv": {"schema": {"type": "string"}, "example": "url,note\nhttps://videos.example/1,first\n"},
    NDJSON: {"schema": {"type": "string"}, "example": '{"url":"https://videos.example/1"}\n'},
    "text/plain": {"schema": {"type": "string"}, "example": "https://videos.example/1\n"},
    XLSX: {"schema": {"type": "string", "format": "binary"}, "example": "PK…"},
    "application/octet-stream": {
        "schema": {"type": "string", "format": "binary"},
        "example": "https://videos.example/1\n",
    },
}
Rows = Annotated[Body, Depends(receive(bodies.JSON, *FORMS))]


@router.post(
    "/v1/campaigns/{campaign_id}/notices",
    operation_id="addNotices",
    summary="Add addresses, one notice for each",
    responses=answer(200, models.AddedNotices, "The result of each row.")
    | problems(400, 404, 408, 409, 413, 415, 429),
    openapi_extra=documentation.body(documentation.json_body(models.NewPlaces), _LISTS),
)
def add(
    service: ServiceOf,
    caller: CallerOf,
    campaign_id: CampaignId,
    body: Rows,
    entry: Annotated[str | None, Query(max_length=36, description="the entry of every row of a list")] = None,
    regime: Annotated[
        str | None, Query(max_length=40, description="the regime of every row of a list")
    ] = None,
    zone: Annotated[
        str, Query(max_length=50, description="time zone of times in a list without an offset")
    ] = "UTC",
) -> Json:
    """Needs role `takedown`. As JSON, or as a list: CSV, XLSX, JSON lines or text
    (`application/octet-stream`: recognised by its first bytes). Up to 10,000 rows; `line` counts them from
    1. Addresses are normalised; the same content gets one notice per regime. A bad row does not affect the
    others."""
    if body.content_type in FORMS:
        entry_id = identifier(entry, "Entry") if entry else None
        form = FORMS[body.content_type]
        rows = read_addresses(body.raw, form, zone=zone, entry_id=entry_id, regime=regime or None)
        return Json(add_notices(service, caller, campaign_id, rows))
    new = received.checked(bodies.parse(body.raw), models.NewPlaces.model_validate)
    rows = [_row(line, place) for line, place in enumerate(new.places, 1)]
    return Json(add_notices(service, caller, campaign_id, rows))


@router.get(
    "/v1/campaigns/{campaign_id}/notices",
    operation_id="listNotices",
    summary="List the notices of a campaign",
    responses=answer(200, models.NoticePage, "In the requested order.") | problems(400, 404),
)
def list_all(
    service: ServiceOf,
    caller: CallerOf,
    campaign_id: CampaignId,
    state: Annotated[notice.Stand | None, Query()] = None,
    platform: Annotated[str | None, Query(max_length=253)] = None,
    regime: Annotated[str | None, Query(max_length=40)] = None,
    order: Annotated[
        notice.Order,
        Query(description="due: only those whose term runs or has passed, the earliest term first"),
    ] = "oldest",
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    after: After = None,
) -> Json:
    """Needs role `takedown`. `hindrances` are the reasons why a notice cannot be sent."""
    page = list_notices(
        service,
        caller,
        campaign_id,
        NoticeFilter(state, platform, regime, order),
        limit=limit,
        after=after or None,
    )
    return Json(page)


@router.post(
    "/v1/campaigns/{campaign_id}/answers",
    operation_id="answerQuestions",
    summary="Answer a regime's questions",
    responses=answer(200, models.AnswersKept, "The stored answers.") | problems(404, 409),
)
def answer_all(service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, new: models.NewAnswers) -> Json:
    """Needs role `takedown`. Whether the regime covers these notices, and whether satire, reporting or
    consent is an exception. The answers replace earlier ones. The caller and the answers are recorded."""
    result = answer_questions(
        service, caller, campaign_id, new.regime, new.answers, notice_ids=new.notice_ids
    )
    return Json(result)


@router.post(
    "/v1/campaigns/{campaign_id}/matches",
    operation_id="attachMatches",
    summary="Attach lookups of the content at the addresses",
    responses=answer(200, models.MatchesKept, "The verdict of each lookup on its notice's entry.")
    | problems(404, 409),
)
def attach(service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, new: models.NewMatches) -> Json:
    """Needs role `takedown`. Look up the media first: `POST /v1/lookups`. `no_match` and
    `authentic_original` block sending, even if the ground was confirmed before."""
    pairs = [(match.notice_id, match.lookup_id) for match in new.matches]
    return Json(attach_matches(service, caller, campaign_id, pairs))


@router.post(
    "/v1/campaigns/{campaign_id}/grounds",
    operation_id="confirmGrounds",
    summary="Confirm that notices' addresses show the fake",
    responses=answer(200, models.GroundKept, "Confirmed.") | problems(404, 409),
)
def confirm(service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, new: models.NewGround) -> Json:
    """Needs role `takedown`. The caller vouches for each notice by name. All are confirmed, or none."""
    return Json(confirm_grounds(service, caller, campaign_id, new.notice_ids, new.ground))


@router.post(
    "/v1/campaigns/{campaign_id}/preparations",
    operation_id="prepareNotices",
    summary="Check notices, and make complete ones ready",
    responses=answer(200, models.Preparation, "The hindrances of each notice.") | problems(404, 409),
)
def prepare(
    service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, new: models.NewPreparation
) -> Json:
    """Needs role `takedown`. Answers what each notice lacks. `dry_run` changes nothing."""
    return Json(prepare_notices(service, caller, campaign_id, notice_ids=new.notice_ids, dry_run=new.dry_run))


@router.get(
    "/v1/campaigns/{campaign_id}/notices/{notice_id}",
    operation_id="showNotice",
    summary="Get a notice and its history",
    responses=answer(200, models.NoticeWithHistory, "The notice.") | problems(404),
)
def show(service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, notice_id: NoticeId) -> Json:
    """Needs role `takedown`. `moves` lists who changed its state, when and why."""
    return Json(show_notice(service, caller, campaign_id, notice_id))


@router.patch(
    "/v1/campaigns/{campaign_id}/notices/{notice_id}",
    operation_id="changeNotice",
    summary="Change a notice",
    responses=answer(200, models.NoticeWithHistory, "The notice.") | problems(404, 409),
)
def change(
    service: ServiceOf,
    caller: CallerOf,
    campaign_id: CampaignId,
    notice_id: NoticeId,
    new: models.NoticePatch,
) -> Json:
    """Needs role `takedown`. A ready notice becomes a draft again. Sent content cannot change."""
    return Json(change_notice(service, caller, campaign_id, notice_id, elements=new.elements))


@router.post(
    "/v1/campaigns/{campaign_id}/notices/{notice_id}/moves",
    operation_id="moveNotice",
    summary="Record the result of a notice, hold it, or close it",
    responses=answer(200, models.NoticeWithHistory, "The notice.") | problems(404, 409),
)
def move(
    service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, notice_id: NoticeId, new: models.NewMove
) -> Json:
    """Needs role `takedown`. `hold` stops sending and escalation until `resume`."""
    return Json(move_notice(service, caller, campaign_id, notice_id, PersonMove(**new.model_dump())))


@router.post(
    "/v1/campaigns/{campaign_id}/notices/{notice_id}/counter-notices",
    operation_id="contestNotice",
    summary="Record a counter-notice",
    responses=answer(200, models.NoticeWithHistory, "The notice, which is paused.") | problems(404, 409, 429),
)
def contest(
    service: ServiceOf,
    caller: CallerOf,
    campaign_id: CampaignId,
    notice_id: NoticeId,
    new: models.NewCounterNotice,
) -> Json:
    """Needs role `takedown`. The notice pauses while the counter-notice is handled as a dispute of the
    entry. If it is upheld, the notice is closed; otherwise it continues."""
    counter_notice = Contest(new.kind, new.standing, new.statement, new.contact)
    return Json(contest_notice(service, caller, campaign_id, notice_id, counter_notice))


def _row(line: int, place: models.NewPlace) -> AddressRow:
    return AddressRow(
        line,
        url=place.url,
        platform=place.platform,
        content_id=place.content_id,
        note=place.note,
        seen_at=place.seen_at,
        entry_id=place.entry_id,
        regime=place.regime,
    )


@router.get(
    "/v1/breaches",
    operation_id="reportBreaches",
    summary="List missed deadlines by platform",
    responses=answer(200, breach_models.BreachReport, "The latest first, 10,000 at most.")
    | problems(400, 404),
)
def breaches(
    service: ServiceOf,
    caller: CallerOf,
    campaign_id: Annotated[str | None, Query(max_length=36)] = None,
    platform: Annotated[str | None, Query(max_length=253)] = None,
    since: Annotated[str | None, Query(max_length=40, description="ISO 8601 with its offset")] = None,
) -> Json:
    """Needs role `takedown`. `breach`: the deadline is set by law; `overdue`: it is not. Time runs from
    the delivery to the platform."""
    report = report_breaches(
        service,
        caller,
        campaign_id=None if campaign_id is None else identifier(campaign_id, "Campaign"),
        platform=platform,
        since=None if since is None else parse_time(since, "since"),
    )
    return Json(report)


@router.get(
    "/v1/campaigns/{campaign_id}/notices/{notice_id}/escalation",
    operation_id="draftEscalation",
    summary="Get a draft complaint about a missed deadline",
    responses=answer(200, breach_models.Escalation, "For a person to complete and send.")
    | problems(400, 404, 409),
)
def escalation(
    service: ServiceOf,
    caller: CallerOf,
    campaign_id: CampaignId,
    notice_id: NoticeId,
    language: Annotated[str | None, Query(pattern="^(en|es|fr|ar)$")] = None,
) -> Json:
    """Needs role `takedown`. In the campaign's language unless another is given."""
    return Json(draft_escalation(service, caller, campaign_id, notice_id, language))


@router.post(
    "/v1/campaigns/{campaign_id}/addresses",
    operation_id="confirmAddresses",
    summary="Confirm addresses that are easily confused",
    responses=answer(200, models.AddressesConfirmed, "Confirmed.") | problems(404, 409),
)
def addresses(
    service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, new: models.NewAddressesConfirmed
) -> Json:
    """Needs role `takedown`. A marked address (`address_marks`: a shortener, an IP address, a host that
    looks like another) blocks sending until a person vouches for it by name."""
    return Json(confirm_addresses(service, caller, campaign_id, new.notice_ids))


@router.post(
    "/v1/campaigns/{campaign_id}/go-on",
    operation_id="goOnDespiteDispute",
    summary="Continue notices despite a dispute",
    responses=answer(200, models.GoneOn, "Recorded.") | problems(404, 409),
)
def continue_despite_dispute(
    service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, new: models.NewGoingOn
) -> Json:
    """Needs role `takedown`. An open dispute of the entry blocks sending (`entry_disputed`) until a person
    decides by name to continue. The decision is recorded. A later dispute blocks it again."""
    return Json(go_on(service, caller, campaign_id, new.notice_ids))
