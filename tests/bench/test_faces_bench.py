"""The face benchmark's own arithmetic, and what it takes from a folder."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from registry.catalogue.fingerprints.model.distance import Vectors
from registry.persons.search.model.likeness import Track
from tests.bench.accuracy.drawn.footage import half_of
from tests.bench.accuracy.media.material import Item, listed, original_of
from tests.bench.faces import identifying, lips, pairs, swaps, verifying
from tests.bench.faces.photographs import Photograph
from tests.support.media import clips as media
from tests.support.media import drawn
from workers.faces.detector import Yunet


def _track(vector: Vectors, number: int = 0, *, quality: float = 0.9) -> Track:
    return Track(number, vector, (0.0, 0.0), 0.9, 100.0, quality, 1, usable=True)


def _photograph(person: str, take: int, *, stranger: bool = False) -> Photograph:
    who = drawn.unit(drawn.generator(person), 128)
    vector = who + 0.6 * drawn.unit(drawn.generator(f"{person} {take}"), 128)
    track = _track(np.asarray(vector / np.linalg.norm(vector), np.float32), quality=0.9 - take / 10)
    return Photograph(f"{person} {take}", person, stranger, (track,))


PEOPLE = [_photograph(f"person {index}", take) for index in range(8) for take in range(4)]
STRANGERS = [_photograph(f"stranger {index}", 0, stranger=True) for index in range(12)]


def test_every_pair_of_photographs_is_counted_once() -> None:
    found = verifying.verify([*PEOPLE, *STRANGERS])
    assert found.genuine == 8 * 6
    assert found.genuine + found.impostors == 44 * 43 // 2
    assert found.persons == 20
    assert found.at(1e-3).true_accepts == 1.0
    assert found.at(1e-3).interval == (1.0, 1.0)
    assert found.likest_strangers < 0.45


def test_a_photograph_without_a_face_is_a_miss_and_no_match() -> None:
    blank = Photograph("person 0 blank", "person 0", False, ())
    found = verifying.verify([*PEOPLE, blank])
    assert (found.genuine, found.unread) == (8 * 6 + 4, 1)
    low, high = found.at(1e-2).interval
    assert found.at(1e-2).true_accepts == pytest.approx(48 / 52)
    assert low < 48 / 52 <= high


def test_the_rate_proved_by_trials_without_an_event() -> None:
    assert verifying.provable(120) == pytest.approx(0.025)
    assert verifying.provable(0) == 1.0


def test_persons_are_found_and_strangers_are_not() -> None:
    everybody = [*PEOPLE, *STRANGERS]
    persons, used = identifying.split(everybody, 1)
    assert used == {f"person {index} 0" for index in range(8)}, "the clearest"
    found = identifying.identify(everybody, persons, used, "as it is")
    assert (found.queries, found.found, found.mistaken) == (24, 24, 0)
    assert (found.strangers, found.matched, found.comparisons) == (12, 0, 96)
    twin = Photograph("twin", "twin", True, PEOPLE[0].tracks)
    assert identifying.identify([*everybody, twin], persons, used, "as it is").matched == 1


def _item(name: str, group: str, role: str) -> Item:
    return Item(
        Path(name), f"deepfake_pairs/{name}", "deepfake_pairs", group, role, name, 5.0, 64, 64, 25.0, False
    )


def test_a_fake_belongs_to_the_original_of_its_footage_that_is_named_most_alike() -> None:
    items = [
        _item("a_1.left.mp4", "t1", "original"),
        _item("a_1.right.mp4", "t1", "fake"),
        _item("b_1.left.mp4", "t1", "original"),
        _item("b_1.right.mp4", "t1", "fake"),
        _item("c.mp4", "t2", "fake_only"),
    ]
    found = pairs.read(items)
    assert {fake.partition("/")[2]: one.path.name for fake, one in found.originals.items()} == {
        "a_1.right.mp4": "a_1.left.mp4",
        "b_1.right.mp4": "b_1.left.mp4",
    }
    assert [sibling.path.name for sibling in found.siblings(items[1])] == ["b_1.right.mp4"]
    assert found.notes == ("1 fakes without their original",)
    assert [fake.path.name for fake in pairs.read(items, 2).fakes] == ["a_1.right.mp4", "b_1.right.mp4"]
    assert pairs.read([]).notes == ("no fakes in deepfake_pairs",)


def test_only_the_mouth_is_put_into_another_moment() -> None:
    face = media.photograph("astronaut")
    (points,) = [found.points for found in Yunet().detect(face)]
    donor = np.ascontiguousarray(np.where(face > 128, face - 60, face + 60).astype(np.uint8))
    first = lips._spoken([face, donor] * 2, [points] * 4)[0]
    changed = np.abs(first.astype(int) - face).max(axis=2) > 4
    rows, columns = np.nonzero(changed)
    eyes, corners = points[:2], points[3:]
    assert changed.any()
    assert rows.min() > eyes[:, 1].max()
    assert rows.min() < corners[:, 1].mean() < rows.max()
    assert columns.max() - columns.min() < 2.5 * np.ptp(corners[:, 0])


@pytest.mark.slow(9)
def test_a_clip_gets_two_other_faces_and_stays_in_its_half(tmp_path: Path) -> None:
    face, folder, out = media.photograph("astronaut")[:300, 80:380], tmp_path / "given", tmp_path / "made"
    folder.mkdir()
    rows = [",".join(swaps.COLUMNS)]
    for place in range(8):
        cv2.imwrite(str(folder / f"{place}.png"), cv2.cvtColor(face[:, ::-1], cv2.COLOR_RGB2BGR))
        rows.append(f"{place}.png,faces,person {place},face,1,{place:064},,300,300,,,0,,")
    media.encode(folder / "clip.mp4", iter([face] * 125))
    rows.append(f"clip.mp4,clips,talk,clip,1,{9:064},5.0,300,300,25,125,0,,")
    (folder / "manifest.csv").write_text("\n".join(rows) + "\n")
    swaps.main(folder, out)
    made = listed(out)[0]
    fakes = [item for item in made if item.role == "fake"]
    assert [original_of(fake, made) for fake in fakes] == [
        item for item in made if item.role == "original"
    ] * 2
    assert {half_of(item.group) for item in made} == {half_of("talk")}
