"""The Image-Code of a still (ISO 24138), by `iscc-lib`.

Pictures are prepared as ISCC's reference implementation does: upright, over white, without a uniform border,
grey, 32 x 32 by bicubic scaling.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import iscc_lib
import numpy as np
from PIL import Image

from registry.catalogue.fingerprints.model.whole_file import body_of
from registry.core.errors import BadMedia
from workers.hashers.iscc import BITS
from workers.media import stills
from workers.media.limits import Limits
from workers.media.picture import Pixels

SIDE: Final = 32


def of_picture(path: Path, limits: Limits) -> bytes | None:
    """Return the body of a still's Image-Code, 32 bytes. None if it cannot be read or shows nothing."""
    try:
        with stills.opened(path, limits) as pictures:
            if pictures is None or pictures.moves:
                return None
            moment = pictures.still()
            pixels = moment.render(moment.size)
    except BadMedia:
        return None
    trimmed = _trimmed(pixels)
    if trimmed is None:
        return None
    grey = Image.fromarray(trimmed).convert("L").resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    return body_of(iscc_lib.gen_image_code_v0(grey.tobytes(), BITS)["iscc"])


def _trimmed(pixels: Pixels) -> Pixels | None:
    """Return a picture without its border of the colour of its first pixel. None if it has only this
    colour."""
    other = (pixels != pixels[0, 0]).any(axis=-1)
    rows, columns = np.flatnonzero(other.any(axis=1)), np.flatnonzero(other.any(axis=0))
    if not len(rows):
        return None
    return pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
