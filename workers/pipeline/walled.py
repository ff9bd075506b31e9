"""Read a file in a process of its own, behind walls. This process never opens it with a decoder.

The functions do what those of the same names in `workers.pipeline` do, and raise the same errors. Beyond
these, reading raises `timed_out` and `decoder_crashed` (`BadMedia`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from registry.catalogue.fingerprints.model.algorithms import CHROMAPRINT, VIDEOHASH
from registry.catalogue.fingerprints.model.fingerprint import Faces, Fingerprint, Sampling
from registry.catalogue.fingerprints.model.whole_file import WholeFile
from registry.catalogue.media.model import Kind
from registry.core.errors import NotSettled
from registry.persons.photos.model import Reading
from workers.hashers import iscc
from workers.hashers.videohash import whole_video
from workers.media import source
from workers.media.limits import Limits
from workers.pipeline import orders
from workers.pipeline.orders import MODULE, Plan, SoundFound
from workers.walls import session, wire
from workers.walls.session import Progress, Session

PATIENT: Final = 3600
"""Seconds of CPU that reading a file may take where no other limit is set."""
MOST_A_MEGABYTE: Final = 60
"""Seconds of CPU for each megabyte of a file. A minute of 720p takes 8 and has some 10 MB. A file that needs
more was made to cost."""
A_PIECE: Final = 20
"""Seconds of CPU that each piece of a video may take at least. Half a minute of 720p takes 4."""
_PACKAGES: Final = ("av", "cv2", "numpy", "PIL", "imagehash")

for _package in _PACKAGES:
    if find_spec(_package) is None:
        raise ModuleNotFoundError(f"No module named {_package!r}", name=_package)


class Decoding:
    """A file that is open in a walled process."""

    def __init__(self, session: Session, path: Path, limits: Limits) -> None:
        self._session = session
        self._path = path
        self._limits = limits

    def fingerprint(  # noqa: PLR0913  # options, each used alone
        self,
        *,
        progress: Progress | None = None,
        faces: Faces = True,
        sampling: Sampling = "full",
        before: Fingerprint | None = None,
        audio: bool = True,
        thorough: bool = True,
        hashers: tuple[str, ...] | None = None,
    ) -> Fingerprint | None:
        """Compute the fingerprint, or one step of the progressive one. None if keyframes settle nothing.

        `hashers`: names of the frame hashers' algorithms, instead of all.
        """
        order = orders.FingerprintOrder(self._limits, faces, sampling, before, audio, thorough, hashers)
        raw = self._one("fingerprint", wire.encode(order, orders.FingerprintOrder), progress)
        found: Fingerprint | None = wire.decode(raw, Fingerprint | None)
        return found

    def whole(self, **options: Any) -> Fingerprint:
        """Compute the fingerprint of the whole file, with options of `fingerprint`."""
        found = self.fingerprint(**options)
        if found is None:
            raise NotSettled("Keyframes cannot settle it.", wanted="full")
        return found

    def plan(self, *, longer: float) -> Plan | None:
        """Plan how to read a video in segments (`segments.plan`)."""
        planned = orders.PlanOrder(self._limits, longer, max(1, _most(self._path) // A_PIECE))
        order = wire.encode(planned, orders.PlanOrder)
        found: Plan | None = wire.decode(self._one("plan", order), Plan | None)
        return found

    def segment(self, shared: Mapping[str, Any], task: Mapping[str, Any], progress: Progress) -> bytes:
        """Read one segment (`segments.read`)."""
        order = orders.SegmentOrder(self._limits, dict(shared), dict(task))
        return self._one("segment", wire.encode(order, orders.SegmentOrder), progress)

    def listen(self, duration: float, progress: Progress) -> SoundFound:
        """Fingerprint the sound (`chromaprint.listen`)."""
        order = wire.encode(orders.SoundOrder(self._limits, duration), orders.SoundOrder)
        found: SoundFound = wire.decode(self._one("sound", order, progress), SoundFound)
        return found

    def joined(self, shared: Mapping[str, Any], found: Sequence[bytes], progress: Progress) -> Fingerprint:
        """Join the results of segments (`segments.join`)."""
        from workers.pipeline import segments  # noqa: PLC0415 - loads decoders, and long videos are rare

        return segments.join(shared, found, progress, lambda end: self.listen(end, progress))

    def examine(self, kind: Kind) -> WholeFile:
        """Compute the values of the whole file: videohash.1 and its ISCC. What cannot be computed is None."""
        data, instance = iscc.of_bytes(self._path)
        if kind == "video":
            return WholeFile(whole_video(self._path), iscc.of_video(self._path), data, instance)
        if kind == "audio":
            return WholeFile(None, None, data, instance)
        code = self._one("picture_code", wire.encode(self._limits, Limits))
        return WholeFile(None, code or None, data, instance)

    def photo(self) -> Reading:
        """Read a photo for enrolment (`workers.faces.photo`)."""
        found: Reading = wire.decode(self._one("photo", wire.encode(self._limits, Limits)), Reading)
        return found

    def previews(self, seconds: Sequence[float], progress: Progress | None = None) -> Iterator[bytes | str]:
        """Yield the packed preview at each of these seconds, ascending, or the code of the error."""
        order = orders.InstantsOrder(self._limits, tuple(seconds))
        for raw in self._session.call("previews", wire.encode(order, orders.InstantsOrder), progress):
            yield raw[1:].decode() if raw[:1] == orders.CODE else raw[1:]

    def _one(self, name: str, order: bytes, progress: Progress | None = None) -> bytes:
        (found,) = self._session.call(name, order, progress)
        return found


def longest(path: Path, seconds: int, pieces: int = 1) -> int:
    """Return the seconds of CPU that reading a file may take, or one of its pieces: an equal share of
    `MOST_A_MEGABYTE`, at most `seconds`."""
    return min(seconds, _most(path) // pieces)


def _most(path: Path) -> int:
    """Return the seconds of CPU that a file of this size may take."""
    with source.readable():
        size = path.stat().st_size
    return max(1, -(-size // 1_000_000)) * MOST_A_MEGABYTE


@contextmanager
def opened(
    path: Path, limits: Limits | None = None, *, seconds: int = PATIENT, pieces: int = 1
) -> Iterator[Decoding]:
    """Open a file in a walled process, to read all of it or one of its pieces. It may take so many seconds of
    CPU, and no more than `longest`."""
    with session.opened(path, MODULE, seconds=longest(path, seconds, pieces)) as opened_:
        yield Decoding(opened_, path, limits or Limits())


def fingerprint_file(  # noqa: PLR0913  # options, each used alone
    path: Path,
    *,
    limits: Limits | None = None,
    progress: Progress | None = None,
    faces: Faces = True,
    videohash: bool = False,
    sampling: Sampling = "full",
    before: Fingerprint | None = None,
    audio: bool = True,
    thorough: bool = True,
) -> Fingerprint:
    """Compute the fingerprint of the file at `path` (`workers.pipeline.fingerprint`).

    `videohash` adds the hash of the whole video, which reads it once more.
    """
    with opened(path, limits) as decoding:
        found = decoding.whole(
            progress=progress,
            faces=faces,
            sampling=sampling,
            before=before,
            audio=audio,
            thorough=thorough,
        )
    whole = whole_video(path) if videohash and found.media.kind == "video" else None
    if progress is not None:
        progress(1.0)
    if whole is None:
        return found
    sound = tuple(name for name in found.algorithms if name == CHROMAPRINT.name)
    others = tuple(name for name in found.algorithms if name != CHROMAPRINT.name)
    return replace(found, algorithms=(*others, VIDEOHASH.name, *sound), videohash=whole)
