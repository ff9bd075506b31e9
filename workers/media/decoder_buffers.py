"""Bound the frames that a decoder holds at once: its references, and a few in progress.

FFmpeg reports references of H.264 after the first packet is decoded, and never those of HEVC. For HEVC the
sequence parameter sets (ITU-T H.265, 7.3.2.2) are parsed, in the header and between the frames.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import av

INTRA: Final = 3
"""Frames held if every frame stands by itself, measured at 8K."""
BESIDE: Final = 6
"""Frames held besides references: being decoded, waiting for display, in use (measured 5.6 with one
reference, 6.5 with four, 9 with sixteen)."""
REFERENCES: Final = {"vp9": 8, "av1": 8, "vvc": 16, "vp8": 3, "theora": 2, "snow": 8}
"""Most references by codec, if the codec alone bounds them."""
FEW: Final = 2
"""References of all other codecs: MPEG-1, 2 and 4 and related ones."""
MOST: Final = 16

_SPS: Final = 33
_START: Final = re.compile(rb"\x00\x00\x01")


class Holding:
    """Follows the references that a stream declares. A declaration holds to the end of the stream."""

    def __init__(self, context: Any) -> None:
        self._context = context
        # Read now: a decoder that could not be opened names no codec any more.
        self._codec = context.codec.canonical_name
        self._intra_only = bool(context.codec.intra_only)
        self._said = 1
        if self._codec == "hevc":
            self._prefix = prefix(context.extradata)
            self._read(_of_header(context.extradata))

    def see(self, packet: Any) -> None:
        """Parse a packet before it is decoded."""
        if self._codec == "hevc" and packet.size:
            self._read(units(bytes(packet), self._prefix))

    @property
    def frames(self) -> int:
        """Most frames held, as far as is known now."""
        if self._codec in {"h264", "hevc"}:
            return max(self._said, int(self._context.refs)) + BESIDE
        if self._intra_only:
            return INTRA
        return REFERENCES.get(self._codec, FEW) + BESIDE

    @property
    def frame_bytes(self) -> int:
        """Bytes of one decoded frame; three bytes per pixel for an unknown format."""
        context = self._context
        width = max(context.width, context.coded_width)
        height = max(context.height, context.coded_height)
        bits = av.VideoFormat(context.pix_fmt).padded_bits_per_pixel if context.pix_fmt else 24
        return int(width * height * bits // 8)

    def _read(self, units: Iterator[bytes]) -> None:
        for unit in units:
            # Of the first layer only: a second view is not decoded.
            if len(unit) > 2 and int.from_bytes(unit[:2]) >> 3 & 0xFFF == _SPS << 6:
                self._said = max(self._said, _references(unit))


def prefix(header: bytes | None) -> int:
    """Return the bytes of the length before each unit of a packet; 0 if start codes separate them."""
    return (header[21] & 3) + 1 if header and len(header) > 22 and header[0] == 1 else 0


def _of_header(header: bytes | None) -> Iterator[bytes]:
    """Yield the units of an `hvcC` box (ISO/IEC 14496-15, 8.3.3), or of a plain header."""
    if not header or not prefix(header):
        yield from units(header or b"", 0)
        return
    at = 23
    for _ in range(header[22]):
        count = int.from_bytes(header[at + 1 : at + 3])
        at += 3
        for _ in range(count):
            size = int.from_bytes(header[at : at + 2])
            yield header[at + 2 : at + 2 + size]
            at += 2 + size


def units(raw: bytes, prefix: int) -> Iterator[bytes]:
    """Yield the units of a packet, at most 512 bytes of each. `prefix`: result of `prefix`."""
    if not prefix:
        starts = [found.end() for found in _START.finditer(raw)]
        yield from (raw[start : start + 512] for start in starts)
        return
    at = 0
    while at + prefix < len(raw):
        size = int.from_bytes(raw[at : at + prefix])
        yield raw[at + prefix : at + prefix + min(size, 512)]
        at += prefix + size


def _references(unit: bytes) -> int:
    """Return the most references of a parameter set besides the frame being decoded; `MOST` if it is cut
    short."""
    bits = _Bits(unit[2:].replace(b"\x00\x00\x03", b"\x00\x00"))
    try:
        return min(_kept(bits), MOST)
    except IndexError:
        return MOST


def _kept(bits: _Bits) -> int:
    bits.take(4)
    layers = bits.take(3)
    bits.take(1 + 88 + 8)
    present = [(bits.take(1), bits.take(1)) for _ in range(layers)]
    if layers:
        bits.take(2 * (8 - layers))
    for profile, level in present:
        bits.take(88 * profile + 8 * level)
    bits.number()
    if bits.number() == 3:
        bits.take(1)
    bits.number(), bits.number()
    if bits.take(1):
        [bits.number() for _ in range(4)]
    [bits.number() for _ in range(3)]
    most = 0
    for _ in range(layers + 1 if bits.take(1) else 1):
        most = max(most, bits.number())
        bits.number(), bits.number()
    return most


class _Bits:
    """Reads bits in order; raises `IndexError` past the end."""

    def __init__(self, raw: bytes) -> None:
        self._bits = "".join(f"{byte:08b}" for byte in raw)
        self._at = 0

    def take(self, count: int) -> int:
        """Read a number of `count` bits."""
        end = self._at + count
        if end > len(self._bits):
            raise IndexError(count)
        value = int(self._bits[self._at : end] or "0", 2)
        self._at = end
        return value

    def number(self) -> int:
        """Read an unsigned Exp-Golomb code."""
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)
