"""Compute the fingerprint of a file: the one pipeline for workers and the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from registry.catalogue.fingerprints.model.algorithms import VIDEOHASH
from registry.catalogue.fingerprints.model.fingerprint import Faces, Fingerprint, Sampling
from registry.catalogue.media.model import Kind, Media
from registry.core.errors import MediaTooLarge, NoPicture, NotSettled
from workers.hashers import chromaprint
from workers.hashers.base import Hasher
from workers.hashers.chromaprint import AudioFingerprint
from workers.hashers.videohash import whole_video
from workers.media import frames, source
from workers.media.frames import Reel
from workers.media.limits import Limits
from workers.media.picture import Size
from workers.media.source import Source
from workers.pipeline import chapters
from workers.pipeline.chapters import Joined
from workers.pipeline.progressive import fingerprint_keyframes
from workers.pipeline.reading import Progress, Reading

UNHEARD: Final = AudioFingerprint(None, (), ())


class Seen(NamedTuple):
    """Result of reading the picture, besides its chapters.

    Algorithms that ran, notes on those `missing` here, notes on the file, its kind, its size as shown, and
    its end in seconds.
    """

    algorithms: tuple[str, ...]
    missing: tuple[str, ...]
    notes: tuple[str, ...]
    kind: Kind
    size: Size
    end: float


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
    hashers: Sequence[Hasher] | None = None,
) -> Fingerprint:
    """Compute the values of all installed algorithms for the file at `path`.

    With a `sampling` other than `full`, only its keyframes are read, and `before` is the result of the
    previous step (see `workers.pipeline.progressive`; raises `NotSettled`).

    A file of sound alone has the values of its sound. Without `audio`, or with `hashers`, it is `no_picture`.

    `faces`: `facts` adds the note `faces_left_out` if there are any, and describes none; False detects none.
    `audio`: read the sound of a video too. Sound that cannot be decoded adds `no_chromaprint` or
    `broken_sound`. `thorough`: sample as densely as for registered media; otherwise as for queries, at two
    thirds of the cost. `hashers`: frame hashers to use instead of all. `progress` is called with a share from
    0 to 1.

    An algorithm that cannot run here adds a note (`no_sscd`, `no_faces`, `no_phash256`) instead of failing.
    Raises `BadMedia` with a code of `registry.core.errors.MEDIA_CODES`, and `NotInstalled` (`wrong_model`) if
    a model's file is not the pinned one.
    """
    limits = limits or Limits()
    if sampling != "full":
        found = fingerprint_keyframes(path, sampling, before, limits=limits, progress=progress)
        if found is None:
            raise NotSettled("Keyframes cannot settle it.", wanted="full")
        return found
    identified = source.identify(path, limits)
    reading = Reading(faces=faces, progress=progress, thorough=thorough, hashers=hashers)
    joined = Joined()
    try:
        with frames.opened(identified, limits) as reel:
            for chapter in reading.chapters(reel):
                joined.add(chapter)
        sound = _listen(path, limits, reel, reading) if audio and reel.kind == "video" else UNHEARD
    except NoPicture:
        if not audio or hashers is not None:
            raise
        return _sound_alone(identified, limits, reading)
    except MemoryError as error:
        raise MediaTooLarge(
            "The file needs more memory than is allowed.", next_step="Scale the media down and try again."
        ) from error
    whole = whole_video(path) if videohash and reel.kind == "video" else None
    if progress is not None:
        progress(1.0)
    facts = Seen(reading.algorithms, (*reading.notes,), reel.notes, reel.kind, reel.size, reel.end)
    return put_together(identified, facts, joined, sound, whole)


def put_together(
    source: Source, facts: Seen, joined: Joined, sound: AudioFingerprint, whole: bytes | None = None
) -> Fingerprint:
    """Assemble the fingerprint of a file from its parts. `whole`: its videohash."""
    media = Media(
        sha256=source.sha256,
        kind=facts.kind,
        duration=round(facts.end, 3),
        width=facts.size.width,
        height=facts.size.height,
        bytes=source.bytes,
    )
    found = joined.frames
    says_little = () if chapters.informative(found) else ("low_information",)
    return Fingerprint(
        media=media,
        algorithms=(*facts.algorithms, *([VIDEOHASH.name] if whole else []), *sound.algorithms),
        frames=tuple(replace(frame, mosaic=None) for frame in found),
        mosaics=chapters.mosaics(found),
        faces=tuple(joined.faces),
        videohash=whole,
        audio=sound.audio,
        notes=(*facts.missing, *says_little, *facts.notes, *sound.notes),
    )


def _sound_alone(source: Source, limits: Limits, reading: Reading) -> Fingerprint:
    """Return the fingerprint of a file of sound alone."""
    sound, peaks, seconds = chromaprint.listen_alone(source.path, limits, tick=lambda: reading.tell(0.0))
    media = Media(source.sha256, "audio", round(seconds, 3), 0, 0, source.bytes)
    return Fingerprint(media, sound.algorithms, (), audio=sound.audio, peaks=peaks, notes=sound.notes)


def _listen(path: Path, limits: Limits, reel: Reel, reading: Reading) -> AudioFingerprint:
    share = reel.end / reel.claimed if reel.claimed else None
    return chromaprint.listen(path, limits, duration=reel.end, tick=lambda: reading.tell(share))
