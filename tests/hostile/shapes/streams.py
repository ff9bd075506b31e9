"""Pages of Ogg (RFC 3533), packets of MPEG-TS (ISO/IEC 13818-1), tags of FLV, chunks of RIFF (AVI, WebP)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tests.hostile.shapes.shape import Field, Part, Shape

TS: Final = 188
AVIH: Final = (
    "frame_time",
    "rate",
    "padding",
    "flags",
    "frames",
    "initial",
    "streams",
    "buffer",
    "width",
    "height",
)
STRH: Final = ("kind", "codec", "flags", "priority", "initial", "scale", "rate", "start", "length", "buffer")
LISTS: Final = {b"RIFF", b"LIST"}


def riff(data: bytes) -> Shape:
    """Return the chunks of a RIFF file; sizes and fields are little-endian."""
    fields: list[Field] = []
    parts: list[Part] = []
    for path, start, end in _chunks(data, 0, len(data), ""):
        kind = data[start : start + 4]
        parts.append(Part(path, start, end))
        fields.append(Field(f"{path}-size", start + 4, 4, "little"))
        names = {b"avih": AVIH, b"strh": STRH}.get(kind, ())
        fields += [
            Field(f"{path}-{name}", start + 8 + 4 * place, 4, "little") for place, name in enumerate(names)
        ]
        if kind == b"strf":
            at = start + 8
            sizes = {"size": (0, 4), "width": (4, 4), "height": (8, 4), "bits": (14, 2), "colours": (32, 4)}
            fields += [
                Field(f"{path}-{name}", at + place, width, "little") for name, (place, width) in sizes.items()
            ]
        if kind in {b"ANMF", b"VP8X"}:
            threes = {b"ANMF": ("x", "y", "width", "height", "delay"), b"VP8X": ("flags", "width", "height")}[
                kind
            ]
            skip = 1 if kind == b"VP8X" else 0
            fields += [
                Field(f"{path}-{name}", start + 8 + skip + 3 * place, 3, "little")
                for place, name in enumerate(threes)
            ]
        if kind in {b"VP8 ", b"VP8L", b"idx1", b"ANIM"}:
            fields += [
                Field(f"{path}-{at}", start + 8 + at, 2, "little")
                for at in range(0, min(12, end - start - 10), 2)
            ]
    return Shape(fields, parts)


def _chunks(data: bytes, start: int, end: int, above: str) -> Iterator[tuple[str, int, int]]:
    while start + 8 <= end:
        size = int.from_bytes(data[start + 4 : start + 8], "little")
        ends = min(end, start + 8 + size + size % 2)
        list_ = data[start : start + 4] in LISTS
        name = data[start + 8 : start + 12] if list_ else data[start : start + 4]
        path = "-".join(filter(None, (above, name.decode("latin-1").strip())))
        yield path, start, ends
        if list_:
            yield from _chunks(data, start + 12, ends, path)
        if name == b"ANMF":
            yield from _chunks(data, start + 24, ends, path)
        start = ends


def ts(data: bytes) -> Shape:
    """Return the packets of a transport stream, and fields of the first ones, which hold the tables."""
    parts = [Part(f"packet{at // TS}", at, at + TS) for at in range(0, len(data) - TS + 1, TS)]
    fields = []
    for part in parts[:12]:
        named = {"sync": (0, 1), "pid": (1, 2), "continuity": (3, 1), "adaptation": (4, 1), "flags": (5, 1)}
        named |= {
            "clock": (6, 4),
            "section_length": (6, 2),
            "program": (8, 2),
            "stream": (15, 2),
            "times": (12, 2),
        }
        named |= {"stamp": (14, 4)}
        fields += [
            Field(f"{part.name}-{name}", part.start + at, width) for name, (at, width) in named.items()
        ]
    return Shape(fields, parts[:40])


def ogg(data: bytes) -> Shape:
    """Return the pages of an Ogg file. Checksums are computed again, so that readers see the changes."""
    fields: list[Field] = []
    parts: list[Part] = []
    for number, (start, end) in enumerate(_pages(data)):
        name = f"page{number}"
        parts.append(Part(name, start, end))
        places = {
            "version": (4, 1),
            "flags": (5, 1),
            "position": (6, 8),
            "serial": (14, 4),
            "number": (18, 4),
        }
        for field, (at, width) in (places | {"segments": (26, 1), "lacing": (27, 1)}).items():
            fields.append(Field(f"{name}-{field}", start + at, width, "little"))
        body = start + 27 + data[start + 26]
        fields += [Field(f"{name}-data{at}", body + at, 2) for at in range(7, min(40, end - body - 2), 3)]
    return Shape(fields[:120], parts[:20], _checked)


def _pages(data: bytes) -> Iterator[tuple[int, int]]:
    start = 0
    while data[start : start + 4] == b"OggS" and start + 27 <= len(data):
        count = data[start + 26]
        end = start + 27 + count + sum(data[start + 27 : start + 27 + count])
        yield start, min(end, len(data))
        start = end


def _table() -> tuple[int, ...]:
    made = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = ((value << 1) ^ 0x04C11DB7 if value & 0x80000000 else value << 1) & 0xFFFFFFFF
        made.append(value)
    return tuple(made)


_CRC: Final = _table()


def _checked(data: bytes) -> bytes:
    pieces, last = [], 0
    for start, end in _pages(data):
        page = bytearray(data[start:end])
        page[22:26] = bytes(4)
        value = 0
        for byte in page:
            value = ((value << 8) & 0xFFFFFFFF) ^ _CRC[(value >> 24) ^ byte]
        page[22:26] = value.to_bytes(4, "little")
        pieces.append(bytes(page))
        last = end
    return b"".join(pieces) + data[last:]


def flv(data: bytes) -> Shape:
    """Return the tags of an FLV file."""
    fields = [Field("header-flags", 4, 1), Field("header-size", 5, 4)]
    parts: list[Part] = []
    at = 13
    while at + 15 <= len(data) and len(parts) < 12:
        end = at + 15 + int.from_bytes(data[at + 1 : at + 4], "big")
        name = f"tag{len(parts)}"
        parts.append(Part(name, at, min(end, len(data))))
        named = {
            "kind": (0, 1),
            "size": (1, 3),
            "time": (4, 3),
            "stream": (8, 3),
            "codec": (11, 1),
            "type": (12, 1),
        }
        fields += [Field(f"{name}-{field}", at + place, width) for field, (place, width) in named.items()]
        at = end
    return Shape(fields, parts)
