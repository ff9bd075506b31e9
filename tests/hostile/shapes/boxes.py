"""Boxes of MP4, MOV, HEIF, AVIF and JPEG 2000 (ISO/IEC 14496-12, 23008-12, 15444-1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tests.hostile.shapes.shape import Field, Part, Shape

HOLDERS: Final = {
    **dict.fromkeys(("moov", "trak", "mdia", "minf", "stbl", "edts", "dinf", "mvex", "moof", "traf"), 0),
    **dict.fromkeys(("udta", "iprp", "ipco", "jp2h"), 0),
    "meta": 4,
    "stsd": 8,
    "dref": 8,
    "iinf": 6,
    **dict.fromkeys(("avc1", "hvc1", "hev1", "mp4v", "av01", "vp09", "jpeg"), 78),
    "mp4a": 28,
}
"""Boxes that hold boxes, and the bytes before these."""
PICTURES: Final = ("avc1", "hvc1", "hev1", "mp4v", "av01", "vp09", "jpeg")
PICTURE: Final = {
    "reference": (6, 2),
    "width": (24, 2),
    "height": (26, 2),
    "frames": (40, 2),
    "depth": (74, 2),
}
FIELDS: Final = {
    "mvhd": {"time_scale": (12, 4), "duration": (16, 4), "rate": (20, 4), "next_track": (96, 4)},
    "tkhd": {"id": (12, 4), "duration": (20, 4), "matrix": (40, 4), "width": (76, 4), "height": (80, 4)},
    "mdhd": {"time_scale": (12, 4), "duration": (16, 4)},
    "elst": {"count": (4, 4), "duration": (8, 4), "media_time": (12, 4), "rate": (16, 4)},
    "stsd": {"count": (4, 4)},
    "stts": {"count": (4, 4), "samples": (8, 4), "delta": (12, 4)},
    "ctts": {"count": (4, 4), "samples": (8, 4), "offset": (12, 4)},
    "stss": {"count": (4, 4), "sample": (8, 4)},
    "stsc": {"count": (4, 4), "first": (8, 4), "samples": (12, 4), "description": (16, 4)},
    "stsz": {"size": (4, 4), "count": (8, 4), "first": (12, 4)},
    "stco": {"count": (4, 4), "offset": (8, 4)},
    "mfhd": {"sequence": (4, 4)},
    "tfhd": {"flags": (0, 4), "id": (4, 4), "offset": (8, 4)},
    "tfdt": {"time": (4, 4)},
    "trun": {"flags": (0, 4), "count": (4, 4), "offset": (8, 4), "first": (12, 4), "second": (16, 4)},
    "trex": {"id": (4, 4), "duration": (12, 4), "size": (16, 4)},
    "sidx": {"time_scale": (8, 4), "count": (22, 2), "size": (24, 4), "duration": (28, 4)},
    "ispe": {"width": (4, 4), "height": (8, 4)},
    "iloc": {"sizes": (4, 2), "count": (6, 2), "item": (8, 2), "extents": (12, 2), "offset": (14, 4)},
    "ipma": {"count": (4, 4), "item": (8, 2), "associations": (10, 1)},
    "pitm": {"item": (4, 2)},
    "iinf": {"count": (4, 2)},
    "pixi": {"channels": (4, 1), "bits": (5, 1)},
    "irot": {"angle": (0, 1)},
    "ihdr": {"height": (0, 4), "width": (4, 4), "components": (8, 2), "bits": (10, 1)},
    "avcC": {"profile": (1, 1), "length": (4, 1), "sets": (5, 1), "size": (6, 2)},
    "hvcC": {"profile": (1, 1), "arrays": (22, 1), "nals": (24, 2), "size": (26, 2)},
    "av1C": {"marker": (0, 1), "profile": (1, 1)},
    **dict.fromkeys(PICTURES, PICTURE),
    "mp4a": {"version": (8, 2), "channels": (16, 2), "bits": (18, 2), "rate": (24, 4)},
}
"""By box: the fields of its version 0, each with the byte of the body where it stands, and its width."""
SIZ: Final = {
    "size": (2, 2),
    "x": (6, 4),
    "y": (10, 4),
    "left": (14, 4),
    "tile_x": (22, 4),
    "tile_y": (26, 4),
    "components": (38, 2),
    "depth": (40, 1),
    "step_x": (41, 1),
}
"""Fields of SIZ, the first segment of a JPEG 2000 codestream, from its marker on."""
COD: Final = {
    "progression": (5, 1),
    "layers": (6, 2),
    "levels": (9, 1),
    "block_x": (10, 1),
    "block_y": (11, 1),
}


def shape(data: bytes) -> Shape:
    """Return the boxes of a file, at any depth."""
    fields: list[Field] = []
    parts: list[Part] = []
    for kind, path, start, body, end in _boxes(data, 0, len(data), ""):
        parts.append(Part(path, start, end))
        fields.append(Field(f"{path}-size", start, 4))
        for name, (at, width) in FIELDS.get(kind, {}).items():
            if body + at + width <= end:
                fields.append(Field(f"{path}-{name}", body + at, width))
        if kind == "jp2c":
            fields += _codestream(data)
    return Shape(fields, parts)


def _boxes(data: bytes, start: int, end: int, above: str) -> Iterator[tuple[str, str, int, int, int]]:
    """Yield kind, path, start, start of the body, and end of each box."""
    while start + 8 <= end:
        size = int.from_bytes(data[start : start + 4], "big") or end - start
        kind = data[start + 4 : start + 8].decode("latin-1")
        if size < 8 or start + size > end:
            return
        path = f"{above}-{kind.strip()}" if above else kind.strip()
        yield kind, path, start, start + 8, start + size
        if kind in HOLDERS:
            yield from _boxes(data, start + 8 + HOLDERS[kind], start + size, path)
        start += size


def _codestream(data: bytes) -> Iterator[Field]:
    for marker, name, named in ((b"\xff\x51", "siz", SIZ), (b"\xff\x52", "cod", COD)):
        at = data.find(marker)
        for field, (offset, width) in named.items() if at >= 0 else ():
            yield Field(f"{name}-{field}", at + offset, width)
