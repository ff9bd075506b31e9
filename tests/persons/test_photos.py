"""Which photos serve to know a person by: by what was read in them, and from real pixels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from registry.core.errors import BadMedia
from registry.persons.photos import model as photo
from registry.persons.photos.model import Reading
from tests.support import people as enrolment
from tests.support.media import clips as media
from tests.support.people import face, reading
from workers.faces.photo import read_photo
from workers.media.limits import Limits


def judged(*readings: Reading) -> list[str | None]:
    named = {uuid4(): item for item in readings}
    found = photo.together(named)
    return [found[item].reason for item in named]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, None),
        ({"pixels": 39.9}, "face_too_small"),
        ({"sharpness": 3.0}, "too_blurred"),
        ({"light": 8.0}, "too_dark"),
        ({"front": 0.1}, "profile"),
        ({"flat": 0.6}, "not_a_photo"),
    ],
)
def test_a_face_that_cannot_serve(changed: dict[str, Any], reason: str | None) -> None:
    assert photo.by_itself(reading("ada", **changed)) == reason


def test_bystanders_do_not_matter_and_equals_do() -> None:
    one = reading("ada")
    beside = replace(one, faces=(*one.faces, face("bob", pixels=60.0)))
    assert photo.by_itself(beside) is None
    assert photo.by_itself(replace(one, faces=(*one.faces, face("bob", pixels=100.0)))) == "several_faces"
    assert photo.by_itself(replace(one, faces=())) == "no_face"


def test_the_person_is_the_majority_face_of_the_photos() -> None:
    ada, bob = [reading("ada", take) for take in range(3)], [reading("bob", take) for take in range(2)]
    assert judged(*ada) == [None] * 3
    assert judged(*ada, bob[0]) == [None, None, None, "different_people"]
    assert judged(ada[0], bob[0], ada[1]) == [None, "different_people", None]
    assert judged(ada[0], bob[0]) == ["different_people"] * 2
    assert judged(*ada[:2], *bob) == ["different_people"] * 4
    assert judged(ada[0], reading("bob", light=5.0)) == [None, "too_dark"], "who cannot serve does not count"


def test_the_same_picture_twice_and_mirrored() -> None:
    one = reading("ada")
    close = bytes([one.phash[0] ^ 0b111, *one.phash[1:]])
    named = {uuid4(): one, uuid4(): replace(one, phash=close), uuid4(): _turned(one)}
    found = photo.together(named)
    first, *others = named
    assert found[first].reason is None
    assert {(found[other].reason, found[other].other) for other in others} == {("same_photo_twice", first)}


def _turned(item: Reading) -> Reading:
    return replace(item, phash=item.mirrored, mirrored=item.phash)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 4)), max_size=8))
def test_every_photo_is_judged_and_those_that_serve_show_one_person(takes: list[tuple[str, int]]) -> None:
    named = {UUID(int=place): reading(*take) for place, take in enumerate(takes)}
    found = photo.together(named)
    assert found.keys() == named.keys()
    serving = [takes[one.int] for one, judgement in found.items() if judgement.reason is None]
    assert len({who for who, _ in serving}) <= 1
    assert len(set(serving)) == len(serving)
    assert len(photo.vectors([named[item] for item in found if found[item].reason is None])) == 256 * len(
        serving
    )


def test_a_reading_survives_being_packed() -> None:
    one = reading("ada")
    assert photo.from_json(photo.to_json(one)) == one
    assert one.faces[0].embedding.hex()[:20] not in repr(one)
    assert repr(one.faces[0]).startswith("<")


def test_types_are_recognised_by_the_first_bytes() -> None:
    assert photo.content_type(b"\xff\xd8\xff\xe0") == "image/jpeg"
    assert photo.content_type(b"RIFF\0\0\0\0WEBPVP8 ") == "image/webp"
    assert photo.content_type(b"RIFF\0\0\0\0WAVEfmt ") is None
    assert photo.content_type(b"GIF89a") is None
    assert photo.content_type(b"") is None


def _read(path: Path, picture: Image.Image, **options: Any) -> Reading:
    picture.save(path, **options)
    return read_photo(path, Limits())


def _astronaut() -> Image.Image:
    return Image.fromarray(media.photograph("astronaut"))


@pytest.mark.slow
def test_a_real_face_serves_however_it_was_saved(tmp_path: Path) -> None:
    whole = _read(tmp_path / "a.jpg", _astronaut(), quality=85)
    again = _read(tmp_path / "b.webp", _astronaut().resize((300, 300)), quality=40)
    mirrored = _read(tmp_path / "c.png", _astronaut().transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    turned = _read(tmp_path / "d.jpg", _astronaut().rotate(90))
    filling = _read(tmp_path / "e.png", _astronaut().crop((195, 80, 260, 165)).resize((390, 510)))
    assert judged(whole, again, mirrored) == [None, "same_photo_twice", "same_photo_twice"]
    assert judged(whole, turned, filling) == [None, None, None]
    left, top, across, down = whole.faces[0].box
    assert left < 224 / 512 < left + across, "where her nose is"
    assert top < 130 / 512 < top + down
    assert whole.faces[0].pixels == pytest.approx(90, abs=8)


def test_a_photo_as_phones_write_it(tmp_path: Path) -> None:
    upright, exif = _read(tmp_path / "a.png", _astronaut()), Image.Exif()
    exif[0x0112] = 6
    _astronaut().rotate(90).save(
        tmp_path / "b", "MPO", save_all=True, append_images=[_astronaut()], exif=exif
    )
    phone = read_photo(tmp_path / "b", Limits())
    assert judged(upright, phone) == [None, "same_photo_twice"]
    assert phone.faces[0].box == pytest.approx(upright.faces[0].box, abs=0.03)


@pytest.mark.slow
def test_real_pixels_that_do_not_serve(tmp_path: Path) -> None:
    picture = _astronaut()
    small = picture.resize((150, 150))
    blurred = picture.filter(ImageFilter.GaussianBlur(5))
    dark = Image.fromarray((np.asarray(picture) * 0.06).astype(np.uint8))
    double = Image.new("RGB", (1024, 512))
    double.paste(picture, (0, 0))
    double.paste(picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (512, 0))
    cases = {
        "face_too_small": small,
        "too_blurred": blurred,
        "too_dark": dark,
        "several_faces": double,
        "no_face": Image.fromarray(media.photograph("chelsea")),
        "not_a_photo": _cartoon(),
    }
    readings = {reason: _read(tmp_path / "x.png", one) for reason, one in cases.items()}
    assert {reason: photo.by_itself(one) for reason, one in readings.items()} == {
        case: case for case in cases
    }
    assert not any(face.embedding for item in readings.values() for face in item.faces), "nobody is described"
    assert len(readings["several_faces"].faces) == 2


def test_two_real_people_are_distinguished(tmp_path: Path) -> None:
    hers = [
        _read(tmp_path / "a.jpg", _astronaut()),
        _read(tmp_path / "b.jpg", _astronaut().crop((90, 0, 420, 300))),
    ]
    his = _read(tmp_path / "c.png", Image.fromarray(enrolment.somebody_else()))
    assert judged(*hers, his) == [None, None, "different_people"]
    assert judged(hers[0], his) == ["different_people", "different_people"]


@pytest.mark.parametrize("name", ["gif", "moving", "bmp", "bomb", "short", "empty"])
def test_other_files_are_refused_as_photos(tmp_path: Path, name: str) -> None:
    path = tmp_path / "file"
    picture = _astronaut()
    if name in {"gif", "bmp"}:
        picture.save(path, name)
    elif name == "moving":
        picture.save(path, "WEBP", save_all=True, append_images=[picture.rotate(9)], duration=100)
    elif name == "bomb":
        path.write_bytes(media.png_claiming(60_000, 60_000))
    elif name == "short":
        picture.save(path, "JPEG")
        path.write_bytes(path.read_bytes()[:300])
    else:
        path.write_bytes(b"")
    with pytest.raises(BadMedia) as caught:
        read_photo(path, Limits())
    assert caught.value.code in {"unsupported_media", "too_large", "truncated_media", "decode_failed"}
    assert str(tmp_path) not in caught.value.message


def _cartoon() -> Image.Image:
    """A drawn face that the detector takes for one."""
    picture = Image.new("RGB", (400, 480), "white")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((90, 60, 310, 400), fill=(236, 188, 160))
    draw.pieslice((85, 40, 315, 300), 180, 360, fill=(70, 40, 20))
    draw.ellipse((100, 120, 300, 400), fill=(236, 188, 160))
    for x in (150, 250):
        draw.ellipse((x - 24, 200, x + 24, 226), fill="white")
        draw.ellipse((x - 10, 203, x + 10, 223), fill=(60, 40, 30))
        draw.line((x - 28, 184, x + 28, 180), fill=(60, 30, 20), width=6)
    draw.polygon([(200, 220), (184, 280), (216, 280)], fill=(215, 160, 130))
    draw.ellipse((160, 310, 240, 340), fill=(180, 60, 60))
    draw.line((160, 325, 240, 325), fill=(90, 20, 20), width=3)
    return picture.filter(ImageFilter.GaussianBlur(2))
