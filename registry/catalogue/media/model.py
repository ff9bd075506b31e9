"""A media file before any fingerprint is computed: its identity, kind and size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from registry.catalogue.media.errors import MinorProtection
from registry.core.errors import Forbidden

Kind = Literal["image", "video", "audio"]
"""`image`: one still picture. `video`: anything with frames over time, including an animated GIF or WebP.
`audio`: sound alone; the cover of a song is no picture of it."""

Role = Literal["fake", "original"]

HOTLINE: Final = (
    "Do not send or keep it. Report it to the hotline of your country (https://www.inhope.org lists them) or "
    "to the police."
)


@dataclass(frozen=True, slots=True)
class Media:
    """A media file: its identity and its shape.

    `sha256` is 64 lower-case hex digits. `duration` is in seconds, 0.0 for an image. `width` and
    `height` are in pixels as shown, after rotation by the display matrix, 0 for sound alone. `bytes` is the
    file's size.
    """

    sha256: str
    kind: Kind
    duration: float
    width: int
    height: int
    bytes: int


def refuse_minor() -> Forbidden:
    """Return the error for media that may show a minor sexually. Nothing of it is kept or passed on."""
    return MinorProtection(
        "The media may show a minor sexually: nothing of it is kept or handed on.", next_step=HOTLINE
    )
