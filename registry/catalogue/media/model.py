"""What is known of a media file before anything is computed from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["image", "video"]
"""`image`: one still picture. `video`: anything with frames in time, an animated GIF or WebP included."""

Role = Literal["fake", "original"]


@dataclass(frozen=True, slots=True)
class Media:
    """A media file: its identity and its shape.

    `sha256` is 64 lower-case hex digits. `duration` is in seconds, 0.0 for an image. `width` and
    `height` are in pixels as shown, after rotation by the display matrix. `bytes` is the file's size.
    """

    sha256: str
    kind: Kind
    duration: float
    width: int
    height: int
    bytes: int
