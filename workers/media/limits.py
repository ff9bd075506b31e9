"""How much media one fingerprint may cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from registry.errors import BadMedia
from registry.settings import Settings

MAX_VIDEO_PIXELS: Final = 40_000_000
"""Largest video frame decoded whatever the limits say: 8K (33 million) passes. A decoder keeps up to 17
frames at once, so the limit of a still would let a header of a few bytes ask for gigabytes."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of the file, pixels of a picture, seconds of a video."""

    max_bytes: int = 2 * 1024**3
    max_pixels: int = 100_000_000
    max_seconds: float = 4 * 3600.0

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """The limits that a deployment has set."""
        return cls(settings.max_upload_bytes, settings.max_pixels, settings.max_seconds)

    def check_bytes(self, size: int) -> None:
        """Raise BadMedia `too_large` when the file has more bytes than allowed."""
        if size > self.max_bytes:
            raise too_large(f"The file has {size:,} bytes; the limit is {self.max_bytes:,}.")

    def check_picture(self, width: int, height: int) -> None:
        """Raise BadMedia `too_large` for a still of more pixels than allowed, judged by its header."""
        if width * height > self.max_pixels:
            raise too_large(
                f"The picture has {width} x {height} pixels; the limit is {self.max_pixels:,} in all."
            )

    def check_video_frame(self, width: int, height: int) -> None:
        """Raise BadMedia `too_large` for video frames of more pixels than allowed."""
        allowed = self.max_video_pixels
        if width * height > allowed:
            raise too_large(f"The video has {width} x {height} pixels; the limit is {allowed:,} in all.")

    def check_seconds(self, seconds: float) -> None:
        """Raise BadMedia `too_large` for a video longer than allowed."""
        if seconds > self.max_seconds:
            raise too_large(f"The video is longer than the limit of {self.max_seconds:g} s.")

    @property
    def max_video_pixels(self) -> int:
        return min(self.max_pixels, MAX_VIDEO_PIXELS)


def too_large(message: str) -> BadMedia:
    """The error for media over a limit."""
    return BadMedia(
        message, code="too_large", next_step="Cut or scale it down, or raise the limit of this deployment."
    )
