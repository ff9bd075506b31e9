"""The media of a drawn run: what is registered, edited and looked up, in halves and by kind of footage."""

from __future__ import annotations

import hashlib
import itertools
import os
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

import av
import numpy as np

from registry.catalogue.fingerprints.model import timeline
from registry.catalogue.fingerprints.model.document import from_document
from registry.matching.decision.model.evidence import face_bar
from tests.bench.accuracy.drawn.drawing import Seen
from tests.bench.accuracy.media.copies import Made
from tests.bench.accuracy.media.material import FAKES, STRANGE, Item, listed, original_of, spread

Half = Literal["development", "held out"]
HALVES: Final[tuple[Half, Half]] = ("development", "held out")
KINDS: Final = ("talking head, still background", "moving camera", "crowd", "animation", "other")
ANIMATED: Final = frozenset({"sad_art2", "sad_still", "lipku", "tpsm_robot"})
"""Groups of drawn and rendered people, seen by eye. In a folder without such names this changes nothing."""
LONGEST: Final = 9.0
"""Seconds of a source that are edited: its first."""
CARRIERS: Final = 10
CARRIER_SECONDS: Final = 5.0
STRANGERS: Final = 400
SAME_MOMENT: Final = 0.1
"""Seconds within which faces of a fake and its original are of one moment."""
CROWD: Final = 3
"""Faces at once, in the median, that make a crowd."""
STILL: Final = 3.0
"""Grey levels by which the rim of a still camera's picture may change in half a second, in the median."""
TALKING: Final = 0.6
"""Share of the seconds in which a talking head shows a face."""


@dataclass(frozen=True, slots=True)
class Footage:
    """`registered`: fakes and clips, each an entry. `originals`: by the name of the fake made of them.
    `carriers`: unrelated clips for edits, the liveliest first. `strangers`: looked up as they are."""

    registered: tuple[Item, ...]
    originals: Mapping[str, Item]
    carriers: tuple[Item, ...]
    strangers: tuple[Item, ...]
    notes: tuple[str, ...]

    def everything(self) -> tuple[Item, ...]:
        """Return all files that are fingerprinted as they are."""
        return (*self.registered, *self.each_original(), *self.strangers)

    def each_original(self) -> tuple[Item, ...]:
        """Return the originals, each once."""
        return tuple({item.name: item for item in self.originals.values()}.values())

    def sources(self, half: Half, most: int) -> list[Item]:
        """Return at most so many registered videos of a half. Fewer are a part of more."""
        return _some(self.registered, half, most)

    def genuine(self, half: Half, most: int) -> list[Item]:
        """Return at most so many originals of a half that are videos."""
        return _some(self.each_original(), half, most)


def _some(items: Sequence[Item], half: Half, most: int) -> list[Item]:
    """Return at most `most` videos of a half (0: all), in the order of their SHA-256."""
    mine = [item for item in items if not item.still and half_of(item.group) == half]
    ordered = sorted(mine, key=lambda item: item.sha256)
    return ordered[:most] if most else ordered


def half_of(group: str) -> Half:
    """Return the half of a footage group, by the SHA-256 of its name."""
    return HALVES[int(hashlib.sha256(group.encode()).hexdigest(), 16) % 2]


def gathered(folder: Path, *, quick: bool) -> Footage:
    """Read the folder's manifest and choose by rule. Raises `SystemExit` if there is nothing to edit."""
    items, notes = listed(folder)
    fakes = [item for item in items if item.role in FAKES]
    shared = Counter(item.group for item in items)
    clips = [item for item in items if item.role == "clip"]
    fitting = [item for item in clips if shared[item.group] == 1 and item.duration >= CARRIER_SECONDS]
    livelier = sorted(fitting, key=lambda item: (-item.weight, item.name))
    carriers = tuple(spread(livelier, CARRIERS))
    others = [item for item in clips if item not in carriers]
    registered = (*fakes, *others)
    if not carriers or not any(not item.still for item in registered):
        message = f"{folder}/manifest.csv names too few fakes and clips: nothing can be edited"
        raise SystemExit(message)
    originals = {fake.name: found for fake in fakes if (found := original_of(fake, items)) is not None}
    alone = [item for item in items if item.category == "edits"]
    strange = spread([item for item in items if item.role in STRANGE], 20 if quick else STRANGERS)
    strangers = (*carriers, *(() if quick else alone), *strange)
    return Footage(
        tuple(map(_shortened, registered)),
        {name: _shortened(item) for name, item in originals.items()},
        carriers,
        strangers,
        tuple(notes),
    )


def _shortened(item: Item) -> Item:
    return replace(item, duration=LONGEST, whole=False) if item.duration > LONGEST else item


def faces_of(made: Made) -> tuple[Seen, ...]:
    """Return the faces of a file's longest track, in order of time."""
    document = made.whole.document()
    faces = from_document(document).faces if document else ()
    if not faces:
        return ()
    (track, _), *_ = Counter(face.track for face in faces).most_common(1)
    return tuple(
        Seen(face.time, face.box[0] + face.box[2] / 2, face.box[1] + face.box[3] / 2, face.box[2])
        for face in sorted(faces, key=lambda face: face.time)
        if face.track == track and face.time <= LONGEST
    )


def keeps_face(fake: Made, original: Made) -> bool:
    """Tell whether a fake shows its original's face, as lip-syncs do: most faces of the same moments are the
    same."""
    documents = [made.whole.document() for made in (fake, original)]
    sides = [from_document(document).faces for document in documents if document]
    if len(sides) < 2 or not all(sides):
        return False
    left, right = map(timeline.of_faces, sides)
    apart = np.abs(left.times[:, None] - right.times[None, :])
    cosines = np.where(apart <= SAME_MOMENT, left.embeddings @ right.embeddings.T, -1.0).max(axis=1)
    cosines = cosines[apart.min(axis=1) <= SAME_MOMENT]
    return len(cosines) > 0 and float(np.median(cosines)) >= face_bar(float(np.median(left.pixels)))


def kind_of(item: Item, made: Made) -> str:
    """Return the kind of a source's footage, one of KINDS."""
    if item.group in ANIMATED:
        return "animation"
    document = made.whole.document()
    fingerprint = from_document(document) if document else None
    faces = [face for face in fingerprint.faces if face.time <= LONGEST] if fingerprint else []
    at_once = Counter(face.time for face in faces)
    if at_once and statistics.median(at_once.values()) >= CROWD:
        return "crowd"
    still = rim_motion(item.path) < STILL
    if still and len(at_once) >= TALKING * min(item.duration, LONGEST):
        return "talking head, still background"
    return "other" if still else "moving camera"


def rim_motion(path: Path) -> float:
    """Return the median change of the picture's rim from one half second to the next, in grey levels."""
    rims, due = [], 0.0
    with av.open(os.fspath(path)) as container:
        for frame in container.decode(video=0):
            if frame.time < due:
                continue
            if frame.time > LONGEST:
                break
            due = frame.time + 0.5
            grey = frame.reformat(width=32, height=18, format="gray").to_ndarray().astype(np.float64)
            rims.append(np.concatenate([grey[:2].ravel(), grey[:, :2].ravel(), grey[:, -2:].ravel()]))
    changes = [float(np.median(np.abs(after - before))) for before, after in itertools.pairwise(rims)]
    return statistics.median(changes) if changes else 0.0
