"""Multipart forms over HTTP: in pieces of any size, from clients of any kind."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from registry.core.errors import BadInput, FakeprintError, TooLarge, Unavailable
from registry.core.http import multipart
from registry.core.http.multipart import Form, Layout
from registry.jobs.errors import QueueFull

LAYOUT = Layout(frozenset({"fake"}), frozenset({"doc"}), frozenset({"title"}), 5_000_000, 1000)
TYPE = "multipart/form-data; boundary=b"


def _part(disposition: str | bytes, data: bytes = b"x") -> bytes:
    raw = disposition if isinstance(disposition, bytes) else disposition.encode()
    return b"--b\r\nContent-Disposition: form-data; " + raw + b"\r\n\r\n" + data + b"\r\n"


def _read(body: bytes, *, step: int = 1 << 16, content_type: str = TYPE, layout: Layout = LAYOUT) -> Form:
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), step):
            yield body[start : start + step]

    return asyncio.run(multipart.read(content_type, chunks(), layout))


def test_there_is_room_or_the_rest_is_not_read() -> None:
    body = (
        _part('name="title"') + _part('name="doc"', b"{}") + _part('name="fake"', bytes(3_000_000)) + b"--b--"
    )
    taken = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal taken
        for start in range(0, len(body), 1000):
            taken = start
            yield body[start : start + 1000]

    def refuse() -> None:
        raise QueueFull("The workers have to catch up.")

    with pytest.raises(Unavailable):
        asyncio.run(multipart.read(TYPE, chunks(), LAYOUT, admit=refuse))
    assert taken == 0
    body = _part('name="title"') + _part('name="doc"', b"{}") + b"--b--"
    assert asyncio.run(multipart.read(TYPE, chunks(), LAYOUT, admit=refuse)).documents == {"doc": [b"{}"]}


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize("step", [1, 7, 1000, 1 << 20])
def test_parts_are_read_whatever_the_pieces(step: int) -> None:
    data = bytes(range(256)) * 20
    body = _part('name="title"', "Ünï".encode()) + _part('name="fake"; filename="a.mp4"', data)
    body += _part('name="doc"', b"{}") + _part('name="fake"; filename="b"', b"\r\n--bc\r\n") + b"--b--\r\n"
    form = _read(body, step=step)
    assert form.texts == {"title": "Ünï"}
    assert form.documents == {"doc": [b"{}"]}
    assert [(item.filename, item.size) for item in form.media["fake"]] == [("a.mp4", len(data)), ("b", 8)]
    first, second = form.media["fake"]
    with second.open() as stream:
        assert stream.read() == b"\r\n--bc\r\n"
    with first.open() as stream:
        assert stream.read(10) + stream.read() == data
    form.close()


def test_media_larger_than_a_write_goes_to_the_disk_whole() -> None:
    data = os.urandom(3 * multipart.WRITE_BYTES + 17)
    form = _read(_part('name="fake"; filename="a"', data) + _part('name="fake"', data[:9]) + b"--b--")
    with form.media["fake"][0].open() as stream:
        assert stream.read() == data
    with form.media["fake"][1].open() as stream:
        assert stream.read() == data[:9]
    form.close()


def test_a_file_without_bytes_is_a_file_without_bytes() -> None:
    form = _read(_part('name="fake"; filename="a"', b"") + b"--b--")
    with form.media["fake"][0].open() as stream:
        assert stream.read() == b""


@pytest.mark.parametrize(
    ("given", "label"),
    [
        (b'filename="../../etc/passwd"', "passwd"),
        (b'filename="C:\\\\dir\\\\a.mp4"', "a.mp4"),
        (b'filename="a\x01b\x7f.mp4"', "a b .mp4"),
        ('filename="😀 $(touch X).mp4"'.encode(), "😀 $(touch X).mp4"),
        (b'filename="' + b"x" * 3000 + b'"', "x" * 255),
        (b'filename="a\xff.mp4"', "a\N{REPLACEMENT CHARACTER}.mp4"),
        (b"filename=", ""),
        (b"a=b", ""),
    ],
)
def test_a_file_name_is_a_label(given: bytes, label: str) -> None:
    form = _read(_part(b'name="fake"; ' + given) + b"--b--")
    assert [item.filename for item in form.media["fake"]] == [label]
    form.close()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "bad_multipart"),
        (b"nonsense", "bad_multipart"),
        (_part('name="title"'), "bad_multipart"),
        (_part('name="title"')[:-4], "bad_multipart"),
        (_part('name="title"', b"\xff") + b"--b--", "bad_multipart"),
        (_part('name="title"', b"a\0b") + b"--b--", "bad_multipart"),
        (_part("filename=x") + b"--b--", "unknown_part"),
        (_part('name="colour"') + b"--b--", "unknown_part"),
        (_part('name="title"') * 2 + b"--b--", "duplicate_part"),
        (_part(b'name="fake"; filename="' + b"x" * 20_000 + b'"') + b"--b--", "bad_multipart"),
        (b"--b\r\n\r\nx\r\n--b--", "unknown_part"),
    ],
)
def test_a_form_that_is_refused(body: bytes, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        _read(body)
    assert caught.value.code == code


@pytest.mark.parametrize("content_type", ["multipart/form-data", f"{TYPE}{'b' * 300}"])
def test_a_boundary_is_needed_and_short(content_type: str) -> None:
    with pytest.raises(BadInput, match=r"(?i)boundary"):
        _read(b"--b--", content_type=content_type)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (_part('name="fake"', b"x" * 5_000_001) + b"--b--", "too_large"),
        (_part('name="doc"', b"x" * 600) * 2 + b"--b--", "too_large"),
        (_part('name="title"', b"x" * 1001) + b"--b--", "too_large"),
        (_part('name="fake"', b"") * (multipart.MAX_PARTS + 1) + b"--b--", "too_many_parts"),
    ],
)
def test_a_form_that_is_too_large(body: bytes, code: str) -> None:
    with pytest.raises(TooLarge) as caught:
        _read(body)
    assert caught.value.code == code


def test_many_files_need_one_descriptor() -> None:
    before = _descriptors()
    form = _read(_part('name="fake"', b"x" * 5000) * 900 + b"--b--")
    assert len(form.media["fake"]) == 900
    assert _descriptors() <= before + 1
    form.close()


def test_an_aborted_form_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    before = _descriptors()
    visible: list[str] = []

    async def chunks() -> AsyncIterator[bytes]:
        yield _part('name="fake"; filename="a"', b"x" * (2 * multipart.WRITE_BYTES))[:-10]
        visible.extend(await asyncio.to_thread(os.listdir, tmp_path))
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        asyncio.run(multipart.read(TYPE, chunks(), LAYOUT))
    assert visible == [], "a spool file has no name"
    assert _descriptors() == before


def test_a_full_or_missing_disk_is_the_service_s_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "gone"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(Unavailable) as caught:
        _read(_part('name="fake"') + b"--b--")
    assert caught.value.code == "spool_unavailable"
    assert isinstance(caught.value, FakeprintError)
