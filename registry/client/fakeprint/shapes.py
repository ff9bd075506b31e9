"""The JSON answers of the service, as typed dictionaries. Times are in seconds. Fields may be added."""

from typing import Any, Literal, NotRequired, Required, TypedDict

Verdict = Literal["known_fake", "authentic_original", "related", "no_match", "undecidable"]
Tier = Literal["unreviewed", "reviewed", "court_order"]
Relation = Literal["copy", "same_footage_other_face", "original", "same_person", "audio"]
Status = Literal["pending", "matchable", "failed", "suspended", "withdrawn"]
What = Literal["sha256", "frames", "embedding", "faces", "sound"]
Reason = Literal["left_out", "not_computed", "keyframes_only", "not_read", "not_sent", "partial"]
NextStep = Literal["send_faces", "send_file"]


class Span(TypedDict):
    """An interval of the query that is aligned with an interval of the asset, each [from, to]."""

    query: list[float]
    asset: list[float]
    speed: float
    mirrored: bool


class Coverage(TypedDict):
    """Shares of the query and of the asset that are aligned, 0-1."""

    query: float
    asset: float


class Match(TypedDict):
    """A matching medium. `action`: the action that its bank recommends, a code of that bank, or None.
    `exact`: the files are identical. `confidence`: as in `Answer`."""

    entry_id: str | None
    asset_id: str | None
    person_id: NotRequired[str | None]
    title: str
    bank: str | None
    tier: Tier | None
    relation: Relation | None
    verdict: Verdict
    reasons: list[str]
    confidence: float | None
    action: NotRequired[str | None]
    exact: bool
    coverage: Coverage
    spans: list[Span]
    signals: dict[str, Any] | None
    provenance: NotRequired[dict[str, Any] | None]
    foreign: NotRequired[list[dict[str, Any]]]
    references: list[dict[str, Any]]


class NotChecked(TypedDict):
    """A signal that was not compared, and why.

    `left_out`: the sender did not send it. `not_computed`: the maker of the document cannot compute it.
    `not_sent`: only a digest or a hash was sent. The others are `keyframes_only`, `not_read` and
    `partial`.
    """

    what: What
    reason: Reason


class Watch(TypedDict):
    """A watch: the query's fingerprint is kept until `expires_at`."""

    watch_id: str
    expires_at: str


class Rollout(TypedDict):
    """Matches of your own banks that are not rolled out yet, and the verdict with them."""

    withheld: int
    verdict: Verdict


class Answer(TypedDict):
    """The answer to a lookup.

    `next_step`: what could change the answer: `send_faces` (the document with face vectors), `send_file`
    (the file itself), or None. `checked`, `not_checked`: the signals that were and were not compared.
    `sampling`: how much was examined: all of it, a video's `keyframes`, or only its `digest`. `mixed`: the
    query holds both a fake and an original; `spans` say where, and a person must decide. `action`: the
    gravest action of the matches. `confidence`: probability that the verdict is right, 0-1; None for related,
    no_match and undecidable.
    Present only if they apply: `watch`; `scope` (only the digest, or a value of the whole file, was
    compared); `as_of` (the time of the data, while the primary database is away); `rollout`.
    """

    lookup_id: str
    verdict: Verdict
    reasons: list[str]
    mixed: bool
    confidence: float | None
    action: NotRequired[str | None]
    provenance: NotRequired[dict[str, Any] | None]
    matches: list[Match]
    timing_ms: dict[str, float]
    model: str
    notes: list[str]
    sampling: Literal["full", "keyframes", "digest"]
    checked: list[What]
    not_checked: list[NotChecked]
    next_step: NextStep | None
    watch: NotRequired[Watch | None]
    scope: NotRequired[Literal["exact_only", "whole_file"] | None]
    as_of: NotRequired[str | None]
    rollout: NotRequired[Rollout | None]


class Line(TypedDict, total=False):
    """The answer to a line of a batch: the fields of `Answer`, and `line`, the number of the query from 1.
    For a refused query only `line` and `error`, a problem document."""

    line: Required[int]
    error: dict[str, Any]
    lookup_id: str
    verdict: Verdict
    reasons: list[str]
    mixed: bool
    confidence: float | None
    action: str | None
    provenance: dict[str, Any] | None
    matches: list[Match]
    timing_ms: dict[str, float]
    model: str
    notes: list[str]
    sampling: Literal["full", "keyframes", "digest"]
    checked: list[What]
    not_checked: list[NotChecked]
    next_step: NextStep | None
    watch: Watch | None
    scope: Literal["exact_only", "whole_file"] | None
    as_of: str | None
    rollout: Rollout | None


class Registered(TypedDict):
    """The result of a registration. `created` False: an existing entry already holds all these fakes."""

    entry_id: str
    status: Status
    created: bool
    assets: list[dict[str, Any]]
    duplicates: list[dict[str, Any]]


class Entry(TypedDict):
    """An entry with its media."""

    entry_id: str
    bank: str
    title: str
    claim: str | None
    language: str | None
    manipulation: str | None
    tier: Tier
    original_tier: Tier
    status: Status
    unverified: bool
    error: dict[str, str] | None
    references: list[dict[str, Any]]
    variant_of: str | None
    created_at: str
    matchable_at: str | None
    depicted: list[dict[str, Any]]
    seen: list[dict[str, Any]]
    evidence: str | None
    variants: list[dict[str, str]]
    listing: dict[str, Any] | None
    foreign: list[dict[str, Any]]
    review: dict[str, Any] | None
    assets: list[dict[str, Any]]


class Bank(TypedDict):
    """A bank that the caller may search."""

    bank_id: str
    name: str
    kind: str
    visibility: str
    policy: dict[str, Any] | None
    created_at: str
    organization: str
    own: bool
    entries: int | None
