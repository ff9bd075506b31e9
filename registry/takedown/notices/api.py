"""Notices of a campaign: added by the thousand, checked, confirmed by a person, and followed."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from pydantic import TypeAdapter

from registry.catalogue.media.api import Body, receive
from registry.core.http import bodies, documentation, received
from registry.core.http.documentation import answer, problems
from registry.core.http.ndjson import NDJSON
from registry.core.http.paging import After
from registry.core.http.received import JsonBytes
from registry.core.http.responses import Json
from registry.identity.callers.api.access import CallerOf, ServiceOf
from registry.review.disputes.service.disputes import Contest
from registry.takedown.campaigns.api import CampaignId
from registry.takedown.notices import schemas as models
from registry.takedown.notices.model import notice
from registry.takedown.notices.service.breaches import answer_questions
from registry.takedown.notices.service.creation import Place, add_notices, read_places
from registry.takedown.notices.service.moves import contest_notice, move_notice
from registry.takedown.notices.service.notices import Order, change_notice, list_notices, show_notice
from registry.takedown.notices.service.preparation import attach_matches, confirm_grounds, prepare_notices
from registry.takedown.url_lists.model.url_list import Format

router = APIRouter(tags=["takedown"])

_PLACES: Final = TypeAdapter(models.NewPlaces)
_ANSWERS: Final = TypeAdapter(models.NewAnswers)
_GROUND: Final = TypeAdapter(models.NewGround)
_MATCHES: Final = TypeAdapter(models.NewMatches)
_PREPARATION: Final = TypeAdapter(models.NewPreparation)
_PATCH: Final = TypeAdapter(models.NoticePatch)
_MOVE: Final = TypeAdapter(models.NewMove)
_COUNTER: Final = TypeAdapter(models.NewCounterNotice)

NoticeId = Annotated[str, Path(json_schema_extra={"format": "uuid"})]
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
    summary="Add places, each of which becomes a notice",
    responses=answer(200, models.AddedNotices, "What became of each row.")
    | problems(400, 401, 403, 404, 408, 409, 413, 415),
    openapi_extra=documentation.body(documentation.json_body(models.NewPlaces), _LISTS),
)
def add(
    service: ServiceOf,
    caller: CallerOf,
    campaign_id: CampaignId,
    body: Rows,
    entry: Annotated[
        str | None, Query(max_length=36, description="that every row of a list is about")
    ] = None,
    regime: Annotated[str | None, Query(max_length=40, description="of every row of a list")] = None,
    zone: Annotated[str, Query(max_length=50, description="of moments in a list without theirs")] = "UTC",
) -> Json:
    """Needs role `takedown`. As JSON, or as a list: CSV, XLSX, JSON lines or text
    (`application/octet-stream`: told by how it begins). Up to 10,000 rows; `line` counts them from 1.
    Addresses are normalised, and what shows the same is one notice a regime. A row that is wrong keeps no
    other from being added."""
    identity = received.identifier(campaign_id, "Campaign")
    if body.content_type in FORMS:
        entry_id = received.identifier(entry, "Entry") if entry else None
        form = FORMS[body.content_type]
        rows = read_places(body.raw, form, zone=zone, entry_id=entry_id, regime=regime or None)
        return Json(add_notices(service, caller, identity, rows))
    new = received.checked(bodies.parse(body.raw), _PLACES)
    rows = [_place(line, one) for line, one in enumerate(new.places, 1)]
    return Json(add_notices(service, caller, identity, rows))


@router.get(
    "/v1/campaigns/{campaign_id}/notices",
    operation_id="listNotices",
    summary="The notices of a campaign",
    responses=answer(200, models.NoticePage, "In the order asked for.") | problems(400, 401, 403, 404),
)
def list_all(
    service: ServiceOf,
    caller: CallerOf,
    campaign_id: CampaignId,
    state: Annotated[notice.Stand | None, Query()] = None,
    platform: Annotated[str | None, Query(max_length=253)] = None,
    regime: Annotated[str | None, Query(max_length=40)] = None,
    order: Annotated[
        Order, Query(description="due: those alone whose term runs or was over, the earliest first")
    ] = "oldest",
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    after: After = None,
) -> Json:
    """Needs role `takedown`. `hindrances` says what keeps each from being sent."""
    found = list_notices(
        service,
        caller,
        received.identifier(campaign_id, "Campaign"),
        state=state,
        platform=platform,
        regime=regime,
        order=order,
        limit=limit,
        after=after or None,
    )
    return Json(found)


@router.post(
    "/v1/campaigns/{campaign_id}/answers",
    operation_id="answerQuestions",
    summary="Answer a regime's questions",
    responses=answer(200, models.AnswersKept, "Kept.") | problems(400, 401, 403, 404, 409, 413, 415),
    openapi_extra=documentation.body(documentation.json_body(models.NewAnswers)),
)
def answer_all(service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, raw: JsonBytes) -> Json:
    """Needs role `takedown`. Whether the regime covers these notices, and whether satire, reporting or
    consent takes them out. It replaces what was answered before; who answered, and what, is on record."""
    identity = received.identifier(campaign_id, "Campaign")
    new = received.checked(bodies.parse(raw), _ANSWERS)
    kept = answer_questions(
        service, caller, identity, new.regime, new.answers, notice_ids=_ids(new.notice_ids)
    )
    return Json(kept)


@router.post(
    "/v1/campaigns/{campaign_id}/matches",
    operation_id="attachMatches",
    summary="Attach what lookups said of what is there",
    responses=answer(200, models.MatchesKept, "What each says of its notice's entry.")
    | problems(400, 401, 403, 404, 409, 413, 415),
    openapi_extra=documentation.body(documentation.json_body(models.NewMatches)),
)
def attach(service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, raw: JsonBytes) -> Json:
    """Needs role `takedown`. Look up the media first: `POST /v1/lookups`. `no_match` and `authentic_original`
    keep a notice from being sent, whatever was confirmed before."""
    identity = received.identifier(campaign_id, "Campaign")
    new = received.checked(bodies.parse(raw), _MATCHES)
    given = [
        (received.identifier(match.notice_id, "Notice"), received.identifier(match.lookup_id, "Lookup"))
        for match in new.matches
    ]
    return Json(attach_matches(service, caller, identity, given))


@router.post(
    "/v1/campaigns/{campaign_id}/grounds",
    operation_id="confirmGrounds",
    summary="Confirm that the fake is where notices say",
    responses=answer(200, models.GroundKept, "Confirmed.") | problems(400, 401, 403, 404, 409, 413, 415),
    openapi_extra=documentation.body(documentation.json_body(models.NewGround)),
)
def confirm(service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, raw: JsonBytes) -> Json:
    """Needs role `takedown`. A person stands for each of them, by name: all are confirmed, or none."""
    identity = received.identifier(campaign_id, "Campaign")
    new = received.checked(bodies.parse(raw), _GROUND)
    return Json(confirm_grounds(service, caller, identity, _ids(new.notice_ids) or [], new.ground))


@router.post(
    "/v1/campaigns/{campaign_id}/preparations",
    operation_id="prepareNotices",
    summary="Say what notices lack, and make the others ready",
    responses=answer(200, models.Preparation, "What hinders which.")
    | problems(400, 401, 403, 404, 409, 413, 415),
    openapi_extra=documentation.body(documentation.json_body(models.NewPreparation)),
)
def prepare(service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, raw: JsonBytes) -> Json:
    """Needs role `takedown`. `dry_run` changes nothing."""
    identity = received.identifier(campaign_id, "Campaign")
    new = received.checked(bodies.parse(raw), _PREPARATION)
    ids = _ids(new.notice_ids)
    return Json(prepare_notices(service, caller, identity, notice_ids=ids, dry_run=new.dry_run))


@router.get(
    "/v1/campaigns/{campaign_id}/notices/{notice_id}",
    operation_id="showNotice",
    summary="A notice and its history",
    responses=answer(200, models.NoticeWithHistory, "The notice.") | problems(401, 403, 404),
)
def show(service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, notice_id: NoticeId) -> Json:
    """Needs role `takedown`. `moves` says who moved it, when and why."""
    campaign = received.identifier(campaign_id, "Campaign")
    return Json(show_notice(service, caller, campaign, received.identifier(notice_id, "Notice")))


@router.patch(
    "/v1/campaigns/{campaign_id}/notices/{notice_id}",
    operation_id="changeNotice",
    summary="Change what a notice says of its own",
    responses=answer(200, models.NoticeWithHistory, "The notice.")
    | problems(400, 401, 403, 404, 409, 413, 415),
    openapi_extra=documentation.body(documentation.json_body(models.NoticePatch)),
)
def change(
    service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, notice_id: NoticeId, raw: JsonBytes
) -> Json:
    """Needs role `takedown`. One that is ready becomes a draft again; what was sent does not change."""
    campaign, identity = (
        received.identifier(campaign_id, "Campaign"),
        received.identifier(notice_id, "Notice"),
    )
    new = received.checked(bodies.parse(raw), _PATCH)
    return Json(change_notice(service, caller, campaign, identity, elements=new.elements))


@router.post(
    "/v1/campaigns/{campaign_id}/notices/{notice_id}/moves",
    operation_id="moveNotice",
    summary="Say what became of a notice, hold it, or close it",
    responses=answer(200, models.NoticeWithHistory, "The notice.")
    | problems(400, 401, 403, 404, 409, 413, 415),
    openapi_extra=documentation.body(documentation.json_body(models.NewMove)),
)
def move(
    service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, notice_id: NoticeId, raw: JsonBytes
) -> Json:
    """Needs role `takedown`. `hold`: nothing of it is sent or escalated until `resume`."""
    campaign, identity = (
        received.identifier(campaign_id, "Campaign"),
        received.identifier(notice_id, "Notice"),
    )
    new = received.checked(bodies.parse(raw), _MOVE)
    moved = move_notice(
        service, caller, campaign, identity, new.act, reason_code=new.reason_code, words=new.words
    )
    return Json(moved)


@router.post(
    "/v1/campaigns/{campaign_id}/notices/{notice_id}/counter-notices",
    operation_id="contestNotice",
    summary="Record a counter-notice",
    responses=answer(200, models.NoticeWithHistory, "The notice, which waits.")
    | problems(400, 401, 403, 404, 409, 413, 415, 429),
    openapi_extra=documentation.body(documentation.json_body(models.NewCounterNotice)),
)
def contest(
    service: ServiceOf, caller: CallerOf, campaign_id: CampaignId, notice_id: NoticeId, raw: JsonBytes
) -> Json:
    """Needs role `takedown`. The notice waits while what is said is heard as a dispute of the entry. Upheld,
    it closes the notice; else the notice goes on."""
    campaign, identity = (
        received.identifier(campaign_id, "Campaign"),
        received.identifier(notice_id, "Notice"),
    )
    new = received.checked(bodies.parse(raw), _COUNTER)
    said = Contest(new.kind, new.standing, new.statement, new.contact)
    return Json(contest_notice(service, caller, campaign, identity, said))


def _place(line: int, place: models.NewPlace) -> Place:
    return Place(
        line,
        url=place.url,
        platform=place.platform,
        content_id=place.content_id,
        note=place.note,
        seen_at=place.seen_at,
        entry_id=received.identifier(place.entry_id, "Entry") if place.entry_id else None,
        regime=place.regime,
    )


def _ids(given: list[str] | None) -> list[UUID] | None:
    return None if given is None else [received.identifier(item, "Notice") for item in given]
