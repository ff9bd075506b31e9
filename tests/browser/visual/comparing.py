"""Compare two pictures of a page, and mark where they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageChops, ImageDraw

CELL: Final = 2
"""Pixels that are averaged in each direction before the comparison. Smoothed edges of letters differ between
builds of a browser by less than their average does."""
TOLERANCE: Final = 20
"""Difference of a colour channel, of 255, from which a cell counts as different."""
MOST_CELLS: Final = 6
"""Different cells that are let pass, of a whole picture."""
FAINT: Final = 4
"""Difference of a colour channel that nobody sees in a cell, and everybody on an area."""
MOST_FAINT: Final = 300
"""Cells with a faint difference that are let pass: 1,200 pixels."""
MARGIN: Final = 4
"""Pixels around a difference in the marked picture."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs.

    `cells`: how many; `faint`: how many at least a little. `box`: left, top, right and bottom of them all, in
    pixels. `marked`: the picture of now, pale, with the differences in red. `sizes`: of both, if they differ.
    """

    cells: int
    faint: int
    box: tuple[int, int, int, int] | None
    marked: Image.Image
    sizes: tuple[tuple[int, int], tuple[int, int]] | None = None

    def __bool__(self) -> bool:
        return self.cells > MOST_CELLS or self.faint > MOST_FAINT or self.sizes is not None


def compare(reference: Image.Image, now: Image.Image) -> Difference:
    """Compare pictures. Of pictures that differ in size, the part that both have is compared too."""
    sizes = None if reference.size == now.size else (reference.size, now.size)
    width, height = (min(pair) for pair in zip(reference.size, now.size, strict=True))
    parts = [picture.convert("RGB").crop((0, 0, width, height)).reduce(CELL) for picture in (reference, now)]
    channels = ImageChops.difference(*parts).split()
    largest = ImageChops.lighter(ImageChops.lighter(channels[0], channels[1]), channels[2])
    strong, faint = (
        largest.point([255 * (value >= least) for value in range(256)]) for least in (TOLERANCE, FAINT)
    )
    numbers = (strong.histogram()[255], faint.histogram()[255])
    mask = faint if numbers[1] > MOST_FAINT else strong
    found = mask.getbbox()
    box = None if found is None else (found[0] * CELL, found[1] * CELL, found[2] * CELL, found[3] * CELL)
    return Difference(*numbers, box, _marked(now, mask, box), sizes)


def _marked(now: Image.Image, mask: Image.Image, box: tuple[int, int, int, int] | None) -> Image.Image:
    pale = Image.blend(now.convert("RGB"), Image.new("RGB", now.size, "white"), 0.6)
    large = mask.resize((mask.width * CELL, mask.height * CELL), Image.Resampling.NEAREST)
    pale.paste((220, 0, 0), (0, 0), large)
    if box is not None:
        left, top, right, bottom = box
        frame = (left - MARGIN, top - MARGIN, right + MARGIN, bottom + MARGIN)
        ImageDraw.Draw(pale).rectangle(frame, outline=(220, 0, 0), width=2)
    return pale
