"""Views that undo a crop or a caption: the frame before something was cut off or added. Pure.

A crop of 10 % changes 88 of 256 hash bits in the median, more than unrelated pictures differ by. Embeddings
tolerate it. Without embeddings (a browser may lack the model), the query is hashed once for each change that
may have been made. Cut-off margins are filled with the adjacent edge. Then 29 bits differ; 41 with margins
misplaced by 1 %, 52 by 1.5 % (48 frames of 16 face swaps, JPEG quality 50). Hence the steps of 2.5 %. At most
one of a query's many views is right, and it is the same in every frame. `settled` selects it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np

from registry.catalogue.fingerprints.model import distance
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint, Frame
from registry.catalogue.fingerprints.model.timeline import Timeline


class Axis(NamedTuple):
    """A change of a picture's width or height.

    `before` and `after`: the part cut off at either end, as a share of the original picture. Negative: added
    there. `hidden_before` and `hidden_after`: the part covered at either end, as a share of the present
    frame.
    """

    before: float = 0.0
    after: float = 0.0
    hidden_before: float = 0.0
    hidden_after: float = 0.0


KEPT: Final = Axis()
STEP: Final = 0.025
NEAR: Final = 64
"""Most bits, of 256, by which a frame may differ from an asset's. No pair of 25.6 million unrelated pairs was
this near."""
MOMENTS: Final = 24
"""Evenly spread moments at which all views are compared."""


def _views() -> tuple[tuple[Axis, Axis], ...]:
    """Return width and height changes of each view.

    Crops of 5, 10 and 15 % of both sides, and of 5 and 10 % of one; 20 % about the centre; strips cut off,
    added or covered above or below, where captions are.
    """
    crops = [(_cuts(share), _cuts(share)) for share in (0.1, 0.05)]
    crops.append((_cuts(0.15, 0.05), _cuts(0.15, 0.05)))
    for share in (0.05, 0.1):
        crops += [(_cuts(share), [KEPT]), ([KEPT], _cuts(share))]
    crops.append(([Axis(0.1, 0.1)], [Axis(0.1, 0.1)]))
    strips = [Axis(after=0.15), Axis(after=0.2), Axis(before=0.15)]
    strips += [Axis(*ends) for number in range(2, 9) for ends in _either(-round(number * STEP, 3))]
    strips += [Axis(0.0, 0.0, *ends) for share in (0.1, 0.15, 0.2) for ends in _either(share)]
    crops.append(([KEPT], strips))
    return tuple((across, down) for widths, heights in crops for across in widths for down in heights)


def _cuts(share: float, least: float = 0.0) -> list[Axis]:
    """Return the ways to cut a share of a side, divided between the two ends in steps of `STEP`."""
    places = [round(at * STEP, 3) for at in range(round(share / STEP) + 1)]
    return [
        Axis(place, round(share - place, 3)) for place in places if least <= place <= share - least + 1e-9
    ]


def _either(share: float) -> tuple[tuple[float, float], tuple[float, float]]:
    return (share, 0.0), (0.0, share)


REFRAMED: Final = {f"reframe.{number}": axes for number, axes in enumerate(_views(), 1)}
"""The views by name, each with the changes of its width and height, for pHash-256 only.
`tests/vectors/views.1.json` lists them."""


def without(frames: Iterable[Frame]) -> list[Frame]:
    """Return the frames of all other views."""
    return [frame for frame in frames if frame.view not in REFRAMED]


def settled(query: Fingerprint, assets: Sequence[Timeline]) -> Fingerprint:
    """Keep only the reframed view that is nearest to the assets over the compared moments.

    If no such view is near any asset, all reframed views are removed.
    """
    reframed_frames = [
        frame for frame in query.informative() if frame.view in REFRAMED and frame.phash256 is not None
    ]
    if not reframed_frames:
        return query
    near = _near(_sampled(reframed_frames), assets)
    best = max(near, key=lambda view: near[view], default=None)
    frames = tuple(frame for frame in query.frames if frame.view == best or frame.view not in REFRAMED)
    return replace(query, frames=frames)


def _sampled(frames: Sequence[Frame]) -> list[Frame]:
    times = np.unique([frame.time for frame in frames])
    chosen = times[np.unique(np.linspace(0, len(times) - 1, min(len(times), MOMENTS)).astype(int))]
    chosen_times = set(chosen.tolist())
    return [frame for frame in frames if frame.time in chosen_times]


def _near(frames: Sequence[Frame], assets: Sequence[Timeline]) -> dict[str, float]:
    """Return, by view, the sum of bits under `NEAR` over its moments, for the asset with the highest sum."""
    hashes, _ = distance.hashes(frame.phash256 for frame in frames)
    views = np.array([frame.view for frame in frames])
    best: dict[str, float] = {}
    for asset in assets:
        hashes_of_asset = asset.phash256[asset.has_phash256]
        if not len(hashes_of_asset):
            continue
        gain = np.maximum(NEAR - distance.hamming(hashes, hashes_of_asset).min(axis=1), 0)
        for view in np.unique(views[gain > 0]).tolist():
            best[view] = max(best.get(view, 0.0), float(gain[views == view].sum()))
    return best
