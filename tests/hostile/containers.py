"""MP4 files of a few hundred bytes that declare millions of samples (ISO/IEC 14496-12)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

SCALE: Final = 1000
"""Units of time in a second."""
WIDTH: Final = 320
HEIGHT: Final = 180
HELD: Final = 4096
"""Bytes of data in the file."""
DATA: Final = 28
"""Where they begin."""
_MATRIX: Final = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def box(kind: str, *bodies: bytes) -> bytes:
    body = b"".join(bodies)
    return struct.pack(">I4s", 8 + len(body), kind.encode("latin-1")) + body


def full(kind: str, *bodies: bytes, flags: int = 0) -> bytes:
    """A box with version and flags."""
    return box(kind, struct.pack(">I", flags), *bodies)


@dataclass(frozen=True, slots=True)
class Index:
    """What a track declares: `samples` of one byte, in `chunks` that all lie at one place of the file.

    `edits`: entries of its edit list, each from sample `first` on.
    """

    samples: int
    chunks: int = 1
    edits: int = 0
    first: int = 0

    def track(self, number: int) -> bytes:
        head = struct.pack(">IIIII8xhhhh", 0, 0, number, 0, self.samples, 0, 0, 0, 0) + _MATRIX
        shape = struct.pack(">H16xHHIIIH32xHh", 1, WIDTH, HEIGHT, 0x480000, 0x480000, 0, 1, 24, -1)
        entry = box("jpeg", bytes(6), shape)
        table = box(
            "stbl",
            full("stsd", struct.pack(">I", 1), entry),
            full("stts", struct.pack(">III", 1, self.samples, 1)),
            full("stss", struct.pack(">II", 1, 1)),
            full("stsc", struct.pack(">IIII", 1, 1, self.samples // self.chunks, 1)),
            full("stsz", struct.pack(">II", 1, self.samples)),
            full("stco", struct.pack(">I", self.chunks), struct.pack(">I", DATA) * self.chunks),
        )
        edit = struct.pack(">IiI", self.samples - self.first, self.first, 0x10000) * self.edits
        return box(
            "trak",
            full("tkhd", head, struct.pack(">II", WIDTH << 16, HEIGHT << 16), flags=3),
            *([box("edts", full("elst", struct.pack(">I", self.edits), edit))] if self.edits else []),
            box(
                "mdia",
                full("mdhd", struct.pack(">IIIIHH", 0, 0, SCALE, self.samples, 0x55C4, 0)),
                full("hdlr", struct.pack(">I4s12xx", 0, b"vide")),
                box("minf", full("vmhd", bytes(8), flags=1), table),
            ),
        )


def mp4(index: Index, *, tracks: int = 1) -> bytes:
    """An MP4 with so many tracks of this index, and hardly any data."""
    head = full("mvhd", struct.pack(">IIII", 0, 0, SCALE, index.samples), bytes(76), struct.pack(">I", 2))
    start = box("ftyp", b"isom\0\0\2\0isom") + box("mdat", bytes(HELD))
    assert start.index(bytes(HELD)) == DATA
    return start + box("moov", head, *(index.track(number) for number in range(1, tracks + 1)))
