"""Blobs in a folder and in a bucket, plain and encrypted: the same behaviour on a file system and over
HTTP.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import signal
import socket
import subprocess
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pyrage
import pytest

from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.media.service import retention as sweeping
from registry.catalogue.media.service.retention import sweep_blobs
from registry.catalogue.media.service.uploads import Upload
from registry.core.blobs import age_keys, s3
from registry.core.blobs.s3 import S3Objects
from registry.core.errors import BadInput, BadMedia, NotFound, TooLarge, Unavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller
from tests.support.entries import refuse_media
from tests.support.jobs import fail_jobs
from tests.support.media.blobs import LIMIT, MIDDLE, SMALL, names, opened, overwrite, put, raw, read
from tests.support.service import servers as services

LARGE = secrets.token_bytes(s3.PART + 12_345)
"""More than a part."""
ADDRESSES = ("file", "s3")


@pytest.fixture
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A place of one's own of the kind that is asked for."""
    if request.param == "file":
        return tmp_path.as_uri()
    store: str = request.getfixturevalue("s3_store")
    return store.replace("?", f"/{uuid4().hex}?")


@pytest.fixture
def key() -> str:
    return age_keys.new_key()


both = pytest.mark.parametrize("address", ADDRESSES, indirect=True)


@pytest.mark.slow
@both
@pytest.mark.parametrize("sealed", [False, True])
def test_a_part_is_read_without_what_lies_before(address: str, key: str, sealed: bool) -> None:
    blobs = opened(address, key if sealed else "")
    stored = put(blobs, LARGE)
    with blobs.ranged(stored) as ranged:
        assert ranged.size == len(LARGE)
        for start, end in ((s3.PART - 3, s3.PART + 9), (5, 70_000), (len(LARGE) - 2, len(LARGE) + 2)):
            assert b"".join(ranged.read(start, end)) == LARGE[start:end]


@pytest.mark.slow
@both
@pytest.mark.parametrize("sealed", [False, True])
def test_a_blob_is_stored_once_and_can_be_deleted(address: str, key: str, sealed: bool) -> None:
    blobs = opened(address, key if sealed else "")
    for content in (SMALL, LARGE):
        first = blobs.put(io.BytesIO(content), limit=LIMIT)
        assert first.new
        assert first.sha256 == hashlib.sha256(content).hexdigest()
        assert not blobs.put(io.BytesIO(content), limit=LIMIT).new
        assert blobs.exists(first.key)
        assert read(blobs, first.key) == content
        (name,) = [name for name in names(blobs) if name.startswith(first.key)]
        assert (content[:16] in raw(blobs, name)) is not sealed
        blobs.delete(first.key)
        blobs.delete(first.key)
        assert not blobs.exists(first.key)
        with pytest.raises(NotFound, match="no longer stored"):
            read(blobs, first.key)
    assert names(blobs) == []


@both
def test_refused_and_interrupted_uploads_leave_nothing(address: str) -> None:
    blobs = opened(address)
    with pytest.raises(TooLarge):
        blobs.put(io.BytesIO(SMALL), limit=len(SMALL) - 1)
    with pytest.raises(BadMedia, match="no bytes"):
        blobs.put(io.BytesIO(b""), limit=1)

    def cut(out: Any) -> None:
        out.write(LARGE)
        raise RuntimeError("the sender went away")

    with pytest.raises(RuntimeError):
        blobs._objects.write("ab/cut", cut)
    assert names(blobs) == []
    if isinstance(blobs._objects, S3Objects):
        assert not blobs._objects.call("list_multipart_uploads").get("Uploads")


