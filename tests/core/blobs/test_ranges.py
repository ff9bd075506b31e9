"""Parts of blobs: of any length, from any place, encrypted or not."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from registry.core.blobs import FolderBlobs
from registry.core.blobs.age_keys import new_key, read_keys
from registry.core.errors import BadMedia, NotFound, Unavailable

CHUNK = 64 * 1024
SIZES = (1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 5 * CHUNK + 17)


@pytest.mark.parametrize("keys", ["", new_key()], ids=["plain", "encrypted"])
@pytest.mark.parametrize("size", SIZES)
def test_every_part_is_that_of_the_file(tmp_path: Path, keys: str, size: int) -> None:
    blobs = FolderBlobs(tmp_path, read_keys(keys))
    content = os.urandom(size)
    key = blobs.put(io.BytesIO(content), limit=1 << 20).key
    places = sorted(
        {0, 1, size // 2, size - 1, size, *(min(size, at) for at in (CHUNK - 1, CHUNK, CHUNK + 1))}
    )
    with blobs.ranged(key) as ranged:
        assert ranged.size == size
        for start in places:
            for end in (*places, size + 9):
                assert b"".join(ranged.read(start, end)) == content[start:end]


def test_a_changed_chunk_is_refused_and_the_others_are_read(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path, read_keys(new_key()))
    content = bytes(3 * CHUNK)
    key = blobs.put(io.BytesIO(content), limit=1 << 20).key
    (path,) = tmp_path.rglob("*.age")
    sealed = bytearray(path.read_bytes())
    sealed[-CHUNK - 100] ^= 1  # in the chunk before the last
    path.write_bytes(sealed)
    with blobs.ranged(key) as ranged:
        assert b"".join(ranged.read(0, CHUNK)) == content[:CHUNK]
    with pytest.raises(BadMedia) as caught, blobs.ranged(key) as ranged:
        list(ranged.read(CHUNK, 2 * CHUNK))
    assert caught.value.code == "blob_corrupt"


def test_a_changed_header_another_key_and_a_lost_file(tmp_path: Path) -> None:
    sealing = new_key()
    blobs = FolderBlobs(tmp_path, read_keys(sealing))
    key = blobs.put(io.BytesIO(b"content"), limit=99).key
    with pytest.raises(Unavailable), FolderBlobs(tmp_path, read_keys(new_key())).ranged(key):
        pass
    with FolderBlobs(tmp_path, read_keys(f"{new_key()} {sealing}")).ranged(key) as ranged:
        assert b"".join(ranged.read(0, 9)) == b"content"
    (path,) = tmp_path.rglob("*.age")
    path.write_bytes(path.read_bytes().replace(b"-> X25519", b"-> X25518"))
    with pytest.raises(BadMedia), blobs.ranged(key):
        pass
    blobs.delete(key)
    with pytest.raises(NotFound), blobs.ranged(key):
        pass
