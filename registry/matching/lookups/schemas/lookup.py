"""Queries and answers of lookups."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from registry.catalogue.entries.model.entry import Tier
from registry.catalogue.entries.model.verdict import Verdict
from registry.catalogue.entries.schemas.foreign import Foreign
from registry.catalogue.fingerprints.schemas import DOCUMENT, Document
from registry.catalogue.provenance.schemas import MediumProvenance, Provenance
from registry.core.http.schemas import Answer, BankName, Seconds
from registry.matching.decision.model.keyframe_answers import Effort
from registry.matching.lookups.schemas.checked import Checked
from registry.matching.lookups.schemas.seen import Placed, WatchDays
from registry.matching.lookups.schemas.signal import Signals

Relation = Literal["copy", "same_footage_other_face", "original", "same_person", "audio"]


class DocumentLookup(Placed):
    """Look up a fingerprint document."""

    type: Literal["document"]
    value: Document = Field(examples=[DOCUMENT])
    bank: BankName | None = Field(None, examples=["default"])
    watch_days: WatchDays | None = None
    effort: Effort = Field(
        "standard",
        description="with the note `keyframes`: `quick` answers keyframes that resemble nothing registered,"
        " `full` none",
    )


class Sha256Lookup(Placed):
    """Look up an exact file by its SHA-256."""

    type: Literal["sha256"]
    value: Annotated[str, Field(description="64 hex digits")] = Field(
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
    )
    bank: BankName | None = None
    watch_days: WatchDays | None = None


class Md5Lookup(Placed):
    """Look up a file by its MD5, which hash lists contain. It proves less than a SHA-256."""

    type: Literal["md5"]
    value: Annotated[str, Field(description="32 hex digits")] = Field(
        examples=["098f6bcd4621d373cade4e832627b4f6"]
    )
    bank: BankName | None = None


class HashLookup(Placed):
    """Look up one frame by its hash, or a whole file by videohash.1 or its ISCC. The verdict is at most
    `related`, except for an ISCC whose Instance-Code identifies the file."""

    type: Literal["hash"]
    algorithm: Annotated[str, Field(description="phash256.1, pdq.1, sscd.1, videohash.1 or iscc.1")] = Field(
        examples=["pdq.1"]
    )
    value: Annotated[
        str, Field(description="hex; base64 of little-endian float16 for sscd.1; `ISCC:…` for iscc.1")
    ] = Field(examples=["d8f8f0cce0f4e84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22"])
    bank: BankName | None = None
    watch_days: WatchDays | None = None
    exact: bool = Field(
        False, description="compare with every stored hash; takes seconds, needs the scope `signals`"
    )


class Span(Answer):
    """A stretch of the query aligned with a stretch of the asset, in seconds."""

    query: Seconds = Field(examples=[[12.0, 20.1]])
    asset: Seconds = Field(examples=[[0.0, 8.1]])
    speed: float = Field(examples=[1.0])
    mirrored: bool


class Coverage(Answer):
    """Shares of the query and of the asset that are aligned, 0-1."""

    query: float = Field(examples=[0.31])
    asset: float = Field(examples=[1.0])


class Match(Answer):
    """An asset of an entry. With relation `same_person`: an enrolled person, who is in no entry."""

    entry_id: str | None = Field(examples=["5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10"])
    asset_id: str | None = Field(examples=["0d6c3f5e-8a64-4c39-8f57-0b7b1f6a9a21"])
    person_id: str | None = Field(
        None, description="with relation `same_person`, for callers with the scope `faces`"
    )
    title: str = Field(examples=["Councillor, face-swapped"])
    bank: str | None = Field(examples=["default"])
    tier: Tier | None = Field(examples=["reviewed"])
    relation: Relation | None = Field(examples=["copy"])
    verdict: Verdict
    reasons: list[str]
    confidence: float | None = Field(
        description="probability that the verdict is right, 0-1; null with the verdict `related`",
        examples=[0.98],
    )
    action: str | None = Field(
        None, description="recommended action: a code that the bank chooses", examples=["block"]
    )
    exact: bool
    coverage: Coverage
    spans: list[Span]
    signals: Signals | None
    provenance: MediumProvenance | None = Field(
        None, description="null: its file was not examined", examples=[MediumProvenance.example()]
    )
    foreign: list[Foreign] = Field(
        [], description="other registries that published it; empty: registered here", examples=[[]]
    )
    references: list[dict[str, Any]] = Field(
        examples=[[{"url": "https://factcheck.example/councillor-clip"}]]
    )


class Timing(Answer):
    """Milliseconds of each stage. 0: the stage did not run here."""

    fingerprint: float = Field(examples=[0])
    candidates: float = Field(examples=[4.1])
    align: float = Field(examples=[1.2])
    total: float = Field(examples=[6.0])


class LookupWatch(Answer):
    """The watch of the lookup, and when it ends."""

    watch_id: str
    expires_at: str


class LookupAnswer(Checked):
    """The verdict and what it rests on."""

    lookup_id: str = Field(examples=["c4b7a3de-52f1-4f7e-9f0e-0d2f6a1b7c55"])
    verdict: Verdict
    reasons: list[str]
    mixed: bool = Field(
        description="the query shows a fake and its original, at the `spans` of the matches; a person decides"
    )
    confidence: float | None = Field(
        description="probability, 0-1, that `known_fake` or `authentic_original` is right; else null",
        examples=[0.98],
    )
    action: str | None = Field(
        None, description="the gravest action of the matches; `review` if `mixed`", examples=["block"]
    )
    provenance: Provenance | None = Field(
        None, description="C2PA provenance of the file; null: not examined", examples=[None]
    )
    matches: list[Match]
    timing_ms: Timing
    model: str = Field(examples=["rules-1"])
    notes: list[str]
    sampling: Literal["full", "keyframes", "digest"] = Field(
        description="input that the answer rests on: all of it, a video's keyframes, or only the sha256"
    )
    watch: LookupWatch | None = Field(None, description="present if the lookup is watched")
    rest_lookup_id: str | None = Field(
        None,
        description="present if `quick` found nothing and the file is to be watched: the lookup that reads"
        " all of it later, and is watched",
    )
    scope: Literal["exact_only", "whole_file"] | None = Field(
        None,
        description="present if only the sha256 or the MD5 was compared, or only a value of the whole file",
    )
    as_of: str | None = Field(
        None, description="while the primary database is down: the time of the data that the answer uses"
    )
    rollout: Rollout | None = Field(None, description="present if banks of the caller withhold matches")


class Rollout(Answer):
    withheld: int = Field(description="matches in banks of the caller that are not fully rolled out")
    verdict: Verdict = Field(description="the verdict with these matches")


class QueuedLookup(Answer):
    """No answer yet. GET `url` after `retry_after` seconds, until it answers 200."""

    lookup_id: str = Field(examples=["c4b7a3de-52f1-4f7e-9f0e-0d2f6a1b7c55"])
    status: Literal["queued"]
    url: str = Field(
        description="path of the lookup on this service, as in the header `Location`",
        examples=["/v1/lookups/c4b7a3de-52f1-4f7e-9f0e-0d2f6a1b7c55"],
    )
    retry_after: int = Field(description="seconds to wait, as in the header `Retry-After`", examples=[1])
