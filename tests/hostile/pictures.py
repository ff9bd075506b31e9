"""Pictures of a few kilobytes that take minutes to draw."""

from __future__ import annotations

import io
import struct
from typing import Final

import numpy as np
from PIL import Image

_SOS: Final = b"\xff\xda"
_EOI: Final = b"\xff\xd9"


def jpeg_of_scans(side: int, scans: int) -> bytes:
    """A progressive JPEG of `side` x `side` pixels whose last scan is repeated."""
    out = io.BytesIO()
    Image.new("L", (side, side), 90).save(out, "JPEG", progressive=True, quality=5)
    raw = out.getvalue()
    last = raw.rindex(_SOS)
    return raw[:last] + raw[last : raw.rindex(_EOI)] * scans + _EOI


def gif_of_specks(side: int, frames: int) -> bytes:
    """A GIF whose frames each paint one pixel of a large canvas."""
    head = b"GIF89a" + struct.pack("<HHBBB", side, side, 0x80, 0, 0) + bytes([0, 0, 0, 255, 255, 255])
    extension = b"\x21\xf9\x04" + struct.pack("<BHBB", 0x04, 10, 0, 0)
    frame = extension + b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return head + frame * frames + b"\x3b"


def webp_of_still_frames(side: int, frames: int) -> bytes:
    """A WebP whose frames are one colour, each as large as its canvas."""
    out = io.BytesIO()
    colours = [Image.new("RGB", (side, side), colour) for colour in ("white", "black")]
    colours[0].save(
        out, "WEBP", save_all=True, append_images=colours[1:], lossless=True, method=0, duration=20
    )
    raw = out.getvalue()
    start = raw.index(b"ANMF")
    body = raw[12:start] + raw[start:] * (frames // 2)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def jpeg_2000(side: int) -> bytes:
    """A JPEG 2000 of one colour."""
    out = io.BytesIO()
    Image.fromarray(np.zeros((side, side, 3), np.uint8)).save(out, "JPEG2000", irreversible=False)
    return out.getvalue()
