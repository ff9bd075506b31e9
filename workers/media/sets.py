"""Find where a stream's decoder can really begin, from its packets instead of its keyframe flags alone.

H.264: ITU-T H.264, 7.4.1.2 (types of units), HEVC: ITU-T H.265, 7.4.2.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

import av.error

from workers.media import container, decoder_buffers

IDR: Final = 5
H264_SETS: Final = frozenset({7, 8, 13, 15})
RANDOM_ACCESS: Final = frozenset(range(16, 22))
HEVC_SETS: Final = frozenset({32, 33, 34})


@dataclass(frozen=True, slots=True)
class Marks:
    """Entry points of a stream.

    `stamps`: when each picture is shown, ascending. `keys`: the stamps at which a decoder can begin,
    ascending. `lasts`: seconds that the last picture lasts by its packet, None if it does not say.
    """

    stamps: tuple[int, ...]
    keys: tuple[int, ...]
    lasts: float | None

    @classmethod
    def read(cls, opened: Any, stream: Any) -> Self | None:
        """Read all packets of a stream.

        None if a packet has no time or is broken, if times repeat, if the first picture is no key, or if
        parameter sets change on the way.
        """
        codec = stream.codec_context.codec.canonical_name
        prefix = (
            decoder_buffers.prefix(stream.codec_context.extradata) if codec == "hevc" else _prefix(stream)
        )
        stamps: list[int] = []
        keys: list[int] = []
        sets: bytes | None = None
        last = (-1, 0)
        try:
            for packet in container.packets(opened, stream):
                if not packet.size:
                    continue
                if (
                    packet.is_discard
                    or packet.is_corrupt
                    or packet.pts is None
                    or packet.has_sidedata("new_extradata")
                ):
                    return None
                key, parameter_sets = _key_and_sets(codec, packet, prefix)
                if parameter_sets and not (key and sets in {None, parameter_sets} and (sets or not keys)):
                    return None  # sets between the pictures, changed sets, or sets that came late
                if key and not parameter_sets and sets:
                    key = False  # the sets that apply here are in an earlier packet
                sets = parameter_sets or sets
                stamps.append(packet.pts)
                last = max(last, (packet.pts, packet.duration or 0))
                if key:
                    keys.append(packet.pts)
        except av.error.FFmpegError:
            return None
        ordered = sorted(stamps)
        if not keys or keys[0] != ordered[0] or stamps[0] != ordered[0] or len(set(ordered)) != len(ordered):
            return None
        lasts = float(last[1] * stream.time_base) if last[1] else None
        return cls(tuple(ordered), tuple(keys) if keys == sorted(keys) else (), lasts)


def _key_and_sets(codec: str, packet: Any, prefix: int) -> tuple[bool, bytes]:
    """Tell whether a decoder can begin with the packet, and return the parameter sets in it."""
    if codec not in {"h264", "hevc"}:
        return packet.is_keyframe, b""
    key, parameter_sets = False, b""
    for unit in decoder_buffers.units(bytes(packet), prefix):
        if not unit:
            continue
        if codec == "h264":
            kind = unit[0] & 31
            key, isset = key or kind == IDR, kind in H264_SETS
        else:
            kind = unit[0] >> 1 & 63
            key, isset = key or kind in RANDOM_ACCESS, kind in HEVC_SETS
        if isset:
            parameter_sets += bytes(unit)
    return key and packet.is_keyframe, parameter_sets


def _prefix(stream: Any) -> int:
    """Return the bytes of the length before each H.264 unit (`avcC`, ISO/IEC 14496-15, 5.3.3); 0 if start
    codes separate them."""
    header = stream.codec_context.extradata
    return (header[4] & 3) + 1 if header and header[0] == 1 and len(header) > 6 else 0
