"""Segments of JPEG, chunks of PNG and APNG, blocks of GIF, directories of TIFF."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

from tests.hostile.shapes.shape import Field, Part, Shape

PNG: Final = {
    b"IHDR": {"width": (0, 4), "height": (4, 4), "depth": (8, 1), "colour": (9, 1), "interlace": (12, 1)},
    b"acTL": {"frames": (0, 4), "plays": (4, 4)},
    b"fcTL": {
        "sequence": (0, 4),
        "width": (4, 4),
        "height": (8, 4),
        "x": (12, 4),
        "y": (16, 4),
        "delay": (20, 2),
        "unit": (22, 2),
        "dispose": (24, 1),
        "blend": (25, 1),
    },
    b"fdAT": {"sequence": (0, 4), "data": (4, 2)},
    b"IDAT": {"data": (0, 2), "block": (2, 1)},
}
SIGNATURE: Final = 8


def png(data: bytes) -> Shape:
    """Return the chunks of a PNG. Checksums are computed again, so that readers see the changes."""
    fields: list[Field] = []
    parts: list[Part] = []
    for number, (kind, start, end) in enumerate(_chunks(data)):
        name = f"{kind.decode('latin-1')}{number}"
        parts.append(Part(name, start, end))
        fields.append(Field(f"{name}-size", start, 4))
        for field, (at, width) in PNG.get(kind, {}).items():
            if start + 8 + at + width <= end - 4:
                fields.append(Field(f"{name}-{field}", start + 8 + at, width))
    return Shape(fields, parts, _checked)


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    start = SIGNATURE
    while start + 12 <= len(data):
        end = start + 12 + int.from_bytes(data[start : start + 4], "big")
        if end > len(data):
            return
        yield data[start + 4 : start + 8], start, end
        start = end


def _checked(data: bytes) -> bytes:
    pieces, last = [data[:SIGNATURE]], SIGNATURE
    for _, start, end in _chunks(data):
        body = data[start : end - 4]
        pieces += [body, zlib.crc32(body[4:]).to_bytes(4, "big")]
        last = end
    return b"".join(pieces) + data[last:]


def jpeg(data: bytes) -> Shape:
    """Return the segments of a JPEG, with the fields of frames, scans, tables and intervals."""
    fields: list[Field] = []
    parts: list[Part] = []
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, size = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        end = min(len(data), at + 2 + size)
        if marker == 0xDA:  # the entropy-coded data of a scan last until the next marker
            while end + 1 < len(data) and not (
                data[end] == 0xFF and data[end + 1] not in {0, *range(0xD0, 0xD8)}
            ):
                end += 1
        name = f"{marker:x}at{at}"
        parts.append(Part(name, at, end))
        fields += [Field(f"{name}-marker", at + 1, 1), Field(f"{name}-size", at + 2, 2)]
        named: dict[str, tuple[int, int]] = {
            f"byte{place}": (place, 1) for place in range(4, min(12, 2 + size))
        }
        if marker in {0xC0, 0xC1, 0xC2}:
            named = {
                "precision": (4, 1),
                "height": (5, 2),
                "width": (7, 2),
                "components": (9, 1),
                "id": (10, 1),
            }
            named |= {"sampling": (11, 1), "table": (12, 1)}
        fields += [Field(f"{name}-{field}", at + place, width) for field, (place, width) in named.items()]
        at = end
        if at + 2 <= len(data) and data[at + 1] == 0xD9:
            break
    return Shape(fields, parts)


def gif(data: bytes) -> Shape:
    """Return the blocks of a GIF: the canvas, extensions and images."""
    canvas = {"width": (6, 2), "height": (8, 2), "flags": (10, 1)}
    fields = [Field(f"canvas-{name}", at, width, "little") for name, (at, width) in canvas.items()]
    parts: list[Part] = []
    at = 13 + _colours(data[10])
    while at < len(data) and data[at] in {0x21, 0x2C}:
        start, name = at, f"block{len(parts)}"
        if data[at] == 0x2C:
            named = {"x": (1, 2), "y": (3, 2), "width": (5, 2), "height": (7, 2), "flags": (9, 1)}
            at += 10 + _colours(data[at + 9])
            named |= {"code_size": (at - start, 1), "piece": (at - start + 1, 1)}
            at += 1
        else:
            named = {"label": (1, 1), "size": (2, 1), "flags": (3, 1), "delay": (4, 2)}
            at += 2
        while at < len(data) and data[at]:
            at += 1 + data[at]
        at += 1
        parts.append(Part(name, start, min(at, len(data))))
        fields += [
            Field(f"{name}-{field}", start + place, width, "little")
            for field, (place, width) in named.items()
        ]
    return Shape(fields, parts)


def _colours(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def tiff(data: bytes) -> Shape:
    """Return the tags of the directories of a little-endian TIFF: number, type, count and value of each."""
    fields, parts = [Field("first-directory", 4, 4, "little")], []
    at, seen = int.from_bytes(data[4:8], "little"), 0
    while 0 < at < len(data) - 2 and seen < 4:
        count = int.from_bytes(data[at : at + 2], "little")
        fields.append(Field(f"directory{seen}-count", at, 2, "little"))
        for number in range(count):
            tag = at + 2 + 12 * number
            name = f"directory{seen}-tag{int.from_bytes(data[tag : tag + 2], 'little')}"
            parts.append(Part(name, tag, tag + 12))
            for field, (place, width) in {"type": (2, 2), "count": (4, 4), "value": (8, 4)}.items():
                fields.append(Field(f"{name}-{field}", tag + place, width, "little"))
        following = at + 2 + 12 * count
        fields.append(Field(f"directory{seen}-next", following, 4, "little"))
        at, seen = int.from_bytes(data[following : following + 4], "little"), seen + 1
    return Shape(fields, parts)
