"""Deterministic ZIP archives: the names, contents and order of the files determine every byte.

Files are stored uncompressed, because zlib's output differs between versions. All have one fixed time and no
extra fields or comments. The directory follows the files, and nothing follows it. Reading an archive means
comparing it with the expected bytes; nothing is unpacked to disk. ZIP64 is not used.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from registry.core.errors.documents import BundleTooLarge

MOST_BYTES: Final = 1 << 30
"""Most bytes of all files of an archive built in memory."""
MOST_STREAMED: Final = (1 << 32) - (1 << 26)
"""Most bytes of all files of a streamed archive: without ZIP64, offsets have 32 bits."""
MOST_FILES: Final = 60_000
_LOCAL: Final = struct.Struct("<4s5H3I2H")
_CENTRAL: Final = struct.Struct("<4s6H3I5H2I")
_END: Final = struct.Struct("<4s4H2IH")
_VERSION: Final = 20
_MADE_BY: Final = 3 << 8 | _VERSION
_DATE: Final = 33
"""1980-01-01, at midnight."""
_MODE: Final = 0o100644 << 16
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*\Z")
_LONGEST_NAME: Final = 200


class BadArchive(ValueError):
    """Not an archive as `pack` writes it. `file`: the file at which the error was found."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(reason)
        self.file = file


@dataclass(frozen=True, slots=True)
class Member:
    """A file to add: its name, size in bytes, CRC-32, and a function that yields its content, called anew
    each time."""

    name: str
    size: int
    crc: int
    content: Callable[[], Iterable[bytes]]


def pack(files: Sequence[tuple[str, bytes]]) -> bytes:
    """Return the archive of the files in this order. Names consist of lower-case ASCII letters, digits and
    `._-/`; no part begins with a dot. Raises `TooLarge` (`bundle_too_large`)."""
    return b"".join(pieces([member(name, data) for name, data in files], most=MOST_BYTES))


def member(name: str, data: bytes) -> Member:
    """Return a member whose content is in memory."""
    return Member(name, len(data), zlib.crc32(data), lambda: (data,))


def pieces(members: Sequence[Member], *, most: int = MOST_STREAMED) -> Iterator[bytes]:
    """Yield the same archive in pieces. Raises `TooLarge` before the first piece, `ValueError` if a content
    does not have its declared size."""
    if len(members) > MOST_FILES or sum(file.size for file in members) > most:
        raise BundleTooLarge(f"It would have more than {MOST_FILES} files or {most >> 20} MiB.")
    for file in members:
        if not is_name(file.name):
            raise ValueError(f"{file.name!r} is no name of a file")
    return _pieces(members)


def _pieces(members: Sequence[Member]) -> Iterator[bytes]:
    heads: list[tuple[str, int, int, int]] = []
    offset = 0
    for file in members:
        head = _local(file.name, file.crc, file.size)
        heads.append((file.name, file.crc, file.size, offset))
        yield head
        size = 0
        for piece in file.content():
            size += len(piece)
            yield piece
        if size != file.size:
            raise ValueError(f"{file.name} has {size} bytes, not {file.size}")
        offset += len(head) + file.size
    yield from _directory(heads, offset)


def unpack[Raw: (bytes, memoryview)](raw: Raw) -> list[tuple[str, Raw]]:
    """Return the files of an archive of `pack`, in order. Only the exact bytes of `pack` are accepted. For a
    `memoryview`, contents are views into it, so an archive on disk is not copied. Raises `BadArchive`, which
    names the first wrong file."""
    files: list[tuple[str, Raw]] = []
    heads: list[tuple[str, int, int, int]] = []
    offset = 0
    while raw[offset : offset + 4] == b"PK\x03\x04":
        if len(files) == MOST_FILES:
            raise BadArchive("archive", f"it has more than {MOST_FILES} files")
        name, data, crc = _file(raw, offset, files[-1][0] if files else None)
        files.append((name, data))
        heads.append((name, crc, len(data), offset))
        offset += len(_local(name, crc, len(data))) + len(data)
    if not files:
        raise BadArchive("archive", "it does not begin with a file")
    _compare(raw, offset, heads, _directory(heads, offset))
    return files


def is_name(name: str) -> bool:
    """Whether a name is permitted; no permitted name leads out of a folder."""
    return len(name) <= _LONGEST_NAME and bool(_NAME.match(name))


def _file[Raw: (bytes, memoryview)](raw: Raw, offset: int, before: str | None) -> tuple[str, Raw, int]:
    """Return name, content and CRC-32 of the file at an offset."""
    after = f"after {before}" if before else "archive"
    if len(raw) < offset + _LOCAL.size:
        raise BadArchive(after, "the archive is cut off")
    fields = _LOCAL.unpack_from(raw, offset)
    method, crc, size, length = fields[3], fields[6], fields[7], fields[9]
    start = offset + _LOCAL.size
    name = bytes(raw[start : start + length]).decode("ascii", errors="replace")
    if not is_name(name):
        raise BadArchive(after, f"a file has a name that none may have: {name[:_LONGEST_NAME]!r}")
    if method != 0:
        raise BadArchive(name, "it is compressed; files of a bundle are stored as they are")
    begin = start + length
    if size > len(raw) - begin:
        raise BadArchive(name, "the archive is cut off in it")
    if raw[offset:begin] != _local(name, crc, size):
        raise BadArchive(name, "its header in the archive was changed")
    data = raw[begin : begin + size]
    if zlib.crc32(data) != crc:
        raise BadArchive(name, "its content was changed, or what the archive says of it")
    return name, data, crc


def _compare(
    raw: bytes | memoryview, offset: int, heads: Sequence[tuple[str, int, int, int]], records: Sequence[bytes]
) -> None:
    """Raise `BadArchive` if the directory does not match the files before it."""
    if (begin := bytes(raw[offset : offset + 4])) != b"PK\x01\x02"[: len(begin)]:
        raise BadArchive(f"after {heads[-1][0]}", "something was put in, or changed, before the directory")
    for name, piece in zip([*(head[0] for head in heads), "archive"], records, strict=True):
        piece_found = bytes(raw[offset : offset + len(piece)])
        if piece_found != piece:
            cut = len(piece_found) < len(piece) and piece.startswith(piece_found)
            where = "end" if name == "archive" else "directory"
            raise BadArchive(
                name, f"the archive is cut off in its {where}" if cut else f"its {where} was changed"
            )
        offset += len(piece)
    if offset != len(raw):
        raise BadArchive("archive", "something was put behind its end")


def _local(name: str, crc: int, size: int) -> bytes:
    head = _LOCAL.pack(b"PK\x03\x04", _VERSION, 0, 0, 0, _DATE, crc, size, size, len(name), 0)
    return head + name.encode("ascii", errors="replace")


def _directory(heads: Sequence[tuple[str, int, int, int]], offset: int) -> list[bytes]:
    """Return the records of the files and the end record."""
    records = [
        _CENTRAL.pack(
            b"PK\x01\x02",
            _MADE_BY,
            _VERSION,
            0,
            0,
            0,
            _DATE,
            crc,
            size,
            size,
            len(name),
            0,
            0,
            0,
            0,
            _MODE,
            at,
        )
        + name.encode("ascii")
        for name, crc, size, at in heads
    ]
    size = sum(map(len, records))
    return [*records, _END.pack(b"PK\x05\x06", 0, 0, len(records), len(records), size, offset, 0)]
