"""Feeds of published banks, and peers whose feeds are read."""

from __future__ import annotations

import gzip
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from registry.core.errors import NotFound
from registry.core.http import documentation, received
from registry.core.http.documentation import answer, problems
from registry.core.http.ndjson import NDJSON
from registry.core.http.responses import Json
from registry.core.http.schemas import PathId, identifier
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.sharing.federation.schemas import peer as peer_models
from registry.sharing.federation.service.feeds import follow_feed, list_feeds, read_feed
from registry.sharing.federation.service.forks import receive_news
from registry.sharing.federation.service.peers import (
    add_peer,
    change_credential,
    get_peer,
    list_peers,
    remove_peer,
    request_peer,
    resume_peer,
    suspend_peer,
)

router = APIRouter(route_class=Route, tags=["exchange"])

LONGEST_NEWS: Final = 16_384
"""Maximum bytes of a notification."""
_FAST: Final = 1
"""gzip level. Hashes do not compress better at higher levels."""
_PAGE: Final[documentation.Responses] = {
    200: {
        "description": "A head line, then one item on each line; gzip if `Accept-Encoding` allows it.",
        "content": {
            NDJSON: {
                "schema": {"type": "string"},
                "example": '{"feed":1,"checkpoint":"…","consistency":["…"],"page":7,"index":18441,"leaf":"…",'
                '"proof":["…"],"items":1}\n{"feed":1,"entry_id":"…","status":"withdrawn"}\n',
            }
        },
    }
}

Name = Annotated[str, Path(max_length=100, description="name or id of a peer of your organization")]


@router.get(
    "/v1/feeds",
    operation_id="listFeeds",
    summary="List the feeds that your registry may read",
    responses=answer(200, peer_models.FeedList, "By organization and bank."),
)
def list_all(service: ServiceOf, caller: CallerOf) -> Json:
    """Needs the scope `peer`. A bank has a feed if its policy sets `published`. Organizations that may see
    the bank may read its feed."""
    return Json(list_feeds(service, caller))


