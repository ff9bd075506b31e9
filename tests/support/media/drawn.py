"""Fingerprints generated from a seed, for tests that need no pixels."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np

from registry.catalogue.fingerprints.model import audio, peaks
from registry.catalogue.fingerprints.model.algorithms import CATALOGUE, MOSAIC, PEAKS
from registry.catalogue.fingerprints.model.fingerprint import FULL, Face, Fingerprint, Frame
from registry.catalogue.media.model import Media

DRAWN = tuple(item.name for item in CATALOGUE if item.scope != "video" and item not in {MOSAIC, PEAKS})


def generator(seed: str) -> np.random.Generator:
    """Return a generator that depends on `seed` only."""
    return np.random.default_rng(list(hashlib.sha256(seed.encode()).digest()))


def unit(numbers: np.random.Generator, dimensions: int) -> np.ndarray:
    """Return a random unit vector."""
    vector = numbers.standard_normal(dimensions).astype(np.float32)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def packed(vector: np.ndarray) -> bytes:
    """Return a vector, normalised, as little-endian float16."""
    return bytes((vector / np.linalg.norm(vector)).astype("<f2").tobytes())


def clip(
    seed: str,
    *,
    seconds: float = 8.0,
    start: float = 0.0,
    face: str | None = None,
    noise: float = 0.0,
    file: str | None = None,
    rate: float = 2.0,
    sound: str | None = None,
) -> Fingerprint:
    """Return the fingerprint of `seconds` of the footage `seed`, from second `start` on, with the face
    `face`.

    Equal seeds show equal pictures at equal times. `noise` 0-1 disturbs vectors and flips that share of hash
    bits. `file` distinguishes files with equal content. `sound` names the audio; without it a clip is silent.
    """
    count = max(1, round(seconds * rate))
    frames, faces = [], []
    numbers = generator(f"{seed} noise {start} {noise} {file}")
    for index in range(count):
        moment = start + index / rate
        base = generator(f"{seed} at {moment:.3f}")
        frames.append(
            Frame(
                time=round(index / rate, 3),
                duration=1 / rate,
                view=FULL,
                quality=100,
                phash256=_flipped(base.bytes(32), noise, numbers),
                pdq=_flipped(base.bytes(32), noise, numbers),
                sscd=packed(unit(base, 512) + noise * unit(numbers, 512)),
            )
        )
        if face is not None:
            vector = unit(generator(f"face {face}"), 128) + (0.2 + noise) * unit(numbers, 128)
            faces.append(
                Face(round(index / rate, 3), (0.4, 0.2, 0.2, 0.3), 120.0, 0.95, 0.9, 0, packed(vector))
            )
    digest = hashlib.sha256(f"{seed} {seconds} {start} {face} {noise} {file}".encode()).hexdigest()
    kind = "video" if count > 1 else "image"
    media = Media(
        digest, "video" if kind == "video" else "image", seconds if count > 1 else 0.0, 640, 360, 1000
    )
    heard = None if sound is None else voice(sound, seconds, start, noise)
    return Fingerprint(media, DRAWN, tuple(frames), tuple(faces), audio=heard)


def voice(seed: str, seconds: float, start: float = 0.0, noise: float = 0.0) -> bytes | None:
    """Return Chromaprint values of `seconds` of the sound `seed`, from second `start` on. `noise`: as in
    `clip`."""
    count = int((seconds - audio.WINDOW) / audio.STEP) + 1
    if count < 1:
        return None
    first = round(start / audio.STEP)
    values = generator(f"sound {seed}").bytes(4 * (first + count))[4 * first :]
    return _flipped(values, noise, generator(f"{seed} noise {noise} {start}"))


def noisy(values: bytes, noise: float, seed: str) -> bytes:
    """Return Chromaprint values as a copy has them. `noise`: as in `clip`."""
    return _flipped(values, noise, generator(f"{seed} noise {noise}"))


def tops(seed: str, seconds: float, start: float = 0.0) -> peaks.Values:
    """Return values of peaks.1 of `seconds` of the sound `seed`, from second `start` on."""
    numbers = generator(f"peaks {seed}")
    count = round(30 * (start + seconds))
    time = np.sort(numbers.integers(0, round((start + seconds) / peaks.TICK), count))
    pitch, strong = numbers.integers(30, 220, count), numbers.random(count) < 1 / 3
    first = round(start / peaks.TICK)
    return peaks.packed(time[time >= first] - first, pitch[time >= first], strong[time >= first])


def paced(values: peaks.Values, speed: float, shift: int = 0) -> bytes:
    """Return values of peaks.1 as a copy in another speed and pitch has them."""
    time, pitch, strong = peaks.unpacked(values)
    return peaks.packed(np.rint(time / speed).astype(np.int64), pitch + shift, strong).tobytes()


def joined(*clips: Fingerprint) -> Fingerprint:
    """Concatenate clips into one file."""
    frames: list[Frame] = []
    faces: list[Face] = []
    offset = 0.0
    for part in clips:
        frames += [replace(frame, time=frame.time + offset) for frame in part.frames]
        faces += [replace(face, time=face.time + offset) for face in part.faces]
        offset += part.media.duration
    heard = _joined_sound(clips, offset) if any(part.audio for part in clips) else None
    digest = hashlib.sha256("".join(part.media.sha256 for part in clips).encode()).hexdigest()
    media = replace(clips[0].media, sha256=digest, duration=offset)
    return Fingerprint(media, DRAWN, tuple(frames), tuple(faces), audio=heard)


def _joined_sound(clips: tuple[Fingerprint, ...], seconds: float) -> bytes | None:
    """Return each clip's values at its place. Values at a boundary contain some of both clips."""
    values = bytearray(voice(" ".join(part.media.sha256 for part in clips), seconds) or b"")
    offset = 0.0
    for part in clips:
        first = 4 * round(offset / audio.STEP)
        values[first : first + len(part.audio or b"")] = part.audio or b""
        offset += part.media.duration
    return bytes(values)


def _flipped(value: bytes, share: float, numbers: np.random.Generator) -> bytes:
    bits = np.unpackbits(np.frombuffer(value, dtype=np.uint8))
    turned = numbers.random(len(bits)) < share * 0.25
    return np.packbits(bits ^ turned).tobytes()
