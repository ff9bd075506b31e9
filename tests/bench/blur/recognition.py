"""How well SFace recognises a person in a blurred photograph."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.bench.accuracy.media.copies import progress
from tests.bench.accuracy.media.material import Item, spread
from tests.bench.blur.blurred import RULE, area_under_curve, blurred, enlarged
from tests.bench.faces.photographs import MISLABELLED
from workers.faces.base import Detection, Embedding
from workers.faces.detector import Yunet
from workers.faces.embedder import Sface
from workers.faces.reader import aligned
from workers.media.picture import Pixels

Row = dict[str, float | str]
Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Portrait:
    """A clear photograph and the face in it. `share`: width of the face in the picture's longer side."""

    pixels: Pixels
    face: Detection

    @property
    def share(self) -> float:
        return float(self.face.box[2] / max(self.pixels.shape[:2]))


def measure(items: Sequence[Item], lengths: Sequence[int], *, most: int) -> list[Row]:
    """Search each person, enrolled by one photograph, with another one; print a row for each length."""
    enrolled, searched = _persons(items, most)
    gallery = [_described(portrait, portrait.pixels) for portrait in enrolled]
    count = len(enrolled)
    share = float(np.mean([portrait.share for portrait in searched]))
    print(f"\n{count} persons, one clear photograph each; another one is blurred. Chance: {1 / count:.3f}")
    print("pixels  face, px  found by YuNet  first (clear)  first (blurred)  AUC (clear)  AUC (blurred)")
    clear = _matrix(gallery, [_described(item, item.pixels) for item in searched])
    rows = [_row("clear", 0.0, clear, None, 1.0)]
    for longest in (*lengths, RULE):
        seen = [_smooth(portrait, longest) for portrait in searched]
        probes = [_described(portrait, pixels) for portrait, pixels in zip(searched, seen, strict=True)]
        matched = [_described(portrait, _smooth(portrait, longest)) for portrait in enrolled]
        found = float(np.mean([bool(Yunet().detect(pixels)) for pixels in seen]))
        across = round(share * longest, 1)
        name = str(longest or "rule")
        rows.append(_row(name, across, _matrix(gallery, probes), _matrix(matched, probes), found))
    return rows


def _persons(items: Sequence[Item], most: int) -> tuple[list[Portrait], list[Portrait]]:
    """Return two photographs of each person who has two in which a face is found."""
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        if item.category == "faces" and item.role == "face" and item.name not in MISLABELLED:
            groups[item.group].append(item)
    names = sorted(name for name, photographs in groups.items() if len(photographs) > 1)
    chosen = spread(names, most) if most else names
    enrolled, searched = [], []
    for name in progress(iter(chosen), len(chosen), "faces"):
        photographs = sorted(groups[name], key=lambda item: item.name)
        portraits = (_portrait(item) for item in (photographs[0], photographs[-1]))
        first, second = portraits
        if first and second:
            enrolled.append(first)
            searched.append(second)
    return enrolled, searched


def _portrait(item: Item) -> Portrait | None:
    with Image.open(item.path) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    faces = Yunet().detect(pixels)
    return Portrait(pixels, faces[0]) if faces else None


def _smooth(portrait: Portrait, longest: int) -> Pixels:
    height, width = portrait.pixels.shape[:2]
    return enlarged(blurred(portrait.pixels, longest), width, height)


def _described(portrait: Portrait, pixels: Pixels) -> Embedding:
    return Sface().embed(aligned(pixels, portrait.face))


def _matrix(gallery: Sequence[Embedding], probes: Sequence[Embedding]) -> Scores:
    return np.stack(probes) @ np.stack(gallery).T


def _row(name: str, across: float, clear: Scores, matched: Scores | None, found: float) -> Row:
    """Print and return the figures of one length. `across`: pixels across a face, 0 for the clear picture."""
    row: Row = {"longest": name, "face_pixels": across, "detected": round(found, 4)}
    row |= {"first_clear": _first(clear), "auc_clear": _separation(clear)}
    if matched is not None:
        row |= {"first_blurred": _first(matched), "auc_blurred": _separation(matched)}
    print(
        f"{name:>6}  {across or '–':>8}  {found:>14.1%}  {row['first_clear']:>13.3f}  "
        f"{row.get('first_blurred', '–'):>15}  {row['auc_clear']:>11.3f}  {row.get('auc_blurred', '–'):>13}",
        flush=True,
    )
    return row


def _first(scores: Scores) -> float:
    right = np.arange(len(scores))
    return round(float((scores.argmax(axis=1) == right).mean()), 4)


def _separation(scores: Scores) -> float:
    same = np.eye(len(scores), dtype=bool)
    return round(area_under_curve(list(scores[same]), list(scores[~same])), 4)
