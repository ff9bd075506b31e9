"""Models of feeds and peers."""

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
    licence: str | None = Field(description="licence of the feed, an SPDX identifier", examples=["CC-BY-4.0"])
    share_claims: bool = Field(description="whether titles, claims and references are included")
    pages: int = Field(description="number of pages so far", examples=[214])


class FeedList(Answer):
    origin: str = Field(
        description="the ledger's name in its signed notes", examples=["registry.example/ledger"]
    )
    keys: list[str] = Field(
        description="compare them with keys from another source",
        examples=[["registry.example/ledger+1f2e3d4c+AQ…"]],
    )
    feeds: list[Feed]


class NewPeer(Request):
    """Another registry whose feed is to be read into a bank of its own."""

    name: str = Field(examples=["Agence"])
    address: str = Field(max_length=2000, description="its base URL", examples=["https://registry.example"])
    keys: list[Annotated[str, Field(max_length=500)]] = Field(
        min_length=1,
        max_length=8,
        description="its verifier keys, from a source other than its address",
        examples=[["registry.example/ledger+1f2e3d4c+AQ…"]],
    )
    feed: str = Field(
        max_length=100,
        description="id of the bank at the peer",
        examples=["5f0c1c8e-9d7a-4f8e-8a53-0f3d3d1a6b20"],
    )
    bank: BankName = Field(examples=["agence"])
    credential: str = Field(
        "", max_length=500, description="its API key for you, with the scope `peer`", examples=["fp_…"]
    )
    tiers: dict[TierName, TierName] = Field(
        {},
        description="how its tiers count in your lookups; others count as unreviewed",
        examples=[{"reviewed": "reviewed"}],
    )
    every: int = Field(60, ge=60, le=30 * 86400, description="seconds between two readings")


class NewFollower(Request):
    """Where to send notifications of new pages."""

    url: str = Field(
        max_length=2000,
        description="https; receives POST requests, like webhooks",
        examples=["https://reader.example/v1/peers/9b1f5a52-3c53-4f6b-8d63-6e0b4c3e2d10/news"],
    )


class Following(Answer):
    """The webhook that sends the notifications."""

    webhook_id: UuidText = Field(examples=["0d1b6a52-3c53-4f6b-8d63-6e0b4c3e2d11"])
    url: str = Field(examples=["https://reader.example/v1/peers/9b1f5a52-3c53-4f6b-8d63-6e0b4c3e2d10/news"])


class NewsOfPage(Answer):
    """A feed, and a signed note of its ledger."""

    feed: str = Field(
        max_length=100,
        description="id of the bank at the peer",
        examples=["5f0c1c8e-9d7a-4f8e-8a53-0f3d3d1a6b20"],
    )
    checkpoint: str = Field(
        max_length=8192,
        description="a note signed by the ledger that covers the page",
        examples=["registry.example/ledger\n184467\n…\n\n— registry.example/ledger …\n"],
    )
    page: int | None = Field(None, examples=[214])


class News(Answer):
    """A message in the format of webhooks. Other kinds and fields are ignored."""

    type: str = Field(
        max_length=100, json_schema_extra={"examples": ["feed.published"]}, examples=["feed.published"]
    )
    timestamp: str = Field("", max_length=100, examples=["2026-01-31T10:00:01+00:00"])
    data: NewsOfPage


class Heard(Answer):
    fetching: bool = Field(
        description="whether the peer is read at once; false: the notification has nothing new",
        examples=[True],
    )


class NewCredential(Request):
    """An API key of a peer in place of the one that is stored."""

    credential: str = Field(
        min_length=1, max_length=500, description="its API key for you", examples=["fp_…"]
    )


class Resumption(Request):
    """How to read a suspended peer again."""

    restart: bool = Field(
        False, description="read from the beginning and accept a new ledger", examples=[False]
    )


class Peer(Answer):
    """A peer and the position reached in its feed."""

    peer_id: UuidText = Field(examples=["9b1f5a52-3c53-4f6b-8d63-6e0b4c3e2d10"])
    name: str = Field(examples=["Agence"])
    address: str = Field(examples=["https://registry.example"])
    origin: str = Field(description="the name of its ledger", examples=["registry.example/ledger"])
    keys: list[str] = Field(examples=[["registry.example/ledger+1f2e3d4c+AQ…"]])
    feed: str = Field(examples=["5f0c1c8e-9d7a-4f8e-8a53-0f3d3d1a6b20"])
    tiers: dict[TierName, TierName] = Field(examples=[{"reviewed": "reviewed"}])
    bank: str = Field(examples=["agence"])
    credentials: bool = Field(description="whether a key is stored; it is never shown", examples=[True])
    every: int = Field(examples=[60])
    state: PeerState
    pages: int = Field(description="pages of its feed read so far", examples=[214])
    ledger_index: int | None = Field(
        description="index in its ledger of the last page read", examples=[184401]
    )
    ledger_size: int = Field(description="size of the last verified checkpoint; 0: none", examples=[184467])
    fetching: bool
    next_at: TimeText = Field(examples=["2026-01-31T10:01:00+00:00"])
    fetched_at: TimeText | None = Field(
        description="time of the last complete reading", examples=["2026-01-31T10:00:01+00:00"]
    )
    added: int = Field(examples=[201344])
    withdrawn: int = Field(
        description="entries that it withdrew or disputes; they no longer match", examples=[12]
    )
    rejected: int = Field(description="items that could not be stored", examples=[0])
    error: dict[str, str] | None = Field(examples=[None])
    created_at: TimeText = Field(examples=["2026-01-01T00:00:00+00:00"])


class Fork(Answer):
    """Two signed notes of one ledger that contradict each other."""

    reason: Literal["same_size", "inconsistent"]
    first: str
    second: str
    proof: list[str] = Field(description="the invalid consistency proof that it sent, in hex")
    told_by: str | None = Field(
        description="the peer that was shown the second note; null: it was shown here"
    )
    found_at: TimeText


class PeerShown(Peer):
    checkpoint: str | None = Field(
        description="the last verified note of its ledger",
        examples=["registry.example/ledger\n184467\n…\n\n— registry.example/ledger …\n"],
    )
    forks: list[Fork] = Field(examples=[[]])


class PeerList(Answer):
    peers: list[Peer]
