"""Face swaps made here: into each frame of a clip the face of a photograph, warped and blended.

    python -m tests.bench.faces.swaps FOLDER OUT

FOLDER holds `manifest.csv` and the media it names. OUT gets a folder of the same kind, for
`make bench-accuracy EVAL=OUT`: each clip as it was, two fakes of it, and clips to put copies into. A clip,
its faces and what is made of both are in one half. SEED=N draws other photographs (default 1).
"""

from __future__ import annotations

import csv
import hashlib
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from tests.bench.accuracy.drawn.footage import CARRIER_SECONDS, Half, half_of
from tests.bench.accuracy.media.copies import processes, progress
from tests.bench.accuracy.media.material import Item, listed
from tests.bench.faces.lips import LEAST, RATE, Pixels, feathered, filmed, landmarks_of, put, write
from workers.faces.detector import Yunet
from workers.faces.geometry import Points

FACE: Final = ((56, 64), (42, 54))
"""Centre and half axes of the ellipse that is replaced, in the aligned chip."""
FAKES: Final = 2
ENLARGED: Final = 300
"""Pixels of the longer side of a photograph in which the face is sought."""
COLUMNS: Final = (
    *("path", "category", "group", "role", "bytes", "sha256", "duration", "w", "h", "fps", "frames"),
    *("has_audio", "licence", "note"),
)


@dataclass(frozen=True, slots=True)
class Swap:
    """A clip, photographs of other faces, and the group of what is made of them, in the clip's half."""

    item: Item
    photographs: tuple[Path, ...]
    group: str
    folder: Path


def swaps(items: Sequence[Item], folder: Path, seed: int) -> Iterator[Swap]:
    """Yield what to make of each clip and original, with photographs of its half."""
    numbers = np.random.default_rng(seed)
    for item in items:
        if item.still or item.duration < LEAST or item.role not in {"clip", "original"}:
            continue
        half = half_of(item.group)
        faces = [other.path for other in items if other.role == "face" and half_of(other.group) == half]
        if len(faces) >= FAKES:
            chosen = numbers.choice(len(faces), FAKES, replace=False)
            yield Swap(item, tuple(faces[place] for place in chosen), _group(item, half), folder)


def _group(item: Item, half: Half) -> str:
    return next(name for place in count() if half_of(name := f"swap-{item.sha256[:10]}-{place}") == half)


def make(swap: Swap) -> list[dict[str, object]]:
    """Write the clip and its fakes; return their rows: none if no face stays in view."""
    stem = swap.folder / swap.item.sha256[:16]
    genuine = stem.with_suffix(".mp4")
    frames = filmed(swap.item, genuine)
    points = landmarks_of(frames)
    donors = [found for path in swap.photographs if (found := _face(path))] if points else []
    if points is None or not donors:
        genuine.unlink()
        return []
    rows = [_row(swap, genuine, "original", frames)]
    mask = feathered(*FACE)
    for place, (photograph, landmarks) in enumerate(donors):
        path = stem.with_suffix(f".fake{place}.mp4")
        write(
            [put(frame, at, photograph, landmarks, mask) for frame, at in zip(frames, points, strict=True)],
            path,
        )
        rows.append(_row(swap, path, "fake", frames))
    return rows


def _face(path: Path) -> tuple[Pixels, Points] | None:
    """Return a photograph, enlarged, and the landmarks of its largest face."""
    seen = cv2.imread(str(path))
    if seen is None:
        return None
    pixels = cv2.cvtColor(seen, cv2.COLOR_BGR2RGB)
    scale = ENLARGED / max(pixels.shape[:2])
    large = np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)
    found = Yunet().detect(large)
    return (large, found[0].points) if found else None


def _row(swap: Swap, path: Path, role: str, frames: Sequence[Pixels]) -> dict[str, object]:
    content = path.read_bytes()
    height, width = frames[0].shape[:2]
    values = (
        path.name,
        "deepfake_pairs",
        swap.group,
        role,
        len(content),
        hashlib.sha256(content).hexdigest(),
        round(len(frames) / RATE, 3),
        width,
        height,
        RATE,
        len(frames),
        0,
        "",
        swap.item.name,
    )
    return dict(zip(COLUMNS, values, strict=True))


def _carrier(item: Item, folder: Path) -> dict[str, object]:
    """Return the row of a clip that is used as it is, and link it."""
    link = folder / f"{item.sha256[:16]}.clip{item.path.suffix}"
    link.unlink(missing_ok=True)
    link.symlink_to(item.path.resolve())
    sizes = (item.duration, item.width, item.height, item.fps, "", int(item.audio), "", item.name)
    values = (link.name, "clips", item.group, "clip", item.path.stat().st_size, item.sha256, *sizes)
    return dict(zip(COLUMNS, values, strict=True))


def main(folder: Path, out: Path) -> None:
    """Make all, and write the manifest."""
    out.mkdir(parents=True, exist_ok=True)
    items, _ = listed(folder)
    planned = list(swaps(items, out, int(os.environ.get("SEED", "1"))))
    rows: list[dict[str, object]] = []
    with processes() as pool:
        futures = [pool.submit(make, swap) for swap in planned]
        for future in progress(as_completed(futures), len(futures), "making face swaps"):
            rows += future.result()
    used = {row["note"] for row in rows}
    clips = [item for item in items if item.role == "clip" and item.duration >= CARRIER_SECONDS]
    rows += [_carrier(item, out) for item in clips if item.name not in used]
    with (out / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(sorted(rows, key=lambda row: str(row["path"])))
    fakes = sum(row["role"] == "fake" for row in rows)
    print(f"{fakes} face swaps of {len(used)} clips, and {len(rows) - fakes - len(used)} other clips: {out}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
