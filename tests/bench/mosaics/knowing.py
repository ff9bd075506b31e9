"""Whether a person is known by a mosaic: SFace on enlarged mosaics of photographs."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from PIL import Image

from registry.catalogue.fingerprints.model import mosaics
from registry.core.numbers import Floats
from tests.bench.accuracy.media.material import listed
from workers.faces import reader
from workers.faces.base import Detection
from workers.faces.detector import Yunet
from workers.faces.embedder import Sface
from workers.hashers import mosaic
from workers.media.picture import Pixels

PEOPLE: Final = 150
SHARES: Final = (1.0, 0.6, 0.33)
"""Share of the picture's height that the photograph takes; 1: it is the picture."""
FALSE: Final = 0.001
SIZE: Final = 300
"""Pixels a side to which photographs are enlarged; one size, since the models keep memory for each."""


@dataclass(frozen=True, slots=True)
class Known:
    """The number of people, the median height of a face in its photograph, and a line for each comparison."""

    people: int
    face: float
    lines: tuple[str, ...]


def measure(folder: Path) -> Known:
    """Compare photographs and mosaics of people, drawn by a fixed seed."""
    by_person: dict[str, list[Path]] = {}
    for item in listed(folder)[0]:
        if item.role == "face":
            by_person.setdefault(item.group, []).append(item.path)
    people = sorted(person for person, paths in by_person.items() if len(paths) > 1)
    random.Random(1).shuffle(people)  # noqa: S311 - a sample of photographs
    seen = [pair for person in people[:PEOPLE] if (pair := _pair([*by_person[person][:2]])) is not None]
    photographs = np.array([first.photograph for first, _ in seen])
    lines = [_line("photograph", np.array([second.photograph for _, second in seen]), photographs)]
    for at, share in enumerate(SHARES):
        coarse = np.array([second.coarse[at] for _, second in seen])
        name = f"mosaic, photograph at {share:g} of the height"
        lines.append(_line(name, coarse, photographs))
        lines.append(_line(f"{name}, to mosaics", coarse, np.array([first.coarse[at] for first, _ in seen])))
    return Known(len(seen), float(np.median([side.face for pair in seen for side in pair])), tuple(lines))


@dataclass(frozen=True, slots=True)
class _Seen:
    photograph: Floats
    coarse: tuple[Floats, ...]
    face: float


def _pair(paths: list[Path]) -> tuple[_Seen, _Seen] | None:
    first, second = (_see(path) for path in paths)
    return (first, second) if first is not None and second is not None else None


def _see(path: Path) -> _Seen | None:
    picture = Image.open(path).convert("RGB")
    pixels = np.asarray(picture.resize((SIZE, SIZE), Image.Resampling.BICUBIC))
    faces = Yunet().detect(pixels)
    if not faces:
        return None
    coarse = tuple(_embedded(_enlarged(pixels, share), faces[0]) for share in SHARES)
    return _Seen(_embedded(pixels, faces[0]), coarse, faces[0].box[3] / pixels.shape[0])


def _embedded(pixels: Pixels, face: Detection) -> Floats:
    chip = reader.aligned(pixels, face)
    model = Sface()
    vector = model.embed(chip) + model.embed(np.ascontiguousarray(chip[:, ::-1]))
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float64)


def _enlarged(pixels: Pixels, share: float) -> Pixels:
    """Return the mosaic of a picture that shows the photograph, enlarged and cut to it."""
    height, width = pixels.shape[:2]
    tall = round(height / share)
    wide = width if share == 1 else round(tall * 16 / 9)
    top, left = (tall - height) // 2, (wide - width) // 2
    picture = np.full((tall, wide, 3), 127, np.uint8)
    picture[top : top + height, left : left + width] = pixels
    value = np.frombuffer(mosaic.compute(picture), np.uint8)[None, :]
    cells = mosaics.unpacked(value)[0].astype(np.float32)
    enlarged = cv2.resize(cells, (wide, tall), interpolation=cv2.INTER_CUBIC)
    part = np.clip(enlarged[top : top + height, left : left + width], 0, 255).astype(np.uint8)
    return np.repeat(part[:, :, None], 3, axis=2)


def _line(name: str, queries: Floats, known: Floats) -> str:
    cosines = queries @ known.T
    same, others = np.diag(cosines), cosines[~np.eye(len(cosines), dtype=bool)]
    ranked = float((same[:, None] > others[None, :]).mean())
    told = float((same > np.quantile(others, 1 - FALSE)).mean())
    first = float((cosines.argmax(axis=1) == np.arange(len(cosines))).mean())
    return f"{name:52} AUC {ranked:.3f}, true at .1 % false {told:.3f}, first of {len(cosines)} {first:.3f}"
