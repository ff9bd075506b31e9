"""The bench of sound alone: its edits are repeatable, and it knows which second is which."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from registry.matching.alignment.model import hearing
from tests.bench.sound import __main__ as bench
from tests.bench.sound.edits import EDITS, Source, edited
from tests.support.media import sounds

SOURCE = Source("a", "a", sounds.speech(1, 12)[::2], sounds.speech(2, 30)[::2])


@pytest.mark.slow
@pytest.mark.parametrize("edit", ["opus", "recorded in a room", "6 s between other sound"])
def test_a_seed_draws_the_same_edit_again(tmp_path: Path, edit: str) -> None:
    first, again, other = (edited(SOURCE, edit, seed, tmp_path) for seed in (1, 1, 2))
    assert np.array_equal(first.samples, again.samples)
    assert not np.array_equal(first.samples, other.samples)


@pytest.mark.parametrize("edit", ["opus", "loudness", "cut of 6 s"])
def test_what_is_found_is_where_the_edit_put_it(tmp_path: Path, edit: str) -> None:
    copy = edited(SOURCE, edit, 1, tmp_path)
    stretches = bench.aligned(bench.values(copy.samples), bench.values(SOURCE.samples))
    assert bench._placed(stretches, copy, SOURCE.seconds)
    late = [stretch.limited_to((stretch.query[0] + 1, stretch.query[1])) for stretch in stretches]
    assert not bench._placed(late, copy, SOURCE.seconds)


@pytest.mark.slow
def test_each_edit_leaves_sound(tmp_path: Path) -> None:
    for edit in EDITS:
        copy = edited(SOURCE, edit, 1, tmp_path)
        assert len(bench.values(copy.samples).peaks) >= 1, edit


def test_a_copy_is_decided_and_another_sound_is_not() -> None:
    own, other = bench.values(SOURCE.samples), bench.values(SOURCE.other)
    assert bench._accused(own, own)
    assert not bench._accused(other, own)
    assert hearing.align(other, own) == ()
