"""How many frames a decoder may hold at once: what it refers back to, and a few that come and go.

FFmpeg tells it of H.264 once the first packet is decoded, and of HEVC never: there the sequence parameter
sets are read (ITU-T H.265, 7.3.2.2), those of the header and those between the frames.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import av

INTRA: Final = 3
"""Frames held where each stands by itself, measured at 8K."""
BESIDE: Final = 6
"""Frames held beside those referred to: being decoded, waiting to be shown, looked at (measured 5.6 with one
reference, 6.5 with four, 9 with sixteen)."""
REFERENCES: Final = {"vp9": 8, "av1": 8, "vvc": 16, "vp8": 3, "theora": 2, "snow": 8}
"""References by codec, where that alone bounds them."""
FEW: Final = 2
"""References of all others: MPEG-1, 2 and 4 and their kin."""
MOST: Final = 16

_SPS: Final = 33
_START: Final = re.compile(rb"\x00\x00\x01")


class Holding:
    """Follows what one stream says of its references; what it said once holds to its end."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self._codec = context.codec.canonical_name
        self._said = 1
        if self._codec == "hevc":
            self._prefix = prefix(context.extradata)
            self._read(_of_header(context.extradata))

    def see(self, packet: Any) -> None:
        """Read what a packet says, before it is decoded."""
        if self._codec == "hevc" and packet.size:
            self._read(units(bytes(packet), self._prefix))

    @property
    def frames(self) -> int:
        """How many frames are held at most, as far as is known by now."""
        if self._codec in {"h264", "hevc"}:
            return max(self._said, int(self._context.refs)) + BESIDE
        if self._context.codec.intra_only:
            return INTRA
        return REFERENCES.get(self._codec, FEW) + BESIDE

    @property
    def frame_bytes(self) -> int:
        """Bytes of one decoded frame; of an unknown format as much as three bytes a pixel."""
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
    """Bytes of the length before each unit of a packet; 0 where start codes part them."""
    return (header[21] & 3) + 1 if header and len(header) > 22 and header[0] == 1 else 0


def _of_header(header: bytes | None) -> Iterator[bytes]:
    """The units of an `hvcC` box (ISO/IEC 14496-15, 8.3.3), or of plain ones."""
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
    """The units of a packet, 512 bytes of each at most. `prefix` as `prefix` says."""
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
    """What the parameter set keeps at most beside the frame being decoded; `MOST` where it is cut short."""
    bits = _Bits(unit[2:].replace(b"\x00\x00\x03", b"\x00\x00"))
    try:
        return min(_kept(bits), MOST)
    except IndexError:
        return MOST


def _kept(bits: _Bits) -> int:
    bits.take(4)
    layers = bits.take(3)
    bits.take(1 + 88 + 8)
    given = [(bits.take(1), bits.take(1)) for _ in range(layers)]
    if layers:
        bits.take(2 * (8 - layers))
    for profile, level in given:
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
    """Reads bits, first to last; past the end: `IndexError`."""

    def __init__(self, raw: bytes) -> None:
        self._bits = "".join(f"{byte:08b}" for byte in raw)
        self._at = 0

    def take(self, count: int) -> int:
        """A number of so many bits."""
        end = self._at + count
        if end > len(self._bits):
            raise IndexError(count)
        found = int(self._bits[self._at : end] or "0", 2)
        self._at = end
        return found

    def number(self) -> int:
        """An unsigned Exp-Golomb code."""
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)
