"""What an answer is worth: found or not, at the right seconds or not, and whom it wrongly names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from registry.catalogue.fingerprints.model import runs
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint, Frame
from tests.bench.accuracy.media.copies import Print
from tests.bench.accuracy.media.recipes import Truth
from tests.bench.accuracy.service import Answer, Match

FINDING: Final = frozenset({"known_fake", "related"})
Spans = tuple[tuple[float, float], tuple[float, float]]


def kept(fingerprint: Fingerprint) -> list[Frame]:
    """The frames that the registry keeps of an asset."""
    return list(runs.joined(frame for frame in fingerprint.frames if frame.stored))


@dataclass(frozen=True, slots=True)
class Entry:
    """A registered fake: its id, the footage group that it shows, its document."""

    entry_id: str
    group: str
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Query:
    """A copy to look up. `label`: the row of the table. `name`: the file it was made of, `group` its footage.
    `groups`: all footage in it. `printed`: its fingerprint. `entry`: what should be found (None: nothing).
    `truth`: where, None: anywhere."""

    label: str
    name: str
    group: str
    groups: frozenset[str]
    printed: Print
    entry: Entry | None
    truth: Truth | None = None
    has_original: bool = False
    timed: bool = False

    @property
    def document(self) -> dict[str, Any] | None:
        """Its fingerprint document; None where it has none."""
        return self.printed.document()

    @property
    def still(self) -> bool:
        return self.printed.kind == "image"


@dataclass(frozen=True, slots=True)
class Claim:
    """A match's own verdict, its confidence (none with `related`), and whether it is right: `known_fake` of a
    copy of that very fake, anything else of the same footage."""

    verdict: str
    confidence: float | None
    right: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a query. `errors`: distances in seconds of the best span's four edges from the truth's.
    `verdict`, `reasons`: those of the answer; `relations`: those of
    the matches of the query's footage. `pairs`: registered fakes it has nothing to do with; `false`,
    `accused`: how many of these were among the matches, and with `known_fake`. `sibling`: another fake of the
    same footage was called `known_fake`."""

    query: Query
    found: bool
    known_fake: bool
    relation: str | None
    errors: tuple[float, ...]
    pairs: int
    false: tuple[str, ...]
    accused: tuple[str, ...]
    sibling: bool
    ms: float
    claims: tuple[Claim, ...] = ()
    verdict: str = ""
    reasons: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()


def still_of(label: str) -> str:
    """The row of the stills taken of an edit's copies."""
    return f"still of {label}"


def judge(query: Query, answer: Answer, entries: Mapping[str, Entry]) -> Outcome:
    """Weigh an answer; `entries` are all that is registered, by title."""
    strangers = {entry.entry_id: name for name, entry in entries.items() if entry.group not in query.groups}
    false = [match for match in answer.matches if match.entry_id in strangers]
    own = [match for match in answer.matches if query.entry and match.entry_id == query.entry.entry_id]
    right = [match for match in own if match.verdict in FINDING and _overlapping(match, query.truth)]
    footage = {entry.entry_id for entry in entries.values() if entry.group == query.group}
    others = footage - ({query.entry.entry_id} if query.entry else set())
    return Outcome(
        query=query,
        found=bool(right),
        known_fake=answer.verdict == "known_fake",
        relation=right[0].relation if right else None,
        errors=_errors(right, query.truth),
        pairs=len(strangers),
        false=tuple(strangers[match.entry_id] for match in false),
        accused=tuple(strangers[match.entry_id] for match in false if match.verdict == "known_fake"),
        sibling=any(match.entry_id in others and match.verdict == "known_fake" for match in answer.matches),
        ms=answer.ms,
        claims=tuple(
            Claim(
                match.verdict,
                match.confidence,
                match.entry_id not in strangers
                and not (match.verdict == "known_fake" and match.entry_id in others),
            )
            for match in answer.matches
        ),
        verdict=answer.verdict,
        reasons=answer.reasons,
        relations=tuple(match.relation or "" for match in answer.matches if match.entry_id in footage),
    )


def _overlapping(match: Match, truth: Truth | None) -> list[Spans]:
    return [span for span in match.spans if truth is None or _shared(span, truth) > 0]


def _shared(span: Spans, truth: Truth) -> float:
    """Seconds that a span and the truth share in the query, 0 where they show other seconds of the asset. A
    moment (of a still) inside the truth counts as a hundredth."""
    query, asset = _common(span[0], truth.query), _common(span[1], truth.asset)
    return max(query, 0.01) if query >= 0 and asset >= 0 else 0.0


def _common(pair: tuple[float, float], other: tuple[float, float]) -> float:
    return min(pair[1], other[1]) - max(pair[0], other[0])


def _errors(matches: Iterable[Match], truth: Truth | None) -> tuple[float, ...]:
    if truth is None:
        return ()
    spans = [span for match in matches for span in _overlapping(match, truth)]
    if not spans:
        return ()
    query, asset = max(spans, key=lambda span: _shared(span, truth))
    found, wanted = (*query, *asset), (*truth.query, *truth.asset)
    return tuple(abs(edge - want) for edge, want in zip(found, wanted, strict=True))
