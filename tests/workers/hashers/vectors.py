"""The frozen vectors of tests/vectors: pictures that anybody can recompute, and what an algorithm says then.

Run as a module it prints the vectors of an algorithm, to freeze those of a new one:
`python -m tests.workers.hashers.vectors phash256.1`. Values that are published never change; a new value is a
new version of the algorithm.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from registry.catalogue.fingerprints.model import algorithms
from tests.support.media import clips as media
from workers.hashers import catalogue
from workers.hashers.base import Hasher
from workers.media.picture import Pixels

FOLDER: Final = Path(__file__).parents[2] / "vectors"


@dataclass(frozen=True, slots=True)
class Vector:
    """A picture and what an algorithm says of it and of its mirror image."""

    name: str
    pixels: Pixels
    value: bytes
    mirrored: bytes | None
    quality: int | None


def read(name: str) -> tuple[dict[str, Any], list[Vector]]:
    """What the vectors' file of an algorithm allows, and its vectors; pictures are drawn and proved here."""
    content = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    assert content["algorithm"] == name
    pictures = json.loads((FOLDER / "pictures.json").read_text(encoding="utf-8"))["pictures"]
    found = []
    for case in content["vectors"]:
        pixels = draw(pictures[case["picture"]])
        assert hashlib.sha256(pixels.tobytes()).hexdigest() == pictures[case["picture"]]["sha256"]
        mirrored = decode(name, case["mirrored"]) if "mirrored" in case else None
        value = decode(name, case["value"])
        found.append(Vector(case["picture"], pixels, value, mirrored, case.get("quality")))
    return content, found


def draw(description: dict[str, Any]) -> Pixels:
    """The picture described: of the formula in pictures.json, or a window of a scikit-image file."""
    if "scikit-image" in description:
        left, top, width, height = description["window"]
        whole = media.photograph(description["scikit-image"])
        return np.ascontiguousarray(whole[top : top + height, left : left + width])
    return media.drawn(description["width"], description["height"], description["seed"])


def decode(name: str, text: str) -> bytes:
    """A value as documents spell it: hex for a hash, base64 for a vector or a mosaic."""
    return bytes.fromhex(text) if _is_hash(name) else base64.b64decode(text)


def encode(name: str, value: bytes) -> str:
    return value.hex() if _is_hash(name) else base64.b64encode(value).decode()


def _is_hash(name: str) -> bool:
    return 0 < algorithms.BY_NAME[name].bits <= 256


def frozen(hasher: Hasher) -> Iterator[dict[str, Any]]:
    """What the hasher says now of every picture."""
    name = hasher.algorithm.name
    pictures = json.loads((FOLDER / "pictures.json").read_text(encoding="utf-8"))["pictures"]
    for picture, description in pictures.items():
        plain, mirrored = hasher.compute_pair(draw(description))
        case: dict[str, Any] = {"picture": picture, "value": encode(name, plain.value)}
        if hasher.mirrored:
            case["mirrored"] = encode(name, mirrored.value)
        if name == algorithms.PDQ.name:
            case["quality"] = plain.quality
        yield case


if __name__ == "__main__":
    wanted = {hasher.algorithm.name: hasher for hasher in catalogue.HASHERS}[sys.argv[1]]
    print(json.dumps(list(frozen(wanted)), indent=1))
