"""Fakes and the footage they were made from: which belong together, and what is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tests.bench.accuracy.media import copies
from tests.bench.accuracy.media.copies import CACHE, Job
from tests.bench.accuracy.media.material import FAKES, Item, alike
from tests.bench.accuracy.media.recipes import EDITS, VERSION, Setting

CATEGORY: Final = "deepfake_pairs"
CLEAN: Final = "clean"
RESENT: Final = EDITS[0]
"""What a messaging app makes of a clip: 640 pixels wide, CRF 30."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """`fakes`, each an entry; `originals` by the name of the fake made from them: the original of the same
    footage, of several the one that is named most alike. `notes`: what the folder lacks."""

    fakes: tuple[Item, ...]
    originals: dict[str, Item]
    notes: tuple[str, ...]

    @property
    def genuine(self) -> tuple[Item, ...]:
        """The originals, each once."""
        return tuple({item.name: item for item in self.originals.values()}.values())

    def siblings(self, fake: Item) -> list[Item]:
        """The other fakes of the same footage."""
        return [item for item in self.fakes if item.group == fake.group and item.name != fake.name]


def read(items: Sequence[Item], most: int = 0) -> Pairs:
    """The pairs among the items, videos only; with `most`, that many fakes, those with an original first."""
    mine = [item for item in items if item.category == CATEGORY and not item.still]
    fakes = [item for item in mine if item.role in FAKES]
    genuine = [item for item in mine if item.role == "original"]
    originals = {}
    for fake in fakes:
        same = [item for item in genuine if item.group == fake.group]
        if same:
            originals[fake.name] = min(same, key=lambda item: (-alike(item.name, fake.name), item.name))
    if most:
        fakes = sorted(fakes, key=lambda fake: fake.name not in originals)[:most]
        originals = {fake.name: originals[fake.name] for fake in fakes if fake.name in originals}
    notes = [] if fakes else [f"no fakes in {CATEGORY}"]
    if fakes and not originals:
        notes.append("no originals of fakes")
    alone = len(fakes) - len(originals)
    if originals and alone:
        notes.append(f"{alone} fakes without their original")
    return Pairs(tuple(fakes), originals, tuple(notes))


def jobs(items: Sequence[Item]) -> list[Job]:
    """Each item as it is, and as a messaging app sends it."""
    plain = [Job(key(item, CLEAN), item.path) for item in items]
    return plain + [resent(item) for item in items]


def resent(item: Item) -> Job:
    """The job that sends an item on."""
    return copies.job(RESENT, Setting(item, None, None, CACHE / f"drawings-{VERSION}"))


def key(item: Item, setting: str) -> str:
    """The key of an item's job in a setting."""
    return item.name if setting == CLEAN else f"{RESENT.name}|{item.name}"
