"""`fakeprint doctor` says which walls stand, having tried them."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from workers.commands import doctor as command
from workers.walls import session


def test_on_linux_all_walls_stand() -> None:
    ran = CliRunner().invoke(command.doctor, ["--json"], standalone_mode=False)
    assert (ran.return_value, ran.exception) == (0, None)
    assert json.loads(ran.output) == {"walls": dict.fromkeys(command.WALLS, True)}


def test_a_missing_wall_has_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "stand", lambda: dict.fromkeys(command.WALLS, True) | {"network": False})
    ran = CliRunner().invoke(command.doctor, [], standalone_mode=False)
    assert ran.return_value == 1
    first, *others = ran.output.splitlines()
    assert first.split()[:2] == ["network", "MISSING"]
    assert "seccomp" in first
    assert all("stands" in line for line in others)


def test_without_forking_a_process_works_for_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS, where walls of the kernel are missing: those of Linux are put up all the same."""
    monkeypatch.setattr(session, "_FORKS", False)
    assert command.stand()["memory"]
    assert command.stand()["environment"]