@both
@pytest.mark.parametrize("sealed", [False, True])
@pytest.mark.parametrize("harm", ["flipped", "short", "other"])
def test_a_damaged_copy_is_put_aside_and_never_read(address: str, key: str, sealed: bool, harm: str) -> None:
    blobs = opened(address, key if sealed else "")
    found = put(blobs, MIDDLE)
    (name,) = names(blobs)
    content = bytearray(raw(blobs, name))
    if harm == "flipped":
        content[len(content) // 2] ^= 1
    elif harm == "short":
        del content[-70_000:]
    else:
        content = bytearray(secrets.token_bytes(len(content)))
    overwrite(blobs, name, bytes(content))
    with pytest.raises(BadMedia) as caught:
        read(blobs, found)
    assert caught.value.code == "blob_corrupt"
    assert not blobs.exists(found)
    assert raw(blobs, f"damaged/{name}") == content
    with pytest.raises(NotFound):
        read(blobs, found)
    assert blobs.put(io.BytesIO(MIDDLE), limit=LIMIT).new, "what is sent again is kept"
    assert read(blobs, found) == MIDDLE
    overwrite(blobs, name, bytes(content))
    with pytest.raises(BadMedia):
        read(blobs, found)
    blobs.delete(found)
    with pytest.raises(FileNotFoundError):
        raw(blobs, f"damaged/{name}")


@pytest.mark.slow
@both
def test_key_rotation_also_encrypts_plain_media(address: str) -> None:
    old, new = age_keys.new_key(), age_keys.new_key()
    kept = [put(opened(address), SMALL), put(opened(address, old), MIDDLE)]
    assert opened(address, old).put(io.BytesIO(SMALL), limit=LIMIT).new is False
    both_keys = opened(address, f"{new}\n{old}")
    assert [read(both_keys, item) for item in kept] == [SMALL, MIDDLE]
    assert sorted(both_keys.listed()) == sorted(kept)
    assert [both_keys.reseal(item) for item in kept] == [True, True]
    assert [both_keys.reseal(item) for item in kept] == [False, False]
    alone = opened(address, new)
    assert [read(alone, item) for item in kept] == [SMALL, MIDDLE]
    assert len(names(alone)) == 2
    for others in ("", old):
        with pytest.raises(Unavailable) as caught:
            read(opened(address, others), kept[0])
        assert caught.value.code == "blobs_key_missing"
    assert both_keys.exists(kept[0]), "a key that is missing harms nothing"


@pytest.mark.slow
@both
def test_a_damaged_copy_under_the_new_key_costs_no_good_one_under_the_old(address: str) -> None:
    """As when the disk spoilt what a rotation that was cut off had written."""
    old, new = age_keys.new_key(), age_keys.new_key()
    found = put(opened(address, old), MIDDLE)
    other = opened(address, new)
    other._write(found, io.BytesIO(MIDDLE))
    (name,) = [name for name in names(other) if name == other._name(found)]
    whole = raw(other, name)
    overwrite(other, name, whole[:-1] + bytes([whole[-1] ^ 1]))
    assert opened(address, f"{new} {old}").reseal(found)
    assert read(other, found) == MIDDLE
    assert names(other) == [name]


def test_encrypted_media_are_age_files_that_the_public_key_cannot_open(tmp_path: Path, key: str) -> None:
    public = str(pyrage.x25519.Identity.from_str(key).to_public())
    blobs = opened(tmp_path.as_uri(), public)
    found = put(blobs, SMALL)
    assert not blobs.put(io.BytesIO(SMALL), limit=LIMIT).new
    (name,) = names(blobs)
    assert pyrage.decrypt(raw(blobs, name), [pyrage.x25519.Identity.from_str(key)]) == SMALL
    with pytest.raises(Unavailable, match="key that is not here"):
        read(blobs, found)


@pytest.mark.parametrize("said", ["secret", "age1xyz", "AGE-SECRET-KEY-1ABC"])
def test_a_wrong_key_is_reported_without_its_value(said: str, key: str) -> None:
    with pytest.raises(BadInput) as caught:
        opened("file:///tmp", f"{key} {said}")
    assert caught.value.code == "bad_blobs_key"
    assert "Key 2" in caught.value.message
    assert said not in str(caught.value.problem())


@pytest.mark.parametrize("address", ["s3://", "s3://b?end=x", "s3://key:secret@b/p", "s3://b?style=round"])
def test_a_wrong_address_is_reported(address: str) -> None:
    with pytest.raises(BadInput) as caught:
        opened(address)
    assert caught.value.code == "bad_blobs_url"
    assert "secret@" not in str(caught.value.problem())


@both
def test_age_and_prefix_choose_keys(address: str) -> None:
    blobs = opened(address)
    kept = sorted(put(blobs, b"%d" % number) for number in range(20))
    assert list(blobs.listed()) == kept
    assert list(blobs.listed(prefix=kept[3][:2])) == [item for item in kept if item[:2] == kept[3][:2]]
    assert list(blobs.listed(unchanged_for=60)) == []


def test_an_upload_that_never_ended_is_aborted(s3_store: str) -> None:
    objects = opened(s3_store.replace("?", "/cut?"))._objects
    assert isinstance(objects, S3Objects)
    begun = objects.call("create_multipart_upload", Key="cut/ab/half")["UploadId"]
    objects.call("upload_part", Key="cut/ab/half", UploadId=begun, PartNumber=1, Body=LARGE[: s3.PART])
    assert objects.abort_uploads(timedelta(days=30 * 365)) == 0, "it may go on"
    assert objects.abort_uploads(timedelta(0)) == 1
    assert not objects.call("list_multipart_uploads", Prefix="cut/").get("Uploads")


def test_memory_is_bounded_by_parts_and_not_by_media(s3_store: str, key: str) -> None:
    blobs = opened(s3_store.replace("?", "/large?"), key)
    size = 7 * s3.PART
    stream = _Zeros(size)
    tracemalloc.start()
    try:
        found = blobs.put(cast("Any", stream), limit=LIMIT).key
        with blobs.local_path(found) as path:
            assert path.stat().st_size == size
        assert tracemalloc.get_traced_memory()[1] < 5.5 * s3.PART
    finally:
        tracemalloc.stop()
        blobs.delete(found)


class _Zeros(io.RawIOBase):
    """So many bytes, which nobody holds."""

    def __init__(self, size: int) -> None:
        self._left = self._size = size

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._size - self._left

    def seek(self, offset: int, _whence: int = 0, /) -> int:
        self._left = self._size - offset
        return offset

    def read(self, size: int = -1, /) -> bytes:
        size_read = min(self._left, 1 << 20 if size < 0 else size)
        self._left -= size_read
        return bytes(size_read)


@pytest.fixture
def silent() -> Iterator[str]:
    """A store that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"s3://media?endpoint=http://127.0.0.1:{listening.getsockname()[1]}&region=us-east-1"


@pytest.mark.parametrize("fault", ["away", "silent", "no bucket"])
def test_a_store_that_does_not_answer_is_unavailable(
    fault: str, silent: str, s3_store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "READ_SECONDS", 0.2)
    monkeypatch.setattr(s3, "ATTEMPTS", 2)
    places = {
        "away": f"s3://media?endpoint=http://127.0.0.1:{services.free_port()}&region=us-east-1",
        "silent": silent,
        "no bucket": s3_store.replace("s3://media", "s3://another"),
    }
    blobs = opened(places[fault])
    asks: list[Callable[[], object]] = [
        lambda: put(blobs, SMALL),
        lambda: blobs.exists("ab/" + "ab" * 32),
        lambda: blobs.delete("ab/" + "ab" * 32),
        lambda: read(blobs, "ab/" + "ab" * 32),
    ]
    asks += [blobs.ping, blobs.ping]
    for ask in asks:
        with pytest.raises(Unavailable) as caught:
            ask()
        assert caught.value.code == "blobs_unavailable"


def test_a_full_disk_is_unavailable_and_leaves_nothing(tmp_path: Path, key: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path)], check=True)
    try:
        for keys in ("", key):
            blobs = opened(tmp_path.as_uri(), keys)
            with pytest.raises(Unavailable) as caught:
                put(blobs, LARGE)
            assert caught.value.code == "blobs_unavailable"
            assert "space" in caught.value.message
            assert names(blobs) == []
            assert read(blobs, put(blobs, SMALL)) == SMALL
            blobs.delete(put(blobs, SMALL))
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_process_killed_while_it_writes_leaves_no_name(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:

        def hang(out: Any) -> None:
            out.write(LARGE)
            out.flush()
            os.write(writing, b".")
            signal.pause()

        opened(tmp_path.as_uri())._objects.write("ab/half", hang)
        os._exit(0)
    assert os.read(reading, 1) == b"."
    os.kill(child, 9)
    os.waitpid(child, 0)
    os.close(reading)
    os.close(writing)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_media_that_no_row_needs_is_let_go(service: Service, owner: Caller) -> None:
    kept, lost = (service.blobs.put(io.BytesIO(content), limit=LIMIT) for content in (SMALL, MIDDLE))
    register_entry(service, owner, Registration(fakes=[Upload(kept, "kept.mp4")]))
    bare = replace(service, settings=service.settings.model_copy(update={"keep_media": False}))
    assert sweep_blobs(bare) == 0, "a request may still write its rows"
    assert sweep_blobs(bare, unchanged_for=0) == 1
    assert (service.blobs.exists(kept.key), service.blobs.exists(lost.key)) == (True, False)
    fail_jobs(service)
    refuse_media(service)
    assert sweep_blobs(service, unchanged_for=0) == 0, "who keeps media keeps what may be tried again"
    sweep_blobs(bare)
    assert list(service.blobs.listed()) == [], "who keeps none does not wait"


def test_a_deployment_that_kept_media_before_looks_at_a_part_of_it_each_time(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else each sweep would list all that a bucket holds; in the end all is looked at."""
    keys = {service.blobs.put(io.BytesIO(b"%d" % number), limit=LIMIT).key for number in range(20)}
    bare = replace(service, settings=service.settings.model_copy(update={"keep_media": False}))
    monkeypatch.setattr(sweeping, "_MOST", 2)
    looked: list[list[str]] = []
    for shelf in range(256):
        now = shelf * sweeping._SHELF_SECONDS
        monkeypatch.setattr(sweeping, "time", SimpleNamespace(time=lambda now=now: now))
        looked.append(list(sweeping._old(bare, 0)))
    assert {key for some in looked for key in some} == keys
    assert [some for some in looked if len(some) != len(set(some))] == []
    shelves = Counter(key[:2] for key in keys)
    assert max(map(len, looked)) <= 2 + max(shelves.values()) < len(keys)
