"""Alter a bundle of evidence in every plausible way, with the file that a check must name."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Collection, Iterator, Sequence

from registry.core.documents import plain_zip
from registry.core.documents.plain_zip import is_name

Files = Sequence[tuple[str, bytes]]
Altered = tuple[str, Collection[str], bytes]


def altered(raw: bytes) -> Iterator[Altered]:
    """Yield description, files of which a check must name one first, and the altered archive."""
    files = plain_zip.unpack(raw)
    yield from _contents(files)
    yield from _places(raw, files)
    yield from _members(files)
    yield from _foreign(raw, files)


def _contents(files: Files) -> Iterator[Altered]:
    """Flip a bit at the beginning, in the middle and at the end of each file. Checksums and archive stay
    valid."""
    for number, (name, data) in enumerate(files):
        for place in sorted({0, len(data) // 2, len(data) - 1}):
            other = _flipped(data, place)
            changed = plain_zip.pack([*files[:number], (name, other), *files[number + 1 :]])
            yield f"byte {place} of {name}, repacked", {name}, changed
        changed = plain_zip.pack([*files[:number], (name, data + b" "), *files[number + 1 :]])
        yield f"a byte more in {name}", {name}, changed


def _places(raw: bytes, files: Files) -> Iterator[Altered]:
    """Flip a bit in each byte of headers, directory and end record, or truncate the archive there."""
    offset, before = 0, "archive"
    for name, data in files:
        start, end = offset + 30, offset + 30 + len(name)
        for place in range(offset, end):
            named = {name, before}
            if place >= start and is_name(other := _flipped(raw, place)[start:end].decode("latin-1")):
                named.add(other)
            if place == offset + 26:  # the name's length, which changes the name
                named |= {name[:-1], name + data[:1].decode("latin-1")}
            yield f"byte {place}, in the header of {name}", named, _flipped(raw, place)
        for place in {end, end + len(data) // 2, end + len(data) - 1}:
            yield f"byte {place}, in {name}", {name}, _flipped(raw, place)
            yield f"cut off at {place}, in {name}", {name}, raw[:place]
        yield f"cut off at {offset + 10}", {name, before}, raw[: offset + 10]
        offset, before = end + len(data), f"after {name}"
    for name, _ in files:
        end = offset + 46 + len(name)
        for place in range(offset, end):
            yield f"byte {place}, in the record of {name}", {name, before}, _flipped(raw, place)
        yield f"cut off at {end - 1}", {name}, raw[: end - 1]
        offset = end
    for place in range(offset, len(raw)):
        yield f"byte {place}, in the end", {"archive"}, _flipped(raw, place)
        yield f"cut off at {place}, in the end", {"archive"}, raw[:place]


def _members(files: Files) -> Iterator[Altered]:
    """Remove, add, duplicate, move and rename files."""
    for number, (name, data) in enumerate(files):
        rest = [*files[:number], *files[number + 1 :]]
        first = files[0][0] if number == 0 else name
        yield f"{name} taken out", {first}, plain_zip.pack(rest)
        if number > 1:
            yield f"{name} twice", {name}, plain_zip.pack([*files, (name, data)])
            renamed = plain_zip.pack([*files[:number], ("other.txt", data), *files[number + 1 :]])
            yield f"{name} called otherwise", {"other.txt"}, renamed
    for place in range(2, len(files) + 1):
        added = [*files[:place], ("added.txt", b"something"), *files[place:]]
        yield f"a file more at {place}", {"added.txt"}, plain_zip.pack(added)
    for place in range(2, len(files) - 1):
        moved = [*files[:place], files[place + 1], files[place], *files[place + 2 :]]
        yield f"order at {place}", {files[place][0], files[place + 1][0]}, plain_zip.pack(moved)


def _foreign(raw: bytes, files: Files) -> Iterator[Altered]:
    """Yield attacks on programs that unpack archives: paths that lead outside, zip bombs, bytes before and
    after."""
    yield "bytes behind the end", {"archive"}, raw + b"\0"
    yield "bytes before the begin", {"archive"}, b"\0" + raw
    yield "nothing", {"archive"}, b""
    yield "a comment", {"archive"}, raw[:-2] + struct.pack("<H", 5) + b"hello"
    zip64 = b"PK\x06\x06" + struct.pack("<Q2H2I4Q", 44, 45, 45, 0, 0, 1, 1, 46, 0)
    zip64 += b"PK\x06\x07" + struct.pack("<IQI", 0, len(raw) - 22, 1)
    yield "an end as ZIP64 has it", {"archive"}, raw[:-22] + zip64 + raw[-22:]
    yield "another archive behind it", {"archive"}, raw + raw
    for name in ("../../etc/passwd", "/etc/passwd", "a/../../b", "c:\\a", ".hidden", "a//b", "a\0b", "A", ""):
        first = _stored(name.encode(), b"x", 0, 1)
        yield f"a file called {name!r}", {"archive"}, first + raw
    bomb = zlib.compress(bytes(1 << 20), 9)[2:-4]
    yield "a bomb", {"bomb.txt"}, _stored(b"bomb.txt", bomb, 8, 1 << 30) + raw
    yield "a file larger than the archive", {"bomb.txt"}, _stored(b"bomb.txt", b"x", 0, (1 << 32) - 1)
    yield "bytes between the files and the directory", {f"after {files[-1][0]}"}, _padded(raw, files)


def _stored(name: bytes, data: bytes, method: int, size: int) -> bytes:
    crc = zlib.crc32(data)
    stored = size if method == 0 else len(data)
    head = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, method, 0, 33, crc, stored, size, len(name), 0)
    return head + name + data


def _padded(raw: bytes, files: Files) -> bytes:
    place = sum(30 + len(name) + len(data) for name, data in files)
    return raw[:place] + b"PADDING" + raw[place:]


def _flipped(raw: bytes, place: int) -> bytes:
    return raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
