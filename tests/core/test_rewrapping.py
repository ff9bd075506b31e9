"""`rewrap` replaces the only copy of a key: it loses none, and leaves none behind."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from registry.core.blobs.age_keys import new_key
from registry.core.crypto.keys import FolderKeys
from registry.core.crypto.kms import Kms, open_kms
from registry.core.errors import Unavailable


def by_age(folder: Path) -> Kms:
    identity = folder / f"identity-{uuid4()}"
    identity.write_text(new_key())
    opened = open_kms(identity.as_uri(), "")
    assert opened
    return opened


@pytest.fixture
def keys(tmp_path: Path) -> FolderKeys:
    return FolderKeys(tmp_path / "keys")


def opened_before(keys: FolderKeys, name: str) -> int:
    """Return a descriptor that shows a file's bytes also after the file is gone."""
    return os.open(keys.folder / name, os.O_RDONLY)


@pytest.mark.parametrize("wrong", [b"", b"0" * 28, bytes(32), b"another"])
def test_a_key_that_would_not_open_again_is_not_replaced(keys: FolderKeys, wrong: bytes) -> None:
    class Wrong:
        def wrap(self, secret: bytes) -> bytes:  # noqa: ARG002
            return wrong

        def unwrap(self, wrapped: bytes) -> bytes:
            return wrapped

    made = keys.create(uuid4())
    stored, left = FolderKeys(keys.folder, Wrong()).rewrap()
    assert (stored, left.total()) == (0, 1)
    assert keys.get(made.subject_id) == made
    with pytest.raises(Unavailable) as caught:
        FolderKeys(keys.folder, Wrong()).create(uuid4())
    assert caught.value.code == "keys_unavailable"
    assert keys.held() == {made.subject_id}


def test_what_opens_to_no_key_is_not_taken_for_destroyed(keys: FolderKeys) -> None:
    class Short:
        def wrap(self, secret: bytes) -> bytes:  # noqa: ARG002
            return b"wrapped"

        def unwrap(self, wrapped: bytes) -> bytes:  # noqa: ARG002
            return b"short"

    subject = uuid4()
    keys.create(subject)
    (keys.folder / str(subject)).write_bytes(b"kms:wrapped")
    with pytest.raises(Unavailable) as caught:
        FolderKeys(keys.folder, Short()).find(subject)
    assert caught.value.code == "keys_unavailable"


def test_what_an_interruption_left_goes_with_its_key(keys: FolderKeys) -> None:
    made = keys.create(uuid4())
    draft = f".{made.subject_id}.new"
    (keys.folder / draft).write_bytes(made.secret)
    seen = opened_before(keys, draft)
    keys.destroy(made.subject_id)
    assert [path.name for path in keys.folder.iterdir()] == [f"{made.subject_id}.destroyed"]
    assert os.pread(seen, 32, 0) != made.secret
    os.close(seen)


def test_what_an_interruption_left_goes_with_the_next_run(keys: FolderKeys, tmp_path: Path) -> None:
    other = FolderKeys(keys.folder, by_age(tmp_path))
    made, not_opened, gone = keys.create(uuid4()), other.create(uuid4()), uuid4()
    left = {key: f".{key}.new" for key in (made.subject_id, not_opened.subject_id, gone)}
    for name in left.values():
        (keys.folder / name).write_bytes(made.secret)
    seen = [opened_before(keys, name) for name in left.values()]
    keys.rewrap(plain=True)
    assert {path.name for path in keys.folder.iterdir()} == {str(made.subject_id), str(not_opened.subject_id)}
    assert all(os.pread(descriptor, 32, 0) != made.secret for descriptor in seen)
    for descriptor in seen:
        os.close(descriptor)


def test_a_key_is_found_while_it_is_replaced(keys: FolderKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    made = keys.create(uuid4())
    opening = Path.open

    def then_replaced(path: Path, *words: object, **named: object) -> object:
        file = opening(path, *words, **named)  # type: ignore[call-overload]
        monkeypatch.undo()
        assert keys.rewrap(plain=True) == (1, {})
        return file

    monkeypatch.setattr(Path, "open", then_replaced)
    assert keys.find(made.subject_id) == made


def test_the_old_copy_goes_only_after_the_new_one_is_on_the_disk(
    keys: FolderKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = keys.create(uuid4())
    seen, syncing = opened_before(keys, str(made.subject_id)), os.fsync
    held: list[bool] = []

    def noted(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            held.append(os.pread(seen, 32, 0) == made.secret)
        syncing(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    keys.rewrap(plain=True)
    assert held == [True]
    assert os.pread(seen, 32, 0) != made.secret
    os.close(seen)


def test_a_key_stays_its_owner_s(keys: FolderKeys) -> None:
    """As root, that is the service's user."""
    made = keys.create(uuid4())
    path = keys.folder / str(made.subject_id)
    owner = (65534, 65534) if os.geteuid() == 0 else (os.getuid(), path.stat().st_gid)
    os.chown(path, *owner)
    keys.rewrap(plain=True)
    after = path.stat()
    assert (after.st_uid, after.st_gid, stat.S_IMODE(after.st_mode)) == (*owner, 0o600)


def test_a_move_goes_on_past_keys_that_do_not_open(keys: FolderKeys, tmp_path: Path) -> None:
    old, new = (FolderKeys(keys.folder, by_age(tmp_path)) for _ in range(2))
    first, last = UUID(int=0), UUID(int=2**128 - 1)
    made = [new.create(first), old.create(uuid4()), keys.create(uuid4()), new.create(last)]
    stored, left = old.rewrap(plain=True)
    assert (stored, list(left.values())) == (2, [2])
    assert new.rewrap() == (4, {})
    assert [new.find(key.subject_id) for key in made] == made
