"""`fakeprint doctor` says which walls stand, having tried them."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from workers.commands import doctor as command
from workers.commands import machine
from workers.walls import session


def test_on_linux_all_walls_stand() -> None:
    ran = CliRunner().invoke(command.doctor, ["--json"], standalone_mode=False)
    assert ran.exception is None
    assert json.loads(ran.output)["walls"] == dict.fromkeys(command.WALLS, True)


def test_what_is_wrong_with_the_machine_is_the_exit_status(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "stand", lambda: dict.fromkeys(command.WALLS, True))
    states: tuple[tuple[machine.State, int], ...] = (("good", 0), ("advice", 0), ("WRONG", 1))
    for state, status in states:
        found = [machine.Finding("disk", state, "1 GB free.")]
        monkeypatch.setattr(machine, "check", lambda *_, found=found: found)
        ran = CliRunner().invoke(command.doctor, ["--json"], standalone_mode=False)
        assert ran.return_value == status
        assert json.loads(ran.output)["machine"][0]["state"] == state


def test_a_missing_wall_has_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "stand", lambda: dict.fromkeys(command.WALLS, True) | {"network": False})
    monkeypatch.setattr(machine, "check", lambda *_: [])
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
