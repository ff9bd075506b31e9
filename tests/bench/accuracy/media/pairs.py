"""Pairs of a query and a registered clip, with the match between them and whether it is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID, uuid4

from registry.catalogue.entries.model.entry import Candidate, Policy
from registry.catalogue.entries.model.entry import Query as Asked
from registry.catalogue.fingerprints.model import timeline
from registry.catalogue.fingerprints.model.document import from_document
from registry.catalogue.media.model import Role
from registry.matching.alignment.model import align, similarity
from registry.matching.alignment.model.align import Aligned
from registry.matching.decision.model import confidence
from registry.matching.decision.model import match as matching
from registry.matching.decision.model.confidence import Evidence
from registry.matching.decision.model.evidence import face_bar
from registry.matching.decision.model.match import Match
from registry.matching.decision.model.odds import weigh
from tests.bench.accuracy.judging import kept
from tests.bench.accuracy.media.copies import Print, processes, progress
from tests.bench.accuracy.media.recipes import Truth

CHUNK: Final = 8
LOWERED: Final = 0.1
"""Similarity from which a pair of moments counts where the domain's own finds nothing."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """A registered clip: its name, footage group and fingerprint. `original`: the fingerprint of its
    original."""

    name: str
    group: str
    printed: Print
    original: Print | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """A query. `group`: its footage group; `groups`: all footage groups in it. `of`: the clip that it is a
    copy of. `of` is None for unrelated queries and for copies of an original of the group (`genuine`).
    `truth`: the right seconds, or None for any."""

    label: str
    group: str
    groups: frozenset[str]
    printed: Print
    of: str | None
    truth: Truth | None = None
    genuine: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """A query and a clip with an aligned span: its evidence, and whether it is `right`."""

    label: str
    groups: frozenset[str]
    right: bool
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Faced:
    """Face comparison along the footage of a fake. `apart`: the cosine over the threshold (None: not
    compared). `odds`: for the fake against its original (None: unknown). `right`: it is the fake, not its
    original."""

    label: str
    group: str
    right: bool
    apart: float | None
    odds: float | None


@dataclass(frozen=True, slots=True)
class Gathered:
    """All pairs found. `compared`: by kind (True: a picture) and truth, the number of queries compared and
    the number of their groups. A query is compared with the clips that it copies, or with all unrelated
    ones."""

    pairs: tuple[Pair, ...]
    faced: tuple[Faced, ...]
    compared: Mapping[tuple[bool, bool], tuple[int, int]]


def gather(shelves: Sequence[Shelf], queries: Sequence[Asking]) -> Gathered:
    """Compare each query with each clip, in parallel processes."""
    pairs: list[Pair] = []
    faced: list[Faced] = []
    counts: dict[tuple[bool, bool], list[str]] = {}
    with processes(_fill, (list(shelves),)) as pool:
        results = pool.map(_compare, queries, chunksize=CHUNK)
        for found in progress(results, len(queries), "comparing with every clip"):
            pairs += found.pairs
            faced += found.faced
            for kind, group in found.compared:
                counts.setdefault(kind, []).append(group)
    compared = {kind: (len(groups), len(set(groups))) for kind, groups in counts.items()}
    return Gathered(tuple(pairs), tuple(faced), compared)


@dataclass(frozen=True, slots=True)
class _Found:
    pairs: list[Pair]
    faced: list[Faced]
    compared: list[tuple[tuple[bool, bool], str]]


_FILLED: dict[str, tuple[Shelf, Candidate, Candidate | None]] = {}


def _fill(shelves: list[Shelf]) -> None:
    for shelf in shelves:
        entry = uuid4()
        fake = _candidate(shelf.printed, "fake", entry)
        if fake is not None:
            original = _candidate(shelf.original, "original", entry) if shelf.original else None
            _FILLED[shelf.name] = (shelf, fake, original)


def _candidate(printed: Print, role: Role, entry: UUID) -> Candidate | None:
    document = printed.document()
    if document is None:
        return None
    fingerprint = from_document(document)
    media = fingerprint.media
    return Candidate(
        asset_id=uuid4(),
        entry_id=entry,
        role=role,
        sha256=media.sha256,
        kind=media.kind,
        duration=media.duration,
        title="",
        bank="",
        tier="reviewed",
        original_tier="reviewed",
        manipulation="face_swap",
        own=True,
        policy=Policy(),
        references=(),
        frames=timeline.of_frames(kept(fingerprint)),
        faces=timeline.of_faces(fingerprint.faces),
    )


def _compare(query: Asking) -> _Found:
    document = query.printed.document()
    if document is None:
        return _Found([], [], [])
    fingerprint = from_document(document)
    asked = Asked.of(fingerprint, *timeline.of_fingerprint(fingerprint))
    best: dict[str, Aligned] = {}
    for name, (_, candidate, _original) in _FILLED.items():
        truth = query.truth if name == query.of else None
        spans = [span for span in _spans(asked, candidate) if _inside(span, truth)]
        if spans:
            best[name] = max(spans, key=lambda span: span.score)
    found = _Found([], [], [])
    _footage(query, asked, best, found)
    for name, (shelf, candidate, original) in _FILLED.items():
        own = name == query.of
        if name in best and original is not None and (own or (query.genuine and shelf.group == query.group)):
            found.faced.append(_faced(query, asked, shelf, candidate, original, right=own))
    return found


def _footage(query: Asking, asked: Asked, best: Mapping[str, Aligned], found: _Found) -> None:
    """Return the pair with the copied clip, and the pair with the nearest unrelated clip. Other clips of
    the same footage are ignored."""
    still = asked.kind == "image"
    if query.of in _FILLED:
        found.compared.append(((still, True), query.group))
        if query.of in best:
            evidence = _evidence(query.of, best, still)
            found.pairs.append(Pair(query.label, frozenset({query.group}), True, evidence))
    found.compared.append(((still, False), query.group))
    others = {name: one for name, one in best.items() if _FILLED[name][0].group not in query.groups}
    seen = {name: _evidence(name, best, still) for name in others}
    alike = [name for name, evidence in seen.items() if evidence.single == still]
    if alike:
        nearest = max(alike, key=lambda name: seen[name].score)
        groups = frozenset({query.group, _FILLED[nearest][0].group})
        found.pairs.append(Pair(query.label, groups, False, seen[nearest]))


def _spans(asked: Asked, candidate: Candidate) -> Sequence[Aligned]:
    """Return the aligned spans. If there are none, return those at a lower similarity threshold, to have
    false pairs to learn from."""
    aligned = partial(
        align.align,
        asked.frames,
        candidate.frames,
        query_duration=asked.duration,
        asset_duration=candidate.duration,
    )
    usual = similarity.PAIR_MIN
    similarity.PAIR_MIN = LOWERED  # type: ignore[misc]  # this process compares for no one else
    try:
        spans = aligned()
    finally:
        similarity.PAIR_MIN = usual  # type: ignore[misc]  # as above
    return (aligned() or spans) if spans else spans


def _inside(span: Aligned, truth: Truth | None) -> bool:
    if truth is None:
        return True
    start, end = span.span.query
    return min(end, truth.query[1]) > max(start, truth.query[0])


def _evidence(name: str, best: Mapping[str, Aligned], still: bool) -> Evidence:
    aligned = best[name]
    others = [one.score for other, one in best.items() if other != name and one.score < confidence.LOUD]
    single = still or aligned.pictures < 2
    return confidence.observed(aligned, single=single, background=max(others, default=confidence.QUIET))


def _faced(
    query: Asking, asked: Asked, shelf: Shelf, fake: Candidate, original: Candidate | None, *, right: bool
) -> Faced:
    """Compare faces, and the original where it is known, along the footage of a fake."""
    mine = matching.find(asked, fake)
    apart = odds = None
    if mine and mine[0].faces.cosine is not None:
        apart = mine[0].faces.cosine - face_bar(mine[0].faces.pixels)
    if mine and original is not None and (other := matching.find(asked, original)):
        odds = _weighed(mine[0], other)
    return Faced(query.label, shelf.group, right, apart, odds)


def _weighed(mine: Match, others: Sequence[Match]) -> float | None:
    found, common, _ = weigh(mine, others[0])
    return found if common.any() else None
