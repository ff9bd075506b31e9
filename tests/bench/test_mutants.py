"""The mutants that `make mutants` draws."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import mutants


def test_a_seed_draws_the_same_mutants_of_every_source() -> None:
    drawn = mutants.draw(7, 5)
    assert drawn == mutants.draw(7, 5)
    assert {mutant.source for mutant in drawn} == set(mutants.SOURCES)


def test_each_mutant_changes_what_runs_and_still_is_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mutants, "ROOT", tmp_path)
    file = tmp_path / "code.py"
    code = 'def f(x: int | None) -> int:\n    """Ä 1."""\n    return x + 1 if "ä" and not x <= 2 else -x\n'
    file.write_text(code)
    found = []
    for mutant in mutants.mutants_of(file):
        with mutant.applied(tmp_path):
            compile(file.read_text(), "code", "exec")
            found.append(file.read_text().splitlines()[2].strip().removeprefix("return "))
    assert file.read_text() == code
    assert set(found) == {
        "None",
        'x + 1 if (not ("ä" and not x <= 2)) else -x',
        'x + 1 if "ä" or not x <= 2 else -x',
        'x + 1 if "ä" and (x <= 2) else -x',
        'x + 1 if "ä" and not x < 2 else -x',
        'x + 1 if "ä" and not x <= 3 else -x',
        'x - 1 if "ä" and not x <= 2 else -x',
        'x + 2 if "ä" and not x <= 2 else -x',
        'x + 1 if "ä" and not x <= 2 else (x)',
    }
