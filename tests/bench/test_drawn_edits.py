"""The drawn accuracy benchmark: its edits hold their truth, and its seed decides all that is drawn."""

from __future__ import annotations

import random
from pathlib import Path

import av
import pytest

from tests.bench.accuracy.drawn import figures, last
from tests.bench.accuracy.drawn.drawing import Draw, Drawn, Seen
from tests.bench.accuracy.drawn.edits import EDITS, GENUINE, generator
from tests.bench.accuracy.drawn.footage import half_of
from tests.bench.accuracy.media import copies
from tests.bench.accuracy.media.material import Item
from tests.support.media import clips as media

SECONDS = 4
RATE = 10
WIDTH, HEIGHT = 160, 120
FACES = tuple(Seen(float(second), 0.4 + 0.02 * second, 0.4, 0.2) for second in range(SECONDS))


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Item]:
    folder = tmp_path_factory.mktemp("drawn")
    return [clip(folder, name) for name in ("astronaut", "coffee", "chelsea", "rocket")]


def clip(folder: Path, name: str) -> Item:
    picture = "astronaut" if name == "rocket" else name
    silent = media.encode(
        folder / f"{name}-mute.mp4", media.panning(picture, WIDTH, HEIGHT, SECONDS * RATE), rate=RATE
    )
    path = folder / f"{name}.mp4"
    tone = ("-f", "lavfi", "-i", f"sine=frequency=440:duration={SECONDS}")
    copies.ffmpeg(["-i", str(silent), *tone, "-c:v", "copy", "-c:a", "aac"], path)
    sha256 = f"{len(name):02x}" * 32
    return Item(path, name, "clips", name, "clip", sha256, float(SECONDS), WIDTH, HEIGHT, float(RATE), True)


def draw(clips: list[Item], folder: Path, edit: str, seed: int) -> Draw:
    return Draw(clips[0], generator(seed, edit, clips[0].sha256), clips[1:], folder, FACES)


MADE = [edit for edit in EDITS if edit.name != "gif"]
"""A GIF takes as long to make as all others, and the recipe of one is tested beside this."""


@pytest.mark.slow(18)
@pytest.mark.parametrize("edit", MADE, ids=lambda edit: edit.name)
def test_a_drawn_edit_makes_a_copy_that_holds_its_truth(
    edit: Drawn, clips: list[Item], tmp_path: Path
) -> None:
    plan = edit.plan(draw(clips, tmp_path, edit.name, random.SystemRandom().randrange(1_000_000)))
    path = tmp_path / f"copy{plan.suffix}"
    copies.make(plan, path)
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
        rate = float(container.streams.video[0].average_rate or RATE)
        heard = bool(container.streams.audio)
    last = float(frames[-1].time or 0)
    assert plan.truth.query[1] <= last + 1 / rate + 0.3
    assert 0 <= plan.truth.asset[0] < plan.truth.asset[1] <= SECONDS
    assert heard or plan.sound is None


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_a_seed_draws_the_same_edit_again_and_another_seed_another(
    edit: Drawn, clips: list[Item], tmp_path: Path
) -> None:
    first, again, *others = (
        edit.plan(draw(clips, tmp_path, edit.name, seed)) for seed in (1, 1, *range(2, 6))
    )
    assert first == again
    assert edit.name == "mirror" or any(plan != first for plan in others)


def test_groups_of_footage_are_split_in_two_by_name() -> None:
    assert half_of("roop_car") == "development"
    assert half_of("whu_test") == "held out"


def test_originals_are_sent_on_by_edits_that_there_are() -> None:
    assert set(GENUINE) <= {edit.name for edit in EDITS}
    assert len({edit.name for edit in EDITS}) == len(EDITS)


def test_nothing_measured_gives_no_shares() -> None:
    assert "found_mean" not in figures.figures([])
    assert figures.figures([])["pair_copy_whitewashed"] == 0


def test_a_figure_that_got_worse_or_is_no_longer_measured_is_told(tmp_path: Path) -> None:
    kept = tmp_path / "last.json"
    before = {"found_mean": 0.9, "decided_mean": 0.8, "pair_original_accused": 0, "copies": 40}
    assert last.compared("a run", before, accept=False, path=kept) == []
    assert last.compared("a run", before, accept=True, path=kept) == []
    now = {"found_mean": 0.95, "pair_original_accused": 1, "copies": 30}
    assert last.compared("a run", now, accept=False, path=kept) == [
        "decided_mean is not measured, and was 0.8",
        "pair_original_accused is 1, and was 0",
    ]
    assert last.compared("another run", now, accept=False, path=kept) == []
