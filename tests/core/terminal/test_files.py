"""Paths: what they name, in which order, and why one cannot be used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from registry.core.errors import BadMedia
from registry.core.terminal import files


def code_of(path: str) -> str:
    error = files.check(path).error
    return error.code if error else ""


def test_a_readable_file_has_no_error(tmp_path: Path) -> None:
    file = tmp_path / "a b\n'\"$(touch X)😀.mp4"
    file.write_bytes(b"x")
    assert files.check(str(file)) == files.Named(str(file))
    assert files.size_of(str(file)) == 1


def test_each_bad_path_has_its_code(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "file").write_bytes(b"x")
    os.mkfifo(tmp_path / "pipe")
    assert code_of("") == "missing_path"
    assert code_of(str(tmp_path / "nothing")) == "missing_path"
    assert code_of(str(tmp_path / "file" / "below")) == "missing_path"
    assert code_of(str(tmp_path / ("n" * 300))) == "missing_path"
    assert code_of(str(tmp_path)) == "is_a_directory"
    assert code_of(str(tmp_path / "empty")) == "empty_file"
    assert code_of(str(tmp_path / "pipe")) == "not_media"
    assert code_of("/dev/zero") == "not_media"


def test_a_folder_is_read_in_order_without_hidden_files(tmp_path: Path) -> None:
    for name in ("b.mp4", "a.mp4", ".hidden", "sub/c.mp4", ".git/d.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    found = [item.path for item in files.named([str(tmp_path), "nothing"], recursive=True)]
    assert found == [str(tmp_path / "a.mp4"), str(tmp_path / "b.mp4"), str(tmp_path / "sub/c.mp4"), "nothing"]


def test_a_folder_without_files_is_an_error(tmp_path: Path) -> None:
    [one] = files.named([str(tmp_path)], recursive=True)
    assert one.error is not None
    assert one.error.code == "missing_path"


def test_a_folder_needs_the_option(tmp_path: Path) -> None:
    [one] = files.named([str(tmp_path)], recursive=False)
    assert one.error is not None
    assert one.error.code == "is_a_directory"
    assert "--recursive" in (one.error.next_step or "")


def test_a_link_to_its_own_folder_ends(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert [item.path for item in files.named([str(tmp_path)], recursive=True)] == [str(tmp_path / "a")]


def test_reading_errors_say_why() -> None:
    assert files.of_os_error(PermissionError(13, "Permission denied")).code == "no_permission"
    other = files.of_os_error(OSError(5, "Input/output error"))
    assert isinstance(other, BadMedia)
    assert other.code == "unreadable"
    assert "Input/output error" in other.message


@pytest.mark.parametrize(("path", "label"), [("a/b.mp4", "b.mp4"), ("a/b/", "b"), ("b", "b"), ("/", "/")])
def test_a_label_is_the_name_alone(path: str, label: str) -> None:
    assert files.label(path) == label
