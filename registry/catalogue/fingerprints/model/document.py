"""The fingerprint document, version 1 (`application/vnd.fakeprint+json`): a fingerprint as JSON.

Anyone can compute one offline and send it instead of the media. It holds no picture finer than 24 x 24 grey
cells, and face vectors only on request. Its JSON Schema is `schema/fingerprint-document.v1.json`. Documents
are untrusted input, so this module checks more than the schema: widths, limits, finite vectors.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from registry.catalogue.fingerprints.errors import UnknownDocumentAlgorithm, UnsupportedVersion
from registry.catalogue.fingerprints.model import algorithms, audio, expressions, fields, peaks
from registry.catalogue.fingerprints.model.algorithms import (
    CHROMAPRINT,
    FACE_SFACE,
    MOSAIC,
    OF_SOUND,
    PDQ,
    PEAKS,
    PHASH256,
    SSCD,
    VIDEOHASH,
)
from registry.catalogue.fingerprints.model.fingerprint import (
    FULL,
    VIEWS,
    WHOLE,
    Box,
    Face,
    Fingerprint,
    Frame,
    Mosaic,
)
from registry.catalogue.fingerprints.model.reframed import REFRAMED
from registry.catalogue.media.model import Kind, Media
from registry.core.clock import Clock
from registry.core.errors import BadDocument, DocumentTooLarge

MEDIA_TYPE: Final = "application/vnd.fakeprint+json"
VERSION: Final = 1
MAX_SECONDS: Final = 7 * 24 * 3600.0

_VIEWS: Final = frozenset((*VIEWS, *REFRAMED))
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_NOTE = re.compile(r"[a-z0-9_]{1,40}\Z")


def to_document(fingerprint: Fingerprint, *, faces: bool, generator: str = "fakeprint") -> dict[str, Any]:
    """Return the document of a fingerprint.

    Without `faces`, both the face vectors and the statement that the algorithm ran are left out.
    """
    media = fingerprint.media
    values: dict[str, Any] = {}
    for name in fingerprint.algorithms:
        if name == FACE_SFACE.name:
            if faces:
                values[name] = {"faces": [_face_out(face) for face in fingerprint.faces]}
        elif name == VIDEOHASH.name:
            if fingerprint.videohash is not None:
                values[name] = {"value": fingerprint.videohash.hex()}
        elif name in OF_SOUND:
            values[name] = _sound_out(name, fingerprint)
        elif name == MOSAIC.name:
            if fingerprint.mosaics:
                values[name] = {"frames": [_mosaic_out(mosaic) for mosaic in fingerprint.mosaics]}
        elif name in {PHASH256.name, PDQ.name, fingerprint.model}:
            values[name] = {"frames": list(_frames_out(name, fingerprint.frames))}
    return {
        "version": VERSION,
        "generator": generator,
        "sha256": media.sha256,
        "kind": media.kind,
        "duration": round(media.duration, 3),
        "size": {"bytes": media.bytes, "width": media.width, "height": media.height},
        "notes": list(fingerprint.notes),
        "algorithms": values,
    }


def from_document(document: object) -> Fingerprint:
    """Parse a document into a fingerprint.

    Raises `BadDocument` with code `bad_document` (shape, widths, times), `unsupported_version`,
    `unknown_algorithm` or `document_too_large`. The message names the place.
    """
    doc = fields.mapping(document, "the document")
    version = doc.get("version")
    if isinstance(version, bool) or version != VERSION:
        raise UnsupportedVersion(
            f"Document version {str(version)[:20]} is not understood; this service reads version 1."
        )
    media = _media(doc)
    values = fields.mapping(doc.get("algorithms"), "algorithms")
    unknown = [name for name in values if name not in algorithms.BY_NAME]
    if unknown:
        raise UnknownDocumentAlgorithm(
            f"Unknown algorithm or version: {', '.join(map(repr, unknown[:10]))[:200]}.",
            next_step=f"This service compares {', '.join(algorithms.BY_NAME)}.",
        )
    clock = Clock(media.duration if media.kind == "video" else None)
    frames = _frames_in(values, clock)
    faces = tuple(_faces_in(values, clock)) if FACE_SFACE.name in values else ()
    coarse = tuple(_mosaics_in(values, clock))
    _check_kind(media, values, frames)
    hashed = values.get(VIDEOHASH.name)
    videohash = None
    if hashed is not None:
        place = f"algorithms.{VIDEOHASH.name}"
        videohash = fields.hexadecimal(fields.mapping(hashed, place).get("value"), 8, place)
    media = _timed(media, frames)
    clock.close(frame.time + frame.duration for frame in frames)
    return Fingerprint(
        media=media,
        algorithms=tuple(name for name in algorithms.BY_NAME if name in values),
        frames=frames,
        faces=faces,
        videohash=videohash,
        audio=_audio(values, media) if CHROMAPRINT.name in values else None,
        mosaics=coarse,
        peaks=_peaks(values, media) if PEAKS.name in values else None,
        notes=tuple(_notes(doc.get("notes", []))),
    )


def _check_kind(media: Media, values: Mapping[str, Any], frames: tuple[Frame, ...]) -> None:
    """Raise `BadDocument` if the document does not hold what its kind must have."""
    if media.kind == "audio" and set(values) - {PEAKS.name} != {CHROMAPRINT.name}:
        raise BadDocument(
            f"A document of sound alone holds {CHROMAPRINT.name}, {PEAKS.name} and nothing else."
        )
    if media.kind != "audio" and PEAKS.name in values:
        raise BadDocument(f"Only a document of sound alone holds {PEAKS.name}.")
    if not frames and media.kind != "audio":
        raise BadDocument("The document holds no frame of any algorithm.")


def _timed(media: Media, frames: tuple[Frame, ...]) -> Media:
    """Extend the duration so that it covers all frames, if there are any.

    Raises `BadDocument` for an image with several moments.
    """
    if media.kind == "image":
        if len({frame.time for frame in frames}) > 1:
            raise BadDocument("An image has one moment; send `kind` video for frames in time.")
        return replace(media, duration=0.0)
    return replace(media, duration=max([media.duration, *(frame.time for frame in frames[-1:])]))


def _sound_out(name: str, fingerprint: Fingerprint) -> dict[str, Any]:
    if name == PEAKS.name:
        return {"value": base64.b64encode(fingerprint.peaks or b"").decode()}
    return {"step": round(audio.STEP, 6), "value": base64.b64encode(fingerprint.audio or b"").decode()}


def _frames_out(name: str, frames: Iterable[Frame]) -> Iterable[dict[str, Any]]:
    for frame in frames:
        sample: dict[str, Any] = {
            "t": round(frame.time, 3),
            "d": round(frame.duration, 3),
            "view": frame.view,
        }
        if frame.box != WHOLE:
            sample["box"] = list(frame.box)
        if name == PDQ.name and frame.pdq is not None:
            yield sample | {"value": frame.pdq.hex(), "quality": frame.quality}
        elif name == PHASH256.name and frame.phash256 is not None:
            yield sample | {"value": frame.phash256.hex()}
        elif name not in {PDQ.name, PHASH256.name} and frame.sscd is not None:
            yield sample | {"value": base64.b64encode(frame.sscd).decode()}


def _mosaic_out(mosaic: Mosaic) -> dict[str, Any]:
    sample: dict[str, Any] = {"t": round(mosaic.time, 3), "view": mosaic.view}
    if mosaic.box != WHOLE:
        sample["box"] = list(mosaic.box)
    return sample | {"value": base64.b64encode(mosaic.value).decode()}


def _face_out(face: Face) -> dict[str, Any]:
    optional = {"expression": base64.b64encode(face.expression).decode()} if face.expression else {}
    return optional | {
        "t": round(face.time, 3),
        "box": [round(share, 4) for share in face.box],
        "pixels": round(face.pixels, 1),
        "score": round(face.score, 3),
        "quality": round(face.quality, 3),
        "track": face.track,
        "value": base64.b64encode(face.embedding).decode(),
    }


def _media(doc: Mapping[str, Any]) -> Media:
    sha256 = doc.get("sha256")
    if not isinstance(sha256, str) or not _SHA256.match(sha256):
        raise BadDocument("`sha256` must be 64 lower-case hex digits.")
    kind: Kind
    match doc.get("kind"):
        case "image" | "video" | "audio" as stated_kind:
            kind = stated_kind
        case _:
            raise BadDocument("`kind` must be one of image, video, audio.")
    size = fields.mapping(doc.get("size"), "size")
    least, most = (0, 0) if kind == "audio" else (1, 1_000_000)
    return Media(
        sha256=sha256,
        kind=kind,
        duration=fields.number(doc.get("duration"), 0.0, MAX_SECONDS, "duration"),
        width=fields.integer(size.get("width"), least, most, "size.width"),
        height=fields.integer(size.get("height"), least, most, "size.height"),
        bytes=fields.integer(size.get("bytes"), 1, 1 << 50, "size.bytes"),
    )


def _frames_in(values: Mapping[str, Any], clock: Clock) -> tuple[Frame, ...]:
    """Merge the samples of all algorithms with the same time and view into frames, in time order."""
    merged: dict[tuple[float, str], dict[str, Any]] = {}
    for name, key, read in (
        (PHASH256.name, "phash256", fields.hash256),
        (PDQ.name, "pdq", fields.hash256),
        (
            algorithms.version_of(values, SSCD) or SSCD.name,
            "sscd",
            fields.vector_reader(SSCD.dimensions),
        ),
    ):
        for place, sample in fields.samples(values, name, "frames"):
            time = fields.number(sample.get("t"), 0.0, MAX_SECONDS, f"{place}.t")
            lasts = fields.number(sample.get("d", 0.0), 0.0, MAX_SECONDS, f"{place}.d")
            clock.see(time, lasts, place)
            view = sample.get("view", "full")
            if not isinstance(view, str) or view not in _VIEWS:
                raise BadDocument(f"{place}.view must be one of {', '.join(VIEWS)}, reframe.1 and on.")
            slot = merged.setdefault((time, view), {"duration": 0.0, "quality": None, "box": WHOLE})
            if "box" in sample:
                slot["box"] = _part(sample["box"], place)
            if key in slot:
                raise BadDocument(f"{place}: {name} is given twice for {time} s, view {view}.")
            slot[key] = read(sample.get("value"), place)
            slot["duration"] = max(slot["duration"], lasts)
            if name == PDQ.name:
                slot["quality"] = fields.integer(sample.get("quality"), 0, 100, f"{place}.quality")
    frames = []
    until = clock.until()
    for (time, view), slot in sorted(merged.items()):
        # A sample ends at the latest where the next one begins, whatever the document says.
        if time + slot["duration"] > until.get(time, math.inf):
            slot["duration"] = round(until[time] - time, 3)
        if slot["quality"] is None:
            whole = merged.get((time, FULL), slot) if view in REFRAMED else slot
            slot["quality"] = _unmeasured(values) if whole["quality"] is None else whole["quality"]
        frames.append(Frame(time=time, view=view, **slot))
    return tuple(frames)


def _unmeasured(values: Mapping[str, Any]) -> int:
    """Return the quality of a frame without PDQ, the only algorithm that measures quality.

    In a document without any PDQ values, all frames are compared. If other frames have PDQ, this frame is not
    compared.
    """
    return 0 if PDQ.name in values else 100


def _part(value: object, place: str) -> Box:
    """Parse a part of the frame: x, y, width, height."""
    if not isinstance(value, list) or len(value) != 4:
        raise BadDocument(f"{place}.box must be [x, y, width, height].")
    x, y, width, height = (fields.number(share, 0.0, 1.0, f"{place}.box") for share in value)
    if not width or not height or x + width > 1.001 or y + height > 1.001:
        raise BadDocument(f"{place}.box must lie within the frame and not be empty.")
    return (x, y, width, height)


def _mosaics_in(values: Mapping[str, Any], clock: Clock) -> Iterable[Mosaic]:
    """Parse mosaics, in order of time; one a time and view."""
    found: dict[tuple[float, str], Mosaic] = {}
    for place, sample in fields.samples(values, MOSAIC.name, "frames"):
        time = fields.number(sample.get("t"), 0.0, MAX_SECONDS, f"{place}.t")
        clock.check(time, 0.0, place)
        view = sample.get("view", FULL)
        if view not in _VIEWS:
            raise BadDocument(f"{place}.view must be one of {', '.join(VIEWS)}.")
        if (time, view) in found:
            raise BadDocument(f"{place}: {MOSAIC.name} is given twice for {time} s, view {view}.")
        box = _part(sample["box"], place) if "box" in sample else WHOLE
        value = fields.base64_bytes(sample.get("value"), MOSAIC.value_bytes, place)
        if value[0] > value[1]:
            raise BadDocument(f"{place}.value: the darkest cell is lighter than the lightest.")
        found[time, view] = Mosaic(time, view, value, box)
    return [found[key] for key in sorted(found)]


def _faces_in(values: Mapping[str, Any], clock: Clock) -> Iterable[Face]:
    read = fields.vector_reader(FACE_SFACE.dimensions)
    for place, sample in fields.samples(values, FACE_SFACE.name, "faces"):
        box = sample.get("box")
        if not isinstance(box, list) or len(box) != 4:
            raise BadDocument(f"{place}.box must be [x, y, width, height].")
        left, top, width, height = (fields.number(share, -1.0, 2.0, f"{place}.box") for share in box)
        time = fields.number(sample.get("t"), 0.0, MAX_SECONDS, f"{place}.t")
        clock.check(time, 0.0, place)
        yield Face(
            time=time,
            box=(left, top, width, height),
            pixels=fields.number(sample.get("pixels"), 0.0, 1e6, f"{place}.pixels"),
            score=fields.number(sample.get("score"), 0.0, 1.0, f"{place}.score"),
            quality=fields.number(sample.get("quality"), 0.0, 1.0, f"{place}.quality"),
            track=fields.integer(sample.get("track"), 0, fields.MAX_SAMPLES, f"{place}.track"),
            embedding=read(sample.get("value"), place),
            expression=_expression(sample.get("expression"), place),
        )


def _expression(value: object, place: str) -> bytes:
    """Parse a face's expression. Empty if none is given."""
    if value is None:
        return b""
    try:
        raw = base64.b64decode(value if isinstance(value, str) else "*", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != expressions.BYTES:
        raise BadDocument(f"{place}.expression must be base64 of {expressions.BYTES} signed bytes.")
    return raw


def _audio(values: Mapping[str, Any], media: Media) -> bytes | None:
    """Parse the values of chromaprint.1. None if there are none.

    Raises `BadDocument` if there are more than the media's duration allows.
    """
    place = f"algorithms.{CHROMAPRINT.name}"
    sound = fields.mapping(values[CHROMAPRINT.name], place)
    if abs(fields.number(sound.get("step"), 0.0, 1.0, f"{place}.step") - audio.STEP) > 1e-5:
        raise BadDocument(f"{place}.step must be {audio.STEP:.6f}.")
    most = min(audio.MOST, int((media.duration + audio.OUTLASTS) / audio.STEP) + 1)
    return _sound_values(sound, media, place, most)


def _peaks(values: Mapping[str, Any], media: Media) -> bytes | None:
    """Parse the values of peaks.1, as `_audio`. They must be in order of time, and end with the sound."""
    place = f"algorithms.{PEAKS.name}"
    lasts = media.duration + audio.OUTLASTS
    raw = _sound_values(
        fields.mapping(values[PEAKS.name], place), media, place, min(peaks.MOST, int(lasts * peaks.DENSEST))
    )
    time = peaks.unpacked(peaks.values(raw)).time
    if len(time) and ((time[1:] < time[:-1]).any() or time[-1] * peaks.TICK > lasts):
        raise BadDocument(f"{place}.value must be in order of time, within the duration.")
    if peaks.crowded(time):
        raise BadDocument(f"{place}.value has more than {peaks.MOST_A_SECOND} peaks in a second.")
    return raw


def _sound_values(sound: Mapping[str, Any], media: Media, place: str, count: int) -> bytes | None:
    """Parse at most `count` values of 32 bits. None if there are none."""
    value, most = sound.get("value"), 4 * count
    if isinstance(value, str) and len(value) > 4 * (-(-most // 3)):
        raise DocumentTooLarge(
            f"{place}.value holds more sound than its duration allows.",
            next_step="Send sound until at most five minutes after the end of the picture.",
        )
    try:
        raw = base64.b64decode(value if isinstance(value, str) else "*", validate=True)
    except (binascii.Error, ValueError):
        raw = b"*"
    if len(raw) % 4:
        raise BadDocument(f"{place}.value must be base64 of 32-bit values.")
    if raw and media.kind == "image":
        raise BadDocument(f"{place}.value: an image has no sound.")
    return raw or None


def _notes(value: object) -> Iterable[str]:
    if not isinstance(value, list) or len(value) > 20:
        raise BadDocument("`notes` must be a short list.")
    for note in value:
        if not isinstance(note, str) or not _NOTE.match(note):
            raise BadDocument("`notes` holds codes of lower-case letters, digits and underscores.")
        yield note
