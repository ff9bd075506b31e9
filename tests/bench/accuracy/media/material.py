"""What the folder of evaluation media holds, and who shows the same footage as whom.

Everything is chosen by rules over `manifest.csv`, so that any folder of its layout will do. What a folder
lacks is said in `Material.notes`, and the rest is measured.
"""

from __future__ import annotations

import csv
import hashlib
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import av

STUDIO: Final = "GRIDALL"
"""One group of the manifest that is many: different speakers before one camera. Each is a group here."""
SAME: Final = {
    "pdq_dih": "pdq_bridge",
    "pdq_RGB.jp": "pdq_bridge",
    "pdq_YCbCr.": "pdq_bridge",
    "mdn_video": "mdn_rabbit",
}
"""Groups that show one photograph, or one clip, whatever the manifest says: seen by eye. Where a folder has
no such names, this changes nothing."""
APART: Final = {
    "clips/mmaction2/demo-0ff6.mp4": "mma_demo_melon",
    "clips/Thin-Plate-Spline-Motion-Model/driving-a929.mp4": "tpsm_robot",
}
"""Files that show something else than the rest of their group in the manifest: seen by eye."""

FAKES: Final = frozenset({"fake", "fake_only"})
STRANGE: Final = frozenset({"face", "distractor"})
QUICK_SOURCES: Final = 4
QUICK_SECONDS: Final = (4.0, 15.0)
"""Length of the sources of a quick run, where there are any such."""
QUICK_BYSTANDERS: Final = 16
QUICK_STRANGERS: Final = 10
QUICK_REAL: Final = 8
COPIED: Final = 40.0
"""Seconds of a longer source that are edited: its first."""
CARRIER_LONGEST: Final = 600.0
FEW: Final = 9
"""Clips under which one carries for all: the others are registered."""
LANDSCAPE: Final = 4 / 3
LEAST_HEIGHT: Final = 240
LIVELY_SECONDS: Final = 5.0
MOST: Final = 1e9
"""More seconds, pixels or frames a second than any file has."""


@dataclass(frozen=True, slots=True)
class Item:
    """A file of the folder. `group`: files of one group show the same footage; `family`: the group as the
    manifest has it, with the person and the model. `duration` in seconds, 0 for a picture; `width`, `height`
    in pixels; `fps` 0 for a picture. `weight`: bytes a pixel and second, high where much moves. `whole`:
    False where only the first `duration` seconds of the file are edited."""

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
    family: str = ""
    weight: float = 0.0
    whole: bool = True

    @property
    def still(self) -> bool:
        return not self.duration

    @property
    def landscape(self) -> bool:
        return self.width >= LANDSCAPE * self.height and self.height >= LEAST_HEIGHT


@dataclass(frozen=True, slots=True)
class Carriers:
    """Unrelated clips that edits put beside or around a fake: never registered. `long`: the longest; `wide`:
    the longest that is broader than high; `lively`: of those the one that moves most."""

    long: Item
    wide: Item
    lively: Item

    def items(self) -> tuple[Item, ...]:
        return tuple(dict.fromkeys((self.long, self.wide, self.lively)))


@dataclass(frozen=True, slots=True)
class Material:
    """`sources`: fakes and clips, registered and edited; `bystanders`: registered only, to be mistaken for
    others. `originals`: by the name of the fake made from them.
    `kept`: one file of each group of real edits, registered; `real`: the group's others, looked up.
    `strangers`: looked up unedited, expected to be found nowhere (or only in their own group).
    `notes`: what the folder lacks, for its reader."""

    sources: tuple[Item, ...]
    bystanders: tuple[Item, ...]
    originals: dict[str, Item]
    carriers: Carriers | None
    kept: tuple[Item, ...]
    real: tuple[Item, ...]
    strangers: tuple[Item, ...]
    notes: tuple[str, ...] = ()


