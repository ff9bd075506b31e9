"""Media whose cost is out of proportion to their size: what field-by-field changes do not reach."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import Final

from PIL import Image

from tests.hostile import bases, pictures
from tests.hostile.containers import Index, box, full, mp4
from tests.hostile.shapes.streams import ogg
from tests.support.media.clips import png_claiming

HUGE: Final = 1 << 31


def _png(
    width: int, height: int, body: bytes, *more: tuple[bytes, bytes], depth: int = 8, colour: int = 2
) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = [(b"IHDR", header), *more, (b"IDAT", body), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def png_of_zeros(side: int) -> bytes:
    """A PNG of one colour, of which a kilobyte is a megapixel."""
    packer = zlib.compressobj(9)
    row = bytes(1 + side * 3)
    return _png(side, side, b"".join(packer.compress(row) for _ in range(side)) + packer.flush())


def png_of_text(megabytes: int) -> bytes:
    """A PNG with a compressed text and a colour profile of so many megabytes."""
    packed = zlib.compress(bytes(megabytes << 20), 9)
    texts = [(b"zTXt", b"a\0\0" + packed), (b"iCCP", b"a\0\0" + packed), (b"iTXt", b"a\0\1\0\0\0" + packed)]
    return _png(64, 64, zlib.compress(bytes(64 * 193)), *texts)


def apng_of_frames(side: int, frames: int) -> bytes:
    """An APNG whose frames each paint one pixel of a large canvas."""
    control = struct.pack(">IIIIIHHBB", 0, side, side, 0, 0, 1, 10, 0, 0)
    more = [(b"acTL", struct.pack(">II", frames, 0)), (b"fcTL", control)]
    start = _png(side, side, zlib.compress(bytes((1 + side * 3) * side), 9), *more)[:-12]
    pixel = zlib.compress(b"\0\1\2\3")
    pieces = [start]
    for number in range(1, frames):
        body = struct.pack(">IIIIIHHBB", 2 * number - 1, 1, 1, 0, 0, 1, 10, 0, 1)
        for kind, data in ((b"fcTL", body), (b"fdAT", struct.pack(">I", 2 * number) + pixel)):
            pieces.append(
                struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
            )
    return b"".join((*pieces, struct.pack(">I", 0), b"IEND", struct.pack(">I", zlib.crc32(b"IEND"))))


def jpeg_claiming(width: int, height: int) -> bytes:
    """A JPEG of one block whose header states this size."""
    raw = bytearray(bases.media("baseline.jpg"))
    at = raw.index(b"\xff\xc0")
    raw[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(raw)


def jpeg_of_segments(count: int, marker: int) -> bytes:
    """A JPEG with so many segments of a kind before its picture."""
    raw = bases.media("baseline.jpg")
    return raw[:2] + (bytes([0xFF, marker]) + b"\0\4ab") * count + raw[2:]


def tiff_of_pages(pages: int) -> bytes:
    """A TIFF of so many pages of one pixel."""
    out = io.BytesIO()
    page = Image.new("L", (1, 1))
    page.save(out, "TIFF", save_all=True, append_images=[page] * (pages - 1))
    return out.getvalue()


def tiff_in_circles() -> bytes:
    """A TIFF whose only directory follows itself."""
    raw = bytearray(bases.media("lzw.tif"))
    at = int.from_bytes(raw[4:8], "little")
    after = at + 2 + 12 * int.from_bytes(raw[at : at + 2], "little")
    raw[after : after + 4] = at.to_bytes(4, "little")
    return bytes(raw)


def tiff_of_strips(count: int) -> bytes:
    """A TIFF whose picture is so many strips, all at one place."""
    tags = [
        (256, 3, 1, 4),
        (257, 4, 1, count),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (278, 4, 1, 1),
    ]
    at = 8 + 2 + 12 * (len(tags) + 2) + 4
    tags += [(273, 4, count, at), (279, 4, count, at + 4 * count)]
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in sorted(tags))
    offsets = struct.pack("<I", 8) * count + struct.pack("<I", 4) * count
    return b"II*\0" + struct.pack("<I", 8) + directory + bytes(4) + offsets


def jp2_of_tiles(side: int, tile: int) -> bytes:
    """A small JPEG 2000 that states another size, of itself and of its tiles."""
    raw = bytearray(bases.media("wavelets.jp2"))
    head, at = raw.index(b"ihdr") + 4, raw.index(b"\xff\x51")
    raw[head : head + 8] = raw[at + 6 : at + 14] = struct.pack(">II", side, side)
    raw[at + 22 : at + 30] = struct.pack(">II", tile, tile)
    return bytes(raw)


def mp4_in_boxes(depth: int) -> bytes:
    """An MP4 whose boxes lie in each other."""
    inner = b""
    for _ in range(depth):
        inner = box("moov", inner)
    return box("ftyp", b"isom\0\0\2\0isom") + inner


def mp4_of_metadata(items: int) -> bytes:
    """An MP4 with so many comments."""
    raw = bases.media("vp9.mp4")
    text = full("data", bytes(4), b"a" * 16)
    listed = box("ilst", box("\xa9cmt", text) * items)
    return raw + box("udta", full("meta", full("hdlr", bytes(4), b"mdirappl", bytes(9)), listed))


def webm_of_tracks(count: int) -> bytes:
    """A WebM that declares so many tracks."""
    track = b"\xae\x8b\xd7\x81\x01\x83\x81\x01\x86\x83V_8"
    tracks = b"\x16\x54\xae\x6b" + (len(track * count) | 1 << 56).to_bytes(8, "big") + track * count
    head = b"\x1a\x45\xdf\xa3\x87\x42\x82\x84webm"
    return head + b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff" + tracks


def webm_of_elements(depth: int) -> bytes:
    """A Matroska whose tags lie in each other."""
    head = b"\x1a\x45\xdf\xa3\x87\x42\x82\x84webm\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff"
    return head + b"\x12\x54\xc3\x67\xff\x73\x73\xff" + b"\x67\xc8\xff" * depth


def ts_of_programs(packets: int) -> bytes:
    """A transport stream in which every packet has a PID of its own, which begins a stream."""
    head = bases.media("h264.ts")
    payload = b"\0\0\1\xe0\0\0\x80\0\0" + bytes(175)
    rows = (
        b"\x47" + struct.pack(">H", 0x4000 | number % 8191) + b"\x10" + payload for number in range(packets)
    )
    return head[: 188 * 8] + b"".join(rows)


def ogg_of_streams(count: int) -> bytes:
    """An Ogg file that begins so many streams."""
    raw = bases.media("theora.ogg")
    shape = ogg(raw)
    first = raw[shape.parts[0].start : shape.parts[0].end]
    pages = (first[:14] + struct.pack("<I", number) + first[18:] for number in range(count))
    return shape.mend(b"".join(pages)) + raw


def video_of_sizes() -> bytes:
    """A transport stream in which the size, the rate and the codec of the picture change midway."""
    return bases.media("h264.ts") + bases.media("mpeg2.ts") + bases.media("h264.ts")


def moving(seconds: int) -> bytes:
    """A Matroska of a few frames, hours apart."""
    raw = bytearray(bases.media("vp9.webm"))
    at = raw.index(b"\x44\x89")
    raw[at + 3 : at + 11] = struct.pack(">d", seconds * 1000.0)
    return bytes(raw)


EXTREMES: Final[dict[str, Callable[[], bytes]]] = {
    "sixty-million-samples.mp4": lambda: mp4(Index(60_000_000)),
    "sixty-four-tracks.mp4": lambda: mp4(Index(2_000_000), tracks=64),
    "a-thousand-edits.mp4": lambda: mp4(Index(100_000, edits=1000)),
    "packets-before-the-edit.mp4": lambda: mp4(Index(2_100_000, chunks=2100, edits=1, first=2_099_999)),
    "two-million-packets.mp4": lambda: mp4(Index(1_990_000, chunks=1990)),
    "packets-of-other-tracks.mp4": lambda: mp4(Index(1_990_000, chunks=1990), tracks=7),
    "boxes-in-boxes.mp4": lambda: mp4_in_boxes(20_000),
    "comments.mp4": lambda: mp4_of_metadata(20_000),
    "two-thousand-scans.jpg": lambda: pictures.jpeg_of_scans(1500, 2000),
    "allowed-scans.jpg": lambda: pictures.jpeg_of_scans(1500, 1300),
    "claims-65500.jpg": lambda: jpeg_claiming(65_500, 65_500),
    "claims-9999.jpg": lambda: jpeg_claiming(9_999, 9_999),
    "comments.jpg": lambda: jpeg_of_segments(100_000, 0xFE),
    "profiles.jpg": lambda: jpeg_of_segments(100_000, 0xE2),
    "exifs.jpg": lambda: jpeg_of_segments(100_000, 0xE1),
    "specks-on-a-canvas.gif": lambda: pictures.gif_of_specks(3000, 600),
    "allowed-specks.gif": lambda: pictures.gif_of_specks(1700, 1000),
    "many-specks.gif": lambda: pictures.gif_of_specks(16, 100_000),
    "frames-of-one-colour.webp": lambda: pictures.webp_of_still_frames(2000, 1000),
    "allowed-frames.webp": lambda: pictures.webp_of_still_frames(1700, 1000),
    "many-frames.png": lambda: apng_of_frames(1000, 4000),
    "allowed-frames.png": lambda: apng_of_frames(1000, 2900),
    "zeros.png": lambda: png_of_zeros(9_990),
    "text.png": lambda: png_of_text(100),
    "claims.png": lambda: png_claiming(HUGE - 1, HUGE - 1),
    "line.png": lambda: png_claiming(99_999_999, 1),
    "pages.tif": lambda: tiff_of_pages(300),
    "circles.tif": tiff_in_circles,
    "strips.tif": lambda: tiff_of_strips(100_000),
    "wavelets.jp2": lambda: jp2_of_tiles(9000, 9000),
    "allowed-wavelets.jp2": lambda: jp2_of_tiles(5600, 5600),
    "tiles.jp2": lambda: jp2_of_tiles(250, 1),
    "many-tiles.jp2": lambda: jp2_of_tiles(5000, 1),
    "tracks.webm": lambda: webm_of_tracks(50_000),
    "tags.mkv": lambda: webm_of_elements(100_000),
    "hours.webm": lambda: moving(14_000),
    "programs.ts": lambda: ts_of_programs(5000),
    "sizes.ts": video_of_sizes,
    "streams.ogg": lambda: ogg_of_streams(3000),
    "digits.ppm": lambda: b"P3 " + b"9" * 500_000 + b" 1 255 ",
    "claims.ppm": lambda: b"P6 9999 9999 255\n" + bytes(3000),
    "claims.bmp": lambda: (
        b"BM" + struct.pack("<IIIIiiHHIIiiII", 54, 0, 54, 40, 9999, -9999, 1, 24, 0, 0, 0, 0, 0, 0)
    ),
    "playlist.m3u8": lambda: b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    "concat.txt": lambda: b"ffconcat version 1.0\nfile /etc/passwd\n",
    "picture.svg": lambda: (
        b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
    ),
    "empty.mp4": lambda: b"",
    "zeros.mp4": lambda: bytes(500_000),
}
"""Files by name."""
