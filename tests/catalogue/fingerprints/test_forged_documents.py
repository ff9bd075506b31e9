"""A document is held against its media: what is the same passes, what says something else does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry.catalogue.fingerprints.model import forgery
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from tests.support.media import drawn

TRUE = drawn.clip("footage", face="victim", seconds=20)


def same(**more: object) -> Fingerprint:
    return drawn.clip("footage", face="victim", seconds=20, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "honest",
    [
        TRUE,
        same(noise=0.05, file="another decoder"),
        replace(TRUE, faces=()),
        replace(TRUE, frames=TRUE.frames[::2]),
        replace(TRUE, frames=tuple(replace(frame, sscd=None) for frame in TRUE.frames)),
        replace(TRUE, frames=tuple(replace(frame, time=frame.time + 0.3) for frame in TRUE.frames)),
        replace(TRUE, media=replace(TRUE.media, duration=20.9)),
        replace(TRUE, frames=tuple(replace(frame, quality=10) for frame in TRUE.frames)),
    ],
)
def test_a_document_confirmed_by_its_media_is_not_forged(honest: Fingerprint) -> None:
    assert not forgery.forged(honest, TRUE)


@pytest.mark.parametrize(
    "lie",
    [
        drawn.clip("other footage", face="victim", seconds=20),
        drawn.clip("footage", face="actress", seconds=20),
        same(start=5),
        replace(TRUE, media=replace(TRUE.media, duration=60)),
        drawn.joined(drawn.clip("footage", face="victim", seconds=17), drawn.clip("news", seconds=3)),
        replace(TRUE, frames=tuple(replace(frame, pdq=bytes(32)) for frame in TRUE.frames)),
        replace(TRUE, frames=TRUE.frames[:-5] + drawn.clip("planted", face="victim", seconds=20).frames[-5:]),
    ],
)
def test_a_document_contradicted_by_its_media_is_forged(lie: Fingerprint) -> None:
    assert forgery.forged(replace(lie, media=replace(lie.media, sha256=TRUE.media.sha256)), TRUE)


def test_faces_that_nobody_sees_are_forged_where_somebody_has_looked() -> None:
    blind = replace(TRUE, faces=())
    assert forgery.forged(TRUE, blind)
    unlooked = tuple(name for name in TRUE.algorithms if not name.startswith("face."))
    assert not forgery.forged(TRUE, replace(blind, algorithms=unlooked))


def test_a_hash_list_names_one_picture_and_no_time() -> None:
    def listed(clip: Fingerprint) -> Fingerprint:
        frame = replace(clip.frames[23], time=0.0, duration=0.0, phash256=None, sscd=None)
        media = replace(clip.media, duration=0.0)
        return replace(clip, media=media, frames=(frame,), faces=(), algorithms=("pdq.1",))

    assert not forgery.forged(listed(TRUE), TRUE)
    assert forgery.forged(listed(drawn.clip("other", seconds=20)), TRUE)


def test_long_media_cost_little() -> None:
    long = drawn.clip("long", seconds=1800, rate=1)
    assert not forgery.forged(long, long)
