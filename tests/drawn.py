"""Fingerprints drawn from a seed, for tests of what happens after the pixels."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np

from registry.domain.algorithms import CATALOGUE
from registry.domain.fingerprint import FULL, Face, Fingerprint, Frame
from registry.domain.media import Media

ALL = tuple(algorithm.name for algorithm in CATALOGUE if algorithm.scope != "video")


def generator(seed: str) -> np.random.Generator:
    """Numbers that follow from `seed` alone."""
    return np.random.default_rng(list(hashlib.sha256(seed.encode()).digest()))


def unit(numbers: np.random.Generator, dimensions: int) -> np.ndarray:
    """A random direction."""
    vector = numbers.standard_normal(dimensions).astype(np.float32)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def packed(vector: np.ndarray) -> bytes:
    """Little-endian float16 of a vector, normalised."""
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
) -> Fingerprint:
    """A clip of `seconds` of the footage `seed` from its second `start` on, showing the face `face`.

    Equal seeds show the same pictures at the same moments of the footage; `noise` 0-1 disturbs vectors and
    flips that share of the hashes' bits; `file` tells otherwise equal files apart.
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
    return Fingerprint(media, ALL, tuple(frames), tuple(faces))


def joined(*clips: Fingerprint) -> Fingerprint:
    """The clips one after the other, as one file."""
    frames: list[Frame] = []
    faces: list[Face] = []
    offset = 0.0
    for part in clips:
        frames += [replace(frame, time=frame.time + offset) for frame in part.frames]
        faces += [replace(face, time=face.time + offset) for face in part.faces]
        offset += part.media.duration
    digest = hashlib.sha256("".join(part.media.sha256 for part in clips).encode()).hexdigest()
    media = replace(clips[0].media, sha256=digest, duration=offset)
    return Fingerprint(media, ALL, tuple(frames), tuple(faces))


def _flipped(value: bytes, share: float, numbers: np.random.Generator) -> bytes:
    bits = np.unpackbits(np.frombuffer(value, dtype=np.uint8))
    turned = numbers.random(256) < share * 0.25
    return np.packbits(bits ^ turned).tobytes()
