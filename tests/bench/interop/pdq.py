"""PDQ of stills against Meta's library `threatexchange`, which Hasher-Matcher-Actioner uses."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from PIL import Image
from threatexchange.signal_type.pdq.signal import PdqSignal

from registry.catalogue.fingerprints.model.fingerprint import FULL, UNTURNED
from tests.support.media import clips as media
from workers.hashers.pdq import Pdq
from workers.pipeline.fingerprint import fingerprint_file

SIZES: Final = ((128, 128), (640, 427), (1280, 720))
FORMATS: Final[dict[str, dict[str, Any]]] = {
    "png": {"compress_level": 1},
    "jpg": {"quality": 70},
    "webp": {"quality": 70},
}
ORIENTATIONS: Final = (1, 3, 6, 8)
STILLS: Final = frozenset({".jpg", ".jpeg", ".png", ".webp"})


def measure(peers: Path) -> dict[str, int]:
    """Return the largest distance in bits, and the number of stills: drawn ones, and those in
    `PEERS/stills/`."""
    with tempfile.TemporaryDirectory() as folder:
        found = [_distance(path) for path in (*_drawn(Path(folder)), *_given(peers / "stills"))]
    return {"pdq_max_distance_threatexchange": max(found), "pdq_stills": len(found)}


def _drawn(folder: Path) -> Iterator[Path]:
    for name in ("chelsea", "coffee", "astronaut"):
        for size in SIZES:
            picture = Image.fromarray(media.view(media.photograph(name), *size, 0.7))
            for suffix, options in FORMATS.items():
                for orientation in ORIENTATIONS if suffix == "jpg" else (1,):
                    exif = Image.Exif()
                    exif[0x0112] = orientation
                    path = folder / f"picture.{suffix}"
                    picture.save(path, exif=exif, **options)
                    yield path


def _given(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in STILLS)


def _distance(path: Path) -> int:
    """Return the bits by which the hash of a still's pixels, as they lie in the file, differs."""
    frames = fingerprint_file(path, faces=False, audio=False, hashers=(Pdq(),)).frames
    by_view = {frame.view: frame.pdq for frame in frames}
    ours = by_view.get(UNTURNED) or by_view[FULL] or b""
    return (int.from_bytes(ours) ^ int(PdqSignal.hash_from_file(path), 16)).bit_count()
