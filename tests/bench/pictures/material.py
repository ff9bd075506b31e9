"""The pictures that are registered and edited: stills of fakes and of their originals, and stand-ins.

A stand-in is a picture of a clip or an original in which the clothing under the largest face is replaced:
recoloured, in-painted from around it, or covered with a drawn surface. The face and the room stay. It stands
for pictures that must not be used.
"""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import av
import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from registry.catalogue.fingerprints.model.document import from_document
from tests.bench.accuracy.drawn.edits import generator
from tests.bench.accuracy.drawn.footage import half_of
from tests.bench.accuracy.media.copies import CACHE, Job, Made, made
from tests.bench.accuracy.media.material import Item, listed, original_of

FOLDER: Final = CACHE / "pictures"
SPAN: Final = (0.15, 0.85)
"""Shares of the shorter medium between which moments are drawn."""
MOMENTS: Final = 2
"""Stills of each fake."""
TRIED: Final = 3
"""Pictures that are tried for each stand-in: not all show a face with room under it."""
Kind = Literal["swapped", "dressed"]
Half = Literal["development", "held out"]


@dataclass(frozen=True, slots=True)
class Pair:
    """A fake picture and its original. `kind`: of a fake's footage (`swapped`), or a stand-in (`dressed`).
    `videos`: the fake and the original that they are stills of. `face`: of the original, as for an edit."""

    name: str
    kind: Kind
    group: str
    fake: Path
    original: Path
    videos: tuple[Item, Item] | None
    face: tuple[float, float, float] | None


def gathered(folder: Path, half: Half, seed: int, most: int) -> tuple[list[Pair], list[Path]]:
    """Return the pairs of a half, and unrelated pictures, drawn by `seed`. `most`: pairs of videos, and
    stand-ins; 0: all."""
    items, _ = listed(folder)
    videos = [item for item in items if not item.still and item.role in {"fake", "original", "clip"}]
    tuned = {item.group for item in videos if half_of(item.family) == "development"}
    mine = [item for item in videos if (item.group in tuned) == (half == "development")]
    fakes = [item for item in mine if item.role == "fake"]
    both = [(fake, original) for fake in fakes if (original := original_of(fake, items)) is not None]
    pairs = _swapped(sorted(both, key=lambda pair: pair[0].sha256)[: most or None], seed)
    shown = {item.group for pair in both for item in pair}
    sources = [item for item in mine if item.role != "fake" and item.group not in shown]
    alone = {item.group: item for item in [*sources, *(original for _, original in both)]}
    ordered = sorted(alone.values(), key=lambda item: item.sha256)
    pairs += _dressed(ordered[: TRIED * most or None], seed, most)
    return pairs, [_still(item, 0.5) for item in _others(items, mine)]


def _others(items: Sequence[Item], mine: Sequence[Item]) -> list[Item]:
    """Return clips for collages whose footage is not among the pairs'."""
    shown = {item.group for item in mine}
    clips = [item for item in items if item.role == "clip" and not item.still and item.group not in shown]
    return sorted(clips, key=lambda item: item.sha256)[:12]


def _swapped(both: Sequence[tuple[Item, Item]], seed: int) -> list[Pair]:
    pairs = []
    for fake, original in both:
        rng = generator(seed, "moments", fake.sha256)
        for number in range(MOMENTS):
            low, high = (SPAN[0] + (SPAN[1] - SPAN[0]) * (number + part) / MOMENTS for part in (0, 1))
            share = rng.uniform(low, high) * min(1.0, original.duration / fake.duration)
            pictures = (
                _still(fake, share),
                _still(original, share * fake.duration / original.duration),
            )
            pairs.append(
                Pair(f"{fake.name}@{number}", "swapped", fake.group, *pictures, (fake, original), None)
            )
    return [
        _faced(pair, face)
        for pair, face in zip(pairs, _faces([pair.original for pair in pairs]), strict=True)
    ]


def _dressed(sources: Sequence[Item], seed: int, most: int) -> list[Pair]:
    """Return stand-ins of those sources that show a face with room under it."""
    stills = [_still(item, generator(seed, "dressed", item.sha256).uniform(*SPAN)) for item in sources]
    pairs = []
    for item, still, face in zip(sources, stills, _faces(stills), strict=True):
        rng = generator(seed, "clothing", item.sha256)
        if face is not None and (fake := _redressed(still, face, rng)) is not None:
            pairs.append(Pair(f"dressed {item.name}", "dressed", item.group, fake, still, None, face))
        if most and len(pairs) >= most:
            break
    return pairs


