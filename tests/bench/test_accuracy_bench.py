"""The accuracy benchmark's own arithmetic, and that each recipe makes what it says."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from tests.bench.accuracy import tables
from tests.bench.accuracy.judging import Entry, Query, judge
from tests.bench.accuracy.media import copies, drawings, recipes
from tests.bench.accuracy.media.material import Carriers, Item
from tests.bench.accuracy.media.recipes import Edit, Setting, Truth
from tests.bench.accuracy.service import Answer, Match
from tests.support.media import clips as media

SECONDS = 6
RATE = 10
PRINTED = copies.Print(None, "video", None, 1.0)


def test_wilson_interval_is_the_published_one() -> None:
    assert tables.wilson(10, 10) == pytest.approx((0.7225, 1.0), abs=1e-4)
    assert tables.wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert tables.wilson(0, 0) == (0.0, 1.0)


def entries() -> dict[str, Entry]:
    names = {"own": "a", "sibling": "a", "stranger": "b"}
    return {name: Entry(name, group, {}) for name, group in names.items()}


def query_with(truth: Truth | None) -> Query:
    return Query("trim", "own", "a", frozenset({"a"}), PRINTED, entries()["own"], truth)


def found(entry_id: str, query: tuple[float, float], asset: tuple[float, float]) -> Match:
    return Match(entry_id, "known_fake", "copy", ((query, asset),))


def test_a_copy_is_found_at_the_right_seconds_of_both_sides() -> None:
    truth = Truth((25.0, 29.0), (3.0, 7.0))
    right = judge(
        query_with(truth), Answer("known_fake", (found("own", (25.2, 29.0), (3.2, 7.0)),), 1), entries()
    )
    assert right.found
    assert right.errors == pytest.approx((0.2, 0.0, 0.2, 0.0))
    elsewhere = Answer("known_fake", (found("own", (25.0, 29.0), (8.0, 12.0)),), 1)
    assert not judge(query_with(truth), elsewhere, entries()).found
    earlier = Answer("known_fake", (found("own", (0.0, 4.0), (3.0, 7.0)),), 1)
    assert not judge(query_with(truth), earlier, entries()).found


def test_only_other_footage_is_a_false_match() -> None:
    matches = tuple(found(name, (0, 4), (0, 4)) for name in ("own", "sibling", "stranger"))
    outcome = judge(query_with(None), Answer("known_fake", matches, 1), entries())
    assert outcome.found
    assert (outcome.pairs, outcome.false, outcome.accused, outcome.sibling) == (
        1,
        ("stranger",),
        ("stranger",),
        True,
    )


def test_an_original_as_match_is_not_the_fake_found() -> None:
    match = Match("own", "authentic_original", "original", (((0.0, 4.0), (0.0, 4.0)),))
    assert not judge(query_with(None), Answer("authentic_original", (match,), 1), entries()).found


def test_edits_have_names_of_their_own() -> None:
    assert len({edit.name for edit in recipes.EDITS}) == len(recipes.EDITS)


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    """A source, two others and a carrier of a minute and a half, drawn."""
    folder = tmp_path_factory.mktemp("bench")
    clips = [clip(folder, name, SECONDS) for name in ("astronaut", "coffee", "chelsea")]
    long = clip(folder, "coffee", 90, rate=2)
    carriers = Carriers(long, clips[1], clips[2])
    return Setting(clips[0], (clips[1], clips[2]), carriers, folder / "drawings")


def clip(folder: Path, name: str, seconds: int, *, rate: int = RATE) -> Item:
    path = media.encode(
        folder / f"{name}-{seconds}.mp4", media.panning(name, 160, 120, seconds * rate), rate=rate
    )
    sha256 = f"{len(name):02x}" * 32
    return Item(path, path.name, "clips", name, "clip", sha256, float(seconds), 160, 120, float(rate), False)


@pytest.mark.slow(19)
@pytest.mark.parametrize("edit", recipes.EDITS, ids=lambda edit: edit.name)
def test_a_recipe_makes_a_copy_that_holds_its_truth(edit: Edit, setting: Setting, tmp_path: Path) -> None:
    plan = edit.plan(setting)
    path = tmp_path / f"copy{plan.suffix}"
    copies.make(plan, path)
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
        rate = float(container.streams.video[0].average_rate or RATE)
    last = float(frames[-1].time or 0)
    assert plan.truth.query[1] == pytest.approx(last + 1 / rate, abs=0.3) or last > plan.truth.query[1]
    assert 0 <= plan.truth.asset[0] < plan.truth.asset[1] <= SECONDS


def test_a_sticker_covers_eight_hundredths() -> None:
    picture = drawings.sticker(400, 300)
    covered = sum(1 for pixel in picture.getchannel("A").tobytes() if pixel)
    assert covered / (400 * 300) == pytest.approx(0.08, abs=0.004)
