"""The calibration reads what people say of matches, and lets nobody drown the others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench.accuracy import calibration, opinions


def line(**more: object) -> str:
    payload = {
        "entry_id": "e",
        "organization": "o",
        "opinion": "true_positive",
        "confidence": 0.9,
        "exact": False,
    }
    return json.dumps(payload | more)


def test_an_organization_counts_once_an_entry(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "o.jsonl"
    flood = [line(organization="flood", opinion="false_positive") for _ in range(98)]
    honest = [line(organization=f"o {number}", entry_id=f"e {number}") for number in range(9)]
    other = [line(exact=True), line(confidence=None)]
    path.write_text("\n".join([*flood, *honest, *other]) + "\n")
    said = opinions.read(path)
    assert len(said) == 108
    figures = opinions.report(said)
    assert figures["opinions"] == 107
    assert figures["opinions_denied"] == pytest.approx(0.1)
    assert figures["opinions_calibration_error"] == pytest.approx(0.0, abs=1e-9)
    assert "0.90 - 0.95" in capsys.readouterr().out


@pytest.mark.parametrize("wrong", ["{", "[]", "7", '{"opinion": "maybe"}', '{"opinion": "true_positive"}'])
def test_an_invalid_opinion_is_reported_by_line(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "o.jsonl"
    path.write_text(f"{line()}\n{wrong}\n")
    with pytest.raises(SystemExit, match="line 2"):
        opinions.read(path)


def test_the_calibration_takes_opinions_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "o.jsonl", tmp_path / "out.json"
    path.write_text(line() + "\n")
    monkeypatch.setenv("OPINIONS", str(path))
    monkeypatch.setenv("OUT", str(out))
    monkeypatch.setattr("sys.argv", ["calibration"])
    calibration.main()
    assert json.loads(out.read_text())["figures"]["opinions"] == 1
    assert "opinions: 1" in capsys.readouterr().out
