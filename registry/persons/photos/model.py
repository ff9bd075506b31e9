"""The photos by which a person is enrolled: which of them serve, and why not. Pure.

A photo is judged by itself, then with the others: the same picture twice tells nothing new, and faces of two
people make no template of one.
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
"""Pixels of the face's shorter side. Measured on 60 people, another photo of theirs at full size: cosine of
the worst 2 % .467 at 60, 50 and 40 pixels, .417 at 32, .301 at 24, where 1 % of strangers reach .29."""
BYSTANDER: Final = 0.7
"""Share of the largest face's side from which another face might be the one that is meant."""
BLURRED: Final = 8.0
"""`sharpness`. Faces of 57 pixels, blurred by a Gaussian of 1 pixel, have 22 and hardly lose; of 2 pixels 6,
and their median cosine with another photo falls from .68 to .50."""
DARK: Final = 12.0
"""`light`. At 19 the cosine falls to .58, at 10 to .49."""
FRONTAL: Final = 0.25
FLAT: Final = 0.4
"""Of 480 photographs the highest was .08; with JPEG quality 5 .13, with 8 colours .3, of a drawn face .67."""
SAME_PICTURE: Final = 40
"""Bits of 256. Different photos of one person are 100 and more apart, what was saved anew under 30."""
SAME_PERSON: Final = 0.363
"""Cosine that .1 % of strangers reach, and all pairs of photos of one person that were measured."""

ADVICE: Final[Mapping[Reason, str]] = {
    "unreadable": "It cannot be read as a JPEG, PNG or WebP picture; save it as JPEG and send that.",
    "too_large": f"It has more bytes than {MOST_BYTES:,}, or too many pixels; scale it down and send that.",
    "not_read": "The service failed to read it, which says nothing of the photo; send it again.",
    "no_face": "No face is found in it; one that is tiny, masked, hidden, drawn or seen from behind may be "
    "none to this service. Send a photo that shows the face closely and from the front.",
    "several_faces": "It shows several people of about the same size (`faces` says where), and nothing says "
    "whose face is meant; cut it to the person's face.",
    "face_too_small": f"The face is smaller than {SMALLEST:.0f} pixels; send a larger or closer photo.",
    "too_blurred": "The face is blurred; send a sharper photo.",
    "too_dark": "The face is too dark; send a photo with more light.",
    "profile": "The face looks aside; send a photo from the front.",
    "not_a_photo": "It looks drawn or rendered, not photographed; send a photograph.",
    "same_photo_twice": "It is the same picture as another photo of this person; send a different one.",
    "different_people": "Its face is not that of most other photos, or no face is in most of them; remove "
    "the photos of whoever is not meant.",
}
"""What each reason means and what to do, for people."""


@dataclass(frozen=True, slots=True, repr=False)
class SeenFace:
    """A face in a photo. `pixels`: shorter side in the photo; `score`: the detector's; `front`: 1 frontal, 0
    in profile. Of the middle of the aligned chip: `sharpness`, the variance of its Laplacian as if its mean
    grey level were 100; `light`, that level, 0 to 255; `flat`, the share of pixels that equal their
    neighbours. `embedding`: 128 little-endian float16 of unit length; empty where the photo does not serve by
    itself, and of bystanders, whom nobody has asked."""

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
    """What a worker saw: the picture's phash256.1, that of its mirror image, its faces, the largest first."""

    phash: bytes
    mirrored: bytes
    faces: tuple[SeenFace, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """`reason` None: the photo serves. `other`: the photo that it repeats."""

    reason: Reason | None
    other: UUID | None = None


def by_itself(reading: Reading) -> Reason | None:
    """Why a photo cannot serve whatever the others show; the gravest fault first."""
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
    return next((reason for reason, found in faults.items() if found), None)


def together(readings: Mapping[UUID, Reading]) -> dict[UUID, Judgement]:
    """Judge the photos of one person, in the order in which they came.

    The photos that serve show one person: the one whom most of them show. Where two are shown equally often,
    nobody can say who is meant, and none serves.
    """
    judged: dict[UUID, Judgement] = {}
    serving: list[UUID] = []
    for photo, reading in readings.items():
        reason = by_itself(reading)
        twin = None if reason else next((id_ for id_ in serving if _repeats(readings[id_], reading)), None)
        if twin is not None:
            judged[photo] = Judgement("same_photo_twice", twin)
        elif reason:
            judged[photo] = Judgement(reason)
        else:
            serving.append(photo)
    meant = _meant(serving, readings)
    return judged | {photo: Judgement(None if photo in meant else "different_people") for photo in serving}


def vectors(readings: Sequence[Reading]) -> bytes:
    """The face vectors of photos that serve, one after another."""
    return b"".join(reading.faces[0].embedding for reading in readings)


def content_type(beginning: bytes) -> str | None:
    """The type that a file's first bytes announce, of those that are taken."""
    for name, signature in SIGNATURES.items():
        if beginning.startswith(signature) and (name != "image/webp" or beginning[8:12] == b"WEBP"):
            return name
    return None


def _repeats(reading: Reading, other: Reading) -> bool:
    return (
        min(_distance(reading.phash, other.phash), _distance(reading.phash, other.mirrored)) <= SAME_PICTURE
    )


def _distance(item: bytes, other: bytes) -> int:
    return (int.from_bytes(item) ^ int.from_bytes(other)).bit_count()


def _meant(photos: Sequence[UUID], readings: Mapping[UUID, Reading]) -> set[UUID]:
    """The photos of the person whom most of them show; none where two are shown equally often."""
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
    """A reading as JSON, to be sealed."""
    return {
        "phash": reading.phash.hex(),
        "mirrored": reading.mirrored.hex(),
        "faces": [{**asdict(face), "embedding": face.embedding.hex()} for face in reading.faces],
    }


def from_json(said: Mapping[str, Any]) -> Reading:
    """What `to_json` has made."""
    faces = [
        SeenFace(**{**face, "box": tuple(face["box"]), "embedding": bytes.fromhex(face["embedding"])})
        for face in said["faces"]
    ]
    return Reading(bytes.fromhex(said["phash"]), bytes.fromhex(said["mirrored"]), tuple(faces))
