"""Lip-sync made here: into each frame of a clip the mouth of another moment of it, so that the face stays
and what it says does not. Registered as `lip_sync` and as `face_swap`; decided on documents, without a
service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import av
import cv2
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from registry.catalogue.entries.model.entry import Candidate, Manipulation, Policy, Query
from registry.catalogue.fingerprints.model import mosaics, timeline
from registry.catalogue.fingerprints.model.document import from_document
from registry.catalogue.fingerprints.model.fingerprint import FULL
from registry.catalogue.media.model import Role
from registry.matching.decision.model import decision
from tests.bench.accuracy.media.copies import Made, ffmpeg, made, processes, progress
from tests.bench.accuracy.media.material import Item, spread
from tests.bench.accuracy.media.recipes import encoded
from tests.bench.faces import pairs
from tests.bench.faces.pairs import CLEAN, RESENT, key
from tests.bench.faces.photographs import CACHE
from workers.faces import geometry
from workers.faces.detector import Yunet
from workers.faces.geometry import CHIP, Points

VERSION: Final = 1
MOST: Final = 20
"""Clips that are tried: originals of fakes and ordinary clips, evenly."""
SECONDS: Final = 6.0
LEAST: Final = 4.5
RATE: Final = 25
EVERY: Final = 2
"""Frames between two in which the face is sought; between them its landmarks are interpolated."""
SEEN: Final = 0.95
LEAST_PIXELS: Final = 70.0
JUMP: Final = 0.5
"""Share of its own width by which a face may move from one frame sought to the next: more is a cut."""
MOUTH: Final = ((56, 92), (26, 17))
"""Centre and half axes of the ellipse that is replaced, in the aligned chip; its edge is feathered by ..."""
FEATHER: Final = 4.0
SHIFT: Final = 3
"""Frames beyond half the clip from which the mouth is taken."""

Pixels = NDArray[np.uint8]
Frames = list[Pixels]


@dataclass(frozen=True, slots=True)
class Lip:
    """What was said of one made fake and of its footage, re-sent: by how it was registered and whether the
    original was."""

    name: str
    manipulation: Manipulation
    known: bool
    copy: str
    original: str


def measure(items: Sequence[Item], *, most: int = MOST) -> list[Lip]:
    """Make fakes of what is suitable among the items, and decide."""
    suitable = [item for item in items if item.role in {"original", "clip"} and item.duration >= LEAST]
    once = {item.group: item for item in suitable if item.category in {"clips", "deepfake_pairs"}}
    with processes() as pool:
        futures = {pool.submit(_make, item): item for item in spread(list(once.values()), most)}
        ready = progress(as_completed(futures), len(futures), "making lip-sync")
        lips = [_items(futures[future], *found) for future in ready if (found := future.result())]
    lips.sort(key=lambda pair: pair[0].name)
    both = [item for pair in lips for item in pair]
    done = made(pairs.jobs(both), what="re-sending and fingerprinting lip-sync") if both else {}
    return [
        _decide(fake, genuine, done, manipulation, known=known)
        for manipulation in ("lip_sync", "face_swap")
        for known in (False, True)
        for fake, genuine in lips
    ]


def _items(source: Item, fake: Path, genuine: Path) -> tuple[Item, Item]:
    one, other = (
        replace(
            source,
            path=path,
            name=f"{source.name} {what}",
            sha256=f"{VERSION}{what[0]}{source.sha256}",
            duration=min(SECONDS, source.duration),
            fps=float(RATE),
            whole=True,
        )
        for path, what in ((fake, "lip-sync"), (genuine, "as it was"))
    )
    return one, other


def _decide(
    fake: Item, genuine: Item, done: Mapping[str, Made], manipulation: Manipulation, *, known: bool
) -> Lip:
    candidates = [_candidate(done[key(fake, CLEAN)], "fake", manipulation)]
    if known:
        candidates.append(_candidate(done[key(genuine, CLEAN)], "original", manipulation))
    copy, original = (
        decision.decide(_query(done[key(item, RESENT.name)]), candidates).verdict for item in (fake, genuine)
    )
    return Lip(fake.name, manipulation, known, copy, original)


def _candidate(item: Made, role: Role, manipulation: Manipulation) -> Candidate:
    fingerprint = from_document(item.whole.document())
    frames, faces = timeline.of_fingerprint(fingerprint)
    media = fingerprint.media
    return Candidate(
        asset_id=uuid4(),
        entry_id=UUID(int=1),
        role=role,
        sha256=media.sha256,
        kind=media.kind,
        duration=media.duration,
        title="",
        bank="",
        tier="reviewed",
        original_tier="reviewed",
        manipulation=manipulation,
        own=True,
        policy=Policy(),
        references=(),
        frames=frames,
        faces=faces,
        mosaics=mosaics.of_mosaics([coarse for coarse in fingerprint.mosaics if coarse.view == FULL]),
    )


def _query(item: Made) -> Query:
    fingerprint = from_document(item.whole.document())
    return Query.of(fingerprint, *timeline.of_fingerprint(fingerprint))


def _make(item: Item) -> tuple[Path, Path] | None:
    """The fake and the footage as it was, both encoded alike; None where no face stays in view."""
    folder = CACHE / f"lips-{VERSION}"
    fake, genuine, never = (folder / f"{item.sha256[:20]}{end}" for end in (".lip.mp4", ".mp4", ".none"))
    if never.exists():
        return None
    if not fake.exists():
        frames = filmed(item, genuine)
        landmarks = landmarks_of(frames)
        if landmarks is None:
            never.touch()
            return None
        write(_spoken(frames, landmarks), fake)
    return fake, genuine


def filmed(item: Item, path: Path) -> Frames:
    """Write the first seconds of a clip to `path`, as all are encoded, and return their frames."""
    even = f"scale=trunc(iw/2)*2:trunc(ih/2)*2,fps={RATE}"
    ffmpeg(["-t", f"{SECONDS:g}", "-i", str(item.path), "-an", "-vf", even, *encoded(16)], path)
    with av.open(str(path)) as container:
        return [_pixels(frame) for frame in container.decode(video=0)]


def _pixels(frame: av.VideoFrame) -> Pixels:
    return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)


def landmarks_of(frames: Frames) -> list[Points] | None:
    """Of the largest face in every frame; None where it is small, is gone, or jumps."""
    detector, sought = Yunet(), {}
    for index in range(0, len(frames), EVERY):
        found = detector.detect(frames[index])
        if found and min(found[0].box[2:]) >= LEAST_PIXELS:
            sought[index] = found[0].points
    if len(sought) < SEEN * len(range(0, len(frames), EVERY)):
        return None
    for before, after in pairwise(sought.values()):
        width = float(np.linalg.norm(before[0] - before[1])) * 2
        if float(np.linalg.norm(after.mean(axis=0) - before.mean(axis=0))) > JUMP * width:
            return None
    at = np.array(list(sought))
    points = np.array(list(sought.values())).reshape(len(at), -1)
    every = np.arange(len(frames))
    return list(np.stack([np.interp(every, at, column) for column in points.T], axis=1).reshape(-1, 5, 2))


def _spoken(frames: Frames, landmarks: list[Points]) -> Frames:
    mask = feathered(*MOUTH)
    other = [(index + len(frames) // 2 + SHIFT) % len(frames) for index in range(len(frames))]
    return [
        put(frames[index], landmarks[index], frames[donor], landmarks[donor], mask)
        for index, donor in enumerate(other)
    ]


def feathered(centre: tuple[int, int], axes: tuple[int, int]) -> NDArray[np.float32]:
    """Return an ellipse in the aligned chip, 1 inside, with a soft edge."""
    mask = np.zeros((CHIP, CHIP), np.float32)
    cv2.ellipse(mask, centre, axes, 0, 0, 360, 1.0, -1)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), FEATHER), np.float32)


def put(
    frame: Pixels, points: Points, donor: Pixels, donor_points: Points, mask: NDArray[np.float32]
) -> Pixels:
    """The frame with a part of the donor's face, as light as what was there. `mask`: the part, in the aligned
    chip."""
    size = (frame.shape[1], frame.shape[0])
    moved = cv2.warpAffine(donor, geometry.similarity(donor_points, points), size, flags=cv2.INTER_CUBIC)
    back = cv2.invertAffineTransform(geometry.similarity(points))
    share = np.asarray(cv2.warpAffine(mask, back, size))[..., np.newaxis]
    here = share[..., 0] > 0.05
    lighter = frame[here].mean(axis=0) - moved[here].mean(axis=0) if here.any() else 0.0
    return np.clip(frame * (1 - share) + (moved + lighter) * share, 0, 255).astype(np.uint8)


def write(frames: Frames, path: Path) -> None:
    partial = path.with_suffix(".partial.mp4")
    with av.open(str(partial), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(RATE), options={"crf": "16"})
        assert isinstance(stream, VideoStream)
        stream.height, stream.width, stream.pix_fmt = *frames[0].shape[:2], "yuv420p"
        for pixels in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    partial.replace(path)
