"""Map an instant of one aligned medium to the other. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from registry.catalogue.previews.model import SLACK
from registry.matching.alignment.model.align import Span


def other_side(spans: Sequence[Span], second: float) -> float | None:
    """Return the instant of the second medium that shows what the first shows at `second`.

    None outside the spans. A mirrored span mirrors the pictures, not the time.
    """
    for span in spans:
        (begin, end), (start, stop) = span.query, span.asset
        if begin - SLACK <= second <= end + SLACK:
            share = min(1.0, max(0.0, (second - begin) / (end - begin))) if end > begin else 0.0
            share = 1.0 - share if span.speed < 0 else share
            return start + share * (stop - start)
    return None
