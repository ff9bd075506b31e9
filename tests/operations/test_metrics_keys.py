"""Which keys open the metrics while the database is away: a few that it knew lately, until it says no."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from registry.operations.api.scraping import KEY_MEMORY, MOST, KnownKeys


@pytest.fixture(params=["alone", "sharing"])
def readers(request: pytest.FixtureRequest, tmp_path: Path) -> KnownKeys:
    return KnownKeys(tmp_path if request.param == "sharing" else None)


def test_a_key_is_known_for_a_day(readers: KnownKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_800_000_000.0
    monkeypatch.setattr("time.time", lambda: now)
    readers.add(b"one")
    assert readers.knows(b"one")
    assert not readers.knows(b"other")
    monkeypatch.setattr("time.time", lambda: now + KEY_MEMORY - 1)
    assert readers.knows(b"one")
    monkeypatch.setattr("time.time", lambda: now + KEY_MEMORY)
    assert not readers.knows(b"one")
    readers.add(b"one")
    assert readers.knows(b"one")


def test_deleted_metrics_keys_are_dropped(readers: KnownKeys) -> None:
    readers.add(b"revoked")
    readers.forget(b"revoked")
    readers.forget(b"never seen")
    assert not readers.knows(b"revoked")


def test_the_oldest_make_room(readers: KnownKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"{number:03}".encode() for number in range(MOST + 3)]
    for at, name in enumerate(names):
        monkeypatch.setattr("time.time", lambda at=at: 1_800_000_000.0 + at)
        readers.add(name)
        readers.add(names[0])
    assert [name for name in names if not readers.knows(name)] == names[1:4]


def test_processes_of_one_address_share_metrics_keys(tmp_path: Path) -> None:
    one, other = KnownKeys(tmp_path), KnownKeys(tmp_path)
    one.add(b"key")
    assert other.knows(b"key")
    other.forget(b"key")
    assert not one.knows(b"key")
    one.add(b"key")
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o077 == 0
    assert b"key" not in file.read_bytes() + os.fsencode(file.name)
