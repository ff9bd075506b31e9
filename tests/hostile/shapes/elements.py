"""Elements of Matroska and WebM (EBML, RFC 8794 and RFC 9559)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tests.hostile.shapes.shape import Field, Part, Shape

HOLDERS: Final = {
    0x1A45DFA3: "ebml",
    0x18538067: "segment",
    0x114D9B74: "seekhead",
    0x4DBB: "seek",
    0x1549A966: "info",
    0x1654AE6B: "tracks",
    0xAE: "track",
    0xE0: "video",
    0xE1: "audio",
    0x1F43B675: "cluster",
    0xA0: "group",
    0x1C53BB6B: "cues",
    0xBB: "cue",
    0xB7: "positions",
    0x1254C367: "tags",
    0x6D80: "encodings",
}


def shape(data: bytes) -> Shape:
    """Return the elements of a file, at any depth: the id, the size and up to eight bytes of each value."""
    fields: list[Field] = []
    parts: list[Part] = []
    for path, start, size_at, body, end in _elements(data, 0, len(data), ""):
        parts.append(Part(path, start, end))
        fields.append(Field(f"{path}-id", start, size_at - start))
        fields.append(Field(f"{path}-size", size_at, body - size_at))
        if 0 < end - body <= 8:
            fields.append(Field(f"{path}-value", body, end - body))
    return Shape(fields, parts)


def _elements(data: bytes, start: int, end: int, above: str) -> Iterator[tuple[str, int, int, int, int]]:
    """Yield path, start, byte of the size, start of the body, and end of each element."""
    while start < end:
        size_at = start + _length(data[start])
        if size_at >= end:
            return
        body = size_at + _length(data[size_at])
        mask = (1 << 7 * (body - size_at)) - 1
        size = int.from_bytes(data[size_at:body], "big") & mask
        ends = end if size == mask else body + size
        if ends > end:
            return
        number = int.from_bytes(data[start:size_at], "big")
        name = HOLDERS.get(number, f"{number:x}")
        path = f"{above}-{name}" if above else name
        yield path, start, size_at, body, ends
        if number in HOLDERS:
            yield from _elements(data, body, ends, path)
        start = ends


def _length(first: int) -> int:
    """Return the bytes of a number by its first one."""
    return 9 - first.bit_length() if first else 8
