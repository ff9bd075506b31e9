"""Fingerprint a video's keyframes: the first query of a lookup, at a fraction of the cost of full decoding.

`registry.matching.decision.model.keyframe_answers` tells whether that is enough.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from registry.catalogue.entries.model.entry import KEYFRAMES
from registry.catalogue.fingerprints.model.algorithms import FACE_SFACE
from registry.catalogue.fingerprints.model.fingerprint import Face, Fingerprint, Frame, Sampling
from registry.catalogue.media.model import Media
from registry.core.errors import BadMedia
from workers.faces.reader import FaceReader
from workers.hashers.reader import FrameReader
from workers.media import keyframes, picture, source
from workers.media.frames import Sample
from workers.media.keyframes import Plan
from workers.media.limits import Limits
from workers.media.picture import Moment

GROUP: Final = 8
"""Most keyframes that share one border. They have one size."""
STANDS: Final = 0.5
"""Most seconds that a keyframe lasts: the usual distance of samples. Its picture is only known at one
instant."""
FEWEST_LOOKS: Final = 6
LOOK_EVERY: Final = 30.0
"""Faces are detected in one keyframe every so many seconds, and in `FEWEST_LOOKS` at least, the last picture
included. Five find anybody shown for a fifth of a clip at a stretch, which is enough to matter. One costs 40
ms."""

Progress = Callable[[float], None]


def fingerprint_keyframes(
    path: Path,
    sampling: Sampling,
    before: Fingerprint | None = None,
    *,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Fingerprint | None:
    """Compute one step of a video's progressive fingerprint.

    `digest` gives the sha256 alone. `glance` gives the pictures of the keyframes. `keyframes` adds faces and
    the last picture to the glance `before`.

    None if keyframes cannot settle anything or cannot be read; reading the whole file then tells what is
    wrong with it. Raises `BadMedia` as `source.identify` does.
    """
    limits = limits or Limits()
    if before is None:
        identified = source.identify(path, limits)
        media = Media(identified.sha256, "video", 0.0, 1, 1, identified.bytes)
        before = Fingerprint(media, (), (), notes=(KEYFRAMES,))
    if sampling == "digest":
        return before
    try:
        plan = keyframes.plan(path, limits)
        if plan is not None and not before.frames:
            before = _glance(path, limits, plan, before, progress)
        if plan is not None:
            return before if sampling == "glance" else _closer(path, limits, plan, before, progress)
    except (BadMedia, MemoryError):
        pass
    return None


def _glance(
    path: Path, limits: Limits, plan: Plan, digest: Fingerprint, progress: Progress | None
) -> Fingerprint:
    """Hash the pictures of the keyframes."""
    hasher = FrameReader()
    media = digest.media
    frames: list[Frame] = []
    group: list[Sample] = []
    times = list(plan.times)
    if len(times) > 1 and plan.end <= times[-1] + keyframes.SLACK:
        times[-1] = before_the_end(times[-2], plan.duration)
    with keyframes.opened(path, limits, plan, plan.keys, tail=False) as moments:
        for moment, time, until in zip(moments, times, [*times[1:], plan.duration], strict=True):
            media = replace(media, width=moment.size.width, height=moment.size.height)
            following = sample(moment, time, until)
            if len(group) == GROUP or (group and group[0].pixels.shape != following.pixels.shape):
                frames += hasher.read_apart(group)
                group = []
            group.append(following)
            _tell(progress)
    frames += hasher.read_apart(group)
    media = replace(media, duration=round(plan.duration, 3))
    return replace(digest, media=media, algorithms=hasher.algorithms, frames=tuple(frames))


def _closer(
    path: Path, limits: Limits, plan: Plan, glance: Fingerprint, progress: Progress | None
) -> Fingerprint:
    """Add the last picture to the glance, and faces if they can be described here."""
    hasher, reader = FrameReader(), FaceReader()
    ran = (FACE_SFACE.name,) if reader.available() is None else ()
    keys = _looked_at(plan) if ran else frozenset(plan.keys[:1])
    faces: list[Face] = []
    frames, media = list(glance.frames), glance.media
    with keyframes.opened(path, limits, plan, keys, tail=True) as moments:
        for moment in moments:
            if ran:
                faces += reader.read(round(moment.time, 3), moment)
            if moment.time >= plan.end - keyframes.SLACK:
                end = moment.time + moment.duration
                media = replace(media, duration=round(end, 3))
                if moment.time > plan.times[-1] + keyframes.SLACK:
                    time = before_the_end(plan.times[-1], end)
                    frames += hasher.read_apart([sample(moment, time, end)])
            _tell(progress)
    algorithms = (*glance.algorithms, *ran)
    return replace(glance, media=media, algorithms=algorithms, frames=tuple(frames), faces=tuple(faces))


def sample(moment: Moment, time: float, until: float) -> Sample:
    """Return the moment as a sample from `time` on that lasts `STANDS` seconds, or until the next one."""
    pixels = moment.render(picture.hash_size(moment.size))
    time = round(time, 3)
    return Sample(time, round(max(0.0, min(STANDS, until - time)), 3), pixels, None, time)


def before_the_end(previous: float, end: float) -> float:
    """Return the time in seconds from which the last picture is shown; it lasts hardly any time."""
    return max(previous + keyframes.SLACK, end - STANDS)


def _looked_at(plan: Plan) -> frozenset[int]:
    """Return the keyframes in which faces are detected, evenly spread. The last picture is added to them."""
    looks = max(FEWEST_LOOKS, int(plan.duration / LOOK_EVERY)) - 1
    times = [plan.duration * index / looks for index in range(looks)]
    return frozenset(
        min(zip(plan.times, plan.keys, strict=True), key=lambda at: abs(at[0] - time))[1] for time in times
    )


def _tell(progress: Progress | None) -> None:
    """Let the caller stop the work. It takes only a moment, so the share stays 0."""
    if progress is not None:
        progress(0.0)
