"""The JSON that a service answers, as typed dictionaries. Times are in seconds; more fields may come."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

Verdict = Literal["known_fake", "authentic_original", "related", "no_match", "undecidable"]
Tier = Literal["unreviewed", "reviewed", "court_order"]


class Span(TypedDict):
    """A stretch of the query aligned with one of the asset: [from, to] each."""

    query: list[float]
    asset: list[float]
    speed: float
    mirrored: bool


class Match(TypedDict):
    """One medium that answers."""

    entry_id: str | None
    asset_id: str | None
    title: str
    bank: str | None
    tier: Tier | None
    relation: Literal["copy", "same_footage_other_face", "original", "same_person"] | None
    verdict: Verdict
    reasons: list[str]
    confidence: float | None
    spans: list[Span]
    signals: dict[str, Any] | None
    provenance: NotRequired[dict[str, Any] | None]
    foreign: NotRequired[list[dict[str, Any]]]
    references: list[dict[str, Any]]


class Answer(TypedDict):
    """The answer to a lookup. `confidence`: that the verdict is right, 0-1; None for no_match and
    undecidable."""

    lookup_id: str
    verdict: Verdict
    reasons: list[str]
    mixed: bool
    confidence: float | None
    provenance: NotRequired[dict[str, Any] | None]
    matches: list[Match]
    timing_ms: dict[str, float]
    as_of: NotRequired[str | None]


class Line(TypedDict, total=False):
    """The answer to a line of a batch: an `Answer` with `line`, the question's number from 1, or its
    `error`."""

    line: int
    lookup_id: str
    verdict: Verdict
    reasons: list[str]
    matches: list[Match]
    confidence: float | None
    error: dict[str, Any]


class Registered(TypedDict):
    """What a registration made. `created` False: an entry held all these fakes already."""

    entry_id: str
    status: str
    created: bool
    assets: list[dict[str, Any]]
    duplicates: list[dict[str, Any]]


class Entry(TypedDict):
    """An entry with its media."""

    entry_id: str
    bank: str
    title: str
    status: Literal["pending", "matchable", "failed", "suspended", "withdrawn"]
    tier: Tier
    error: dict[str, str] | None
    assets: list[dict[str, Any]]
    references: list[dict[str, Any]]


class Bank(TypedDict):
    """A bank that answers the caller."""

    bank_id: str
    name: str
    visibility: str
