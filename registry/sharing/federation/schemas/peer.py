"""Feeds and peers, as models."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from registry.core.http.schemas import Answer, BankName, Request, TimeText, UuidText

PeerState = Literal["active", "suspended", "removed"]
TierName = Literal["unreviewed", "reviewed", "court_order"]


class Feed(Answer):
    """A published bank."""

    bank_id: UuidText
    bank: str
    organization: str
    licence: str | None = Field(description="under which it is published, an SPDX identifier")
    share_claims: bool = Field(description="whether titles, claims and references are in it")
    pages: int = Field(description="so far")


class FeedList(Answer):
    origin: str = Field(description="the ledger's name in what is signed of it")
    keys: list[str] = Field(description="to be compared with those that you have from elsewhere")
    feeds: list[Feed]


class NewPeer(Request):
    """Another registry, whose feed is read into a bank of its own."""

    name: str
    address: str = Field(max_length=2000, description="its base URL")
    keys: list[Annotated[str, Field(max_length=500)]] = Field(
        min_length=1, max_length=8, description="its verifier keys, learned otherwise than from its address"
    )
    feed: str = Field(max_length=100, description="id of the bank there")
    bank: BankName
    credential: str = Field("", max_length=500, description="its key for you, with the scope `peer`")
    tiers: dict[TierName, TierName] = Field(
        {}, description="what its tiers count for in your lookups; those not named: unreviewed"
    )
    every: int = Field(60, ge=60, le=30 * 86400, description="seconds from one reading to the next")


class NewFollower(Request):
    """Where to be told of new pages."""

    url: str = Field(max_length=2000, description="https; it is sent POST, as webhooks are")


class Following(Answer):
    """The webhook that is told."""

    webhook_id: UuidText
    url: str


class NewsOfPage(BaseModel):
    """Which feed, and what its ledger has signed."""

    feed: str = Field(max_length=100, description="id of the bank there")
    checkpoint: str = Field(max_length=8192, description="a note that the ledger has signed, over the page")
    page: int | None = None


class News(BaseModel):
    """A message, as webhooks are sent them; other kinds and fields than these are passed over."""

    type: str = Field(max_length=100, examples=["feed.published"])
    timestamp: str = Field("", max_length=100)
    data: NewsOfPage


class Heard(Answer):
    fetching: bool = Field(description="whether it is read at once; false: there is nothing new in it")


class Resumption(Request):
    """A suspended peer is read again."""

    restart: bool = Field(False, description="from the beginning, whatever its ledger was before")


class Peer(Answer):
    """A peer, and how far it was read."""

    peer_id: UuidText
    name: str
    address: str
    origin: str = Field(description="the name of its ledger")
    keys: list[str]
    feed: str
    tiers: dict[TierName, TierName]
    bank: str
    credentials: bool = Field(description="whether a key is kept; it is never shown")
    every: int
    state: PeerState
    pages: int = Field(description="of its feed, taken so far")
    ledger_index: int | None = Field(description="the place in its ledger up to which its feed was taken")
    ledger_size: int = Field(description="of its last checkpoint that was verified; 0: none was")
    fetching: bool
    next_at: TimeText
    fetched_at: TimeText | None = Field(description="when it was last read to its end")
    added: int
    withdrawn: int = Field(description="entries that it took back or doubts, and that answer no longer")
    rejected: int = Field(description="items that could not be kept")
    error: dict[str, str] | None
    created_at: TimeText


class Fork(Answer):
    """Two signed notes that do not follow from each other."""

    reason: Literal["same_size", "inconsistent"]
    first: str
    second: str
    proof: list[str] = Field(description="what it gave as proof of consistency, in hex")
    told_by: str | None = Field(description="the peer that was shown the second; null: it was shown here")
    found_at: TimeText


class PeerShown(Peer):
    checkpoint: str | None = Field(description="the last note of its ledger that was verified")
    forks: list[Fork]


class PeerList(Answer):
    peers: list[Peer]
