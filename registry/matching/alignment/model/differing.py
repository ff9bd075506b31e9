"""Where a fake and its original differ, in the fake's picture, without a query. Pure."""

from __future__ import annotations

from typing import Final

import numpy as np

from registry.catalogue.fingerprints.model.mosaics import Mosaics
from registry.matching.alignment.model import registration
from registry.matching.alignment.model.align import Span
from registry.matching.alignment.model.matched_filter import DIFFERS

MOMENTS: Final = 10
"""Most moments compared, spread evenly."""


def cells(fake: Mosaics, original: Mosaics, spans: tuple[Span, ...]) -> tuple[tuple[int, int], ...]:
    """Return row and column of the cells that differ by `DIFFERS` grey levels, in the longest span.

    In a span the fake is the query and the original the asset. The original is placed on the fake, and its
    brightness and contrast fitted. Empty without spans, or without mosaics of both.
    """
    longest = max(spans, key=lambda span: span.query[1] - span.query[0], default=None)
    if longest is None or not len(fake) or not len(original) or not longest.speed:
        return ()
    covered = (fake.times >= longest.query[0] - 1e-6) & (fake.times <= longest.query[1] + 1e-6)
    rows = np.nonzero(covered)[0]
    if not len(rows):
        return ()
    rows = rows[registration.spread(len(rows), MOMENTS)]
    first = longest.asset[0] if longest.speed > 0 else longest.asset[1]
    left = fake.cells(rows)
    right = original.at(first + longest.speed * (fake.times[rows] - longest.query[0]))
    right = right[:, :, ::-1] if longest.mirrored else right
    place = registration.register(left, right)
    right = registration.seen(right, place)
    gain, offset = np.polyfit(right.ravel(), left.ravel(), 1)
    apart = np.sqrt(((gain * right + offset - left) ** 2).mean(axis=0)) * registration.inside(place)
    return tuple((int(row), int(column)) for row, column in np.argwhere(apart >= DIFFERS))
