"""What the folder of evaluation media holds, and who shows the same footage as whom."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

STUDIO: Final = "GRIDALL"
"""One group of the manifest that is many: different speakers before one camera. Each is a group here."""
SAME: Final = {
    "pdq_dih": "pdq_bridge",
    "pdq_RGB.jp": "pdq_bridge",
    "pdq_YCbCr.": "pdq_bridge",
    "mdn_video": "mdn_rabbit",
}
"""Groups that show one photograph, or one clip, whatever the manifest says: seen by eye."""
APART: Final = {
    "clips/mmaction2/demo-0ff6.mp4": "mma_demo_melon",
    "clips/Thin-Plate-Spline-Motion-Model/driving-a929.mp4": "tpsm_robot",
}
"""Files that show something else than the rest of their group in the manifest: seen by eye."""
QUICK_STEP: Final = 12
"""One source in so many is edited in a quick run."""
LONG: Final = "clips/Video-LLaVA/sample_demo_16-"
WIDE: Final = "clips/sample-videos/bottle-detection-"
LIVELY: Final = "clips/Video-LLaMA/boat-"


@dataclass(frozen=True, slots=True)
class Item:
    """A file of the folder. `group`: files of one group show the same footage. `duration` in seconds, 0 for a
    picture; `width`, `height` in pixels; `fps` 0 for a picture."""

    path: Path
    name: str
    category: str
    group: str
    role: str
    sha256: str
    duration: float
    width: int
    height: int
    fps: float
    audio: bool

    @property
    def still(self) -> bool:
        return not self.duration


@dataclass(frozen=True, slots=True)
class Carriers:
    """Unrelated clips that edits put beside or around a fake: never registered."""

    long: Item
    wide: Item
    lively: Item

    def items(self) -> tuple[Item, ...]:
        return (self.long, self.wide, self.lively)


@dataclass(frozen=True, slots=True)
class Material:
    """`sources`: fakes and clips, registered and edited; `bystanders`: registered only, to be mistaken for
    others. `originals`: by the name of the fake made from them.
    `kept`: one file of each group of real edits, registered; `real`: the group's others, looked up.
    `strangers`: looked up unedited, expected to be found nowhere (or only in their own group)."""

    sources: tuple[Item, ...]
    bystanders: tuple[Item, ...]
    originals: dict[str, Item]
    carriers: Carriers
    kept: tuple[Item, ...]
    real: tuple[Item, ...]
    strangers: tuple[Item, ...]


def read(folder: Path, *, quick: bool) -> Material:
    """The material of `folder` (its `manifest.csv` names it); six sources and few others if `quick`.

    Raises `SystemExit` where the folder is not as its README says.
    """
    items = _items(folder)
    carriers = Carriers(*(_named(items, start) for start in (LONG, WIDE, LIVELY)))
    fakes = [item for item in items if item.role in {"fake", "fake_only"}]
    clips = [item for item in items if item.category == "clips" and item not in carriers.items()]
    edits = [item for item in items if item.category == "edits"]
    originals = {fake.name: found for fake in fakes if (found := _original(fake, items)) is not None}
    kept, real = _real(edits, clips)
    others = [item for item in items if item.role in {"face", "distractor"}]
    alone = [item for item in edits if item not in kept and item not in real]
    sources, bystanders = _alternating(fakes, clips), []
    if quick:
        bystanders = [item for place, item in enumerate(sources) if place % 3 == 2]
        sources, others = sources[1::QUICK_STEP], others[::60]
        grouped = {item.group for item in real if item.category == "edits"}
        few = set(sorted(grouped)[1::2])
        real = [item for item in real if item.group in few]
        kept = [item for item in kept if item.group in few]
    strangers = [*carriers.items(), *alone, *others]
    registered = {item.name for item in (*sources, *bystanders)}
    kept = [item for item in kept if item.name not in registered]
    bystanders = [item for item in bystanders if item not in sources]
    return Material(
        tuple(sources), tuple(bystanders), originals, carriers, tuple(kept), tuple(real), tuple(strangers)
    )


def _items(folder: Path) -> list[Item]:
    manifest = folder / "manifest.csv"
    if not manifest.is_file():
        message = f"{manifest} is missing: give the folder of the evaluation media"
        raise SystemExit(message)
    with manifest.open(newline="", encoding="utf-8") as stream:
        return [_item(folder, row) for row in csv.DictReader(stream)]


def _item(folder: Path, row: dict[str, str]) -> Item:
    group = row["group"].partition("|")[0]
    if group == STUDIO:
        group = f"{STUDIO}/{Path(row['path']).stem}"
    return Item(
        path=folder / row["path"],
        name=row["path"],
        category=row["category"],
        group=APART.get(row["path"], SAME.get(group, group)),
        role=row["role"],
        sha256=row["sha256"],
        duration=float(row["duration"] or 0),
        width=int(row["w"]),
        height=int(row["h"]),
        fps=float(row["fps"] or 0),
        audio=row["has_audio"] == "1",
    )


def _named(items: Sequence[Item], start: str) -> Item:
    for item in items:
        if item.name.startswith(start):
            return item
    message = f"the manifest names no {start}*"
    raise SystemExit(message)


def _original(fake: Item, items: Iterable[Item]) -> Item | None:
    """The footage a fake was made from: its left half where the two stood side by side, else its group's."""
    wanted = fake.name.replace(".right.", ".left.")
    beside = ".right." in fake.name
    for item in items:
        if item.role == "original" and item.category == fake.category:
            same = item.name == wanted if beside else item.group == fake.group and ".left." not in item.name
            if same:
                return item
    return None


def _real(edits: Sequence[Item], clips: Sequence[Item]) -> tuple[list[Item], list[Item]]:
    """One file of each group with real edits to register, and the others to look up."""
    kept, real = [], []
    for group in sorted({item.group for item in edits}):
        members = [item for item in clips if item.group == group]
        members += sorted(
            (item for item in edits if item.group == group),
            key=lambda item: (item.role != "original", item.name),
        )
        if len(members) > 1:
            kept.append(members[0])
            real += [item for item in members[1:] if item.category == "edits"]
    return kept, real


def _alternating(left: Sequence[Item], right: Sequence[Item]) -> list[Item]:
    """Both lists in one, evenly mixed, so that any part of it holds of both."""
    placed = [(index / max(len(side), 1), item) for side in (left, right) for index, item in enumerate(side)]
    return [item for _, item in sorted(placed, key=lambda pair: (pair[0], pair[1].name))]
