"""The calibration takes true pairs for true, false ones for false, and nothing in between."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from registry.catalogue.fingerprints.model.document import to_document
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.matching.decision.model import confidence
from registry.matching.decision.model.confidence import PRIOR, Evidence
from tests.bench.accuracy import calibration, curves, fitting
from tests.bench.accuracy.media import pairs
from tests.bench.accuracy.media.copies import Print
from tests.bench.accuracy.media.pairs import Asking, Faced, Gathered, Pair, Shelf
from tests.bench.accuracy.media.recipes import Truth
from tests.support.media import drawn


def kept(folder: Path, clip: Fingerprint) -> Print:
    path = folder / f"{clip.media.sha256}.json"
    path.write_text(json.dumps({"document": to_document(clip, faces=True), "error": None, "cpu_ms": 0}))
    return Print(path, clip.media.kind, None, 0.0)


@pytest.fixture
def shelves(tmp_path: Path) -> Iterator[Path]:
    """A fake with its original, another fake of the same footage, and a clip nearly of the same studio."""
    fake = drawn.clip("body", face="victim")
    sibling = drawn.clip("body", face="other", noise=0.1, file="s")
    original = drawn.clip("body", face="actress", noise=0.05, file="o")
    like = drawn.clip("body", noise=1.4, file="like")
    pairs._fill(
        [
            Shelf("fake", "body", kept(tmp_path, fake), kept(tmp_path, original)),
            Shelf("sibling", "body", kept(tmp_path, sibling)),
            Shelf("like", "studio", kept(tmp_path, like)),
            Shelf("street", "street", kept(tmp_path, drawn.clip("street"))),
        ]
    )
    yield tmp_path
    pairs._FILLED.clear()


def test_a_copy_is_a_true_pair_and_the_nearest_other_footage_a_false_one(shelves: Path) -> None:
    copy = kept(shelves, drawn.clip("body", face="victim", noise=0.2, file="copy"))
    found = pairs._compare(Asking("mirror", "body", frozenset({"body"}), copy, "fake"))
    assert [(pair.right, pair.groups) for pair in found.pairs] == [
        (True, frozenset({"body"})),
        (False, frozenset({"body", "studio"})),
    ]
    assert found.pairs[0].evidence.score > found.pairs[1].evidence.score
    assert found.compared == [((False, True), "body"), ((False, False), "body")]
    assert [(item.right, item.group) for item in found.faced] == [(True, "body")]


def test_an_original_is_no_copy_and_not_unrelated_either(shelves: Path) -> None:
    genuine = kept(shelves, drawn.clip("body", face="actress", noise=0.2, file="resent"))
    found = pairs._compare(Asking("o", "body", frozenset({"body"}), genuine, None, genuine=True))
    assert [pair.right for pair in found.pairs] == [False]
    assert [item.right for item in found.faced] == [False]
    assert found.faced[0].apart is not None
    assert found.faced[0].odds is not None
    assert found.faced[0].odds < 0


def test_a_copy_that_is_found_elsewhere_than_it_lies_is_not_found(shelves: Path) -> None:
    copy = kept(shelves, drawn.clip("body", noise=0.2, file="copy"))
    late = Truth((50.0, 54.0), (0.0, 4.0))
    found = pairs._compare(Asking("in", "body", frozenset({"body"}), copy, "fake", late))
    assert not any(pair.right for pair in found.pairs)


def gathered() -> Gathered:
    """Copies that score .5 to .95, unrelated pairs .05 to .3, of forty groups."""
    numbers = np.random.default_rng(3)
    found = []
    for index in range(400):
        right = index % 2 == 0
        score = float(numbers.uniform(0.5, 0.95) if right else numbers.uniform(0.05, 0.3))
        groups = frozenset({f"g{index % 40}"} if right else {f"g{index % 40}", f"g{(index * 7 + 1) % 40}"})
        found += [
            Pair("x", groups, right, Evidence(score, 0.5 * score, score - 0.2, single))
            for single in (False, True)
        ]
    faced = [
        Faced("x", f"g{index % 20}", index % 2 == 0, 0.2 if index % 2 == 0 else -0.3, None)
        for index in range(80)
    ]
    kinds = {(single, right): (200, 40) for single in (False, True) for right in (False, True)}
    return Gathered(tuple(found), tuple(faced), kinds)


def test_the_printed_line_is_valid_code(capsys: pytest.CaptureFixture[str]) -> None:
    figures = calibration.report(gathered())
    printed = capsys.readouterr().out
    assert figures["clips_right_from_95"] == 1.0
    assert figures["code_is_fitted"] == 0.0
    caps = dict(re.findall(r"^(\w+): Final = Curve\(intercept=.*, cap=([\d.]+)\)", printed, re.MULTILINE))
    assert set(caps) == {"CLIPS", "SINGLES", "FACES"}
    assert float(caps["CLIPS"]) == fitting.rounded_down(fitting.cap(PRIOR, hits=1.0, wrong=0, of=40))
    assert "a fake against its original" in printed
    assert "nothing is fitted" in printed


def test_the_code_version_depends_on_its_results() -> None:
    found = [pair for pair in gathered().pairs if not pair.evidence.single]
    sample = curves.footage("CLIPS", "clips", found, gathered(), confidence.CLIPS, single=False)
    fit = sample.fit()
    assert not curves.same(sample, fit)
    again = curves.footage("CLIPS", "clips", found, gathered(), fit, single=False)
    assert curves.same(again, fit)
