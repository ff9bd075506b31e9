"""Published banks in the formats of ThreatExchange (`/threat_updates`, reactions) and StopNCII (version 1,
`FetchHashes` and `SubmitFeedback`), for their existing clients.

The API key is sent as these clients send it: `access_token=NUMBER|KEY`, or the header `x-functions-key`.
"""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request

from registry.core.errors import NotFound
from registry.core.http.documentation import answer, problems
from registry.core.http.responses import Json
from registry.core.http.schemas import identifier
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.identity.callers.model import Caller
from registry.review.queue.schemas import Opinion
from registry.sharing.errors import BadOpinion
from registry.sharing.federation.model import foreign_feed
from registry.sharing.federation.schemas import foreign_feed as models
from registry.sharing.federation.service.feeds import list_feeds
from registry.sharing.sources.service.reading import (
    MOST,
    find_entry,
    judge_entry,
    judge_hash,
    read_changes,
    require_feed,
)

router = APIRouter(route_class=Route, tags=["exchange"])

Number = Annotated[int, Path(ge=0, lt=2**62, description="number of a bank, an organization or an entry")]
App = Annotated[int, Path(ge=0, lt=2**62, description="ThreatExchange's app id; any number")]
Token = Annotated[
    str | None,
    Query(max_length=600, description="`NUMBER|KEY` with any number; absent: the header `Authorization`"),
]
_REACTIONS: Final[dict[str, Opinion]] = {
    "HELPFUL": "true_positive",
    "SAW_THIS_TOO": "true_positive",
    "DISAGREE_WITH_TAGS": "false_positive",
    "NOT_HELPFUL": "false_positive",
}
_FEEDBACK: Final[dict[str, Opinion]] = {"Blocked": "true_positive", "NotBlocked": "false_positive"}


@router.get(
    "/threatexchange/v1/{app}/threat_privacy_groups_member",
    operation_id="listPrivacyGroups",
    summary="Readable feeds as ThreatExchange privacy groups",
    responses=answer(200, models.PrivacyGroups, "One group for each bank."),
)
def groups(service: ServiceOf, caller: CallerOf, app: App, access_token: Token = None) -> Json:
    """Needs scope `peer`. `id` is the bank's number, the library's `privacy_group`. It is also part of the
    address of the feed in StopNCII's format: `/stopncii/{id}/v1`."""
    del app, access_token
    rows = [
        {
            "id": str(foreign_feed.number(identifier(feed.bank_id, "Bank"))),
            "name": f"{feed.organization}/{feed.bank}",
            "description": f"Known fakes{': ' + feed.licence if feed.licence else ''}",
            "members_can_see": True,
            "members_can_use": True,
            "threat_updates_enabled": True,
            "last_updated": "1970-01-01T00:00:00+0000",
        }
        for feed in list_feeds(service, caller).feeds
    ]
    return Json({"data": rows})


@router.get(
    "/threatexchange/v1/{number}/threat_updates/",
    operation_id="readThreatUpdates",
    summary="A published bank as ThreatExchange's /threat_updates",
    responses=answer(200, models.ThreatUpdates, "What changed, each indicator once.") | problems(400, 404),
)
def updates(
    request: Request,
    service: ServiceOf,
    caller: CallerOf,
    number: Number,
    access_token: Token = None,
    start_time: Annotated[int, Query(ge=0, lt=2**40, description="seconds since 1970")] = 0,
    limit: Annotated[int, Query(ge=1, description=f"entries of a page, {MOST} at most")] = 100,
    cursor: Annotated[str | None, Query(max_length=20, description="the cursor of `paging.next`")] = None,
) -> Json:
    """Needs scope `peer`. Reviewed fakes by PDQ (pictures), SHA-256 and MD5; `should_delete` marks
    withdrawn ones. `types` and `fields` are ignored. An answer is never empty."""
    page = read_changes(service, caller, number, since=start_time, after=cursor, limit=limit)
    body: dict[str, Any] = {"data": foreign_feed.updates(page.changes, page.owner, page.still, start_time)}
    if page.after is not None:
        query = {"start_time": start_time, "limit": limit, "cursor": page.after}
        token = {"access_token": access_token} if access_token else {}
        address = str(request.url.replace(query=""))
        body["paging"] = {"next": f"{address}?{urlencode(token | query)}"}
    return Json(body)


