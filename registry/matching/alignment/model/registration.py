"""Register the mosaics of a query and an asset: which part of the asset's picture the query shows. Pure.

A copy may be cropped, stretched or padded. The part is found to a fraction of a cell: normalised correlation
(NCC) over sizes and places gives a start, and Gauss-Newton refines it (Lucas and Kanade, 1981; Baker and
Matthews, 2004).
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model.mosaics import SIDE, Cells
from registry.core.numbers import Floats, Ints

Place = tuple[float, float, float, float]
"""Left, top, right, bottom of the part in shares of the asset's picture; beyond 0 or 1 if the query shows
more than the asset."""

WHOLE: Final[Place] = (0.0, 0.0, 1.0, 1.0)
SIDES: Final = (24, 21, 18, 16, 14, 12, 11)
"""Sides in cells of the parts tried: down to 45 % of the picture's."""
FIRST_SIDES: Final = (24, 18, 14, 11)
"""Sides tried first. The others are tried beside the best of these."""
SAME: Final = 0.97
"""Correlation of a fake and its original from which they show the same part."""
SURE: Final = 0.95
"""Correlation of the whole pictures, refined, from which no part is tried."""
MOST: Final = 0.5
"""Most that one cell counts as misfit, in variances of the picture: captions and stickers do not decide."""
FEW: Final = 4
"""Moments by which a query is recognised as the whole picture. Parts need all: captions hide some."""
WORSE: Final = 0.01
"""Misfit by which a part must be better than the whole."""
POOR: Final = 0.1
"""Misfit from which places are tried that cut the asset off on one axis and pad it on the other: most right
places have less."""
Fit = tuple[Cells, Cells, Floats]
"""What is shown, what remains of the query, and weights of the cells, (k, 24, 24) each."""
Mode = tuple[bool, bool]
"""Down and across: whether the query shows a part of the asset, else the asset is a part of the query."""
MODES: Final[tuple[Mode, ...]] = ((True, True), (False, False), (True, False), (False, True))
ROUNDS: Final = 6
SETTLED: Final = 0.001
"""Move of an edge, in shares of the picture, below which refinement ends: a fortieth of a cell."""
FARTHEST: Final = 0.25
"""Most that refinement may move an edge, in shares of the picture."""
CENTRES: Final = (np.arange(SIDE) + 0.5) / SIDE


def register(query: Cells, asset: Cells) -> Place:
    """Return the part of the asset that the query shows, from (k, 24, 24) cells of the same moments.

    The whole picture and the likeliest places of each mode are each refined; the one that differs least is
    returned. A few moments do where they show that the query is the whole picture.
    """
    few = spread(len(query), FEW)
    whole = _refined(query[few], asset[few], WHOLE)
    if correlation(query[few].mean(axis=0), seen(asset[few], whole).mean(axis=0)) >= SURE:
        return whole
    whole = _refined(query, asset, WHOLE)
    means = query.mean(axis=0), asset.mean(axis=0)

    def missed(place: Place) -> float:
        return (place != whole) * WORSE + misfit(query, asset, place)

    best = min((whole, *(_refined(query, asset, start) for start in _starts(*means, MODES[:2]))), key=missed)
    if misfit(query, asset, best) < POOR:
        return best
    return min((best, *(_refined(query, asset, start) for start in _starts(*means, MODES[2:]))), key=missed)


def spread(count: int, most: int) -> Ints:
    """Return at most `most` indices of `count`, spread evenly."""
    chosen: Ints = np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int))
    return chosen


def seen(asset: Cells, place: Place) -> Cells:
    """Return (k, 24, 24): a part of the asset, as a query's mosaic shows it."""
    if place == WHOLE:
        return asset
    left, top, right, bottom = place
    return np.asarray(_hat(top, bottom) @ asset @ _hat(left, right).T)


def inside(place: Place) -> NDArray[np.bool_]:
    """Return (24, 24): the query's cells that lie in the asset's picture."""
    left, top, right, bottom = place
    across = left + CENTRES * (right - left)
    down = top + CENTRES * (bottom - top)
    within = [(at > 0) & (at < 1) for at in (down, across)]
    return np.asarray(within[0][:, None] & within[1][None, :])


