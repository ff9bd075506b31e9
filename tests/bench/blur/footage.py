"""What can be told in blurred pictures: the same footage from other footage, a fake from its original."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from registry.core.errors import BadMedia
from tests.bench.accuracy.media.copies import progress
from tests.bench.accuracy.media.material import Item
from tests.bench.blur.blurred import RULE, area_under_curve, blurred
from tests.bench.faces import pairs
from workers.media import instants
from workers.media.limits import Limits
from workers.media.picture import Pixels, Size

Row = dict[str, float | str]
SHARES: Final = (0.2, 0.5, 0.8)
"""Moments of each pair, in shares of its length."""
CLEAR: Final = 640
SENT: Final = 480
QUALITY: Final = 30
VISIBLE: Final = 12.0
"""Difference of a pixel, of 255, that a person sees on a screen."""
STANDARD: Final = 16
"""Pixels a side at which pictures of other sizes are correlated."""


@dataclass(frozen=True, slots=True)
class Aligned:
    """A fake and its original at one moment, and that original sent again."""

    group: str
    fake: Pixels
    original: Pixels
    sent: Pixels


def measure(items: Sequence[Item], lengths: Sequence[int], *, most: int) -> list[Row]:
    """Compare fakes and originals of the same frames; print a row for each length."""
    moments = _moments(items, most)
    count = len({moment.group for moment in moments})
    print(f"\n{len(moments)} moments of {count} scenes with a fake of the same frames")
    print("pixels  same footage, AUC  least r same  r other, 99 %  fake/original  visible: fake  sent again")
    return [_row(moments, longest) for longest in (*lengths, RULE)]


def _moments(items: Sequence[Item], most: int) -> list[Aligned]:
    found = pairs.read(items, most)
    moments: list[Aligned] = []
    done = [fake for fake in found.fakes if fake.name in found.originals]
    for fake in progress(iter(done), len(done), "pairs"):
        original = found.originals[fake.name]
        if abs(fake.duration - original.duration) > 0.2 or (fake.width, fake.height) != (
            original.width,
            original.height,
        ):
            continue  # not the same frames
        ours, theirs = _frames(fake), _frames(original)
        moments += [
            Aligned(fake.group, one, other, _sent(other))
            for one, other in zip(ours, theirs, strict=True)
            if one is not None and other is not None
        ]
    return moments


def _frames(item: Item) -> list[Pixels | None]:
    seconds = [share * item.duration for share in SHARES]
    try:
        return [
            None if isinstance(moment, BadMedia) else moment.render(_size(moment.size))
            for _, moment in instants.shown(item.path, Limits(), seconds)
        ]
    except BadMedia:
        return [None for _ in seconds]


def _size(size: Size) -> Size:
    return size.scaled(min(1.0, CLEAR / max(size)))


def _sent(pixels: Pixels) -> Pixels:
    """Return the picture as a messaging app sends it on, at its own size again."""
    picture = Image.fromarray(pixels)
    small = picture.copy()
    small.thumbnail((SENT, SENT))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=QUALITY)
    with Image.open(out) as sent:
        return np.asarray(sent.resize(picture.size, Image.Resampling.BICUBIC))


def _row(moments: Sequence[Aligned], longest: int) -> Row:
    fakes, originals, sent = (
        [blurred(pixels, longest) for pixels in side]
        for side in (
            [moment.fake for moment in moments],
            [moment.original for moment in moments],
            [moment.sent for moment in moments],
        )
    )
    same = [
        _correlation(_standard(one), _standard(other)) for one, other in zip(fakes, originals, strict=True)
    ]
    others = [
        _correlation(_standard(one), _standard(other))
        for place, one in enumerate(fakes)
        for at, other in enumerate(originals)
        if moments[place].group != moments[at].group
    ]
    forged = [_largest(one, other) for one, other in zip(fakes, originals, strict=True)]
    resent = [_largest(one, other) for one, other in zip(sent, originals, strict=True)]
    row: Row = {
        "longest": longest or "rule",
        "same_footage_auc": round(area_under_curve(same, others), 4),
        "least_same": round(min(same), 3),
        "other_99": round(float(np.quantile(others, 0.99)), 3),
        "fake_auc": round(area_under_curve(forged, resent), 4),
        "visible_fake": round(float(np.mean(np.asarray(forged) >= VISIBLE)), 3),
        "visible_sent": round(float(np.mean(np.asarray(resent) >= VISIBLE)), 3),
    }
    print(
        f"{row['longest']:>6}  {row['same_footage_auc']:>17}  {row['least_same']:>12}  {row['other_99']:>13}"
        f"  {row['fake_auc']:>13}  {row['visible_fake']:>13.1%}  {row['visible_sent']:>10.1%}",
        flush=True,
    )
    return row


def _standard(pixels: Pixels) -> Pixels:
    return np.asarray(Image.fromarray(pixels).resize((STANDARD, STANDARD), Image.Resampling.BICUBIC))


def _correlation(one: Pixels, other: Pixels) -> float:
    return float(np.corrcoef(one.ravel().astype(float), other.ravel().astype(float))[0, 1])


def _largest(one: Pixels, other: Pixels) -> float:
    """Return the largest difference of a pixel in grey levels, 0 to 255."""
    weights = np.array([0.299, 0.587, 0.114])
    if one.shape != other.shape:
        one, other = _standard(one), _standard(other)
    return float(np.abs((one.astype(float) - other.astype(float)) @ weights).max())
