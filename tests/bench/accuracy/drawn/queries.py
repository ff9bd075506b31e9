"""The copies of a run, made and fingerprinted, as queries for the service."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from registry.catalogue.fingerprints.model.document import from_document, to_document
from tests.bench.accuracy.drawn.drawing import Draw, Drawn
from tests.bench.accuracy.drawn.edits import EDITS, GENUINE, generator
from tests.bench.accuracy.drawn.footage import Footage, Half, faces_of
from tests.bench.accuracy.judging import Entry, Query
from tests.bench.accuracy.media.copies import CACHE, Job, Made, Print
from tests.bench.accuracy.media.material import Item
from tests.bench.accuracy.media.recipes import Plan

MEDIA: Final = CACHE / "drawn"
DRAWINGS: Final = CACHE / "drawings-drawn"


@dataclass(frozen=True, slots=True)
class Copy:
    """One edit of one file in a run of `seed`. `genuine`: of an original, not of what is registered."""

    seed: int
    half: Half
    edit: Drawn
    source: Item
    plan: Plan
    genuine: bool

    @property
    def job(self) -> Job:
        """Return the job that makes it. Its file is named by its parameters and its inputs' content."""
        parts = [self.source, *self.plan.also]
        told = repr((self.plan.inputs, self.plan.graph, self.plan.options, self.plan.then))
        digest = hashlib.sha256("".join([told, *(item.sha256 for item in parts)]).encode()).hexdigest()[:24]
        folder = MEDIA / self.edit.name.replace(" ", "-").replace(",", "")
        at = sum(self.plan.truth.query) / 2
        return Job(self.key, folder / f"{digest}{self.plan.suffix}", self.plan, at)

    @property
    def part(self) -> tuple[int, Half]:
        return self.seed, self.half

    @property
    def key(self) -> str:
        return f"{self.seed}|{self.edit.name}|{self.source.name}"


def drawn(
    footage: Footage, plain: Mapping[str, Made], seed: int, half: Half, most: int, chosen: Sequence[str]
) -> list[Copy]:
    """Return all copies of a half: every edit of every source, and originals as people send them on."""
    edits = [edit for edit in EDITS if not chosen or edit.name in chosen]
    copies = []
    for source in footage.sources(half, most):
        copies += _copies(footage, plain, seed, half, source, edits, genuine=False)
    for original in footage.genuine(half, most):
        some = [edit for edit in edits if edit.name in GENUINE]
        copies += _copies(footage, plain, seed, half, original, some, genuine=True)
    return copies


def _copies(  # all parts of one edit's seed
    footage: Footage,
    plain: Mapping[str, Made],
    seed: int,
    half: Half,
    source: Item,
    edits: Sequence[Drawn],
    *,
    genuine: bool,
) -> list[Copy]:
    made = []
    faces = faces_of(plain[source.name])
    for edit in edits:
        rng = generator(seed, edit.name, source.sha256)
        carriers = [item for item in footage.carriers if item.group != source.group]
        draw = Draw(source, rng, carriers, DRAWINGS, faces)
        if not edit.lacks(draw):
            made.append(Copy(seed, half, edit, source, edit.plan(draw), genuine))
    return made


def query_of(
    copy: Copy, made: Made, entry: Entry | None, *, has_original: bool, still: bool = False
) -> Query:
    """Return the query of a copy, or of its still."""
    printed = made.still if still else made.whole
    assert printed is not None
    return Query(
        label=copy.edit.name,
        name=copy.source.name,
        group=copy.source.group,
        groups=frozenset({copy.source.group, *(item.group for item in copy.plan.also)}),
        printed=printed,
        entry=entry,
        truth=None if still else copy.plan.truth,
        has_original=has_original,
        timed=copy.edit.timed and not still,
    )


def stranger(item: Item, made: Made) -> Query:
    return Query("unrelated", item.name, item.group, frozenset({item.group}), made.whole, None)


def without_faces(printed: Print) -> dict[str, Any] | None:
    """Return the document as a program sends it that may not describe faces."""
    document = printed.document()
    return to_document(from_document(document).without_faces(), faces=False) if document else None
