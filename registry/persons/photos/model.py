"""Photos for enrolment: which of them are usable, and why the others are not. Pure.

A photo is judged alone, then with the others. A repeated picture adds no information, and faces of two people
cannot form one template.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal
from uuid import UUID

import numpy as np

Reason = Literal[
    "unreadable",
    "too_large",
    "not_read",
    "no_face",
    "several_faces",
    "face_too_small",
    "too_blurred",
    "too_dark",
    "profile",
    "not_a_photo",
    "same_photo_twice",
    "different_people",
]
Box = tuple[float, float, float, float]
"""x, y, width, height as shares of the picture."""

MOST_PHOTOS: Final = 20
MOST_BYTES: Final = 20_000_000
SIGNATURES: Final = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n", "image/webp": b"RIFF"}

SMALLEST: Final = 40.0
"""Smallest shorter side of a face, in pixels. Measured on 60 people, against another full-size photo of each:
the cosine of the worst 2 % is .467 at 60, 50 and 40 pixels, .417 at 32, .301 at 24. 1 % of strangers reach
.29."""
BYSTANDER: Final = 0.7
"""A second face of at least this share of the largest face's side may be the intended one."""
BLURRED: Final = 8.0
"""Lowest `sharpness`. Faces of 57 pixels with a Gaussian blur of 1 pixel have 22 and lose almost nothing.
With 2 pixels they have 6, and their median cosine with another photo falls from .68 to .50."""
DARK: Final = 12.0
"""Lowest `light`. At 19 the cosine falls to .58, at 10 to .49."""
FRONTAL: Final = 0.25
FLAT: Final = 0.4
"""Highest `flat`. The maximum of 480 photographs is .08; with JPEG quality 5 .13, with 8 colours .3; a drawn
face has .67."""
SAME_PICTURE: Final = 40
"""Bits of 256. Different photos of one person differ by 100 or more, re-encoded copies by less than 30."""
SAME_PERSON: Final = 0.363
"""Cosine reached by .1 % of strangers, and by all measured pairs of photos of one person."""

ADVICE: Final[Mapping[Reason, str]] = {
    "unreadable": "It cannot be read as a JPEG, PNG or WebP picture; save it as JPEG and send that.",
    "too_large": f"It has more bytes than {MOST_BYTES:,}, or too many pixels; scale it down and send that.",
    "not_read": "The service failed to read it; the photo is not the cause. Send it again.",
    "no_face": "No face was found in it. Faces that are tiny, masked, hidden, drawn or seen from behind "
    "may not be found. Send a photo that shows the face close up and from the front.",
    "several_faces": "It shows several people of about the same size (`faces` says where), so the intended "
    "person is unknown; crop it to the person's face.",
    "face_too_small": f"The face is smaller than {SMALLEST:.0f} pixels; send a larger or closer photo.",
    "too_blurred": "The face is blurred; send a sharper photo.",
    "too_dark": "The face is too dark; send a photo with more light.",
    "profile": "The face looks aside; send a photo from the front.",
    "not_a_photo": "It looks drawn or rendered, not photographed; send a photograph.",
    "same_photo_twice": "It is the same picture as another photo of this person; send a different one.",
    "different_people": "Its face differs from that of most other photos, or no person is in most of them; "
    "remove the photos of other people.",
}
"""Meaning of each reason and what to do, for people."""


