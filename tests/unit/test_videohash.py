"""The videohash package at arm's length: it builds shell commands, so nothing of ours may reach one."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest

from tests import media
from workers.hashers import videohash


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return media.clip(tmp_path_factory.mktemp("videohash") / "clip.mp4", seconds=4, size=(320, 180))


def _left_behind() -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob("fakeprint-videohash-*"))


def test_it_hashes_a_video_and_leaves_nothing_behind(clip: Path) -> None:
    before = _left_behind()
    first, second = videohash.whole_video(clip), videohash.whole_video(clip)
    assert first is not None
    assert len(first) == videohash.VALUE_BYTES
    assert first == second
    assert _left_behind() <= before


def test_a_name_is_never_a_command(clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    hostile = tmp_path / 'b "$(touch owned)`touch owned`;touch owned.mp4$(touch owned)'
    shutil.copyfile(clip, hostile)
    assert videohash.whole_video(hostile) == videohash.whole_video(clip)
    assert list(tmp_path.rglob("owned")) == []


def test_what_is_no_video_has_no_hash(tmp_path: Path) -> None:
    path = tmp_path / "text.mp4"
    path.write_text("not a video")
    assert videohash.whole_video(path) is None


def test_it_is_stopped_in_time(clip: Path) -> None:
    before = _left_behind()
    assert videohash.whole_video(clip, seconds=0.05) is None
    assert _left_behind() <= before


def test_an_unsafe_temporary_folder_is_not_used(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsafe = tmp_path / "a $(touch owned)"
    unsafe.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(unsafe))
    assert videohash.whole_video(clip) is None
