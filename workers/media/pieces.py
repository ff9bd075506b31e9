"""Divide a long video into pieces, and read one piece as if everything before it had been read.

A piece begins at a chapter. Its decoder begins earlier, at a picture from which on nothing refers further
back: H.264 IDR, HEVC any random access picture, VP9 and AV1 key frames. It gets the parameter sets that apply
there. Whether the file's marks are true is checked each time: a piece also reads the first moment of the next
one, and the join compares the two (`Seam`). A file that cannot be relied on is not divided.
"""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, override

import av.error

from workers.errors import NotDivisible
from workers.media import container, sampling, stills, timetable
from workers.media.frames import Reel, Sample
from workers.media.limits import Limits
from workers.media.sets import Marks
from workers.media.timetable import TRUSTED, Timetable
from workers.media.video import LONGEST_FRAME, Video

CODECS: Final = frozenset({"h264", "hevc", "vp9", "av1"})
"""Codecs in which a marked picture makes the decoder forget earlier pictures."""
RUN_UP: Final = 20.0
"""Most seconds before a chapter at which a decoder begins; they are decoded twice."""
MOST: Final = 48
"""Most pieces of a video; in longer videos, several chapters are one piece."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a video: from chapter `begin` up to chapter `end` (None: to the last picture).

    `key`: timestamp at which the decoder begins, in the stream's time base; None: at the start of the file.
    `needed`: timestamps of the pictures that samples use (None: all are decoded).
    """

    begin: int
    end: int | None
    key: int | None
    needed: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Division:
    """A video that can be read in pieces.

    `first`: timestamp of its first picture. `claimed`: its duration in seconds by its packets. `ends`: the
    expected end of its last picture.
    """

    first: int
    claimed: float
    ends: float
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Seam:
    """A moment that two pieces have read: `time` in seconds and a digest of the picture."""

    time: float
    digest: str


def divide(path: Path, limits: Limits, *, longer: float, most: int) -> Division | None:
    """Plan how to read a video longer than `longer` seconds in `most` pieces or fewer.

    None if it is shorter, or if it is not certain that the pieces add up. Raises `BadMedia` as
    `timetable.read` does.
    """
    with stills.opened(path, limits) as pictures:
        if pictures is not None:
            return None
    table = timetable.read(path, limits)
    if table.duration is None or table.duration <= max(longer, 2 * sampling.CHAPTER) or table.cut:
        return None
    step = sampling.step(table.duration)
    if sampling.CHAPTER % step or table.duration / step > sampling.MAX_SAMPLES:
        return None
    with container.opened(path, limits) as (opened, stream):
        seekable = stream.codec_context.codec.canonical_name in CODECS
        trusted = seekable and container.formats_of(opened) & TRUSTED
        marks = Marks.read(opened, stream) if trusted else None
        if marks is None:
            return None
        seconds = _seconds(stream, marks.stamps[0])
        lasts = marks.lasts or timetable.frame_seconds(stream)
    times = [seconds(stamp) for stamp in marks.stamps]
    keys = [(seconds(key), key) for key in marks.keys]
    begins = _begins(keys, times[-1], step, min(MOST, most))
    if (
        len(begins) < 2
        or max(after - before for before, after in itertools.pairwise(times)) >= timetable.BACK
    ):
        return None
    needed = None if table.needed is None else [(seconds(stamp), stamp) for stamp in sorted(table.needed)]
    ends = [*(begin for begin, _ in begins[1:]), None]
    pieces = tuple(
        Piece(begin, end, key, _needed(needed, key, end, step))
        for (begin, key), end in zip(begins, ends, strict=True)
    )
    return Division(marks.stamps[0], table.duration, times[-1] + min(lasts, LONGEST_FRAME), pieces)


def _needed(
    times: Sequence[tuple[float, int]] | None, key: int | None, end: int | None, step: float
) -> tuple[int, ...] | None:
    """Return the pictures used by samples that a piece reads, including the first one of the next piece."""
    if times is None:
        return None
    until = math.inf if end is None else end * sampling.CHAPTER + 2 * step
    return tuple(stamp for time, stamp in times if (key is None or stamp >= key) and time <= until)