def _faced(pair: Pair, face: tuple[float, float, float] | None) -> Pair:
    return Pair(pair.name, pair.kind, pair.group, pair.fake, pair.original, pair.videos, face)


def _still(item: Item, share: float) -> Path:
    """Save the frame at a share of a video's length, once."""
    path = FOLDER / "stills" / f"{item.sha256[:20]}-{share:.4f}.png"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(os.fspath(item.path)) as container:
        shown, start = None, (container.start_time or 0) / av.time_base
        for shown in container.decode(video=0):
            if shown.time - start >= share * item.duration:
                break
        assert shown is not None
        Image.fromarray(shown.to_ndarray(format="rgb24")).save(path)
    return path


def _faces(pictures: Sequence[Path]) -> list[tuple[float, float, float] | None]:
    """Return the largest face of each: its centre and width, in shares of the picture."""
    printed = made([Job(str(path), path) for path in pictures], what="finding faces")
    return [_largest(printed[str(path)]) for path in pictures]


def _largest(done: Made) -> tuple[float, float, float] | None:
    document = done.whole.document()
    faces = from_document(document).faces if document else ()
    if not faces:
        return None
    left, top, wide, tall = max(faces, key=lambda face: face.box[2] * face.box[3]).box
    return left + wide / 2, top + tall / 2, wide


def _redressed(still: Path, face: tuple[float, float, float], rng: random.Random) -> Path | None:
    """Save the picture with other clothing; None where there is no room for any."""
    picture = Image.open(still).convert("RGB")
    width, height = picture.size
    x, y, across = face[0] * width, face[1] * height, face[2] * width
    top = y + 0.85 * across
    if height - top < 0.2 * height:
        return None
    mask = Image.new("L", picture.size, 0)
    box = (x - rng.uniform(1.0, 1.5) * across, top, x + rng.uniform(1.0, 1.5) * across, height + 0.3 * across)
    ImageDraw.Draw(mask).rounded_rectangle(box, across * 0.5, fill=255)
    how = rng.choice((_recoloured, _painted, _surface))
    made_of = how(picture, mask, rng)
    soft = mask.filter(ImageFilter.GaussianBlur(max(2.0, across / 20)))
    path = FOLDER / "dressed" / f"{still.stem}-{how.__name__}-{rng.randrange(1 << 24):06x}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.composite(made_of, picture, soft).save(path)
    return path


def _recoloured(picture: Image.Image, mask: Image.Image, rng: random.Random) -> Image.Image:
    """Change the colour and the lightness."""
    colour = np.array([rng.uniform(0.35, 1.6) for _ in range(3)])
    return Image.fromarray(
        np.clip(np.asarray(picture) * colour + rng.uniform(-30, 40), 0, 255).astype(np.uint8)
    )


def _painted(picture: Image.Image, mask: Image.Image, rng: random.Random) -> Image.Image:
    """Fill it from around, by the fast marching method (Telea, 2004)."""
    half = (picture.width // 2, picture.height // 2)
    cells, hole = np.asarray(picture.resize(half)), np.asarray(mask.resize(half))
    painted = cv2.inpaint(cells, (hole > 40).astype(np.uint8), rng.uniform(3, 9), cv2.INPAINT_TELEA)
    return Image.fromarray(painted).resize(picture.size)


def _surface(picture: Image.Image, mask: Image.Image, rng: random.Random) -> Image.Image:
    """Draw a shaded surface in a skin tone."""
    tone = np.array(rng.choice(((224, 172, 145), (141, 85, 60), (255, 219, 190), (92, 58, 42))), dtype=float)
    y, x = np.mgrid[0 : picture.height, 0 : picture.width]
    waves = np.sin(x / picture.width * rng.uniform(4, 12) + rng.uniform(0, 6)) * np.cos(
        y / picture.height * 8
    )
    return Image.fromarray(np.clip(tone + 22 * waves[..., None], 0, 255).astype(np.uint8))
