"""Formats that browsers play, and the ranges of a request. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

HEAD: Final = 64
"""First bytes of a file that tell its format."""
MOST_BYTES: Final = 4 << 20
"""Most bytes of one answer. Browsers ask for the rest when they need it."""
GRANTED_SECONDS: Final = 3600
"""Seconds for which a recorded opening permits watching."""
_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z")


def format_of(head: bytes) -> str | None:
    """Return the media type of a video that browsers may play, by its first bytes. None for any other."""
    if head[4:8] == b"ftyp":
        return "video/mp4"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm"
    return "video/ogg" if head.startswith(b"OggS") else None


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
