"""The edits of single pictures can be drawn again, and what is decided and accused is counted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest
from PIL import Image

from tests.bench.pictures import figures
from tests.bench.pictures.edits import EDITS, Draw, Edit
from tests.bench.pictures.material import Pair
from tests.bench.pictures.measuring import Copy, Result
from tests.support.media.drawn import generator

PAIR = Pair("a", "swapped", "group", Path("fake"), Path("original"), None, (0.5, 0.4, 0.2))


def picture(name: str) -> Image.Image:
    return Image.fromarray(generator(name).integers(0, 255, (180, 320, 3), dtype=np.uint8))


def answered(
    verdict: str, own: str | None = None, *, genuine: bool = False, originals: bool = True
) -> Result:
    copy = Copy(PAIR, EDITS[0], genuine, Path("copy"))
    return Result(copy, "pictures", originals, verdict, own, (), None)


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_an_edit_is_the_same_for_the_same_seed_and_another_for_another(edit: Edit) -> None:
    def made(seed: int) -> bytes:
        others = [picture("b"), picture("c")]
        return edit.make(Draw(picture("a"), Random(seed), others, PAIR.face)).tobytes()  # noqa: S311  # as drawn

    assert made(1) == made(1)
    assert made(1) != made(2) or edit.name == "mirrored"


def test_copies_decided_and_originals_accused_are_shares_of_their_own() -> None:
    results = [
        answered("known_fake", "known_fake"),
        answered("known_fake"),
        answered("related", "related"),
        answered("authentic_original"),
        answered("known_fake", "known_fake", genuine=True),
        answered("authentic_original", genuine=True),
        answered("known_fake", "known_fake", genuine=True, originals=False),
        answered("related", "related", originals=False),
    ]
    (row,) = figures.rows(results)
    assert (row.copies, row.genuine, row.decided, row.accused) == (4, 2, 0.25, 1)
    assert (row.whitewashed, row.accused_alone, row.decided_alone, row.authentic) == (1, 1, 0.0, 0.5)
    assert row.found == pytest.approx(3 / 5)
    means = figures.figures([row, replace(row, decided=0.75)])
    assert (means["picture_decided_mean"], means["picture_originals_accused"]) == (0.5, 0.5)
