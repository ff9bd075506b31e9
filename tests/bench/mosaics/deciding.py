"""Fakes and originals, edited alike and told apart by their mosaics."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from registry.catalogue.fingerprints.model import mosaics
from registry.catalogue.fingerprints.model.mosaics import Mosaics
from registry.core.numbers import Floats
from registry.matching.alignment.model import matched_filter
from registry.matching.alignment.model.align import Aligned, Frames, Span
from registry.matching.alignment.model.matched_filter import Difference
from registry.matching.alignment.model.shared_moments import Side
from registry.matching.alignment.model.temporal_voting import Line
from tests.bench.accuracy.drawn.footage import half_of
from tests.bench.accuracy.media.copies import ffmpeg, processes, progress
from tests.bench.accuracy.media.material import Item, listed, original_of
from workers.hashers import mosaic
from workers.media import frames, source
from workers.media.limits import Limits

LONGEST: Final = 12.0
"""Seconds of each medium."""
FRAMES: Final = 10
"""Single frames of each copy."""


@dataclass(frozen=True, slots=True)
class Edit:
    """FFmpeg's video filter and CRF. `late`: seconds cut from the start; `believed`: those that the alignment
    finds."""

    name: str
    filters: str
    crf: int
    late: float = 0.0
    believed: float = 0.0


EDITS: Final = (
    Edit("640 px, CRF 32", "scale=640:-2", 32),
    Edit("320 px, CRF 38", "scale=320:-2", 38),
    Edit("256 px, CRF 40, 12 fps", "scale=256:-2,fps=12", 40),
    Edit("10 % crop", "crop=iw*.9:ih*.9:iw*.04:ih*.07,scale=640:-2", 32),
    Edit("between samples", "scale=640:-2", 32, 0.25, 0.1),
    Edit("between samples, 320 px, CRF 38", "scale=320:-2", 38, 0.13),
    Edit("graded", "scale=640:-2,eq=contrast=1.2:brightness=.06:saturation=1.3:gamma=1.15", 32),
    Edit("caption", "scale=640:-2,drawbox=x=iw*.05:y=ih*.8:w=iw*.9:h=ih*.12:color=white:t=fill", 32),
)


@dataclass(frozen=True, slots=True)
class Judged:
    """One comparison. `fake`: it is a copy of the fake. `single`: of one frame. `cpu_ms`: its CPU time."""

    edit: str
    fake: bool
    single: bool
    found: Difference | None
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class Row:
    """Shares of the copies of fakes, then of originals, of one edit."""

    edit: str
    single: bool
    compared: int
    nearer: tuple[float, float]
    decided: tuple[float, float]
    wrong: tuple[int, int]

    def figures(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        kind = "frames" if self.single else "clips"
        near, sure = ("/".join(f"{share:.3f}" for share in pair) for pair in (self.nearer, self.decided))
        wrong = "/".join(map(str, self.wrong))
        return f"{self.edit:34} {self.compared:4} {kind:6} nearer {near}  decided {sure}  wrong {wrong}"


@dataclass(frozen=True, slots=True)
class Decided:
    """The number of pairs, a row for each edit, of clips and of frames, and the CPU time in ms of comparing a
    clip with a pair: the median and the 95th percentile."""

    pairs: int
    rows: tuple[Row, ...]
    cpu_ms: tuple[float, float]


def measure(folder: Path, *, held_out: bool) -> Decided:
    """Edit and compare every pair of a half."""
    pairs = _pairs(folder, held_out=held_out)
    with processes() as pool:
        results = pool.map(_compare, pairs)
        judged = [item for found in progress(results, len(pairs), "editing pairs") for item in found]
    rows = [
        _row(edit.name, [item for item in judged if item.edit == edit.name and item.single == single])
        for single in (False, True)
        for edit in EDITS
    ]
    spent = np.quantile([item.cpu_ms for item in judged if not item.single], (0.5, 0.95))
    return Decided(len(pairs), tuple(rows), (round(float(spent[0]), 1), round(float(spent[1]), 1)))


def _pairs(folder: Path, *, held_out: bool) -> list[tuple[Item, Item]]:
    items, _ = listed(folder)
    fakes = [item for item in items if item.role == "fake" and not item.still]
    pairs = [(fake, original) for fake in fakes if (original := original_of(fake, items)) is not None]
    tuned = [pair for pair in pairs if half_of(pair[0].family) != "held out"]
    if not held_out:
        return tuned
    footage = {fake.group for fake, _ in tuned}
    return [pair for pair in pairs if pair not in tuned and pair[0].group not in footage]


def _compare(pair: tuple[Item, Item]) -> list[Judged]:
    fake, original = (_read(item.path) for item in pair)
    judged = []
    with tempfile.TemporaryDirectory() as held:
        for edit in EDITS:
            for is_fake, item in zip((True, False), pair, strict=True):
                copy = Path(held) / "copy.mp4"
                late = ("-ss", str(edit.late)) if edit.late else ()
                encode = (
                    "-c:v",
                    "libx264",
                    "-preset",
                    "veryfast",
                    "-crf",
                    str(edit.crf),
                    "-pix_fmt",
                    "yuv420p",
                )
                cut = ("-t", str(LONGEST), "-vf", edit.filters, "-pix_fmt", "yuv420p")
                ffmpeg([*late, "-i", str(item.path), *cut, *encode, "-an"], copy)
                query = _read(copy)
                for single, part in _parts(query):
                    sides = (_side(side, edit.believed) for side in (fake, original))
                    began = time.process_time()
                    found = matched_filter.compare(part, *sides)
                    spent = (time.process_time() - began) * 1e3
                    judged.append(Judged(edit.name, is_fake, single, found, spent))
    return judged


def _parts(query: Mosaics) -> Iterator[tuple[bool, Mosaics]]:
    yield False, query
    for at in np.unique(np.linspace(0, len(query) - 1, min(len(query), FRAMES)).round().astype(int)):
        rows = slice(at, at + 1)
        yield True, Mosaics(query.times[rows], query.areas[rows], query.values[rows])


def _read(path: Path) -> Mosaics:
    times, values = [], []
    with frames.opened(source.identify(path, Limits()), Limits()) as reel:
        for sample in reel.samples():
            times.append(sample.time)
            values.append(mosaic.compute(sample.pixels))
            if sample.time > LONGEST:
                break
    return mosaics.of_values(np.array(times), b"".join(values))


def _side(medium: Mosaics, start: float) -> Side:
    none: Floats = np.empty(0)
    no_frames = Frames(none, none, none, none, none, none, none, none.reshape(0, 4))
    span = Span((0.0, LONGEST + 1), (start, LONGEST + 1 + start), 1.0, mirrored=False)
    return Side(medium, Aligned(span, no_frames, Line(1.0, start), 2, (LONGEST, LONGEST), 0.5))


def _row(edit: str, judged: Sequence[Judged]) -> Row:
    sides = [[item.found for item in judged if item.fake == fake] for fake in (True, False)]
    near, sure, wrong = [], [], []
    for fake, found in zip((True, False), sides, strict=True):
        known = [item for item in found if item is not None]
        right = [item.shows_fake if fake else item.shows_original for item in known]
        near.append(sum((item.value < 0.5) == fake for item in known) / max(len(found), 1))
        sure.append(sum(right) / max(len(found), 1))
        wrong.append(sum(item.shows_original if fake else item.shows_fake for item in known))
    single = any(item.single for item in judged)
    return Row(edit, single, len(judged), (near[0], near[1]), (sure[0], sure[1]), (wrong[0], wrong[1]))
