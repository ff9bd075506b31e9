"""The units of a file's ISCC (ISO 24138), by `iscc-lib`.

Pictures are prepared as ISCC's reference implementation does: upright, over white, without a uniform border,
grey, 32 x 32 by bicubic scaling. Videos are read by ffmpeg's MPEG-7 signature filter, five frames a second,
in the isolated process of `workers.hashers.videohash`.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final

import iscc_lib
import numpy as np
from PIL import Image

from registry.catalogue.fingerprints.model.whole_file import BODY_BYTES, body_of
from registry.core.errors import BadMedia
from workers.hashers.videohash import isolated
from workers.media import container, stills
from workers.media.limits import Limits
from workers.media.picture import Pixels

SIDE: Final = 32
BITS: Final = BODY_BYTES * 8
FORMATS: Final = f"{container.FORMATS},gif"
"""Formats in which ffmpeg reads videos. Elsewhere Pillow reads GIF."""


def of_bytes(path: Path) -> tuple[bytes, bytes]:
    """Return the bodies of the Data-Code and the Instance-Code of a file, 32 bytes each."""
    data, instance = iscc_lib.gen_sum_code_v0(str(path), BITS, add_units=True)["units"]
    return body_of(data), body_of(instance)


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


def of_video(path: Path) -> bytes | None:
    """Return the body of a video's Video-Code, 32 bytes. None if it cannot be read."""
    if find_spec("imageio_ffmpeg") is None:
        return None
    answer = isolated(path, ("signature", FORMATS))
    return body_of(answer) if answer else None


def _trimmed(pixels: Pixels) -> Pixels | None:
    """Return a picture without its border of the colour of its first pixel. None if it has only this
    colour."""
    other = (pixels != pixels[0, 0]).any(axis=-1)
    rows, columns = np.flatnonzero(other.any(axis=1)), np.flatnonzero(other.any(axis=0))
    if not len(rows):
        return None
    return pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