@dataclass(frozen=True, slots=True, repr=False)
class SeenFace:
    """A face in a photo. `pixels`: shorter side in the photo; `score`: the detector's; `front`: 1 frontal, 0
    in profile. The next three come from the middle of the aligned chip. `sharpness`: variance of its
    Laplacian, scaled to a mean grey level of 100; `light`: that grey level, 0-255; `flat`: share of pixels
    equal to their neighbours.

    `embedding`: 128 little-endian float16 of unit length. It is empty if the photo is not usable, and for
    bystanders, who have not consented.
    """

    box: Box
    pixels: float
    score: float
    front: float
    sharpness: float
    light: float
    flat: float
    embedding: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Reading:
    """A worker's findings in a photo: phash256.1 of the picture, phash256.1 of its mirror image, and faces,
    largest first."""

    phash: bytes
    mirrored: bytes
    faces: tuple[SeenFace, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """`reason` None: the photo is usable. `other`: the photo that it repeats."""

    reason: Reason | None
    other: UUID | None = None


def by_itself(reading: Reading) -> Reason | None:
    """Return why a photo is unusable regardless of the others, the most serious fault first; None if it has
    no fault."""
    if not reading.faces:
        return "no_face"
    face = reading.faces[0]
    if len(reading.faces) > 1 and reading.faces[1].pixels >= BYSTANDER * face.pixels:
        return "several_faces"
    faults: dict[Reason, bool] = {
        "face_too_small": face.pixels < SMALLEST,
        "not_a_photo": face.flat > FLAT,
        "too_dark": face.light < DARK,
        "too_blurred": face.sharpness < BLURRED,
        "profile": face.front < FRONTAL,
    }
    return next((reason for reason, at_fault in faults.items() if at_fault), None)


def together(readings: Mapping[UUID, Reading]) -> dict[UUID, Judgement]:
    """Judge the photos of one person, in the order of their arrival.

    Usable photos show one person: the one in most of them. If two people are shown equally often, the
    intended person is unknown, and no photo is usable.
    """
    judgements: dict[UUID, Judgement] = {}
    usable: list[UUID] = []
    for photo, reading in readings.items():
        reason = by_itself(reading)
        twin = (
            None
            if reason
            else next((photo_id for photo_id in usable if _repeats(readings[photo_id], reading)), None)
        )
        if twin is not None:
            judgements[photo] = Judgement("same_photo_twice", twin)
        elif reason:
            judgements[photo] = Judgement(reason)
        else:
            usable.append(photo)
    shown_photos = _most_shown(usable, readings)
    return judgements | {
        photo: Judgement(None if photo in shown_photos else "different_people") for photo in usable
    }


def vectors(readings: Sequence[Reading]) -> bytes:
    """Return the concatenated face vectors of usable photos."""
    return b"".join(reading.faces[0].embedding for reading in readings)


def content_type(beginning: bytes) -> str | None:
    """Return the content type by a file's first bytes, or None if it is not accepted."""
    for name, signature in SIGNATURES.items():
        if beginning.startswith(signature) and (name != "image/webp" or beginning[8:12] == b"WEBP"):
            return name
    return None


def _repeats(reading: Reading, other: Reading) -> bool:
    return (
        min(_distance(reading.phash, other.phash), _distance(reading.phash, other.mirrored)) <= SAME_PICTURE
    )


def _distance(value: bytes, other: bytes) -> int:
    return (int.from_bytes(value) ^ int.from_bytes(other)).bit_count()


def _most_shown(photos: Sequence[UUID], readings: Mapping[UUID, Reading]) -> set[UUID]:
    """Return the photos of the person shown in most of them; none if two people are shown equally often."""
    if not photos:
        return set()
    rows = np.stack([np.frombuffer(readings[photo].faces[0].embedding, "<f2") for photo in photos])
    alike = rows.astype(np.float32) @ rows.astype(np.float32).T >= SAME_PERSON
    groups: list[set[int]] = []
    for place in range(len(photos)):
        linked = [group for group in groups if any(alike[place, member] for member in group)]
        groups = [group for group in groups if group not in linked]
        groups.append({place}.union(*linked))
    groups.sort(key=len, reverse=True)
    if len(groups) > 1 and len(groups[0]) == len(groups[1]):
        return set()
    return {photos[place] for place in groups[0]}


def to_json(reading: Reading) -> dict[str, Any]:
    """Return the findings as JSON, to be encrypted."""
    return {
        "phash": reading.phash.hex(),
        "mirrored": reading.mirrored.hex(),
        "faces": [{**asdict(face), "embedding": face.embedding.hex()} for face in reading.faces],
    }


def from_json(findings: Mapping[str, Any]) -> Reading:
    """Parse the result of `to_json`."""
    faces = [
        SeenFace(**{**face, "box": tuple(face["box"]), "embedding": bytes.fromhex(face["embedding"])})
        for face in findings["faces"]
    ]
    return Reading(bytes.fromhex(findings["phash"]), bytes.fromhex(findings["mirrored"]), tuple(faces))
