"""Face geometry: from five landmarks to an upright square chip. Pure.

Template: the five-point ArcFace template for 112 x 112 pixels (Deng et al., CVPR 2019), which SFace was
trained on. Transform: least-squares similarity (Umeyama, "Least-squares estimation of transformation
parameters between two point patterns", PAMI 1991).
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""(5, 2): right eye, left eye, nose tip, right and left corner of the mouth, as x, y in pixels. The subject's
right is the picture's left."""

CHIP: Final = 112
TEMPLATE: Final[Points] = np.array(
    [
        [38.2946, 51.6963],
        [73.5318, 51.5014],
        [56.0252, 71.7366],
        [41.5493, 92.3655],
        [70.7299, 92.2041],
    ]
)


def similarity(points: Points, target: Points = TEMPLATE) -> NDArray[np.float64]:
    """Return the 2 x 3 matrix (rotation, one scale, shift; no mirroring) that maps `points` nearest to
    `target`.

    Raises `ValueError` if the points coincide.
    """
    centre, goal = points.mean(axis=0), target.mean(axis=0)
    spread, goal_spread = points - centre, target - goal
    variance = float((spread**2).sum()) / len(points)
    if not math.isfinite(variance) or variance < 1e-9:
        raise ValueError("the landmarks coincide")
    left, strengths, right = np.linalg.svd(goal_spread.T @ spread / len(points))
    signs = np.ones(2)
    if np.linalg.det(left) * np.linalg.det(right) < 0:
        signs[1] = -1.0
    rotation = left @ np.diag(signs) @ right
    size = float((strengths * signs).sum()) / variance
    shift = goal - size * rotation @ centre
    return np.hstack([size * rotation, shift[:, np.newaxis]])


def scale(matrix: NDArray[np.float64]) -> float:
    """Return the factor by which a similarity enlarges."""
    return math.hypot(float(matrix[0, 0]), float(matrix[1, 0]))


def frontality(points: Points) -> float:
    """Return how frontal a face is: 1 frontal, 0 in profile.

    It is the nose's position between the eyes, along the line through them: one half is frontal.
    """
    right, left, nose = points[0], points[1], points[2]
    line = left - right
    length = float(line @ line)
    if length < 1e-9:
        return 0.0
    place = float((nose - right) @ line) / length
    return max(0.0, 1.0 - 2.0 * abs(place - 0.5))


def quality(pixels: float, sharpness: float, score: float, front: float) -> float:
    """Return how reliable an embedding is, 0 to 1: a product, so that one bad factor is enough.

    `pixels`: shorter side of the face box in the source; it counts 0 at 20 and 1 from 100 on (faces under 60
    are unreliable: measured self-similarity .54 under 50). `sharpness`: variance of the chip's Laplacian; 100
    is sharp. `score`: the detector's, .6 to .9. `front`: see `frontality`.
    """
    size = _ramp(pixels, 20.0, 100.0)
    crisp = 0.4 + 0.6 * _ramp(sharpness, 5.0, 100.0)
    sure = _ramp(score, 0.5, 0.9)
    pose = 0.3 + 0.7 * _ramp(front, 0.2, 0.7)
    return size * crisp * sure * pose


def _ramp(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))