def _begins(
    keys: Sequence[tuple[float, int]], last: float, step: float, most: int
) -> list[tuple[int, int | None]]:
    """Return the chapters at which pieces begin, each with the timestamp from which it is decoded."""
    chapters = int(last // sampling.CHAPTER) + 1
    each = -(-chapters // most)
    begins: list[tuple[int, int | None]] = [(0, None)]
    for chapter in range(each, chapters, each):
        shown = sampling.shown_at(chapter * sampling.CHAPTER, step)
        before = [key for key in keys if key[0] <= shown]
        # The rest after the last piece's beginning must be worth a piece, and hold its first moment.
        if before and shown - before[-1][0] <= RUN_UP and last - shown >= sampling.CHAPTER / 4:
            begins.append((chapter, before[-1][1]))
    return begins


def _seconds(stream: Any, first: int) -> Any:
    """Return a function from timestamps to seconds from the first picture, rounded as PyAV's `frame.time`
    is."""
    above, below = stream.time_base.numerator, stream.time_base.denominator
    start = float(first) * above / below
    return lambda stamp: float(stamp) * above / below - start


class PieceReel(Reel):
    """The reel of a piece. `samples` stops where the next piece begins.

    Then `begins` is the first moment of this piece, and `meets` that of the next (None for the last piece).
    """

    begins: Seam | None = None
    meets: Seam | None = None

    def __init__(self, division: Division, piece: Piece, clip: _Part) -> None:
        start = piece.begin * sampling.CHAPTER
        super().__init__("video", division.claimed, clip.moments(), clip, start=start)
        until = division.claimed if piece.end is None else piece.end * sampling.CHAPTER
        self.seconds = max(until - start, sampling.STEP)
        self._end = piece.end

    @override
    def samples(self) -> Iterator[Sample]:
        yield from super().samples()
        if self._end is not None and self.meets is None:
            raise NotDivisible("The video ended before its piece did.")

    @override
    def _is_over(self, sample: Sample) -> bool:
        if self.begins is None:
            self.begins = _seam(sample)
        if self._end is None or sampling.chapter(sample.time) < self._end:
            return False
        self.meets = _seam(sample)
        return True


@contextmanager
def opened(path: Path, limits: Limits, division: Division, piece: Piece) -> Iterator[PieceReel]:
    """Yield the reel of a piece. Reading it raises `NotDivisible`, and `BadMedia` as `video.opened` does."""
    with container.opened(path, limits) as (file, stream):
        clip = _Part(file, stream, limits, division, piece)
        yield PieceReel(division, piece, clip)
        clip.check()


class Sought(Video):
    """A video whose decoder gets the packets from the keyframe at `_key` on, or all (None)."""

    _key: int | None = None

    @override
    def _demuxed(self) -> Iterator[Any]:
        if self._key is None:
            yield from super()._demuxed()
        else:
            yield from packets_from(self._container, self._stream, self._key)


class _Part(Sought):
    """A piece of a video, whose pictures must be complete and in order."""

    def __init__(self, opened: Any, stream: Any, limits: Limits, division: Division, piece: Piece) -> None:
        needed = None if piece.needed is None else frozenset(piece.needed)
        super().__init__(opened, stream, Timetable(division.claimed, cut=False, needed=needed), limits)
        self._key = piece.key
        self._from = division.first if piece.key is None else piece.key
        if piece.key is not None:
            self._first = float(division.first) * stream.time_base.numerator / stream.time_base.denominator
            begins = _seconds(stream, division.first)(piece.key)
            self._last += begins

    def check(self) -> None:
        """Raise `NotDivisible` if anything was wrong. Reading the whole file then tells what."""
        if self.truncated or self._bad:
            raise NotDivisible("The video is damaged.")

    @override
    def _decoded(self) -> Iterator[Any]:
        previous: int | None = None
        for frame in super()._decoded():
            if self._bad or frame.is_corrupt or frame.pts is None:
                raise NotDivisible("The video is damaged, or a picture has no time.")
            if previous is None and frame.pts < self._from and self._key is not None:
                continue  # shown before the picture at which decoding began; it belongs to another piece
            if frame.pts != self._from if previous is None else frame.pts <= previous:
                raise NotDivisible("The video's pictures do not come in order.")
            previous = frame.pts
            yield frame


def packets_from(opened: Any, stream: Any, key: int) -> Iterator[Any]:
    """Yield packets from the keyframe with that timestamp on.

    If seeking does not lead there, they are searched from the start. Raises `NotDivisible` if there is none.
    """
    with suppress(av.error.FFmpegError):
        opened.seek(key, stream=stream, backward=True, any_frame=False)
    found = False
    for packet in container.packets(opened, stream):
        if not found and packet.pts is not None and packet.is_keyframe and packet.pts > key:
            break
        found = found or (packet.pts == key and packet.is_keyframe)
        if found:
            yield packet
    if found:
        return
    opened.seek(0, backward=True)
    for packet in container.packets(opened, stream):
        found = found or (packet.pts == key and packet.is_keyframe)
        if found:
            yield packet
    if not found:
        raise NotDivisible("A picture of the video is not where it was.")


def _seam(sample: Sample) -> Seam:
    digest = hashlib.sha256(sample.pixels.tobytes())
    digest.update(repr((sample.seen, sample.pixels.shape)).encode())
    return Seam(sample.time, digest.hexdigest())
