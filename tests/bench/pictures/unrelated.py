"""Copies decided against fakes and originals of other footage, pair by pair, without the search."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID, uuid4

from registry.catalogue.entries.model.entry import Candidate, Query
from registry.catalogue.fingerprints.model import mosaics, timeline
from registry.catalogue.fingerprints.model.document import from_document
from registry.catalogue.fingerprints.model.fingerprint import FULL
from registry.matching.decision.model import decision
from tests.bench.accuracy.judging import kept
from tests.bench.accuracy.media.copies import Made, processes, progress
from tests.bench.pictures.material import Pair
from tests.bench.pictures.measuring import Copy
from tests.support.matching.decisions import candidate

REGISTERED_TOO: Final = frozenset({"messenger", "WebP", "AVIF", "colours", "mirrored", "photo of a screen"})
"""Edits whose copies are also taken as what is registered, for more pairs."""


@dataclass(frozen=True, slots=True)
class Unrelated:
    """Pairs of a copy and an entry of other footage, those answered `known_fake`, and those answered
    `related` or `authentic_original`."""

    pairs: int
    accused: int
    others: int


Side = tuple[str, Made, Made]
_KNOWN: list[tuple[str, tuple[Candidate, Candidate]]] = []


def measured(copies: Sequence[Copy], pairs: Sequence[Pair], done: dict[str, Made]) -> Unrelated:
    """Decide each copy, collages excepted, with each fake picture and its original of another group."""
    counted = [0, 0, 0]
    sides = [
        side for side in _sides(copies, pairs, done) if all(made.whole.error is None for made in side[1:])
    ]
    with processes(_fill, (sides,)) as pool:
        alone = [copy for copy in copies if not copy.edit.beside]
        futures = [pool.submit(_decided, copy.pair.group, done[copy.key]) for copy in alone]
        for future in progress(as_completed(futures), len(futures), "deciding unrelated pairs"):
            counted = [sum(both) for both in zip(counted, future.result(), strict=True)]
    return Unrelated(*counted)


def _sides(copies: Sequence[Copy], pairs: Sequence[Pair], done: dict[str, Made]) -> Iterable[Side]:
    """Return a group, a fake and its original: pictures as they are, and edited."""
    for pair in pairs:
        yield pair.group, done[str(pair.fake)], done[str(pair.original)]
    edited = [copy for copy in copies if copy.edit.name in REGISTERED_TOO]
    originals = {(copy.pair.name, copy.edit.name): copy for copy in edited if copy.genuine}
    for copy in edited:
        if not copy.genuine:
            original = originals[copy.pair.name, copy.edit.name]
            yield copy.pair.group, done[copy.key], done[original.key]


def _fill(sides: Iterable[Side]) -> None:
    _KNOWN[:] = [(group, _candidates(fake, original)) for group, fake, original in sides]


def _decided(group: str, copy: Made) -> tuple[int, int, int]:
    document = copy.whole.document()
    if document is None:
        return 0, 0, 0
    fingerprint = from_document(document)
    query = Query.of(fingerprint, *timeline.of_fingerprint(fingerprint))
    verdicts = [decision.decide(query, both).verdict for other, both in _KNOWN if other != group]
    accused = verdicts.count("known_fake")
    return len(verdicts), accused, len(verdicts) - accused - verdicts.count("no_match")


def _candidates(fake: Made, original: Made) -> tuple[Candidate, Candidate]:
    entry = uuid4()
    return _candidate(fake, entry), replace(_candidate(original, entry), role="original")


def _candidate(printed: Made, entry: UUID) -> Candidate:
    document = printed.whole.document()
    assert document is not None
    fingerprint = from_document(document)
    known = candidate(
        fingerprint, tier="reviewed", original_tier="reviewed", manipulation="face_swap", entry_id=entry
    )
    return replace(
        known,
        frames=timeline.of_frames(kept(fingerprint)),
        mosaics=mosaics.of_mosaics([coarse for coarse in fingerprint.mosaics if coarse.view == FULL]),
    )
