"""Write a HEIC picture box by box (ISO/IEC 23008-12). FFmpeg encodes HEVC but writes no HEIF; pi-heif reads
it."""

from __future__ import annotations

import struct
from pathlib import Path

import av
from PIL import Image

from tests.support.media import clips as media
from tests.support.media.clips import Pixels


def write(
    path: Path,
    pixels: Pixels,
    *,
    quarters: int = 0,
    mirrored: bool = False,
    claimed: tuple[int, int] | None = None,
) -> Path:
    """Write a HEIC with one picture of even width and height.

    The file says to rotate it counter-clockwise by `quarters` of a turn, then to flip it left to right if
    `mirrored`. `claimed`: the width and height that the file states.
    """
    Image.fromarray(pixels).save(path.with_suffix(".png"))
    video = path.with_suffix(".mp4")
    encode = ("-c:v", "libx265", "-tag:v", "hvc1", "-x265-params", "log-level=none:keyint=1", "-crf", "12")
    media.ffmpeg("-i", path.with_suffix(".png"), "-pix_fmt", "yuv420p", *encode, video)
    with av.open(str(video)) as opened:
        coded = bytes(next(opened.demux(video=0)))
    raw = video.read_bytes()
    at = raw.index(b"hvcC") - 4
    configuration = raw[at : at + int.from_bytes(raw[at : at + 4])]
    height, width = pixels.shape[:2]
    width, height = claimed or (width, height)
    properties = [
        configuration,
        _full(b"ispe", struct.pack(">II", width, height)),
        _box(b"irot", bytes([quarters])),
        *([_box(b"imir", bytes([1]))] if mirrored else []),
    ]
    head = _box(b"ftyp", b"heic", bytes(4), b"mif1", b"heic")
    offset = len(head) + len(_meta(properties, 0, len(coded))) + 8
    path.write_bytes(head + _meta(properties, offset, len(coded)) + _box(b"mdat", coded))
    return path


def _meta(properties: list[bytes], offset: int, length: int) -> bytes:
    associated = bytes([0x80 | 1, 2, *(0x80 | at for at in range(3, len(properties) + 1))])
    item = _full(b"infe", struct.pack(">HH", 1, 0), b"hvc1\x00", version=2)
    return _full(
        b"meta",
        _full(b"hdlr", bytes(4), b"pict", bytes(13)),
        _full(b"pitm", struct.pack(">H", 1)),
        _full(b"iloc", b"\x44\x00", struct.pack(">HHHHII", 1, 1, 0, 1, offset, length)),
        _full(b"iinf", struct.pack(">H", 1), item),
        _box(
            b"iprp",
            _box(b"ipco", *properties),
            _full(b"ipma", struct.pack(">IHB", 1, 1, len(associated)), associated),
        ),
    )


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind + body


def _full(kind: bytes, *parts: bytes, version: int = 0) -> bytes:
    return _box(kind, bytes([version, 0, 0, 0]), *parts)
