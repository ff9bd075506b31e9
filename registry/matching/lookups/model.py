"""The JSON of an answer, as typed dictionaries; and earlier lookups in a list.

`schemas.lookup` describes the same fields to the API's readers. Answers are not built as these models: a
process answers thousands of hashes a second, and validating its own answers would cost as much as finding
them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, NotRequired, TypedDict
from uuid import UUID

from registry.catalogue.entries.model.entry import Tier
from registry.catalogue.entries.model.verdict import Verdict
from registry.matching.decision.model.checked import Examined, InputKind
from registry.matching.decision.model.keyframe_answers import Effort


@dataclass(frozen=True, slots=True)
class Options:
    """What an asker wants of a lookup. `bank`: the only one to search, by name or id. `watch_days`: for how
    many days its fingerprint is kept and watched."""

    bank: str | None = None
    watch_days: int | None = None
    effort: Effort = "standard"


class Span(TypedDict):
    """A stretch of the query aligned with a stretch of the medium, in seconds."""

    query: Sequence[float]
    asset: Sequence[float]
    speed: float
    mirrored: bool


class Coverage(TypedDict):
    """Shares of the query and of the medium that are aligned, 0-1."""

    query: float
    asset: float


class Match(TypedDict):
    """A medium of an entry, or an enrolled person."""

    entry_id: str | None
    asset_id: str | None
    person_id: NotRequired[str]
    title: str
    bank: str | None
    tier: Tier | None
    relation: str | None
    verdict: Verdict
    reasons: list[str]
    confidence: float | None
    action: str | None
    exact: bool
    coverage: Coverage
    spans: list[Span]
    signals: Any  # schemas.signal.Signals, or None
    provenance: Any  # catalogue.provenance.schemas.MediumProvenance, or None
    foreign: list[Mapping[str, Any]]
    references: list[Mapping[str, Any]]


class Decided(TypedDict):
    """The part of an answer that a decision gives."""

    lookup_id: str
    verdict: Verdict
    reasons: list[str]
    mixed: bool
    confidence: float | None
    action: str | None
    provenance: Any  # catalogue.provenance.schemas.Provenance, or None
    matches: list[Match]
    model: str


class Watched(TypedDict):
    """The watch of a lookup."""

    watch_id: str
    expires_at: str


class Rollout(TypedDict):
    """Matches in the caller's own banks that are not fully rolled out, and the verdict with them."""

    withheld: int
    verdict: Verdict


class Answer(Decided, Examined):
    """The answer to a lookup, with every signal."""

    timing_ms: dict[str, float]
    notes: list[str]
    sampling: str
    watch: NotRequired[Watched]
    rest_lookup_id: NotRequired[str]
    scope: NotRequired[str]
    as_of: NotRequired[str]
    rollout: NotRequired[Rollout]


@dataclass(frozen=True, slots=True)
class Origin:
    """Origin of recorded lookups: the caller, the input, the one bank searched, the file's SHA-256."""

    caller_id: UUID
    input_kind: InputKind
    bank_id: UUID | None = None
    sha256: str | None = None


By = Literal["me", "people", "programs"]
BYS: Final[Sequence[By]] = ("me", "people", "programs")


@dataclass(frozen=True, slots=True)
class LookupFilter:
    """Conditions on lookups. `found`: they matched something, or could not be compared. `since` inclusive,
    `until` exclusive."""

    verdict: Verdict | None = None
    found: bool = False
    by: By | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class PastLookup:
    """A lookup of the organization. `verdict`: None while it waits or if it failed. `entry_id`, `title`: of
    the gravest match; `title` None: none, or the caller may no longer see it. `matches`: their number.
    `partly`: nothing was found, and not everything was compared. `own`: the caller made it."""

    lookup_id: UUID
    status: Literal["queued", "answered", "failed"]
    verdict: Verdict | None
    input: InputKind
    created_at: datetime
    caller: str
    own: bool
    entry_id: UUID | None
    title: str | None
    matches: int
    partly: bool


@dataclass(frozen=True, slots=True)
class PastLookups:
    """A page of the list. `next`: the cursor of the page after it."""

    lookups: Sequence[PastLookup]
    next: str | None


@dataclass(frozen=True, slots=True)
class RecordedLookup:
    """An answered lookup: its matches, and the ids of their entries that a bank holds."""

    lookup_id: UUID
    created_at: datetime
    matches: Sequence[Match]
    entries: frozenset[str]


@dataclass(frozen=True, slots=True)
class Example:
    """A lookup whose answer would change."""

    lookup_id: UUID
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """Answers that would change from one verdict to another: how many, and the latest of them."""

    before: Verdict
    after: Verdict
    count: int
    examples: Sequence[Example]


Unseen = Literal["more_related", "lower_tier", "single_frame", "audio"]
"""An effect of a policy that recorded evidence cannot show, by the setting."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What another policy would change in recorded lookups.

    `lookups`: those that searched the bank, `since` the oldest. `named`: those that named an entry of it.
    `hidden`: matches that would no longer be shown. `unknown`: lookups that cannot be judged, because they
    were recorded without the evidence. `unseen`: effects that recorded evidence cannot show.
    """

    lookups: int
    since: datetime | None
    named: int
    changes: Sequence[Change]
    hidden: int
    unknown: int
    unseen: Sequence[Unseen]
