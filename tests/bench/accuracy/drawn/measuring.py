"""Register, look up, and judge every answer: without originals, then with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import httpx2

from tests.bench.accuracy import service
from tests.bench.accuracy.drawn import queries
from tests.bench.accuracy.drawn.footage import Footage, keeps_face, kind_of
from tests.bench.accuracy.drawn.queries import Copy
from tests.bench.accuracy.judging import Entry, Outcome, Query, judge
from tests.bench.accuracy.media.copies import Made, progress

WITHOUT: Final = "without"
WITH: Final = "with"


@dataclass(frozen=True, slots=True)
class Result:
    """One query's outcome. `copy`: None for unrelated media. `originals`: WITHOUT or WITH. `kind`: of the
    footage. `still`, `faceless`: of one picture of the copy, of a document without faces. `kept`: of an
    original whose face a registered fake keeps. `quick_miss`: its keyframes alone are `no_match`. `quick_ms`:
    CPU of reading as little of the video as `quick` does, and `decode_ms` of decoding it; 0: not measured."""

    copy: Copy | None
    outcome: Outcome
    originals: str
    kind: str
    still: bool = False
    faceless: bool = False
    kept: bool = False
    quick_miss: bool = False
    quick_ms: float = 0.0
    decode_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, and what it is. `made`: the whole file, whose keyframes are asked too."""

    copy: Copy | None
    query: Query
    kind: str
    still: bool = False
    faceless: bool = False
    made: Made | None = None


def measured(
    client: httpx2.Client,
    footage: Footage,
    plain: Mapping[str, Made],
    copies: Sequence[Copy],
    made: Mapping[str, Made],
) -> tuple[list[Result], list[str]]:
    """Return all results, and notes of what the service refused."""
    entries, notes = _registered(client, footage, plain)
    asked = [*_asked(footage, plain, copies, made, entries), *_strangers(footage, plain)]
    kept = _face_kept(footage, plain, entries)
    results = list(_looked_up(client, asked, entries, WITHOUT, kept))
    for fake, original in footage.originals.items():
        document = plain[original.name].whole.document()
        if fake in entries and document is not None:
            service.add_original(client, entries[fake].entry_id, document)
    again = [item for item in asked if item.query.has_original]
    results += _looked_up(client, again, entries, WITH, kept)
    return results, notes


def _registered(
    client: httpx2.Client, footage: Footage, plain: Mapping[str, Made]
) -> tuple[dict[str, Entry], list[str]]:
    entries, notes = {}, []
    for item in progress(iter(footage.registered), len(footage.registered), "registering"):
        document = plain[item.name].whole.document()
        if document is None:
            notes.append(f"cannot be fingerprinted, left out: {item.name}")
            continue
        try:
            entry_id = service.register(client, item.name, item.category, document)
        except service.Refused as why:
            notes.append(f"{item.name} is not registered: {why}")
        else:
            # Documents are read again where they are needed: all of them do not fit into memory.
            entries[item.name] = Entry(entry_id, item.group, {})
    return entries, notes


def _asked(
    footage: Footage,
    plain: Mapping[str, Made],
    copies: Sequence[Copy],
    made: Mapping[str, Made],
    entries: Mapping[str, Entry],
) -> Iterator[Asked]:
    kinds: dict[str, str] = {}
    for copy in copies:
        done = made[copy.key]
        if done.failed is not None or (not copy.genuine and copy.source.name not in entries):
            continue
        name = copy.source.name
        kind = kinds.setdefault(name, kind_of(copy.source, plain[name]))
        entry = None if copy.genuine else entries[name]
        known = copy.genuine or name in footage.originals
        whole = queries.query_of(copy, done, entry, has_original=known)
        yield Asked(copy, whole, kind, made=done)
        yield Asked(copy, whole, kind, faceless=True)
        if done.still is not None:
            yield Asked(
                copy, queries.query_of(copy, done, entry, has_original=known, still=True), kind, still=True
            )


def _strangers(footage: Footage, plain: Mapping[str, Made]) -> Iterator[Asked]:
    for item in footage.strangers:
        if plain[item.name].failed is None:
            yield Asked(None, queries.stranger(item, plain[item.name]), "other", made=plain[item.name])


def _face_kept(footage: Footage, plain: Mapping[str, Made], entries: Mapping[str, Entry]) -> frozenset[str]:
    """Return the names of the originals whose face a registered fake keeps."""
    pairs = ((fake, original.name) for fake, original in footage.originals.items() if fake in entries)
    return frozenset(original for fake, original in pairs if keeps_face(plain[fake], plain[original]))


def _looked_up(
    client: httpx2.Client,
    asked: Sequence[Asked],
    entries: Mapping[str, Entry],
    originals: str,
    kept: frozenset[str],
) -> Iterator[Result]:
    for item in progress(iter(asked), len(asked), f"looking up, {originals} originals registered"):
        printed = item.query.printed
        document = queries.without_faces(printed) if item.faceless else printed.document()
        answer = service.look_up(client, document) if document else service.REFUSED
        outcome = judge(item.query, answer, entries)
        of_kept = item.copy is not None and item.copy.genuine and item.copy.source.name in kept
        found = Result(item.copy, outcome, originals, item.kind, item.still, item.faceless, of_kept)
        yield found if originals == WITH else _quickly(client, item, found)


def _quickly(client: httpx2.Client, item: Asked, found: Result) -> Result:
    """Ask the keyframes too. What they do not settle is read whole."""
    if item.made is None or item.made.glance is None:
        return found
    keyframes = item.made.glance.document()
    missed = keyframes is not None and service.misses_quickly(client, keyframes)
    spent = item.made.glance.cpu_ms + (0.0 if missed else item.made.whole.cpu_ms)
    return replace(found, quick_miss=missed, quick_ms=spent, decode_ms=item.made.decode_ms)
