"""Keys of persons: bound to one subject and purpose, private on disk, and gone when destroyed."""

from __future__ import annotations

import stat
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core.crypto.keys import FolderKeys, Key, open_keys
from registry.core.errors import BadInput, NotFound, Unavailable


@given(st.binary(max_size=200))
def test_encrypted_data_decrypts_again_and_reveals_nothing(plain: bytes) -> None:
    key = Key(uuid4(), bytes(range(32)))
    sealed = key.seal(plain, "record")
    assert key.open(sealed, "record") == plain
    assert sealed != key.seal(plain, "record")
    if len(plain) > 8:
        assert plain not in sealed


def test_it_opens_for_no_other_purpose_subject_or_key_and_not_altered() -> None:
    key = Key(uuid4(), bytes(32))
    sealed = key.seal(b"name", "record")
    broken = sealed[:-1] + bytes([sealed[-1] ^ 1])
    strangers = [(key, sealed, "photo"), (Key(uuid4(), bytes(32)), sealed, "record"), (key, broken, "record")]
    strangers += [(Key(key.subject_id, bytes(range(32))), sealed, "record"), (key, b"", "record")]
    for other, given_bytes, purpose in strangers:
        with pytest.raises(Unavailable) as caught:
            other.open(given_bytes, purpose)
        assert caught.value.code == "sealed_damaged"


def test_a_digest_is_salted_by_the_key() -> None:
    one, other = Key(uuid4(), bytes(32)), Key(uuid4(), bytes(range(32)))
    assert one.digest(b"a") == one.digest(b"a")
    assert len({one.digest(b"a"), one.digest(b"b"), other.digest(b"a")}) == 3


def test_a_key_is_not_shown() -> None:
    key = Key(uuid4(), b"k" * 32)
    assert "kkkk" not in repr(key)


def test_the_folder_is_private(tmp_path: Path) -> None:
    keys = FolderKeys(tmp_path / "keys")
    subject = uuid4()
    made = keys.create(subject)
    assert keys.get(subject) == made
    assert stat.S_IMODE(keys.folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in keys.folder.iterdir()] == [0o600]
    assert keys.held() == {subject}
    assert keys.held(unused_for=60) == set()


def test_a_destroyed_key_is_gone_and_known_to_be(tmp_path: Path) -> None:
    keys = FolderKeys(tmp_path / "keys")
    kept, gone = uuid4(), uuid4()
    keys.create(kept)
    secret = keys.create(gone).secret
    keys.destroy(gone)
    keys.destroy(gone)
    assert keys.find(gone) is None
    with pytest.raises(NotFound):
        keys.get(gone)
    assert (keys.held(), keys.destroyed()) == ({kept}, {gone})
    assert all(secret not in path.read_bytes() for path in keys.folder.iterdir())


def test_a_subject_gets_one_key(tmp_path: Path) -> None:
    keys, subject = FolderKeys(tmp_path), uuid4()
    keys.create(subject)
    with pytest.raises(Unavailable):
        keys.create(subject)


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(b"")
    with pytest.raises(Unavailable) as caught:
        FolderKeys(tmp_path / "keys").create(uuid4())
    assert caught.value.code == "keys_unavailable"


def test_addresses(tmp_path: Path) -> None:
    assert open_keys("", tmp_path).folder == tmp_path / "keys"
    assert open_keys("file:///srv/k%20s", tmp_path).folder == Path("/srv/k s")
    with pytest.raises(BadInput):
        open_keys("s3://bucket", tmp_path)