@router.post(
    "/threatexchange/v1/{number}/",
    operation_id="reactToDescriptor",
    summary="React to a descriptor",
    responses=answer(200, models.Reacted, "Stored as your opinion.") | problems(400, 404, 409),
)
def react(
    service: ServiceOf,
    caller: CallerOf,
    number: Number,
    reactions: Annotated[str, Query(max_length=100, description=f"one of {', '.join(_REACTIONS)}")],
    access_token: Token = None,
) -> Json:
    """Needs scope `peer` and role `lookup`. The entry's hash is looked up for you, and the reaction
    becomes your opinion on that match."""
    del access_token
    if reactions not in _REACTIONS:
        raise BadOpinion(
            f"{reactions[:50]!r} is not a supported reaction.",
            next_step=f"Choose among {', '.join(_REACTIONS)}.",
        )
    judge_entry(service, caller, find_entry(service, caller, number), _REACTIONS[reactions])
    return Json({"success": True})


@router.get(
    "/stopncii/{number}/v1/FetchHashes",
    operation_id="fetchHashes",
    summary="A published bank as StopNCII's FetchHashes",
    responses=answer(200, models.FetchedHashes, "What changed, each hash once.") | problems(400, 404),
)
def fetch_hashes(
    service: ServiceOf,
    caller: CallerOf,
    number: Number,
    start: Annotated[
        int, Query(alias="startTimestamp", ge=0, lt=2**40, description="seconds since 1970")
    ] = 0,
    size: Annotated[int, Query(alias="pageSize", ge=1, description=f"entries, {MOST} at most")] = 100,
    token: Annotated[str | None, Query(alias="nextPageToken", max_length=20)] = None,
) -> Json:
    """Needs scope `peer`; the key is sent as `x-functions-key`. Reviewed fakes only, by PDQ (pictures) and
    MD5 (videos), StopNCII's types. `Withdrawn` ones are also `NotBlocked`."""
    page = read_changes(service, caller, number, since=start, after=token, limit=size)
    rows = foreign_feed.records(page.changes, page.source, page.still)
    return Json(
        {
            "count": len(rows),
            "nextPageToken": page.after,
            "nextSetTimestamp": max([start, *(change.stamp for change in page.changes)]),
            "hasMoreRecords": page.after is not None,
            "hashRecords": rows,
        }
    )


@router.post(
    "/stopncii/{number}/v1/SubmitFeedback",
    operation_id="submitFeedback",
    summary="Give feedback on hashes, in StopNCII's format",
    responses=answer(200, models.FeedbackTaken, "How many opinions were stored.") | problems(404, 408),
)
def submit_feedback(service: ServiceOf, caller: CallerOf, number: Number, body: models.Feedbacks) -> Json:
    """Needs scope `peer` and role `lookup`. `Blocked` confirms, `NotBlocked` denies; other values are
    ignored. Each hash is looked up for you; a hash without an answer counts as `unknown`."""
    require_feed(service, caller, number)
    count, unknown = 0, 0
    for hashfeedback in body.hashFeedbacks:
        if (opinion := _FEEDBACK.get(hashfeedback.feedbackValue)) is None:
            continue
        stored = _judged(service, caller, hashfeedback.hashValue, opinion)
        count, unknown = count + stored, unknown + (not stored)
    return Json({"count": count, "unknown": unknown})


def _judged(service: Any, caller: Caller, value: str, opinion: Opinion) -> int:
    try:
        return judge_hash(service, caller, value.lower(), opinion)
    except NotFound:
        return 0
