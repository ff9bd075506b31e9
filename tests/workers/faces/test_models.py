"""The pinned face models say what they have always said, and the pipeline finds and tells faces."""

from __future__ import annotations

import base64
import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from registry.catalogue.fingerprints.model.algorithms import FACE_SFACE
from registry.catalogue.fingerprints.model.fingerprint import Face
from registry.core.errors import NotInstalled
from tests.support.media import clips as media
from tests.workers.hashers.vectors import FOLDER, draw
from workers.faces import models
from workers.faces.detector import Yunet
from workers.faces.embedder import Sface
from workers.hashers import base
from workers.pipeline.fingerprint import fingerprint_file

FROZEN = json.loads((FOLDER / f"{FACE_SFACE.name}.json").read_text(encoding="utf-8"))


def cosine(item: Face, other: Face) -> float:
    left, right = (np.frombuffer(face.embedding, dtype="<f2").astype(np.float64) for face in (item, other))
    return float(left @ right)


def faces(path: Path) -> tuple[Face, ...]:
    found = fingerprint_file(path)
    assert FACE_SFACE.name in found.algorithms
    return found.faces


def test_yunet_results_are_unchanged() -> None:
    found = Yunet().detect(media.photograph("astronaut"))
    assert len(found) == 1
    said = FROZEN["detection"]
    assert np.abs(np.subtract(found[0].box, said["box"])).max() <= FROZEN["at_most_pixels"]
    assert np.abs(found[0].points - np.array(said["points"])).max() <= FROZEN["at_most_pixels"]
    assert found[0].score == pytest.approx(said["score"], abs=0.03)


def test_sface_results_are_unchanged() -> None:
    chip = draw(FROZEN["chip"])
    frozen = np.frombuffer(base64.b64decode(FROZEN["chip"]["value"]), dtype="<f2").astype(np.float64)
    found = Sface().embed(chip)
    assert found.shape == (FACE_SFACE.dimensions,)
    assert float(found @ frozen) >= FROZEN["at_least_cosine"]
    mirrored = Sface().embed(np.ascontiguousarray(chip[:, ::-1]))
    assert float(found @ mirrored) == pytest.approx(1, abs=1e-3), "averaged with its mirror image"


@pytest.mark.parametrize("model", [models.YUNET, models.SFACE])
def test_the_models_are_pinned(model: models.Model) -> None:
    found = models.path(model)
    assert found is not None
    assert base.proved(found, model.sha256) == found
    with pytest.raises(NotInstalled):
        base.proved(found, "0" * 64)


def test_a_face_in_a_still(tmp_path: Path) -> None:
    Image.fromarray(media.photograph("astronaut")).save(tmp_path / "a.png")
    (face,) = faces(tmp_path / "a.png")
    x, y, width, height = face.box
    assert 0.3 < x < x + width < 0.6
    assert 0 < y < y + height < 0.4
    assert 60 < face.pixels < 130
    assert face.score >= 0.8
    assert face.quality > 0.5
    assert len(face.embedding) == FACE_SFACE.value_bytes


def test_no_face_differs_from_no_search(tmp_path: Path) -> None:
    Image.fromarray(media.photograph("coffee")).save(tmp_path / "coffee.png")
    assert faces(tmp_path / "coffee.png") == ()
    unsearched = fingerprint_file(tmp_path / "coffee.png", faces=False)
    assert FACE_SFACE.name not in unsearched.algorithms
    assert "no_faces" not in unsearched.notes


@pytest.mark.slow
@pytest.mark.parametrize(("scale", "least"), [(4.0, 0.9), (2.0, 0.9), (0.7, 0.8)], ids=["4 x", "2 x", ".7 x"])
def test_a_face_is_itself_at_other_sizes(tmp_path: Path, scale: float, least: float) -> None:
    picture = Image.fromarray(media.photograph("astronaut"))
    picture.save(tmp_path / "one.png")
    side = round(512 * scale)
    picture.resize((side, side), Image.Resampling.BICUBIC).save(tmp_path / "other.jpg", quality=70)
    (one,), (other,) = faces(tmp_path / "one.png"), faces(tmp_path / "other.jpg")
    assert cosine(one, other) >= least
    assert other.pixels == pytest.approx(one.pixels * scale, rel=0.1)


def test_a_mirrored_face_is_itself(tmp_path: Path) -> None:
    picture = Image.fromarray(media.photograph("astronaut"))
    picture.save(tmp_path / "one.png")
    picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(tmp_path / "other.png")
    (one,), (other,) = faces(tmp_path / "one.png"), faces(tmp_path / "other.png")
    assert cosine(one, other) >= 0.9


@pytest.mark.slow
def test_a_small_face_keeps_its_pixels(tmp_path: Path) -> None:
    """Sought at 640, cut from up to 1280: a face of 5 % of the width is still described."""
    canvas = Image.new("RGB", (1920, 1080), (90, 110, 90))
    canvas.paste(Image.fromarray(media.photograph("astronaut")).resize((400, 400)), (900, 300))
    canvas.save(tmp_path / "wide.png")
    (face,) = faces(tmp_path / "wide.png")
    Image.fromarray(media.photograph("astronaut")).save(tmp_path / "a.png")
    assert cosine(face, faces(tmp_path / "a.png")[0]) >= 0.8


@pytest.mark.slow
def test_a_face_through_time_is_one_track_at_one_hertz(tmp_path: Path) -> None:
    found = faces(media.clip(tmp_path / "clip.mp4", seconds=6))
    assert len({face.track for face in found}) == 1
    times = [face.time for face in found]
    assert all(later - earlier >= 0.99 for earlier, later in itertools.pairwise(times))
    assert all(cosine(found[0], face) > 0.7 for face in found)


@pytest.mark.slow
def test_a_short_clip_is_searched_more_often(tmp_path: Path) -> None:
    frames = (media.view(media.photograph("astronaut"), 480, 480, 0.3 + index / 300) for index in range(30))
    found = faces(media.encode(tmp_path / "short.mp4", frames, rate=25))
    assert 4 <= len({face.time for face in found}) <= 8