@router.get(
    "/v1/feeds/{bank_id}",
    operation_id="readFeed",
    summary="Get the next page of a feed",
    response_class=Response,
    responses=_PAGE | problems(400, 404),
)
def read(
    request: Request,
    service: ServiceOf,
    caller: CallerOf,
    bank_id: Annotated[UUID, PathId("Bank")],
    after: Annotated[
        int, Query(ge=0, le=2**31 - 2, description="number of the last page that you have read")
    ] = 0,
    seen: Annotated[
        int, Query(ge=0, le=2**62, description="size of the last checkpoint that you have verified")
    ] = 0,
) -> Response:
    """Needs the scope `peer`. Entries with their fingerprints, never faces; withdrawn items are named. The
    head holds the newest checkpoint, the proof that the ledger only grew since `seen`, and the proof that
    the page is in it. The leaf of the page commits to the root of the tree over its items. If a later page
    replaces an item, its line holds only its hash, and the head lists its entry in `replaced`, in the same
    order. An item holds at most 1,000 media and 8 MB. `by_hash` counts those named by SHA-256 only,
    `left_out` those not named. A head without `page` means that there is no later page."""
    body = read_feed(service, caller, bank_id, after=after, seen=seen)
    headers = {"Vary": "Accept-Encoding", "Cache-Control": "private, no-store"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, _FAST, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(body, media_type=NDJSON, headers=headers)


@router.post(
    "/v1/feeds/{bank_id}/readers",
    operation_id="followFeed",
    summary="Subscribe to new pages of a feed",
    status_code=201,
    responses=answer(201, peer_models.Following, "The webhook for notifications.") | problems(404, 409),
)
def follow(
    service: ServiceOf,
    caller: CallerOf,
    bank_id: Annotated[UUID, PathId("Bank")],
    body: peer_models.NewFollower,
) -> Json:
    """Needs the scope `peer`. Creates a webhook of your organization, the same one for repeated requests,
    which its administrators see and can delete. Seconds after a change, for every feed that you may read,
    it receives `feed.published` with `feed`, `page` and the signed `checkpoint` that covers the page. Of
    several new pages it names only the newest. An answer of 410 ends it; a webhook that an administrator
    has paused stays paused (`webhook_paused`). Poll the feed as well, because a message may be lost."""
    following = follow_feed(service, caller, bank_id, url=body.url)
    return Json(following, status_code=201)


@router.post(
    "/v1/peers/{peer}/news",
    operation_id="hearPeer",
    summary="Report a new page of a peer's feed",
    status_code=202,
    responses=answer(202, peer_models.Heard, "Accepted.") | problems(410),
    openapi_extra=documentation.body(documentation.json_body(peer_models.News)) | {"security": []},
)
async def hear(
    request: Request,
    service: ServiceOf,
    peer: Annotated[str, Path(max_length=100, description="id of a peer")],
) -> Json:
    """Needs no key: `checkpoint` is signed by the peer's ledger. A checkpoint that is not newer than the
    last verified one has no effect. Otherwise the peer is read at once, with full verification."""
    message = await received.read(request, peer_models.News, LONGEST_NEWS)
    fetching = await run_in_threadpool(
        receive_news,
        service,
        _peer_id(peer),
        feed_id=message.data.feed,
        checkpoint=message.data.checkpoint,
    )
    return Json({"fetching": fetching}, status_code=202)


def _peer_id(text: str) -> UUID | None:
    """Return the id in a path. None: the text is not an id; the answer is that of a removed peer."""
    try:
        return identifier(text, "Peer")
    except NotFound:
        return None


@router.post(
    "/v1/peers",
    operation_id="addPeer",
    summary="Read another registry's feed into a bank",
    status_code=201,
    responses=answer(201, peer_models.Peer, "The peer; a worker reads it soon.") | problems(404, 409),
)
def add(service: ServiceOf, caller: CallerOf, body: peer_models.NewPeer) -> Json:
    """Needs role `admin`. The bank belongs to your organization, is not published, and has no other
    source. All content is verified with `keys`. Entries are made from fingerprints: `unreviewed` and
    `unverified`. `tiers` maps its reviews to tiers for your own organization's lookups; for other
    organizations, reviewers of this deployment decide. Everything else is `related` at most: the bank's
    policy gets `known_tier` `reviewed`, unless it sets one already. Withdrawn items stop matching within
    a minute, or within seconds if the peer sends notifications. It is asked to send them if this deployment
    has a public address."""
    return Json(add_peer(service, caller, body), status_code=201)


@router.get(
    "/v1/peers",
    operation_id="listPeers",
    summary="List the peers that your organization reads",
    responses=answer(200, peer_models.PeerList, "By name."),
)
def list_of(service: ServiceOf, caller: CallerOf) -> Json:
    """Needs role `admin`. `error` is the reason why the last read failed; the next one continues there."""
    return Json({"peers": list_peers(service, caller)})


@router.get(
    "/v1/peers/{peer}",
    operation_id="showPeer",
    summary="Get a peer, with the proof of a fork",
    responses=answer(200, peer_models.PeerShown, "The peer.") | problems(404),
)
def show(service: ServiceOf, caller: CallerOf, peer: Name) -> Json:
    """Needs role `admin`. A fork is two notes signed by the peer that contradict each other. Show them to
    others who read the peer."""
    return Json(get_peer(service, caller, peer))


@router.post(
    "/v1/peers/{peer}/pull",
    operation_id="pullPeer",
    summary="Read a peer now",
    status_code=202,
    responses=answer(202, peer_models.Peer, "A worker reads it soon.") | problems(404, 409),
)
def pull(service: ServiceOf, caller: CallerOf, peer: Name) -> Json:
    """Needs role `admin`. `fetching` is true until the read is done."""
    return Json(request_peer(service, caller, peer), status_code=202)


@router.post(
    "/v1/peers/{peer}/suspend",
    operation_id="suspendPeer",
    summary="Suspend reading a peer",
    responses=answer(200, peer_models.Peer, "The suspended peer.") | problems(404),
)
def suspend(service: ServiceOf, caller: CallerOf, peer: Name) -> Json:
    """Needs role `admin`. Its entries still match lookups, and follow no withdrawal until it is resumed."""
    return Json(suspend_peer(service, caller, peer))


@router.put(
    "/v1/peers/{peer}/credential",
    operation_id="changePeerCredential",
    summary="Replace your API key at a peer",
    responses=answer(200, peer_models.Peer, "The peer; a worker reads it soon.") | problems(404),
)
def change(service: ServiceOf, caller: CallerOf, peer: Name, body: peer_models.NewCredential) -> Json:
    """Needs role `admin`. Its entries, and what was read of its ledger, stay."""
    return Json(change_credential(service, caller, peer, body.credential))


@router.post(
    "/v1/peers/{peer}/resume",
    operation_id="resumePeer",
    summary="Resume reading a peer",
    responses=answer(200, peer_models.Peer, "The peer; a worker reads it soon.") | problems(404),
)
def resume(service: ServiceOf, caller: CallerOf, peer: Name, body: peer_models.Resumption) -> Json:
    """Needs role `admin`. A peer that has forked is suspended again, unless `restart` accepts its new
    ledger. Use that only after its operator has told you why the ledger changed. The proof of the fork is
    kept."""
    return Json(resume_peer(service, caller, peer, restart=body.restart))


@router.delete(
    "/v1/peers/{peer}",
    operation_id="removePeer",
    summary="Stop reading a peer",
    responses=answer(200, peer_models.Peer, "The removed peer.") | problems(404),
)
def remove(service: ServiceOf, caller: CallerOf, peer: Name) -> Json:
    """Needs role `admin`. Its key for you is destroyed. Its entries stay in their bank and follow no
    withdrawal any more; delete the bank to end them."""
    return Json(remove_peer(service, caller, peer))
