"""A face swap by public methods: five landmarks, a similarity warp, colour matching, Poisson blending.

Poisson blending: Pérez, Gangnet and Blake, "Poisson image editing", SIGGRAPH 2003, as OpenCV's
`seamlessClone`. Colour matching: Reinhard et al., "Color transfer between images", 2001.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from deploy.demo.faces import TEMPLATE, Face, Picture, Points, describe_face, find_face, likeness

# The oval of a face in the template's coordinates: from the brows to the chin, inside the cheeks.
OVAL_CENTRE = (56.0, 72.0)
OVAL_AXES = (36.0, 47.0)


class WeakSwap(AssertionError):
    """The swapped face is not nearer to its source: the demonstration would show nothing."""


def swap_face(target: Picture, source: Picture) -> Picture:
    """`target` (BGR) with the face of `source` (BGR); everything else is untouched.

    Raises:
        NoFace: one of the two shows no face.
        WeakSwap: SFace finds the result nearer to the target's own face than to the source's.
    """
    target_face, source_face = find_face(target), find_face(source)
    matrix = _onto(source_face.points, target_face.points)
    size = (target.shape[1], target.shape[0])
    warped = cv2.warpAffine(source, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    mask = _oval(target_face, size)
    worn = _match_colour(np.asarray(warped, dtype=np.uint8), target, mask)
    x, y, width, height = cv2.boundingRect(mask)
    centre = (x + width // 2, y + height // 2)
    swapped = np.asarray(cv2.seamlessClone(worn, target, mask, centre, cv2.NORMAL_CLONE), dtype=np.uint8)
    _prove(swapped, target, source)
    return swapped


def _onto(points: Points, goal: Points) -> NDArray[np.float64]:
    """The 2x3 similarity (turn, scale, shift) that lays `points` onto `goal`."""
    matrix, _ = cv2.estimateAffinePartial2D(points, goal, method=cv2.LMEDS)
    return np.asarray(matrix, dtype=np.float64)


def _oval(face: Face, size: tuple[int, int]) -> NDArray[np.uint8]:
    """A mask (255 inside) of the face's oval, laid over the photograph by its landmarks."""
    matrix, back = _onto(TEMPLATE, face.points), _onto(face.points, TEMPLATE)
    upright = face.points @ back[:, :2].T + back[:, 2]
    turned = upright[2, 0] - upright[[0, 1, 3, 4], 0].mean()  # the nose leads where the head turns
    centre = np.array(OVAL_CENTRE) - (turned / 2, 0)
    angles = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    oval = centre + np.array(OVAL_AXES) * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    placed = oval @ matrix[:, :2].T + matrix[:, 2]
    mask = np.zeros((size[1], size[0]), np.uint8)
    cv2.fillConvexPoly(mask, np.round(placed).astype(np.int32), 255)
    return mask


def _match_colour(worn: Picture, target: Picture, mask: NDArray[np.uint8]) -> Picture:
    """Give `worn` the mean and the spread of the target's colours inside the mask (in Lab)."""
    inside = mask > 0
    lab, target_lab = (cv2.cvtColor(p, cv2.COLOR_BGR2LAB).astype(np.float32) for p in (worn, target))
    mean, spread = lab[inside].mean(axis=0), lab[inside].std(axis=0) + 1e-6
    goal = target_lab[inside]
    matched = (lab - mean) * np.minimum(goal.std(axis=0) / spread, 1) + goal.mean(axis=0)
    return np.asarray(
        cv2.cvtColor(np.clip(matched, 0, 255).astype(np.uint8), cv2.COLOR_LAB2BGR), dtype=np.uint8
    )


def _prove(swapped: Picture, target: Picture, source: Picture) -> None:
    """Raise WeakSwap unless SFace takes the swapped face for the source's rather than the target's."""
    vectors = [describe_face(p, find_face(p)) for p in (swapped, source, target)]
    to_source, to_target = likeness(vectors[0], vectors[1]), likeness(vectors[0], vectors[2])
    if to_source <= to_target:
        raise WeakSwap(f"the swap is like its source by {to_source:.2f}, like its target by {to_target:.2f}")