def read(folder: Path, *, quick: bool, most: int = 0) -> Material:
    """The material of `folder` (its `manifest.csv` names it); four sources and few others if `quick`. With
    `most`, so many sources are edited and the others registered only.

    Raises `SystemExit` where there is no manifest, or nothing in it that can be registered.
    """
    items, notes = listed(folder)
    carriers = _carriers(items)
    carrying = carriers.items() if carriers else ()
    fakes = [item for item in items if item.role in FAKES]
    clips = [item for item in items if item.role == "clip" and item not in carrying]
    edits = [item for item in items if item.category == "edits"]
    originals = {fake.name: found for fake in fakes if (found := original_of(fake, items)) is not None}
    kept, real = _real(edits, clips)
    others = [item for item in items if item.role in STRANGE]
    alone = [item for item in edits if item not in kept and item not in real]
    videos = [item for item in _alternating(fakes, clips) if not item.still]
    if not videos:
        say(notes)
        message = f"{folder}/manifest.csv names no fake and no clip that is there"
        raise SystemExit(message)
    wanted = {
        "no clips to put fakes beside and inside": carriers,
        "no fakes": fakes,
        "no originals of fakes": originals,
        "no real edits": real,
        "no photographs of faces": others,
        "no sound": any(item.audio for item in videos),
    }
    notes += [note for note, there in wanted.items() if not there]
    material = Material(
        sources=tuple(videos),
        bystanders=(),
        originals=originals,
        carriers=carriers,
        kept=tuple(kept),
        real=tuple(real),
        strangers=(*carrying, *alone, *others),
        notes=tuple(notes),
    )
    if most:
        material = _edited(material, most)
    return _tidied(_few(material) if quick else material)


def _edited(material: Material, most: int) -> Material:
    """So many sources, evenly chosen; the others are there to be mistaken for them."""
    sources = spread(material.sources, most)
    others = tuple(item for item in material.sources if item not in sources)
    return replace(material, sources=tuple(sources), bystanders=(*material.bystanders, *others))


