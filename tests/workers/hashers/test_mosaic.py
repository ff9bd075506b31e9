"""mosaic.1: the same bytes everywhere, and nothing finer than its cells."""

from __future__ import annotations

import numpy as np
import pytest

from registry.catalogue.fingerprints.model import mosaics
from registry.catalogue.fingerprints.model.algorithms import MOSAIC
from registry.catalogue.fingerprints.model.fingerprint import FULL, TRIM, Mosaic
from tests.support.media import clips as media
from tests.workers.hashers import vectors
from workers.hashers import mosaic
from workers.hashers.reader import FrameReader
from workers.media.frames import Sample
from workers.media.picture import Pixels


def test_results_are_unchanged() -> None:
    frozen = vectors.read(MOSAIC.name)[1]
    assert len(frozen) >= 8
    for vector in frozen:
        assert mosaic.compute(vector.pixels) == vector.value, vector.name


def test_cells_are_area_means_to_half_a_level() -> None:
    pixels = media.photograph("astronaut")[:480, :480]
    grey = pixels @ np.array([0.299, 0.587, 0.114])
    means = grey.reshape(24, 20, 24, 20).mean(axis=(1, 3))
    found = cells(mosaic.compute(pixels))[0]
    assert np.abs(found - means).max() <= 8.5


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (8, 8), (25, 23), (1024, 20)])
def test_any_size_of_picture(size: tuple[int, int]) -> None:
    assert len(mosaic.compute(media.drawn(*size, 1))) == MOSAIC.value_bytes


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_a_flat_picture_is_no_error(grey: int) -> None:
    found = cells(mosaic.compute(np.full((180, 320, 3), grey, dtype=np.uint8)))
    assert np.abs(found - grey).max() <= 1


def test_a_dark_picture_keeps_its_levels() -> None:
    dark = (media.photograph("astronaut") // 8).astype(np.uint8)
    assert len(np.unique(cells(mosaic.compute(dark)))) >= 12


def test_the_whole_picture_and_its_parts_have_mosaics_and_mirrored_views_have_none() -> None:
    frames = list(FrameReader().read([_sample(_barred())]))
    found = {frame.view: frame.mosaic for frame in frames if frame.mosaic}
    assert {FULL, TRIM} <= found.keys()
    assert not any("mirror" in view or "turn" in view for view in found)
    assert found[FULL] != found[TRIM]


def test_arrays_are_in_order_of_time_with_the_part_that_each_shows() -> None:
    value = mosaic.compute(media.photograph("coffee"))
    found = mosaics.of_mosaics([Mosaic(1.0, TRIM, value, (0.1, 0.2, 0.5, 0.5)), Mosaic(0.0, FULL, value)])
    assert found.times.tolist() == [0.0, 1.0]
    assert found.areas[1].tolist() == pytest.approx([0.1, 0.2, 0.6, 0.7])
    assert found.cells(np.arange(2)).shape == (2, 24, 24)
    assert len(mosaics.none()) == 0


def cells(value: bytes) -> mosaics.Cells:
    return mosaics.unpacked(np.frombuffer(value, np.uint8)[None, :])


def _barred() -> Pixels:
    picture = np.zeros((288, 288, 3), np.uint8)
    picture[60:228] = media.photograph("coffee")[:168, :288]
    return picture


def _sample(pixels: Pixels) -> Sample:
    return Sample(0.0, 0.5, pixels, None, 0.0)
