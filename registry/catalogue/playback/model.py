"""Formats that browsers play, and the ranges of a request. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from registry.catalogue.media.model import Kind

HEAD: Final = 64
"""First bytes of a file that tell its format."""
MOST_BYTES: Final = 4 << 20
"""Most bytes of one answer. Browsers ask for the rest when they need it."""
GRANTED_SECONDS: Final = 3600
"""Seconds for which a recorded opening permits watching."""
_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z")


_CONTAINERS: Final = ((4, b"ftyp", "mp4"), (0, b"\x1a\x45\xdf\xa3", "webm"), (0, b"OggS", "ogg"))
_SOUNDS: Final = (
    *((0, b"ID3", "mpeg"), (0, b"fLaC", "flac"), (8, b"WAVE", "wav")),
    *((0, bytes([0xFF, second]), "mpeg") for second in (0xFB, 0xFA, 0xF3, 0xF2, 0xE3, 0xE2)),
    *((0, bytes([0xFF, second]), "aac") for second in (0xF1, 0xF9)),
)
"""First bytes of formats, at which place of the file, and their names."""


def format_of(head: bytes, kind: Kind = "video") -> str | None:
    """Return the media type of a video or a sound that browsers may play, by its first bytes. None for any
    other."""
    main, formats = ("audio", (*_CONTAINERS, *_SOUNDS)) if kind == "audio" else ("video", _CONTAINERS)
    found = (name for place, start, name in formats if head[place:].startswith(start))
    return next((f"{main}/{name}" for name in found), None)


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes of a file from `start` up to, not including, `end`. `size`: of the whole."""

    start: int
    end: int
    size: int


def part_of(header: str, size: int) -> Part | None:
    """Return the part that a `Range` header asks for, cut to `MOST_BYTES`. None if it lies outside the file.

    Without a range, or with one of another form, it is the beginning.
    """
    match = _RANGE.match(header.strip())
    first, last = match.groups() if match else ("0", "")
    if first:
        start, end = int(first), min(size, int(last) + 1 if last else size)
    else:
        start, end = max(0, size - int(last or 0)), size
    return Part(start, min(end, start + MOST_BYTES), size) if start < end else None
