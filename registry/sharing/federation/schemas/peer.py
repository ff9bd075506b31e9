"""Feeds and peers, as models."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from registry.core.http.schemas import Answer, BankName, Request, TimeText, UuidText

PeerState = Literal["active", "suspended", "removed"]
TierName = Literal["unreviewed", "reviewed", "court_order"]


class Feed(Answer):
    """A published bank."""

    bank_id: UuidText = Field(examples=["5f0c1c8e-9d7a-4f8e-8a53-0f3d3d1a6b20"])
    bank: str = Field(examples=["elections"])
    organization: str = Field(examples=["Agence"])
    licence: str | None = Field(
        description="under which it is published, an SPDX identifier", examples=["CC-BY-4.0"]
    )
    share_claims: bool = Field(description="whether titles, claims and references are in it")
    pages: int = Field(description="so far", examples=[214])


class FeedList(Answer):
    origin: str = Field(
        description="the ledger's name in what is signed of it", examples=["registry.example/ledger"]
    )
    keys: list[str] = Field(
        description="to be compared with those that you have from elsewhere",
        examples=[["registry.example/ledger+1f2e3d4c+AQ…"]],
    )
    feeds: list[Feed]


class NewPeer(Request):
    """Another registry, whose feed is read into a bank of its own."""

    name: str = Field(examples=["Agence"])
    address: str = Field(max_length=2000, description="its base URL", examples=["https://registry.example"])
    keys: list[Annotated[str, Field(max_length=500)]] = Field(
        min_length=1,
        max_length=8,
        description="its verifier keys, learned otherwise than from its address",
        examples=[["registry.example/ledger+1f2e3d4c+AQ…"]],
    )
    feed: str = Field(
        max_length=100, description="id of the bank there", examples=["5f0c1c8e-9d7a-4f8e-8a53-0f3d3d1a6b20"]
    )
    bank: BankName = Field(examples=["agence"])
    credential: str = Field(
        "", max_length=500, description="its key for you, with the scope `peer`", examples=["fp_…"]
    )
    tiers: dict[TierName, TierName] = Field(
        {},
        description="what its tiers count for in your lookups; those not named: unreviewed",
        examples=[{"reviewed": "reviewed"}],
    )
    every: int = Field(60, ge=60, le=30 * 86400, description="seconds from one reading to the next")


class NewFollower(Request):
    """Where to be told of new pages."""

    url: str = Field(
        max_length=2000,
        description="https; it is sent POST, as webhooks are",
        examples=["https://reader.example/v1/peers/9b1f5a52-3c53-4f6b-8d63-6e0b4c3e2d10/news"],
    )


class Following(Answer):
    """The webhook that is told."""

    webhook_id: UuidText = Field(examples=["0d1b6a52-3c53-4f6b-8d63-6e0b4c3e2d11"])
    url: str = Field(examples=["https://reader.example/v1/peers/9b1f5a52-3c53-4f6b-8d63-6e0b4c3e2d10/news"])


class NewsOfPage(Answer):
    """Which feed, and what its ledger has signed."""

    feed: str = Field(
        max_length=100, description="id of the bank there", examples=["5f0c1c8e-9d7a-4f8e-8a53-0f3d3d1a6b20"]
    )
    checkpoint: str = Field(
        max_length=8192,
        description="a note that the ledger has signed, over the page",
        examples=["registry.example/ledger\n184467\n…\n\n— registry.example/ledger …\n"],
    )
    page: int | None = Field(None, examples=[214])


class News(Answer):
    """A message, as webhooks are sent them; other kinds and fields than these are passed over."""

    type: str = Field(
        max_length=100, json_schema_extra={"examples": ["feed.published"]}, examples=["feed.published"]
    )
    timestamp: str = Field("", max_length=100, examples=["2026-01-31T10:00:01+00:00"])
    data: NewsOfPage


class Heard(Answer):
    fetching: bool = Field(
        description="whether it is read at once; false: there is nothing new in it", examples=[True]
    )


class Resumption(Request):
    """A suspended peer is read again."""

    restart: bool = Field(
        False, description="from the beginning, whatever its ledger was before", examples=[False]
    )


class Peer(Answer):
    """A peer, and how far it was read."""

    peer_id: UuidText = Field(examples=["9b1f5a52-3c53-4f6b-8d63-6e0b4c3e2d10"])
    name: str = Field(examples=["Agence"])
    address: str = Field(examples=["https://registry.example"])
    origin: str = Field(description="the name of its ledger", examples=["registry.example/ledger"])
    keys: list[str] = Field(examples=[["registry.example/ledger+1f2e3d4c+AQ…"]])
    feed: str = Field(examples=["5f0c1c8e-9d7a-4f8e-8a53-0f3d3d1a6b20"])
    tiers: dict[TierName, TierName] = Field(examples=[{"reviewed": "reviewed"}])
    bank: str = Field(examples=["agence"])
    credentials: bool = Field(description="whether a key is kept; it is never shown", examples=[True])
    every: int = Field(examples=[60])
    state: PeerState
    pages: int = Field(description="of its feed, taken so far", examples=[214])
    ledger_index: int | None = Field(
        description="the place in its ledger up to which its feed was taken", examples=[184401]
    )
    ledger_size: int = Field(
        description="of its last checkpoint that was verified; 0: none was", examples=[184467]
    )
    fetching: bool
    next_at: TimeText = Field(examples=["2026-01-31T10:01:00+00:00"])
    fetched_at: TimeText | None = Field(
        description="when it was last read to its end", examples=["2026-01-31T10:00:01+00:00"]
    )
    added: int = Field(examples=[201344])
    withdrawn: int = Field(
        description="entries that it took back or doubts, and that answer no longer", examples=[12]
    )
    rejected: int = Field(description="items that could not be kept", examples=[0])
    error: dict[str, str] | None = Field(examples=[None])
    created_at: TimeText = Field(examples=["2026-01-01T00:00:00+00:00"])


class Fork(Answer):
    """Two signed notes that do not follow from each other."""

    reason: Literal["same_size", "inconsistent"]
    first: str
    second: str
    proof: list[str] = Field(description="what it gave as proof of consistency, in hex")
    told_by: str | None = Field(description="the peer that was shown the second; null: it was shown here")
    found_at: TimeText


class PeerShown(Peer):
    checkpoint: str | None = Field(
        description="the last note of its ledger that was verified",
        examples=["registry.example/ledger\n184467\n…\n\n— registry.example/ledger …\n"],
    )
    forks: list[Fork] = Field(examples=[[]])


class PeerList(Answer):
    peers: list[Peer]
