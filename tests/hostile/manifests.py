"""Hostile C2PA manifests: boxes of a signed store changed one by one (JUMBF, ISO 19566-5), and bombs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from tests.hostile import bases
from tests.hostile.shapes import images
from tests.hostile.shapes.shape import Change, Field, Part, Shape, changes
from tests.support.media import signing_media


@cache
def signed() -> bytes:
    """Return a picture with a signed manifest. Its keys differ from run to run."""
    return signing_media.chain().sign(bases.media("plain.png"), "image/png")[0]


def shape(data: bytes) -> Shape:
    """Return the boxes of the manifest store in a PNG. Checksums are computed again."""
    fields: list[Field] = []
    parts: list[Part] = []
    start = data.index(b"caBX") + 4
    for path, at, end in _boxes(
        data, start, start + int.from_bytes(data[start - 8 : start - 4], "big"), "store"
    ):
        parts.append(Part(path, at, end))
        fields += [Field(f"{path}-size", at, 4), Field(f"{path}-kind", at + 4, 4)]
        fields += [Field(f"{path}-byte{place}", at + place, 1) for place in range(8, min(end - at, 30), 3)]
    return Shape(fields, parts, images.png(data).mend)


def _boxes(data: bytes, start: int, end: int, above: str) -> Iterator[tuple[str, int, int]]:
    number = 0
    while start + 8 <= end:
        size = int.from_bytes(data[start : start + 4], "big")
        if size < 8 or start + size > end:
            return
        path = f"{above}-{data[start + 4 : start + 8].decode('latin-1')}{number}"
        yield path, start, start + size
        if data[start + 4 : start + 8] == b"jumb":
            yield from _boxes(data, start + 8, start + size, path)
        start, number = start + size, number + 1


def changed() -> Iterator[Change]:
    """Yield every systematic change of a signed manifest."""
    return changes(signed(), shape(signed()))


def bombs() -> Iterator[tuple[str, bytes]]:
    """Yield manifests of boxes in boxes, of boxes longer than the file, and of many boxes."""
    names = ("deep-manifest.png", "huge-manifest.png", "wide-manifest.png")
    yield from zip(names, signing_media.bombs(bases.media("plain.png")), strict=True)
    once = signed()
    start = once.index(b"caBX") - 4
    chunk = once[start : start + 12 + int.from_bytes(once[start : start + 4], "big")]
    yield "many-manifests.png", once[:start] + chunk * 200 + once[start:]
