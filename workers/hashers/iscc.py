"""The units of a file's ISCC (ISO 24138), by `iscc-lib`.

Videos are read by ffmpeg's MPEG-7 signature filter, five frames a second, in the isolated process of
`workers.hashers.videohash`. Pictures are read by `workers.hashers.iscc_picture`.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final

import iscc_lib

from registry.catalogue.fingerprints.model.whole_file import BODY_BYTES, body_of
from workers.hashers.videohash import isolated
from workers.media.limits import FORMATS as VIDEO_FORMATS

BITS: Final = BODY_BYTES * 8
FORMATS: Final = f"{VIDEO_FORMATS},gif"
"""Formats in which ffmpeg reads videos. Elsewhere Pillow reads GIF."""


def of_bytes(path: Path) -> tuple[bytes, bytes]:
    """Return the bodies of the Data-Code and the Instance-Code of a file, 32 bytes each."""
    data, instance = iscc_lib.gen_sum_code_v0(str(path), BITS, add_units=True)["units"]
    return body_of(data), body_of(instance)


def of_video(path: Path) -> bytes | None:
    """Return the body of a video's Video-Code, 32 bytes. None if it cannot be read."""
    if find_spec("imageio_ffmpeg") is None:
        return None
    answer = isolated(path, ("signature", FORMATS))
    return body_of(answer) if answer else None
