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
    get_peer,
    list_peers,
    remove_peer,
    request_peer,
    resume_peer,
    suspend_peer,
)

router = APIRouter(route_class=Route, tags=["exchange"])

LONGEST_NEWS: Final = 16_384
"""Bytes of what a peer tells."""
_FAST: Final = 1
"""How hard a page is packed: hashes do not become smaller by more."""
_PAGE: Final[documentation.Responses] = {
    200: {
        "description": "A head, then an item a line; gzip where that is accepted.",
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
    summary="The feeds that your registry may read",
    responses=answer(200, peer_models.FeedList, "By organization and bank.") | problems(401, 403),
)
def list_all(service: ServiceOf, caller: CallerOf) -> Json:
    """Needs the scope `peer`. A bank has a feed where its owner's policy says `published`; whoever may see
    the bank may read it."""
    return Json(list_feeds(service, caller))


@router.get(
    "/v1/feeds/{bank_id}",
    operation_id="readFeed",
    summary="The next page of a feed",
    response_class=Response,
    responses=_PAGE | problems(400, 401, 403, 404),
)
def read(
    request: Request,
    service: ServiceOf,
    caller: CallerOf,
    bank_id: Annotated[UUID, PathId("Bank")],
    after: Annotated[int, Query(ge=0, le=2**31 - 2, description="the last page that you have")] = 0,
    seen: Annotated[
        int, Query(ge=0, le=2**62, description="size of the last checkpoint that you have verified")
    ] = 0,
) -> Response:
    """Needs the scope `peer`. Entries with their fingerprints, never faces; what was taken back is named.
    The head has the newest checkpoint, the proof that the ledger only grew since `seen`, and the proof that
    the page is in it: its leaf commits to the root of the tree over the items. Of an item that a later page
    replaces, its hash stands in its line, and its entry in the head's `replaced`, in their order. An item
    has room for 1,000 media and 8 MB: `by_hash` says of how many it names the SHA-256 alone, `left_out` how
    many it does not name. Without `page` in the head there is none after the one named."""
    body = read_feed(service, caller, bank_id, after=after, seen=seen)
    headers = {"Vary": "Accept-Encoding", "Cache-Control": "private, no-store"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, _FAST, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(body, media_type=NDJSON, headers=headers)


@router.post(
    "/v1/feeds/{bank_id}/readers",
    operation_id="followFeed",
    summary="Be told when a feed has a new page",
    status_code=201,
    responses=answer(201, peer_models.Following, "Told from now on.")
    | problems(400, 401, 403, 404, 409, 413, 415),
)
def follow(
    service: ServiceOf,
    caller: CallerOf,
    bank_id: Annotated[UUID, PathId("Bank")],
    said: peer_models.NewFollower,
) -> Json:
    """Needs the scope `peer`. A webhook of your organization, the same however often you ask, which its
    administrators see and delete. It is sent `feed.published` with `feed`, `page` and the signed `checkpoint`
    that covers the page, seconds after something was registered, changed or taken back, for every feed that
    you may read; of several new pages the newest alone. Answer 410, and it is told no more; one that an
    administrator has paused stays paused (`webhook_paused`). Read the feed in its turn too: what is told may
    be lost."""
    made = follow_feed(service, caller, bank_id, url=said.url)
    return Json(made, status_code=201)


@router.post(
    "/v1/peers/{peer}/news",
    operation_id="hearPeer",
    summary="A peer tells that its feed has a new page",
    status_code=202,
    responses=answer(202, peer_models.Heard, "Heard.") | problems(400, 410, 413, 415),
    openapi_extra=documentation.body(documentation.json_body(peer_models.News)) | {"security": []},
)
async def hear(
    request: Request,
    service: ServiceOf,
    peer: Annotated[str, Path(max_length=100, description="id of a peer")],
) -> Json:
    """No key is needed: `checkpoint` is signed by the peer's ledger, and one that is not newer than the last
    that was verified asks for nothing. The peer is then read at once, and all of it verified as ever."""
    said = await received.read(request, peer_models.News, LONGEST_NEWS)
    heard = await run_in_threadpool(
        receive_news,
        service,
        _peer_id(peer),
        feed_id=said.data.feed,
        checkpoint=said.data.checkpoint,
    )
    return Json({"fetching": heard}, status_code=202)


def _peer_id(text: str) -> UUID | None:
    """The id in a path; None: it names no peer, and is answered as one that is there no more."""
    try:
        return identifier(text, "Peer")
    except NotFound:
        return None


@router.post(
    "/v1/peers",
    operation_id="addPeer",
    summary="Read another registry's feed into a bank",
    status_code=201,
    responses=answer(201, peer_models.Peer, "Added; it is read soon.")
    | problems(400, 401, 403, 404, 409, 413, 415),
)
def add(service: ServiceOf, caller: CallerOf, given: peer_models.NewPeer) -> Json:
    """Needs role `admin`. The bank is your organization's, published nowhere, and filled by nobody else. All
    that is read is verified by `keys`. Its entries are made from fingerprints alone: `unreviewed` and
    `unverified`; `tiers` says what its reviews count for in your own organization's lookups, and strangers go
    by reviewers of this deployment. The rest is `related` at most: the bank's policy becomes `known_tier`
    `reviewed`, unless it says one already. What it takes back answers no longer a minute later, and
    seconds later where it tells of new pages, which it is asked to where this deployment says where others
    reach it."""
    return Json(add_peer(service, caller, given), status_code=201)


@router.get(
    "/v1/peers",
    operation_id="listPeers",
    summary="The peers that your organization reads",
    responses=answer(200, peer_models.PeerList, "By name.") | problems(401, 403),
)
def list_of(service: ServiceOf, caller: CallerOf) -> Json:
    """Needs role `admin`. `error` says why the last reading failed; the next one goes on where it stood."""
    return Json({"peers": list_peers(service, caller)})


@router.get(
    "/v1/peers/{peer}",
    operation_id="showPeer",
    summary="A peer, and what proves that it has forked",
    responses=answer(200, peer_models.PeerShown, "The peer.") | problems(401, 403, 404),
)
def show(service: ServiceOf, caller: CallerOf, peer: Name) -> Json:
    """Needs role `admin`. A fork is two notes that the peer signed and that do not follow from each other:
    show them to others who read it."""
    return Json(get_peer(service, caller, peer))


@router.post(
    "/v1/peers/{peer}/pull",
    operation_id="pullPeer",
    summary="Read a peer now",
    status_code=202,
    responses=answer(202, peer_models.Peer, "A worker reads it soon.") | problems(401, 403, 404, 409),
)
def pull(service: ServiceOf, caller: CallerOf, peer: Name) -> Json:
    """Needs role `admin`. `fetching` is true until it is done."""
    return Json(request_peer(service, caller, peer), status_code=202)


@router.post(
    "/v1/peers/{peer}/suspend",
    operation_id="suspendPeer",
    summary="Read a peer no longer for now",
    responses=answer(200, peer_models.Peer, "It is not read.") | problems(401, 403, 404),
)
def suspend(service: ServiceOf, caller: CallerOf, peer: Name) -> Json:
    """Needs role `admin`. Its entries answer as they did, and follow no withdrawal until it is resumed."""
    return Json(suspend_peer(service, caller, peer))


@router.post(
    "/v1/peers/{peer}/resume",
    operation_id="resumePeer",
    summary="Read a suspended peer again",
    responses=answer(200, peer_models.Peer, "It is read soon.") | problems(400, 401, 403, 404, 413, 415),
)
def resume(service: ServiceOf, caller: CallerOf, peer: Name, said: peer_models.Resumption) -> Json:
    """Needs role `admin`. One that has forked is suspended again, unless `restart` believes its ledger anew:
    only for whoever has heard from its operator why it is another one. What proves the fork is kept."""
    return Json(resume_peer(service, caller, peer, restart=said.restart))


@router.delete(
    "/v1/peers/{peer}",
    operation_id="removePeer",
    summary="Read a peer no longer",
    responses=answer(200, peer_models.Peer, "As it was.") | problems(401, 403, 404),
)
def remove(service: ServiceOf, caller: CallerOf, peer: Name) -> Json:
    """Needs role `admin`. Its key for you is destroyed. Its entries stay in their bank as they are and follow
    no withdrawal any more; delete the bank to end them."""
    return Json(remove_peer(service, caller, peer))
