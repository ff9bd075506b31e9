"""What the service says of fakes and of their originals, through its public API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import httpx2

from registry.catalogue.fingerprints.model.distance import Vectors
from registry.catalogue.fingerprints.model.document import from_document
from registry.catalogue.fingerprints.model.timeline import of_faces
from registry.persons.search.model import likeness
from tests.bench.accuracy import service
from tests.bench.accuracy.media.copies import Made, progress
from tests.bench.accuracy.media.material import Item
from tests.bench.faces.pairs import CATEGORY, CLEAN, RESENT, Pairs, key

Truth = Literal["fake", "original"]
ONE_FACE: Final = 0.75
"""Likeness of the main faces of two files, as they are, from which the same face was put into both."""
VERDICTS: Final = ("known_fake", "related", "authentic_original", "no_match", "undecidable")
SETTINGS: Final = (CLEAN, RESENT.name)


@dataclass(frozen=True, slots=True)
class Asked:
    """One query and its answer. `known`: whether originals were registered. `paired`: whether its original is
    in the folder. `relations`: by entry, what its fake's match is called, `None` where it is not told."""

    item: Item
    truth: Truth
    setting: str
    known: bool
    paired: bool
    verdict: str
    relations: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Related:
    """All answers; `entries`: by the fake's name. `notes`: what the service did not take."""

    asked: tuple[Asked, ...]
    entries: Mapping[str, str]
    notes: tuple[str, ...]

    def rows(self, truth: Truth, setting: str, *, known: bool) -> list[Asked]:
        """The answers of one kind of query in one of the four settings. With originals registered only of
        pairs that have one."""
        return [
            item
            for item in self.asked
            if (item.truth, item.setting, item.known) == (truth, setting, known)
            and (item.paired or not known)
        ]

    def matrix(self, truth: Truth, setting: str, *, known: bool) -> Counter[str]:
        """How often which verdict was given."""
        return Counter(row.verdict for row in self.rows(truth, setting, known=known))

    def share(self, truth: Truth, setting: str, verdict: str, *, known: bool) -> tuple[int, int]:
        """How many of the queries were given a verdict; a fake's must also name its own entry, and call it a
        copy."""
        rows = self.rows(truth, setting, known=known)
        return sum(self._right(row) for row in rows if row.verdict == verdict), len(rows)

    def _right(self, asked: Asked) -> bool:
        if asked.truth == "original" or asked.verdict != "known_fake":
            return True
        return asked.relations.get(self.entries[asked.item.name]) == "copy"


def ask(client: httpx2.Client, pairs: Pairs, done: Mapping[str, Made]) -> Related:
    """Register all fakes, ask, register their originals, ask again."""
    entries, notes = _register(client, pairs, done)
    relations = _ask(client, pairs, done, entries, known=False)
    for fake, original in pairs.originals.items():
        document = _document(done, original, CLEAN)
        if fake in entries and document is not None:
            service.add_original(client, entries[fake], document)
    relations += _ask(client, pairs, done, entries, known=True)
    return Related(tuple(relations), entries, tuple(notes))


def _register(
    client: httpx2.Client, pairs: Pairs, done: Mapping[str, Made]
) -> tuple[dict[str, str], list[str]]:
    entries: dict[str, str] = {}
    notes: list[str] = []
    for fake in pairs.fakes:
        document = _document(done, fake, CLEAN)
        if document is None:
            notes.append(f"cannot be fingerprinted, left out: {fake.name}")
            continue
        try:
            entries[fake.name] = service.register(client, fake.name, CATEGORY, document)
        except service.Refused as why:
            notes.append(f"{fake.name} is not registered: {why}")
    return entries, notes


def _ask(
    client: httpx2.Client,
    pairs: Pairs,
    done: Mapping[str, Made],
    entries: Mapping[str, str],
    *,
    known: bool,
) -> list[Asked]:
    truths: list[tuple[Item, Truth]] = [(fake, "fake") for fake in pairs.fakes if fake.name in entries]
    truths += [(item, "original") for item in pairs.genuine]
    queries = [(item, truth, setting) for setting in SETTINGS for item, truth in truths]
    what = f"looking up, originals {'' if known else 'not '}registered"
    requests: list[Asked] = []
    for item, truth, setting in progress(iter(queries), len(queries), what):
        document = _document(done, item, setting)
        answer = service.look_up(client, document) if document is not None else service.REFUSED
        paired = truth == "original" or item.name in pairs.originals
        requests.append(Asked(item, truth, setting, known, paired, answer.verdict, _relations(answer)))
    return requests


def _relations(answer: service.Answer) -> dict[str, str | None]:
    """What each entry's fake is called: of several matches of one entry the gravest, which stands first."""
    found: dict[str, str | None] = {}
    for match in answer.matches:
        if match.relation != "original":
            found.setdefault(match.entry_id, match.relation)
    return found


def _document(done: Mapping[str, Made], item: Item, setting: str) -> dict[str, Any] | None:
    return done[key(item, setting)].whole.document()


def other_fakes(
    related: Related, pairs: Pairs, done: Mapping[str, Made], *, known: bool
) -> dict[tuple[str, str], str | None]:
    """By the names of a fake that was asked about, re-sent, and of another fake of the same footage: what
    the match with the other's entry is called; `missing` where there is none. Two files that show the same
    face in the same footage are one fake made twice, and left out."""
    payload: dict[tuple[str, str], str | None] = {}
    for row in related.rows("fake", RESENT.name, known=known):
        for other in pairs.siblings(row.item):
            if other.name in related.entries and _another_face(done, row.item, other):
                found = row.relations.get(related.entries[other.name], "missing")
                payload[row.item.name, other.name] = found
    return payload


def _another_face(done: Mapping[str, Made], element: Item, other: Item) -> bool:
    left, right = (_main_face(done, item) for item in (element, other))
    return left is None or right is None or float(left @ right) < ONE_FACE


def _main_face(done: Mapping[str, Made], item: Item) -> Vectors | None:
    found = likeness.tracks(of_faces(from_document(_document(done, item, CLEAN)).faces))
    return found[0].embedding if found else None
