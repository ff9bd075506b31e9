"""Blobs: whole or not there, addressed by what they are."""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core.blobs import FolderBlobs, open_blobs
from registry.core.errors import BadInput, BadMedia, FakeprintError, NotFound, TooLarge


@given(st.binary(min_size=1, max_size=3000))
def test_stored_blobs_exist(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    blobs = FolderBlobs(tmp_path_factory.mktemp("blobs"))
    stored = blobs.put(io.BytesIO(content), limit=3000)
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    assert stored.bytes == len(content)
    assert stored.new
    assert not blobs.put(io.BytesIO(content), limit=3000).new
    with blobs.local_path(stored.key) as path:
        assert path.read_bytes() == content
    blobs.delete(stored.key)
    blobs.delete(stored.key)
    assert not blobs.exists(stored.key)
    with pytest.raises(NotFound), blobs.local_path(stored.key):
        pass


def test_too_large_and_empty_leave_nothing(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    with pytest.raises(TooLarge):
        blobs.put(io.BytesIO(b"x" * 11), limit=10)
    with pytest.raises(BadMedia) as caught:
        blobs.put(io.BytesIO(b""), limit=10)
    assert caught.value.code == "empty_file"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_only_leftovers_of_killed_processes_are_deleted(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    kept = blobs.put(io.BytesIO(b"kept"), limit=10)
    left, held, fresh = (tmp_path / "incoming" / name for name in ("left", "held", "fresh"))
    left.parent.mkdir()  # made where a file system knows no files without a name
    for path in (left, held, fresh):
        path.write_bytes(b"half")
    for path in (left, held):
        os.utime(path, (0, 0))
    with held.open("rb") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        assert blobs.discard_abandoned() == 1
    assert (left.exists(), held.exists(), fresh.exists()) == (False, True, True)
    assert blobs.exists(kept.key)


@pytest.mark.parametrize("key", ["../../etc/passwd", "ab/../x", "", "ab/" + "g" * 64, "/etc/passwd"])
def test_no_name_becomes_a_path(tmp_path: Path, key: str) -> None:
    with pytest.raises(BadInput):
        FolderBlobs(tmp_path).exists(key)


def test_a_read_only_folder_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    with pytest.raises(FakeprintError) as caught:
        FolderBlobs(file).put(io.BytesIO(b"x"), limit=10)
    assert caught.value.code == "blobs_unavailable"


def test_other_addresses_are_refused(tmp_path: Path) -> None:
    open_blobs("", tmp_path).put(io.BytesIO(b"x"), limit=10)
    open_blobs(f"file://{tmp_path}/with%20space", tmp_path).put(io.BytesIO(b"x"), limit=10)
    assert {path.name for path in tmp_path.iterdir()} == {"blobs", "with space"}
    with pytest.raises(BadInput) as caught:
        open_blobs("ftp://bucket", tmp_path)
    assert caught.value.code == "bad_blobs_url"
