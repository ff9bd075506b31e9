"""Minimal parser of JUMBF boxes (ISO 19566-5), to take a C2PA manifest store apart. Pure."""

from __future__ import annotations

import struct
from typing import Final

_SUPERBOX: Final = b"jumb"
_DESCRIPTION: Final = b"jumd"
_UUID: Final = 16
_HAS_LABEL: Final = 2
_MOST: Final = 10_000
"""Most boxes side by side."""


def active_manifest(store: bytes, label: str) -> bytes | None:
    """Return a manifest store that holds only the manifest with this label, its bytes unchanged.

    None if there is no such manifest, or if the store is not well formed.
    """
    boxes = _boxes(store)
    if len(boxes) != 1 or boxes[0][0] != _SUPERBOX:
        return None
    inner = _boxes(boxes[0][1])
    if not inner or inner[0][0] != _DESCRIPTION:
        return None
    for kind, content in inner[1:]:
        if kind == _SUPERBOX and _label(content) == label.encode():
            return _box(_SUPERBOX, _box(*inner[0]) + _box(kind, content))
    return None


def _label(content: bytes) -> bytes | None:
    """Return the label in the description of a superbox's content."""
    boxes = _boxes(content[: int.from_bytes(content[:4])])
    if len(boxes) != 1 or boxes[0][0] != _DESCRIPTION:
        return None
    description = boxes[0][1]
    if len(description) <= _UUID or not description[_UUID] & _HAS_LABEL:
        return None
    return description[_UUID + 1 :].partition(b"\0")[0]


def _boxes(raw: bytes) -> list[tuple[bytes, bytes]]:
    """Return type and content of the boxes side by side.

    Empty if they are not well formed or use 64-bit lengths, which no stored manifest store needs.
    """
    boxes: list[tuple[bytes, bytes]] = []
    place = 0
    while place < len(raw):
        size = int.from_bytes(raw[place : place + 4])
        if size < 8 or place + size > len(raw) or len(boxes) == _MOST:
            return []
        boxes.append((raw[place + 4 : place + 8], raw[place + 8 : place + size]))
        place += size
    return boxes


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content
