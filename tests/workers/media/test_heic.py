"""HEIC pictures, as iPhones make them, are read as any other picture is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from registry.core.errors import BadMedia
from tests.support.media import clips as media
from tests.support.media import heif
from workers.hashers.phash import Phash256
from workers.media.limits import Limits
from workers.media.picture import Pixels
from workers.pipeline.fingerprint import fingerprint_file

NEAR = 8
"""Bits by which encoding at high quality changes a hash."""


def picture() -> Pixels:
    return media.view(media.photograph("coffee"), 320, 200, 0.5)


def apart(item: bytes, other: bytes) -> int:
    return (int.from_bytes(item) ^ int.from_bytes(other)).bit_count()


@pytest.mark.parametrize(("quarters", "mirrored"), [(0, False), (1, False), (2, False), (0, True), (3, True)])
def test_a_heic_is_hashed_as_it_is_shown(tmp_path: Path, quarters: int, mirrored: bool) -> None:
    turned = np.rot90(picture(), quarters)
    shown = np.ascontiguousarray(turned[:, ::-1] if mirrored else turned)
    path = heif.write(tmp_path / "photo.heic", picture(), quarters=quarters, mirrored=mirrored)
    found = fingerprint_file(path, faces=False, hashers=(Phash256(),))
    assert found.media.kind == "image"
    assert (found.media.height, found.media.width) == shown.shape[:2]
    (full,) = [frame for frame in found.frames if frame.view == "full"]
    assert apart(full.phash256 or b"", Phash256().compute(shown).value) <= NEAR


def test_a_heic_of_too_many_pixels_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = heif.write(tmp_path / "photo.heic", picture())
    with pytest.raises(BadMedia) as caught:
        fingerprint_file(path, limits=Limits(max_pixels=10_000), faces=False, hashers=(Phash256(),))
    assert caught.value.code == "too_large"


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9])
def test_a_heic_that_breaks_off_is_an_error_with_a_code(tmp_path: Path, kept: float) -> None:
    path = heif.write(tmp_path / "photo.heic", picture())
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * kept)])
    with pytest.raises(BadMedia) as caught:
        fingerprint_file(path, faces=False, hashers=(Phash256(),))
    assert caught.value.code in {"truncated_media", "decode_failed", "unsupported_media"}