def correlation(query: Floats, asset: Floats) -> float:
    """Return the normalised correlation of two pictures, -1 to 1."""
    left, right = query - query.mean(), asset - asset.mean()
    lengths = float(np.linalg.norm(left) * np.linalg.norm(right))
    return float((left * right).sum()) / lengths if lengths > 1e-6 else 0.0


def misfit(query: Cells, asset: Cells, place: Place) -> float:
    """Return how much the query differs from the shown part: the mean square of the remainder over the
    query's own variance, each cell at most `MOST`, 0-1."""
    return lost(query, seen(asset, place), inside(place))


def lost(query: Cells, shown: Cells, within: NDArray[np.bool_]) -> float:
    """Return the misfit of what is shown in the cells `within`. The others are lost."""
    target, part = query[:, within], shown[:, within]
    target, part = (cells - cells.mean(axis=1, keepdims=True) for cells in (target, part))
    gain = float((part * target).sum()) / max(float((part**2).sum()), 1e-6)
    own = query - query.mean(axis=(1, 2), keepdims=True)
    power = max(float((own**2).sum()), 1e-6)
    most = MOST * power / own.size
    outside = most * (own.size - target.size)
    return float((np.minimum((target - gain * part) ** 2, most).sum() + outside) / power)


def unexplained(query: Cells, shown: Cells, weights: Floats, within: NDArray[np.bool_]) -> Fit:
    """Fit gain and offset. Returns the shown cells, the remainder, and new weights: cells that fit badly (a
    face that was swapped, a caption) weigh little."""
    sums = np.maximum(weights.sum(axis=(1, 2), keepdims=True), 1e-6)
    target, part = (
        cells - np.einsum("kij,kij->k", cells, weights)[:, None, None] / sums for cells in (query, shown)
    )
    weighted = part * weights
    part = part * ((weighted * target).sum() / max(float((weighted * part).sum()), 1e-6))
    left = target - part
    some = np.abs(left[:, within]).ravel()
    scale = 3 * max(float(np.partition(some, len(some) // 2)[len(some) // 2]) if len(some) else 0.0, 1.0)
    return part, left, within / (1 + (left / scale) ** 2) ** 2


def _starts(query: Floats, asset: Floats, modes: tuple[Mode, ...]) -> list[Place]:
    """Return the likeliest places by correlation, the best of each mode."""
    return [_search(query, asset, mode) for mode in modes]


def _search(query: Floats, asset: Floats, mode: Mode) -> Place:
    """Return the place of the best correlation. Of each side, a few sizes are tried first, then those beside
    the best."""
    found: dict[tuple[int, int], tuple[float, Place]] = {}

    def tried(tall: int, wide: int) -> float:
        if (tall, wide) not in found:
            found[tall, wide] = _best_of(query, asset, (tall, wide), mode)
        return found[tall, wide][0]

    first = max(((tall, wide) for tall in FIRST_SIDES for wide in FIRST_SIDES), key=lambda size: tried(*size))
    for tall in _beside(first[0]):
        for wide in _beside(first[1]):
            tried(tall, wide)
    return max(found.values(), key=lambda best: best[0])[1]


def _beside(side: int) -> tuple[int, ...]:
    at = SIDES.index(side)
    return SIDES[max(at - 1, 0) : at + 2]


def _best_of(query: Floats, asset: Floats, size: tuple[int, int], mode: Mode) -> tuple[float, Place]:
    """Return the best correlation of stretches of `size` cells, and the place.

    Of each axis, either the query is reduced to the size and found in the asset, or the asset in the query.
    """
    for axis, (cells, part) in enumerate(zip(size, mode, strict=True)):
        if part:
            query = _reduced(query, cells, axis)
        else:
            asset = _reduced(asset, cells, axis)
    alike = _windows(query, size) @ _windows(asset, size).T
    ours, theirs = divmod(int(alike.argmax()), alike.shape[1])
    at = [divmod(found, some.shape[1] - size[1] + 1) for found, some in ((ours, query), (theirs, asset))]
    edges = [
        (there / SIDE, (there + cells) / SIDE) if part else (-here / cells, (SIDE - here) / cells)
        for here, there, cells, part in zip(*at, size, mode, strict=True)
    ]
    (top, bottom), (left, right) = edges
    return float(alike[ours, theirs]), (left, top, right, bottom)


def _reduced(picture: Floats, cells: int, axis: int) -> Floats:
    return np.asarray(picture @ _shrink(cells).T if axis else _shrink(cells) @ picture)


def _windows(picture: Floats, size: tuple[int, int]) -> Floats:
    """Return (m, cells) all stretches of this size, row by row, each of mean 0 and length 1."""
    flat = sliding_window_view(picture, size).reshape(-1, size[0] * size[1])
    flat = flat - flat.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(flat, axis=1, keepdims=True)
    return np.asarray(np.where(lengths > 1e-3, flat / np.maximum(lengths, 1e-3), 0.0))


def _refined(query: Cells, asset: Cells, start: Place) -> Place:
    """Move the edges of the part until the pictures differ least. Gain and offset are free, and cells that
    fit badly (a face that was swapped, a caption) weigh little."""
    place = np.array(start)
    weights: Floats = np.ones(query.shape)
    for _ in range(ROUNDS):
        edges: Place = tuple(place.tolist())
        within = inside(edges)
        shown, left, weights = unexplained(query, seen(asset, edges), weights * within, within)
        slopes = _slopes(shown, place).reshape(4, -1)
        weighted = slopes * weights.ravel()
        normal = weighted @ slopes.T
        steady = (1e-3 * np.trace(normal) + 1e-9) * np.eye(4)  # a flat picture has no slopes
        moved = np.linalg.solve(normal + steady, weighted @ left.ravel())
        place = place + moved
        if np.abs(place - start).max() > FARTHEST or place[2] - place[0] < 0.2 or place[3] - place[1] < 0.2:
            return start
        if np.abs(moved).max() < SETTLED:
            break
    return tuple(place.tolist())


def _slopes(shown: Floats, place: Floats) -> Floats:
    """Return (4, k, 24, 24): how the shown part changes with its left, top, right and bottom edge."""
    down, across = np.gradient(shown, axis=(1, 2))
    across, down = across * SIDE / (place[2] - place[0]), down * SIDE / (place[3] - place[1])
    later, lower = CENTRES[None, None, :], CENTRES[None, :, None]
    return np.stack([across * (1 - later), down * (1 - lower), across * later, down * lower])


@cache
def _shrink(side: int) -> Floats:
    """Return (side, 24): area means that reduce 24 cells to `side`."""
    edges = np.linspace(0, SIDE, side + 1)
    begins = np.maximum(edges[:-1, None], np.arange(SIDE)[None, :])
    ends = np.minimum(edges[1:, None], np.arange(SIDE)[None, :] + 1)
    weights = np.maximum(ends - begins, 0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


@lru_cache(maxsize=64)
def _hat(low: float, high: float) -> Floats:
    """Return (24, 24): linear interpolation, or area means where the part is larger than the picture, of an
    asset's cells at the query's."""
    at = np.clip((low + CENTRES * (high - low)) * SIDE - 0.5, 0, SIDE - 1)
    wide = max(1.0, high - low)
    weights = np.maximum(1 - np.abs(at[:, None] - np.arange(SIDE)[None, :]) / wide, 0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def connected(mask: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """Return the connected parts of a mask (24, 24), each cell with its four neighbours."""
    labels = np.where(mask, np.arange(1, mask.size + 1).reshape(mask.shape), 0)
    while True:
        around = np.pad(labels, 1)
        neighbours = [around[:-2, 1:-1], around[2:, 1:-1], around[1:-1, :-2], around[1:-1, 2:]]
        spread = np.where(mask, np.maximum.reduce([labels, *neighbours]), 0)
        if (spread == labels).all():
            return [labels == label for label in np.unique(labels) if label]
        labels = spread