def _few(material: Material) -> Material:
    """Enough to see whether something broke: evenly chosen parts of everything."""
    low, high = QUICK_SECONDS
    handy = [item for item in material.sources if low <= item.duration <= high] or list(material.sources)
    paired = [item for item in handy if item.name in material.originals]
    fakes = spread(paired, QUICK_SOURCES // 2)
    sources = [*fakes, *spread([item for item in handy if item not in paired], QUICK_SOURCES - len(fakes))]
    others = [item for item in material.sources if item not in sources and item.duration <= 2 * high]
    real = spread([item for item in material.real if item.duration <= 2 * high], QUICK_REAL)
    groups = {item.group for item in real}
    unedited = [item for item in material.strangers if item.role not in STRANGE and item.duration <= 2 * high]
    strangers = [item for item in material.strangers if item.role in STRANGE]
    bystanders = spread(others, QUICK_BYSTANDERS)
    registered = {item.name for item in (*sources, *bystanders)}
    return replace(
        material,
        sources=tuple(sources),
        bystanders=tuple(bystanders),
        originals={name: item for name, item in material.originals.items() if name in registered},
        kept=tuple(item for item in material.kept if item.group in groups),
        real=tuple(real),
        strangers=(*spread(unedited, QUICK_STRANGERS // 2), *spread(strangers, QUICK_STRANGERS)),
    )


def _tidied(material: Material) -> Material:
    """Nothing registered twice, and of long sources the first seconds edited."""
    registered = {item.name for item in (*material.sources, *material.bystanders)}
    return replace(
        material,
        sources=tuple(
            replace(item, duration=COPIED, whole=False) if item.duration > COPIED else item
            for item in material.sources
        ),
        kept=tuple(item for item in material.kept if item.name not in registered),
    )


def spread[Thing](things: Sequence[Thing], most: int) -> list[Thing]:
    """At most so many, evenly from all."""
    count = min(most, len(things))
    return [things[(2 * place + 1) * len(things) // (2 * count)] for place in range(count)]


def listed(folder: Path) -> tuple[list[Item], list[str]]:
    """What the manifest names and is there, and a note of what is not."""
    manifest = folder / "manifest.csv"
    if not manifest.is_file():
        message = f"{manifest} is missing: give the folder of the evaluation media"
        raise SystemExit(message)
    items, notes, absent, unreadable = [], [], [], []
    for line, row in _rows(manifest):
        path = row["path"]
        if path and not (folder / path).is_file():
            absent.append(path)
            continue
        try:
            items.append(_item(folder, row))
        except (OSError, ValueError, av.FFmpegError) as why:
            unreadable.append(f"{path or f'line {line}'} ({why})")
    if absent:
        notes.append(f"{len(absent)} files named by the manifest are missing, {absent[0]} first")
    if unreadable:
        notes.append(f"{len(unreadable)} files cannot be read, {unreadable[0]} first")
    return items, notes


def say(notes: Iterable[str]) -> None:
    """What is left out, on standard error."""
    for note in notes:
        print(f"note: {note}", file=sys.stderr, flush=True)


def _rows(manifest: Path) -> list[tuple[int, dict[str, str]]]:
    """The rows and the lines they end in; what a short one lacks is empty. Raises `SystemExit` for what is no
    such table."""
    try:
        with manifest.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream, restval="")
            missing = {"path", "category", "group", "role"} - set(reader.fieldnames or ())
            rows = [(reader.line_num, row) for row in reader]
    except UnicodeDecodeError as error:
        message = f"{manifest} is not UTF-8 (byte {error.start}): save it so"
        raise SystemExit(message) from None
    except csv.Error as error:
        message = f"{manifest} cannot be read as CSV: {error}"
        raise SystemExit(message) from None
    if missing:
        message = f"{manifest} lacks the columns {', '.join(sorted(missing))}"
        raise SystemExit(message)
    return rows


def _item(folder: Path, row: dict[str, str]) -> Item:
    """A row's file; sizes that the row leaves out are read from the file. Raises `OSError`, `ValueError`,
    `av.FFmpegError`."""
    if not row["path"]:
        message = "no path"
        raise ValueError(message)
    path = folder / row["path"]
    group = row["group"].partition("|")[0] or row["path"]
    if group == STUDIO:
        group = f"{STUDIO}/{path.stem}"
    duration, width, height, fps = (_number(row, name) for name in ("duration", "w", "h", "fps"))
    if not (width and height):
        duration, width, height, fps = _probed(path)
    pixel_seconds = width * height * duration
    return Item(
        path=path,
        name=row["path"],
        category=row["category"],
        group=APART.get(row["path"], SAME.get(group, group)),
        role=row["role"],
        # Not the manifest's: what is made of a file that was replaced must not be taken for that of the old.
        sha256=_digest(path),
        duration=duration,
        width=int(width),
        height=int(height),
        fps=fps,
        audio=row.get("has_audio", "") in {"1", "true", "True"},
        family=row["group"] or row["path"],
        weight=path.stat().st_size / pixel_seconds if pixel_seconds else 0.0,
    )


def _number(row: dict[str, str], name: str) -> float:
    value = float(row.get(name) or 0)
    if not 0 <= value < MOST:
        message = f"{name} is {row[name]}"
        raise ValueError(message)
    return value


def _probed(path: Path) -> tuple[float, float, float, float]:
    """Seconds (0 of one picture), width, height, frames a second."""
    with av.open(os.fspath(path)) as container:
        if not container.streams.video:
            message = "it holds no picture"
            raise ValueError(message)
        stream = container.streams.video[0]
        seconds = float(container.duration or 0) / 1e6 if stream.frames != 1 else 0.0
        return seconds, stream.width, stream.height, float(stream.average_rate or 0) if seconds else 0.0


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _carriers(items: Sequence[Item]) -> Carriers | None:
    """Clips whose footage is nowhere else in the folder. Where there are few, one serves for all."""
    shared = Counter(item.group for item in items)
    clips = [item for item in items if item.role == "clip" and not item.still and shared[item.group] == 1]
    if sum(item.role in {"clip", *FAKES} for item in items) < 2 or not clips:
        return None
    clips = sorted(clips, key=lambda item: item.name)
    bounded = [item for item in clips if item.duration <= CARRIER_LONGEST] or clips
    long = _first(bounded, lambda item: item.duration)
    if len(clips) < FEW:
        return Carriers(long, long, long)
    rest = [item for item in bounded if item != long]
    broad = [item for item in rest if item.landscape] or rest
    wide = _first(broad, lambda item: item.duration)
    rest = [item for item in broad if item != wide] or broad
    lively = _first(
        [item for item in rest if item.duration >= LIVELY_SECONDS] or rest, lambda item: item.weight
    )
    return Carriers(long, wide, lively)


def _first(items: Sequence[Item], size: Callable[[Item], float]) -> Item:
    """The largest; of equals the first by name."""
    return min(items, key=lambda item: (-size(item), item.name))


def original_of(fake: Item, items: Iterable[Item]) -> Item | None:
    """The footage a fake was made from: the original of its family, of several the one named most alike."""
    family = [item for item in items if item.role == "original" and item.family == fake.family]
    if not family:
        return None
    return min(family, key=lambda item: (-alike(item.name, fake.name), item.name))


def alike(item: str, other: str) -> int:
    """With how many equal characters two names begin."""
    return next((at for at, (a, b) in enumerate(zip(item, other, strict=False)) if a != b), len(item))


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
