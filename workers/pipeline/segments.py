"""Read a long video in segments: plan them, store their results as bytes, and join them into one fingerprint.

Results are JSON, version `VERSION`, with bytes in base64; numbers survive unchanged. They hold face vectors,
so they stay in the registry's database, and only until they are joined.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from registry.catalogue.fingerprints.model.fingerprint import Fingerprint, Frame
from registry.core.errors import BadMedia
from workers.errors import NotDivisible
from workers.faces import reader as faces
from workers.hashers import chromaprint
from workers.hashers.chromaprint import AudioFingerprint
from workers.media import pieces, sampling, source
from workers.media.limits import Limits
from workers.media.picture import Size
from workers.media.pieces import Division, Piece
from workers.media.source import Source
from workers.pipeline import fingerprint as pipeline
from workers.pipeline.chapters import Chapter, Joined, Look
from workers.pipeline.orders import Plan, SoundFound
from workers.pipeline.reading import Progress, Reading

VERSION: Final = 5
SOUND: Final = 0.02
"""Share of the work that the sound takes: .2 s of CPU for a minute of 720p, beside 8.5 s."""


def plan(path: Path, limits: Limits, *, longer: float, most: int) -> Plan | None:
    """Plan how to read a video longer than `longer` seconds (0: never) in segments: `most`, and the sound.

    None if it is to be read in one piece. Raises `BadMedia` as `source.identify` does.
    """
    if not longer:
        return None
    try:
        division = pieces.divide(path, limits, longer=longer, most=most)
    except (BadMedia, MemoryError):
        return None  # reading it in one piece tells what is wrong with it
    if division is None:
        return None
    identified = source.identify(path, limits)
    shared = {
        "version": VERSION,
        "sha256": identified.sha256,
        "bytes": identified.bytes,
        "first": division.first,
        "claimed": division.claimed,
        "ends": division.ends,
        "pieces": len(division.pieces),
    }
    # The shortest task is last, so that nobody waits long for it alone.
    tasks: list[tuple[dict[str, Any], float]] = []
    for piece in division.pieces:
        until = division.claimed if piece.end is None else piece.end * sampling.CHAPTER
        seconds = max(0.0, until - piece.begin * sampling.CHAPTER)
        share = (1 - SOUND) * min(1.0, seconds / division.claimed)
        tasks.append(({"kind": "picture", **asdict(piece)}, share))
    tasks.append(({"kind": "sound"}, SOUND))
    return Plan(shared, tuple(tasks))


def read(
    path: Path,
    limits: Limits,
    shared: Mapping[str, Any],
    task: Mapping[str, Any],
    progress: Progress | None = None,
) -> bytes:
    """Read one segment and return its result.

    Raises `NotDivisible` if another version planned it, or if the file cannot be read in pieces after all,
    and `BadMedia`.
    """
    if shared.get("version") != VERSION:
        raise NotDivisible("The segments were planned by another version.")
    if task["kind"] == "sound":
        sound = chromaprint.listen(path, limits, duration=shared["ends"], tick=lambda: _tick(progress))
        return _packed({"audio": _text(sound.audio), "algorithms": sound.algorithms, "notes": sound.notes})
    piece = Piece(task["begin"], task["end"], task["key"], task["needed"] and tuple(task["needed"]))
    division = Division(shared["first"], shared["claimed"], shared["ends"], (piece,))
    reading = Reading(faces=True, progress=progress, thorough=True)
    with pieces.opened(path, limits, division, piece) as reel:
        found = [_chapter_out(chapter) for chapter in reading.chapters(reel)]
    return _packed(
        {
            "chapters": found,
            "algorithms": reading.algorithms,
            "missing": reading.notes,
            "size": reel.size,
            "end": reel.end,
            "begins": reel.begins and asdict(reel.begins),
            "meets": reel.meets and asdict(reel.meets),
        }
    )


def join(
    shared: Mapping[str, Any],
    found: Sequence[bytes],
    progress: Progress,
    listen: Callable[[float], SoundFound],
) -> Fingerprint:
    """Join the results of the segments, in order, into the fingerprint of the video.

    No decoder is used. `listen` reads the sound of a video whose picture lasts so many seconds.

    Raises `NotDivisible` if they do not fit together: two segments saw different pictures at one moment, or
    their workers have different algorithms installed.
    """
    *parts, sound = (_unpacked(row) for row in found)
    joined = Joined()
    first, last = parts[0], parts[-1]
    for part, after in zip(parts, [*parts[1:], None], strict=True):
        if after is not None and part["meets"] != after["begins"]:
            raise NotDivisible("Two segments of the video saw different pictures at one moment.")
        if (part["algorithms"], part["missing"]) != (first["algorithms"], first["missing"]):
            raise NotDivisible("Segments of the video were read by workers that differ in what they can do.")
        for chapter in part["chapters"]:
            joined.add(_chapter_in(chapter))
        progress(0.0)
    audio = AudioFingerprint(_bytes(sound["audio"]), tuple(sound["algorithms"]), tuple(sound["notes"]))
    if last["end"] != shared["ends"]:
        # The last picture lasts longer, or shorter, than its packet says.
        again = listen(last["end"])
        audio = AudioFingerprint(again.audio, again.algorithms, again.notes)
    facts = pipeline.Seen(
        tuple(first["algorithms"]), tuple(first["missing"]), (), "video", Size(*first["size"]), last["end"]
    )
    identified = Source(Path(), shared["sha256"], shared["bytes"])
    return pipeline.put_together(identified, facts, joined, audio)


def _tick(progress: Progress | None) -> None:
    """Report that the work goes on."""
    if progress is not None:
        progress(0.0)


def _packed(found: Mapping[str, Any]) -> bytes:
    return json.dumps({"version": VERSION, **found}, separators=(",", ":")).encode()


def _unpacked(raw: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(raw)
    if found.get("version") != VERSION:
        raise NotDivisible("A segment was read by another version.")
    return found


def _chapter_out(chapter: Chapter) -> dict[str, Any]:
    return {
        "begins": chapter.begins,
        "ends": chapter.ends,
        "first": _text(chapter.first),
        "last": _text(chapter.last),
        "frames": [_frame_out(frame) for frame in chapter.frames],
        "looks": [
            [look.sample, look.time, [_face_out(face) for face in look.seen]] for look in chapter.looks
        ],
    }


def _chapter_in(raw: Mapping[str, Any]) -> Chapter:
    return Chapter(
        begins=raw["begins"],
        ends=raw["ends"],
        first=b64decode(raw["first"]),
        last=b64decode(raw["last"]),
        frames=tuple(_frame_in(frame) for frame in raw["frames"]),
        looks=tuple(
            Look(sample, time, tuple(map(_face_in, described))) for sample, time, described in raw["looks"]
        ),
    )


def _frame_out(frame: Frame) -> list[Any]:
    values = [_text(value) for value in (frame.phash256, frame.pdq, frame.sscd, frame.mosaic)]
    return [frame.time, frame.duration, frame.view, frame.quality, *values, frame.box]


def _frame_in(raw: Sequence[Any]) -> Frame:
    time, duration, view, quality, *values, box = raw
    phash256, pdq, sscd, mosaic = map(_bytes, values)
    return Frame(time, duration, view, quality, phash256, pdq, sscd, tuple(box), mosaic)


def _face_out(face: faces.DescribedFace) -> list[Any]:
    vector = _text(face.vector.astype("<f4").tobytes())
    return [face.box, face.pixels, face.score, face.quality, vector, _text(face.expression)]


def _face_in(raw: Sequence[Any]) -> faces.DescribedFace:
    box, pixels, score, quality, vector, expression = raw
    values = np.frombuffer(b64decode(vector), "<f4").astype(np.float32)
    return faces.DescribedFace(tuple(box), pixels, score, quality, values, b64decode(expression))


def _text(raw: bytes | None) -> str | None:
    return None if raw is None else b64encode(raw).decode()


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else b64decode(text)
