"""A fingerprint: the values that the algorithms computed for one media file, with their times.

Values are raw bytes, so that a fingerprint can be compared, hashed and sent without arrays. Binary hashes are
big-endian bit strings of 32 bytes; vectors are little-endian float16, L2-normalised.
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
"""The frame without its uniform border, if it has one."""
CONTENT: Final = "content"
"""The picture inside a decorative frame, for example between blurred bars or in an app's screen."""
BOXES: Final = ("box.1", "box.2", "box.3", "box.4")
"""Pictures in the picture, beside, over or under other content (query views)."""
TURNS: Final = ("turn.90", "turn.180", "turn.270")
"""The whole frame, rotated counter-clockwise by that many degrees (query views)."""
UNTURNED: Final = "unturned"
"""A still as its pixels lie in the file, if its EXIF orientation turns them; PDQ alone. Other systems hash
this."""

MIDDLE: Final = "middle"
"""The middle of a wide frame, three quarters as wide as high: what an upright crop keeps."""

STORED_VIEWS: Final = frozenset({FULL, TRIM, CONTENT, MIDDLE, UNTURNED})
"""Views stored for an asset: those that show the asset itself. A picture in its picture may belong to
anybody, most often the original beside the fake."""
PLAIN_VIEWS: Final = (FULL, TRIM, CONTENT, *BOXES, *TURNS)
_BOTH_WAYS: Final = tuple(f"{view}{end}" for view in PLAIN_VIEWS[1:] for end in ("", ".mirror"))
VIEWS: Final = tuple(dict.fromkeys((FULL, MIRROR, *_BOTH_WAYS, MIDDLE, UNTURNED)))
MIRRORED_VIEWS: Final = frozenset(view for view in VIEWS if view == MIRROR or view.endswith(".mirror"))

Faces = bool | Literal["seen"]
"""Treatment of faces: True describes them, `seen` only notes whether there are any, False skips detection."""
Sampling = Literal["digest", "glance", "keyframes", "full"]
"""Share of a file that is examined: `digest` only its SHA-256, `glance` the pictures of its keyframes,
`keyframes` also their faces and the last picture, `full` all of it."""

Box = tuple[float, float, float, float]
"""x, y, width and height as shares of the frame, 0 to 1."""
WHOLE: Final[Box] = (0.0, 0.0, 1.0, 1.0)

MIN_QUALITY: Final = 50
"""PDQ quality (0-100) under which a frame is not compared: black, white, noise, gradients. Measured: without
this limit, crops of flat frames match falsely."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One sampled frame in one view.

    `time` and `duration` in seconds: the sample covers [time, time + duration), because a run of nearly equal
    frames is kept as one. `phash256` and `pdq`: 32 bytes. `sscd`: 1,024 bytes (512 x float16), None if it was
    not computed. `quality`: PDQ's 0-100. `box`: the part of the frame that the view shows. `mosaic`: 290
    bytes, only until the frames become a fingerprint, which lists them apart (`Fingerprint.mosaics`).
    """

    time: float
    duration: float
    view: str
    quality: int
    phash256: bytes | None = None
    pdq: bytes | None = None
    sscd: bytes | None = None
    box: Box = WHOLE
    mosaic: bytes | None = None

    @property
    def stored(self) -> bool:
        """Return whether the frame's view is stored for an asset."""
        return self.view in STORED_VIEWS

    @property
    def mirrored(self) -> bool:
        return self.view in MIRRORED_VIEWS

    @property
    def informative(self) -> bool:
        return self.quality >= MIN_QUALITY


@dataclass(frozen=True, slots=True)
class Face:
    """One face in one sampled frame. Biometric data.

    `box`: x, y, width, height as shares of the frame (0-1). `pixels`: the face box's shorter side in pixels
    of the source. `score`: the detector's confidence (0-1). `quality`: reliability of the embedding (size,
    sharpness, pose), 0-1. `track`: faces of one person over time share this number. `embedding`: 256 bytes,
    128 x float16, mirror-averaged and L2-normalised. `expression`: position of mouth and eyes, 54 signed
    bytes (see `registry.catalogue.fingerprints.model.expressions`); empty if unknown.
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
class Mosaic:
    """The coarsest picture of one sampled frame (`registry.catalogue.fingerprints.model.mosaics`).

    `time` in seconds. `view` and `box`: the part of the frame that it shows. `value`: 290 bytes.
    """

    time: float
    view: str
    value: bytes
    box: Box = WHOLE


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """All values computed for one media file.

    `algorithms` names every algorithm that ran, also one without a result (no face in any frame). A missing
    value can thus be told from an algorithm that did not run.
    """

    media: Media
    algorithms: tuple[str, ...]
    frames: tuple[Frame, ...]
    faces: tuple[Face, ...] = ()
    videohash: bytes | None = None
    audio: bytes | None = None
    """Values of chromaprint.1, little-endian uint32, one every 1365/11025 s from the first picture on. None
    if there is no sound, or less than 2.7 s of it."""
    mosaics: tuple[Mosaic, ...] = ()
    """Values of mosaic.1, in order of time: of all sampled frames, also of those that are stored as a run."""
    peaks: bytes | None = None
    """Values of peaks.1, little-endian uint32, in order of time. None if there are none."""
    notes: tuple[str, ...] = field(default=())
    """Stable codes for the reader: `no_sscd`, `no_chromaprint`, `truncated_media` …"""

    @property
    def model(self) -> str:
        """Return the model version of the frames' vectors (`sscd`). Vectors of different versions are not
        comparable."""
        return algorithms.version_of(self.algorithms, SSCD) or SSCD.name

    def informative(self) -> Iterator[Frame]:
        """Yield the frames that are informative enough to be compared."""
        return (frame for frame in self.frames if frame.informative)

    def without_faces(self) -> Fingerprint:
        """Return a copy without biometric data, as if no face detector had run."""
        remaining = tuple(name for name in self.algorithms if name != FACE_SFACE.name)
        return replace(self, algorithms=remaining, faces=())

    @property
    def distinct_instants(self) -> int:
        """Return the number of distinct times; 1 for a still or a GIF of one distinct frame."""
        return len({frame.time for frame in self.frames})
