"""A fingerprint: what the algorithms say about one media file, at which times.

Values are raw bytes so that a fingerprint compares, hashes and travels without arrays. Binary hashes
are big-endian bit strings of 32 bytes; vectors are little-endian float16, L2-normalised.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from registry.catalogue.fingerprints.model import algorithms
from registry.catalogue.fingerprints.model.algorithms import FACE_SFACE, SSCD
from registry.catalogue.media.model import Media

FULL: Final = "full"
"""The whole frame as shown."""
MIRROR: Final = "mirror"
"""The whole frame, flipped left to right (a query view; not stored for an asset)."""
TRIM: Final = "trim"
"""The frame without its uniform border, where it has one."""
CONTENT: Final = "content"
"""What stands in a mere frame: between blurred bars, in an app's screen."""
BOXES: Final = ("box.1", "box.2", "box.3")
"""Pictures in the picture: beside, over or under something else that is worth seeing (query views)."""
TURNS: Final = ("turn.90", "turn.180", "turn.270")
"""The whole frame, turned counter-clockwise by so many degrees (query views)."""

STORED_VIEWS: Final = frozenset({FULL, TRIM, CONTENT})
"""Views kept for an asset: those that show the asset itself. A picture in its picture may be anybody's, the
original beside the fake above all."""
PLAIN_VIEWS: Final = (FULL, TRIM, CONTENT, *BOXES, *TURNS)
VIEWS: Final = tuple(
    dict.fromkeys((FULL, MIRROR, *(f"{view}{end}" for view in PLAIN_VIEWS[1:] for end in ("", ".mirror"))))
)
MIRRORED_VIEWS: Final = frozenset(view for view in VIEWS if view == MIRROR or view.endswith(".mirror"))

Faces = bool | Literal["seen"]
"""What is done about faces: true describes them, `seen` only notes whether there are any, false looks for
none."""
Sampling = Literal["digest", "glance", "keyframes", "full"]
"""How much of a file is looked at: its sha256; the pictures of its keyframes; their faces too, and the last
picture; all of it."""

Box = tuple[float, float, float, float]
"""x, y, width and height as shares of the frame, 0 to 1."""
WHOLE: Final[Box] = (0.0, 0.0, 1.0, 1.0)

MIN_QUALITY: Final = 50
"""PDQ quality (0-100) under which a frame says too little to be compared: black, white, noise, gradients
(measured: without it crops of flat frames match falsely)."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One sampled frame in one view.

    `time` and `duration` in seconds: the sample stands for [time, time + duration), since consecutive
    frames that show nearly the same are kept once. `phash256` and `pdq`: 32 bytes. `sscd`: 1,024 bytes
    (512 x float16) or None where it was not computed. `quality`: PDQ's 0-100. `box`: the part of the frame
    that the view shows.
    """

    time: float
    duration: float
    view: str
    quality: int
    phash256: bytes | None = None
    pdq: bytes | None = None
    sscd: bytes | None = None
    box: Box = WHOLE

    @property
    def stored(self) -> bool:
        """Whether it is kept for an asset."""
        return self.view in STORED_VIEWS

    @property
    def mirrored(self) -> bool:
        return self.view in MIRRORED_VIEWS

    @property
    def informative(self) -> bool:
        return self.quality >= MIN_QUALITY


@dataclass(frozen=True, slots=True)
class Face:
    """One face in one sampled frame. Biometric data: see DESIGN's lines not crossed.

    `box`: x, y, width, height as shares of the frame (0-1). `pixels`: the face box's shorter side in
    the source's pixels. `score`: the detector's (0-1). `quality`: 0-1, how far the embedding is to be
    trusted (size, sharpness, pose). `track`: faces of one person through time share a number.
    `embedding`: 256 bytes, 128 x float16, mirror-averaged and L2-normalised. `expression`: how mouth and
    eyes stand, 54 signed bytes (see `registry.catalogue.fingerprints.model.expressions`); empty where it
    is not known.
    """

    time: float
    box: tuple[float, float, float, float]
    pixels: float
    score: float
    quality: float
    track: int
    embedding: bytes
    expression: bytes = b""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """All that was computed of one media file. `algorithms` names what ran, also where it found nothing
    (no face in any frame), so that absence of a value is told from absence of the algorithm."""

    media: Media
    algorithms: tuple[str, ...]
    frames: tuple[Frame, ...]
    faces: tuple[Face, ...] = ()
    videohash: bytes | None = None
    audio: bytes | None = None
    """What is heard: chromaprint.1's values, little-endian uint32, one each 1365/11025 s from the first
    picture on; None where there is no sound, or less than 2.7 s of it."""
    notes: tuple[str, ...] = field(default=())
    """Stable codes of what a reader should know: `no_sscd`, `no_chromaprint`, `truncated_media` …"""

    @property
    def model(self) -> str:
        """Whose the frames' vectors (`sscd`) are: of two versions nothing is compared."""
        return algorithms.version_of(self.algorithms, SSCD) or SSCD.name

    def informative(self) -> Iterator[Frame]:
        """The frames that say enough to be compared."""
        return (frame for frame in self.frames if frame.informative)

    def without_faces(self) -> Fingerprint:
        """As if nobody had looked for faces: nothing biometric is left."""
        others = tuple(name for name in self.algorithms if name != FACE_SFACE.name)
        return replace(self, algorithms=others, faces=())

    @property
    def distinct_instants(self) -> int:
        """How many different moments were kept; 1 for a still or a GIF of one distinct frame."""
        return len({frame.time for frame in self.frames})
