"""What is counted as a pair of unrelated footage, and as an accusation."""

from __future__ import annotations

import json
from pathlib import Path

from registry.catalogue.fingerprints.model.document import to_document
from tests.bench.accuracy.drawn import unrelated
from tests.bench.accuracy.drawn.unrelated import Filed
from tests.bench.accuracy.media.copies import Print
from tests.support.media import drawn


def filed(folder: Path, name: str, group: str, scene: str) -> Filed:
    kept = folder / f"{name}.json"
    document = to_document(drawn.clip(scene, file=name), faces=True)
    kept.write_text(json.dumps({"document": document}), encoding="utf-8")
    return Filed(name, "clips", frozenset({group}), Print(kept, "video", None, 0.0))


def test_files_of_one_group_are_no_pair_and_what_looks_like_another_group_is_accused(tmp_path: Path) -> None:
    files = [
        filed(tmp_path, "a", "street", "street"),
        filed(tmp_path, "copy of a", "street", "street"),
        filed(tmp_path, "b", "beach", "beach"),
        filed(tmp_path, "a, misfiled", "beach", "street"),
    ]
    known = unrelated.entries(files)
    found = [pair for file in files for pair in unrelated.decided(file, known)]
    assert unrelated.figures(found)["unrelated_pairs"] == 8
    wrong = {(pair.query, pair.entry) for pair in found if pair.verdict == "known_fake"}
    assert wrong == {
        (query, entry)
        for query, entry in [
            ("a", "a, misfiled"),
            ("copy of a", "a, misfiled"),
            ("a, misfiled", "a"),
            ("a, misfiled", "copy of a"),
        ]
    }
    assert unrelated.figures(found)["unrelated_accused"] == 4
