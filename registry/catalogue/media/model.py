"""What is known of a media file before anything is computed from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from registry.core.errors import Forbidden

Kind = Literal["image", "video"]
"""`image`: one still picture. `video`: anything with frames in time, an animated GIF or WebP included."""

Role = Literal["fake", "original"]

HOTLINE: Final = (
    "Do not send or keep it. Report it to the hotline of your country (https://www.inhope.org lists them) or "
    "to the police."
)


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


def refuse_minor() -> Forbidden:
    """Nothing of such media is kept or handed on."""
    return Forbidden(
        "The media may show a minor sexually: nothing of it is kept or handed on.",
        code="minor_protection",
        next_step=HOTLINE,
    )
