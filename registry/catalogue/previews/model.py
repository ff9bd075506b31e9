"""Previews of a registered medium at an instant, for people who compare: limits, sizes, storage format. Pure.

The blurred picture is not a filter over the clear one. It has so few pixels that nobody can be recognised in
it. The clear picture stays on the server until somebody asks to see it, which is recorded in the log.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from registry.catalogue.previews.errors import BadInstant, TooManyInstants
from registry.core.errors import MediaTooLarge

MOST_INSTANTS: Final = 24
"""Most instants of one request."""
MOST_KEPT: Final = 64
"""Most pictures kept of one medium. Those requested longest ago are deleted."""
MOST_WAITING: Final = 96
"""Most pictures of one caller that may wait for a worker."""
KEPT_SECONDS: Final = 86_400.0
"""Seconds for which a picture is kept after its last request. It can be made again from the medium."""
AGAIN_SECONDS: Final = 600.0
"""Seconds after which a failed picture is tried again."""
GRID_MS: Final = 100
"""Instants are rounded to a tenth of a second."""
SPACING: Final = 0.5
"""Least seconds between two instants of a filmstrip, since media are sampled twice a second."""
SLACK: Final = 0.1
"""Seconds by which an instant may lie after the medium's end, because durations are rounded."""
BLURRED_LENGTHS: Final = (8, 12, 20)
"""Pixels of the longer side of a blurred picture, the strongest blur first. Few steps, so that a fake and its
original get the same one."""
FACE_PIXELS: Final = 3.0
"""Most pixels across the widest face of a blurred picture.

SFace recognises nobody in so few, even if it is told where eyes, nose and mouth are (docs/decisions/0102).
People need some 18 (Bachmann 1991, doi:10.1080/09541449108406221), and 12 for a few famous faces (Sinha 2002,
"Recognizing complex patterns").
"""
SHAPE: Final = 0.05
"""Tolerance of the blurred picture's aspect ratio."""
CLEAR_LONGEST: Final = 640
"""Most pixels of a side of the clear picture: enough to compare by eye."""
MOST_BYTES: Final = 1 << 20
"""Most bytes of both pictures together. A clear one of that size has some 100 KB."""
BLURRED_TYPE: Final = "image/png"
CLEAR_TYPE: Final = "image/jpeg"

_HEAD: Final = 4


def instants(seconds: Sequence[float], duration: float | None) -> list[int]:
    """Round the requested instants (seconds) to the grid and return them as milliseconds, in the order given.

    `duration`: the medium's duration in seconds, 0 for an image. Raises `BadInput` (`too_many_instants`,
    `bad_instant`).
    """
    if not seconds:
        raise BadInstant("No instant was given.", next_step="Give seconds, such as 3.5.")
    if len(seconds) > MOST_INSTANTS:
        raise TooManyInstants(
            f"{len(seconds):,} instants were given; a request may have at most {MOST_INSTANTS}."
        )
    end = (duration or 0.0) + SLACK
    for number in seconds:
        if not math.isfinite(number) or not 0.0 <= number <= end:
            raise BadInstant(
                f"An instant is outside the medium, which lasts {duration or 0.0:g} s.",
                next_step="Give seconds from its first picture; for an image, 0.",
            )
    return [_on_grid(number) for number in seconds]


def _on_grid(seconds: float) -> int:
    return round(seconds * 1000 / GRID_MS) * GRID_MS


def size(width: int, height: int, longest: int) -> tuple[int, int]:
    """Return width and height of a picture scaled down to `longest` pixels a side. Never enlarges."""
    factor = min(1.0, longest / max(width, height, 1))
    return max(1, round(width * factor)), max(1, round(height * factor))


def blurred_length(face: float | None) -> int:
    """Return the pixels of the longer side of a blurred picture.

    `face`: width of the widest face, as a share of the picture's longer side. None: no face was found. Then
    the blur is the strongest, because a detector may miss a face.
    """
    if not face:
        return BLURRED_LENGTHS[0]
    return max(
        (length for length in BLURRED_LENGTHS if length * face <= FACE_PIXELS), default=BLURRED_LENGTHS[0]
    )


def few(width: int, height: int, most: int) -> tuple[int, int]:
    """Return width and height of the blurred picture.

    It is the largest grid of at most `most` a side whose aspect ratio is within 5 % of the picture's, else
    the nearest. For example, 16:9 as 8 by 4 would look stretched.
    """
    if max(width, height) <= most:
        return width, height
    grids = [size(width, height, longest) for longest in range(most, most // 2, -1)]
    return min(grids, key=lambda grid: int(abs(math.log(grid[0] / grid[1] * height / width)) / SHAPE))


def packed(blurred: bytes, clear: bytes) -> bytes:
    """Pack both pictures into one blob. Raises `BadMedia` (`too_large`)."""
    if len(blurred) + len(clear) > MOST_BYTES:
        raise MediaTooLarge("The picture has too many bytes.")
    return len(blurred).to_bytes(_HEAD, "big") + blurred + clear


def blurred_of(blob: bytes) -> bytes:
    """Return the blurred picture of a blob."""
    return blob[_HEAD : _HEAD + int.from_bytes(blob[:_HEAD], "big")]


def clear_of(blob: bytes) -> bytes:
    """Return the clear picture of a blob."""
    return blob[_HEAD + int.from_bytes(blob[:_HEAD], "big") :]


def spread(
    spans: Sequence[Mapping[str, Any]], item: str, other: str, *, most: int
) -> list[tuple[float, float, bool]]:
    """Return at most `most` instants of both sides that show the same, in order of time.

    They are spread evenly over all spans. The third value: the other side is mirrored. `item` and `other`
    name the sides, as in an answer's `{"query": [12.0, 20.0], "asset": [0.0, 8.0]}`.
    """
    ordered = sorted(spans, key=lambda span: (span[item][0], span[other][0]))
    lengths = [max(span[item][1] - span[item][0], GRID_MS / 1000) for span in ordered]
    total = sum(lengths)
    found: dict[int, tuple[float, float, bool]] = {}
    count = max(min(most, round(total / SPACING)), min(most, len(ordered)), 1)
    for place in range(count if ordered else 0):
        left = total * (place + 0.5) / count
        for span, length in zip(ordered, lengths, strict=True):
            if left <= length or span is ordered[-1]:
                instant = _along(span, item, other, min(1.0, left / length))
                found.setdefault(_on_grid(instant[0]), instant)
                break
            left -= length
    return list(found.values())


def _along(span: Mapping[str, Any], item: str, other: str, share: float) -> tuple[float, float, bool]:
    """Return what both sides show at a share of a span. With a negative speed the other runs backwards."""
    (begin, end), (start, stop) = span[item], span[other]
    there = 1.0 - share if span["speed"] < 0 else share
    return begin + share * (end - begin), start + there * (stop - start), span["mirrored"]
