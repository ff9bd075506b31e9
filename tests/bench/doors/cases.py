"""The clips that are asked: copies of registered fakes and of their originals."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from tests.bench.accuracy.media import copies, recipes
from tests.bench.accuracy.media.copies import CACHE
from tests.bench.accuracy.media.material import FAKES as FAKE_ROLES
from tests.bench.accuracy.media.material import Item, Material
from tests.bench.accuracy.media.recipes import CUT, EDITS, Edit, Setting

SEED: Final = 23
FAKES: Final = 20
QUICK_FAKES: Final = 4
SECONDS: Final = 8.0
"""How much of a source is copied: its first seconds."""
BAR: Final = 40
"""Pixels of the caption bar."""
_NAMED: Final = {edit.name: edit for edit in EDITS}
TAKEN: Final = (
    _NAMED["messenger"],
    _NAMED["crop 10 %"],
    Edit("caption bar", partial(recipes.caption, bar=BAR)),
    _NAMED["mirror"],
    Edit("bars", recipes.black_bars),
    Edit("cut", recipes.trim, least=CUT),
)
OF_ORIGINALS: Final = TAKEN[:2]


@dataclass(frozen=True, slots=True)
class Case:
    """A clip to ask about. `name` and `entry`: the registered fake and its entry; `genuine`: the clip is a
    copy of the original of that fake."""

    path: Path
    edit: str
    name: str
    entry: str
    genuine: bool

    @property
    def label(self) -> str:
        """What it is, for a reader."""
        return f"{self.edit}{' of the original' if self.genuine else ''} of {self.name}"


def chosen(material: Material, *, quick: bool) -> list[Item]:
    """The fakes: one of each group at most, those with a known original first, by a fixed seed."""
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in material.sources:
        if item.role in FAKE_ROLES and item.duration >= CUT:
            groups[item.group].append(item)
    dice = random.Random(SEED)  # noqa: S311 - no secret
    names = sorted(groups)
    dice.shuffle(names)
    found = [max(groups[name], key=lambda item: item.name in material.originals) for name in names]
    found.sort(key=lambda item: item.name not in material.originals)
    return found[: QUICK_FAKES if quick else FAKES]


def made(fakes: Sequence[Item], material: Material, entries: dict[str, str]) -> list[Case]:
    """All cases, their files made where they are not there yet. `entries`: by the name of the fake."""
    cases = []
    for case, edit, setting in _cases(fakes, material, entries):
        if not case.path.exists():
            copies.make(edit.plan(setting), case.path)
        cases.append(case)
    return cases


def _cases(
    fakes: Sequence[Item], material: Material, entries: dict[str, str]
) -> Iterator[tuple[Case, Edit, Setting]]:
    for fake in fakes:
        original = material.originals.get(fake.name)
        edits = [(fake, edit) for edit in TAKEN]
        edits += [(original, edit) for edit in OF_ORIGINALS if original]
        for source, edit in edits:
            setting = Setting(_first(source), None, None, CACHE / f"drawings-{recipes.VERSION}")
            if not edit.lacks(setting):
                path = CACHE / "doors" / f"{edit.name.replace(' ', '-')}-{SECONDS:g}-{source.sha256[:20]}.mp4"
                yield Case(path, edit.name, fake.name, entries[fake.name], source is original), edit, setting


def _first(source: Item) -> Item:
    if source.duration <= SECONDS:
        return source
    return replace(source, duration=SECONDS, whole=False)
