"""Compute the values of a whole file: videohash.1 and its ISCC. Each reads the file once more."""

from __future__ import annotations

from pathlib import Path

from registry.catalogue.fingerprints.model.whole_file import WholeFile
from registry.catalogue.media.model import Kind
from workers.hashers import iscc
from workers.hashers.videohash import whole_video
from workers.media.limits import Limits


def examine(path: Path, kind: Kind, limits: Limits) -> WholeFile:
    """Return the values of the file at `path`. What cannot be computed is None."""
    data, instance = iscc.of_bytes(path)
    if kind == "image":
        return WholeFile(None, iscc.of_picture(path, limits), data, instance)
    return WholeFile(whole_video(path), iscc.of_video(path), data, instance)
