"""Limits on the media of one fingerprint."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from registry.core.errors import BadMedia, MediaTooLarge
from registry.core.settings import Settings
from registry.sharing.hma.errors import VideoTooLong

FORMATS: Final = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,mpegvideo,m4v,flv,live_flv,asf,ogg,rm,mxf,nut,dv,"
    "h264,hevc,av1,obu,ivf,vc1,yuv4mpegpipe,wtv,amv,mp3,wav,w64,flac,aac,ac3,eac3,aiff,amr,caf"
)
"""FFmpeg demuxers that are tried. Those of sound alone are included so that the error can say so."""
MAX_VIDEO_PIXELS: Final = 40_000_000
"""Largest video frame decoded, whatever the configured limits: 8K (33 million) passes."""
MAX_WAVELET_PIXELS: Final = 32_000_000
"""Largest JPEG 2000: OpenJPEG took 18 bytes of memory a pixel (measured at 81 million)."""
MAX_HELD_BYTES: Final = 500_000_000
"""Most bytes of all frames that a decoder may hold at once; a file can require up to 25 frames of H.264. With
this limit a decoder stays under 900 MB. 8K passes with four references, 4K of 8 bits with all sixteen."""

MAX_DRAWN_PIXELS: Final = 3_000_000_000
"""Most pixels that one picture file may make its decoder draw: frames or scans times their size. An animated
WebP costs 15 ns of a core a pixel, so 45 s; a file of 5 kB can declare a hundred times as many. Two minutes
of 720p at 25 frames a second pass, and so do 100 million pixels in the usual ten scans of a JPEG."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of the file, pixels of a picture, seconds of a video; seconds of one whose request waits."""

    max_bytes: int = 2 * 1024**3
    max_pixels: int = 100_000_000
    max_seconds: float = 4 * 3600.0
    awaited_seconds: float = math.inf

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Return the limits that the deployment has configured."""
        return cls(settings.max_upload_bytes, settings.max_pixels, settings.max_seconds)

    def check_bytes(self, size: int) -> None:
        """Raise BadMedia `too_large` if the file has more bytes than allowed."""
        if size > self.max_bytes:
            raise too_large(f"The file has {size:,} bytes; the limit is {self.max_bytes:,}.")

    def check_picture(self, width: int, height: int) -> None:
        """Raise BadMedia `too_large` if a still has more pixels than allowed, by its header."""
        if width * height > self.max_pixels:
            raise too_large(
                f"The picture has {width} x {height} pixels; the limit is {self.max_pixels:,} in all."
            )

    def check_wavelets(self, width: int, height: int) -> None:
        """Raise BadMedia `too_large` if a JPEG 2000 has more pixels than its decoder has memory for."""
        if width * height > MAX_WAVELET_PIXELS:
            raise MediaTooLarge(
                f"The JPEG 2000 has {width} x {height} pixels; the limit of this format is "
                f"{MAX_WAVELET_PIXELS:,}.",
                next_step="Convert it to JPEG or PNG.",
            )

    def check_drawn(self, times: int, width: int, height: int) -> None:
        """Raise BadMedia `too_large` if a picture file draws its size too many times, by frames or scans."""
        if times * width * height > MAX_DRAWN_PIXELS:
            raise MediaTooLarge(
                f"The file draws {width} x {height} pixels {times:,} times; the limit is "
                f"{MAX_DRAWN_PIXELS:,} pixels in all.",
                next_step="Save it anew: an animation as a video, a photo as an ordinary JPEG.",
            )

    def check_video_frame(self, width: int, height: int) -> None:
        """Raise BadMedia `too_large` if video frames have more pixels than allowed."""
        allowed = self.max_video_pixels
        if width * height > allowed:
            raise too_large(f"The video has {width} x {height} pixels; the limit is {allowed:,} in all.")

    def check_held(self, frames: int, frame_bytes: int) -> None:
        """Raise BadMedia `too_large` if the decoder would hold too many bytes of frames."""
        if frames * frame_bytes > MAX_HELD_BYTES:
            raise MediaTooLarge(
                f"To decode the video, {frames} frames of {frame_bytes:,} bytes would be held at once; the "
                f"limit is {MAX_HELD_BYTES:,} bytes in all.",
                next_step="Scale it down to 4K, or encode it with fewer reference frames (H.264: 4).",
            )

    def check_seconds(self, seconds: float) -> None:
        """Raise BadMedia `too_large` if a video is longer than allowed.

        `video_too_long`: a request would wait too long for it. The duration is known before anything is
        decoded.
        """
        if seconds > self.awaited_seconds:
            raise VideoTooLong
        if seconds > self.max_seconds:
            raise too_large(f"The video is longer than the limit of {self.max_seconds:g} s.")

    @property
    def max_video_pixels(self) -> int:
        return min(self.max_pixels, MAX_VIDEO_PIXELS)


def too_large(message: str) -> BadMedia:
    """Return the error for media over a limit."""
    return MediaTooLarge(message, next_step="Cut or scale it down, or raise the limit of this deployment.")
