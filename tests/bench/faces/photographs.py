"""Photographs of faces under conditions, and what the detector and the embedder make of each."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Sequence
from concurrent.futures import as_completed
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Final

from registry.catalogue.fingerprints.model.fingerprint import Face
from registry.catalogue.fingerprints.model.timeline import of_faces
from registry.core.errors import BadMedia
from registry.persons.search.model import likeness
from registry.persons.search.model.likeness import Track
from tests.bench.accuracy.media.copies import CACHE as COPIES
from tests.bench.accuracy.media.copies import code_version, ffmpeg, processes, progress
from tests.bench.accuracy.media.material import Item
from workers.faces.reader import FaceReader
from workers.media import frames, source
from workers.media.limits import Limits
from workers.pipeline.reading import SLACK

CACHE: Final = COPIES.with_name("bench-faces")
VERSION: Final = 1
PLAIN: Final = "as it is"
MISLABELLED: Final = frozenset({"faces/lfw/Mahmoud_Abbas/Mahmoud_Abbas_0012.jpg"})
"""Photographs of somebody else than the manifest says, seen by eye. Where a folder has no such name, this
changes nothing."""

MOVING: Final = "scale=iw*1.1:ih*1.1:flags=bicubic,crop=iw/1.1:ih/1.1:(iw-ow)*t/3:(ih-oh)*t/3"
"""Three seconds over a photograph: what stands still would be sampled once."""


def _video(crf: int, filters: str) -> tuple[str, ...]:
    encode = ("-c:v", "libx264", "-preset", "veryfast", "-crf", str(crf), "-pix_fmt", "yuv420p")
    even = "scale=trunc(iw/2)*2:trunc(ih/2)*2"
    return ("-t", "3", "-r", "12", "-vf", f"{MOVING}{filters},{even}", *encode)


@dataclass(frozen=True, slots=True)
class Condition:
    """What becomes of a photograph: FFmpeg's arguments after the input; none for what it is."""

    name: str
    suffix: str
    options: tuple[str, ...] = ()

    @property
    def video(self) -> bool:
        return self.suffix == ".mp4"


CONDITIONS: Final = (
    Condition(PLAIN, ""),
    Condition("JPEG 20", ".jpg", ("-q:v", "16")),
    Condition("half size, CRF 35", ".mp4", _video(35, ",scale=iw/2:ih/2")),
    Condition("CRF 42", ".mp4", _video(42, "")),
    Condition("dark", ".png", ("-vf", "eq=brightness=-.16:gamma=.6")),
    Condition("mirrored", ".png", ("-vf", "hflip")),
)


@dataclass(frozen=True, slots=True)
class Photograph:
    """A photograph in one condition: whose it is, and the tracks of faces found, the middle one first."""

    name: str
    person: str
    stranger: bool
    tracks: tuple[Track, ...]

    @property
    def face(self) -> Track | None:
        """The face in the middle, that of the person."""
        return self.tracks[0] if self.tracks else None


def read(items: Sequence[Item], condition: Condition) -> list[Photograph]:
    """The photographs with the faces found under a condition, several at a time; kept for the next time."""
    version = code_version()
    found: dict[str, list[Track]] = {}
    with processes() as pool:
        work = partial(_tracks, condition=condition, version=version)
        futures = {pool.submit(work, item): item.name for item in items}
        for future in progress(as_completed(futures), len(futures), f"faces, {condition.name}"):
            found[futures[future]] = future.result()
    return [
        Photograph(item.name, item.group, item.role == "distractor", tuple(found[item.name]))
        for item in items
    ]


def detected(photographs: Sequence[Photograph]) -> float:
    """The share in which there is any face."""
    return sum(bool(photograph.tracks) for photograph in photographs) / max(len(photographs), 1)


def _tracks(item: Item, condition: Condition, version: str) -> list[Track]:
    """The tracks in one photograph, the one nearest to the middle first."""
    kept = CACHE / f"faces-{version}-{VERSION}" / condition.name.replace(" ", "-") / f"{item.sha256}.json"
    if not kept.exists():
        faces = _faces(_under(item, condition))
        kept.parent.mkdir(parents=True, exist_ok=True)
        partial_file = kept.with_name(f"{os.getpid()}.partial")
        partial_file.write_text(json.dumps([_out(face) for face in faces]), encoding="utf-8")
        partial_file.replace(kept)
    faces = [_in(row) for row in json.loads(kept.read_text(encoding="utf-8"))]
    middle = {face.track: _off_centre(face) for face in reversed(faces)}
    return sorted(likeness.tracks(of_faces(faces)), key=lambda track: middle[track.number])


def _under(item: Item, condition: Condition) -> Path:
    if not condition.options:
        return item.path
    folder = CACHE / f"media-{VERSION}" / condition.name.replace(" ", "-")
    made = folder / f"{item.sha256[:20]}{condition.suffix}"
    if not made.exists():
        loop = ("-loop", "1", "-framerate", "12") if condition.video else ()
        ffmpeg([*loop, "-i", str(item.path), *condition.options], made)
    return made


def _faces(path: Path) -> list[Face]:
    """The faces of a file, sampled once a second as for what is registered."""
    limits, reader = Limits(), FaceReader()
    found: list[Face] = []
    try:
        with frames.opened(source.identify(path, limits), limits) as reel:
            wanted = 0.0
            for sample in reel.samples():
                if sample.time >= wanted - SLACK and sample.moment is not None:
                    found += reader.read(sample.seen, sample.moment, still=reel.kind == "image")
                    wanted = sample.time + 1.0
                sample.moment = None
    except BadMedia:
        return []
    return found


def _off_centre(face: Face) -> float:
    left, top, width, height = face.box
    return abs(left + width / 2 - 0.5) + abs(top + height / 2 - 0.5)


def _out(face: Face) -> dict[str, object]:
    row = asdict(face) | {"embedding": base64.b64encode(face.embedding).decode()}
    del row["expression"]
    return row


def _in(row: dict[str, object]) -> Face:
    box: tuple[float, float, float, float] = tuple(row["box"])  # type: ignore[arg-type, assignment]
    payload = {**row, "box": box, "embedding": base64.b64decode(str(row["embedding"]))}
    return Face(**payload)  # type: ignore[arg-type]
