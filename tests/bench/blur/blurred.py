"""Blurred pictures as previews make them, and the same pictures enlarged again, as an attacker would."""

from __future__ import annotations

from typing import Final

import numpy as np
from PIL import Image

from registry.catalogue.previews import model as blurring
from workers.media.picture import Pixels
from workers.pipeline.calls import widest_face

RULE: Final = 0
"""Stands for the length that the rule of previews chooses."""


def blurred(pixels: Pixels, longest: int) -> Pixels:
    """Reduce a picture to `longest` pixels a side: each pixel is the mean of many."""
    picture = Image.fromarray(pixels)
    if longest == RULE:
        longest = blurring.blurred_length(widest_face(pixels))
    size = blurring.few(*picture.size, longest)
    return np.asarray(picture.resize(size, Image.Resampling.BOX))


def enlarged(pixels: Pixels, width: int, height: int) -> Pixels:
    """Enlarge a blurred picture smoothly to the size it had."""
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC))


def area_under_curve(right: list[float], wrong: list[float]) -> float:
    """Return the chance that a score of `right` is above one of `wrong`; a tie counts half."""
    values = np.concatenate([np.asarray(right), np.asarray(wrong)])
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    rank_sum = float(ranks[: len(right)].sum())
    return (rank_sum - len(right) * (len(right) + 1) / 2) / (len(right) * len(wrong))
