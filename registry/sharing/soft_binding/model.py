"""Encode this registry's picture fingerprint as the value of a C2PA soft binding (specification 2.x). Pure.

Format of version 1, big-endian, in base64 (RFC 4648, with padding):

    1 byte    version: 1
    1 byte    kind: 0 image, 1 video
    4 bytes   duration in milliseconds
    4 bytes   number of frames, 1 to 20,000
    for each frame, in order of time:
    4 bytes   time in milliseconds
    1 byte    quality of PDQ, 0 to 100
    32 bytes  phash256.1
    32 bytes  pdq.1

A frame lasts until the time of the next one, the last frame until the end. Frames show the whole picture.
Frames with a quality below 50 have too little detail and are left out. Values are compared by the similarity
of their frames, not byte by byte: two copies of a medium have different values.
`deploy/softbinding-algorithm.json` is the draft of the entry in C2PA's list.
"""

from __future__ import annotations

import base64
import binascii
import struct
from typing import Final, get_args

from registry.catalogue.fingerprints.model.algorithms import PDQ, PHASH256
from registry.catalogue.fingerprints.model.fingerprint import FULL, Fingerprint, Frame
from registry.catalogue.media.model import Kind, Media
from registry.core.errors import BadInput
from registry.sharing.errors import UninformativeHash
from registry.sharing.soft_binding.errors import BadBinding

ALGORITHM: Final = "org.fakeprint.frames.1"
"""The algorithm's intended name in C2PA's list. It is not registered yet."""
MOST_FRAMES: Final = 20_000
LONGEST: Final = 4 * -(-(10 + 69 * MOST_FRAMES) // 3)
"""Maximum characters of a value."""
_VERSION: Final = 1
_KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
_HEAD: Final = struct.Struct(">BBII")
_FRAME: Final = struct.Struct(">IB32s32s")


def value(fingerprint: Fingerprint) -> str:
    """Return the value for a medium.

    Raises `BadInput` (`low_information` if no frame has enough detail, `bad_binding` if it has too many
    frames).
    """
    frames = [
        frame
        for frame in sorted(fingerprint.frames, key=lambda frame: frame.time)
        if frame.view == FULL and frame.informative and frame.phash256 is not None and frame.pdq is not None
    ]
    if not frames:
        raise UninformativeHash("No frame of the medium has enough detail to be compared.")
    if len(frames) > MOST_FRAMES:
        raise BadBinding(f"A binding has {MOST_FRAMES:,} frames at most.")
    media = fingerprint.media
    parts = [_HEAD.pack(_VERSION, _KINDS.index(media.kind), _milliseconds(media.duration), len(frames))]
    parts += [
        _FRAME.pack(_milliseconds(frame.time), frame.quality, frame.phash256, frame.pdq) for frame in frames
    ]
    return base64.b64encode(b"".join(parts)).decode()


def read(text: str) -> Fingerprint:
    """Decode a value into a fingerprint. It belongs to no file, so its `sha256` is empty.

    Raises `BadInput` (`bad_binding`) if the value is invalid.
    """
    if len(text) > LONGEST:
        raise _bad(f"it is longer than {LONGEST:,} characters")
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _bad("it is not base64") from None
    if len(raw) < _HEAD.size:
        raise _bad("it ends too early")
    version, kind, duration, count = _HEAD.unpack_from(raw)
    if version != _VERSION or kind >= len(_KINDS):
        raise _bad("its version or kind is unknown")
    if not 1 <= count <= MOST_FRAMES or len(raw) != _HEAD.size + count * _FRAME.size:
        raise _bad("its length does not fit its number of frames")
    frames = list(_FRAME.iter_unpack(raw[_HEAD.size :]))
    times = [frame[0] for frame in frames]
    ends = [*times[1:], max(duration, times[-1])]
    if any(end < time for time, end in zip(times, ends, strict=True)) or times[-1] > duration:
        raise _bad("its frames are not in order, or later than its end")
    if any(frame[1] > 100 for frame in frames) or (kind == 0 and (count > 1 or duration)):
        raise _bad("a quality is over 100, or a picture has a duration")
    return Fingerprint(
        Media("", _KINDS[kind], duration / 1000, 0, 0, 0),
        (PHASH256.name, PDQ.name),
        tuple(
            Frame(time / 1000, (end - time) / 1000, FULL, quality, phash256, pdq)
            for (time, quality, phash256, pdq), end in zip(frames, ends, strict=True)
        ),
    )


def score(likeness: float | None, *, exact: bool, fine: bool) -> int:
    """Return the `similarityScore`, 0 to 100, of the aligned pictures. Only the identical file gets 100.

    `likeness`: the share of equal bits of their hashes, or the cosine of their vectors if that is greater.
    `fine` False: round down to steps of 5, like confidence.
    """
    if exact:
        return 100
    score_ = min(99, max(0, int(100 * (likeness or 0.0))))
    return score_ if fine else score_ // 5 * 5


def _milliseconds(seconds: float) -> int:
    return min(2**32 - 1, max(0, round(seconds * 1000)))


def _bad(reason: str) -> BadInput:
    return BadBinding(
        f"The value is not a soft binding of {ALGORITHM}: {reason}.",
        next_step="`fakeprint hash --soft-binding FILE` prints a valid value.",
    )
