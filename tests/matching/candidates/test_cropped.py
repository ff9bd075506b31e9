"""Documents without an embedding still find a crop, and what is not a crop is not taken for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from registry.catalogue.fingerprints.model import reframed, timeline
from registry.catalogue.fingerprints.model.document import from_document, to_document
from registry.catalogue.fingerprints.model.fingerprint import FULL, Fingerprint, Frame
from registry.catalogue.fingerprints.model.reframed import NEAR, REFRAMED
from registry.catalogue.media.model import Media
from registry.matching.candidates.model import probes
from tests.support.media import clips as media
from workers.hashers import phash
from workers.hashers import reframed as hashing
from workers.hashers.pdq import Pdq
from workers.hashers.phash import Phash256
from workers.hashers.reader import FrameReader
from workers.hashers.sscd import Sscd
from workers.media.frames import Sample
from workers.media.picture import Pixels

FOOTAGE = 46
"""Bits up to which pictures are of one footage."""
MARGINS = {
    "the middle": (0.05, 0.05, 0.05, 0.05),
    "more at the right and below": (0.03, 0.03, 0.07, 0.07),
    "the top alone": (0.0, 0.1, 0.0, 0.0),
    "a caption below": (0.0, 0.0, 0.0, 0.15),
}


def cropped(pixels: Pixels, margins: Sequence[float]) -> Pixels:
    height, width = pixels.shape[:2]
    left, top, right, bottom = (
        round(share * side) for share, side in zip(margins, (width, height) * 2, strict=True)
    )
    return np.ascontiguousarray(pixels[top : height - bottom, left : width - right])


def nearest(changed: Pixels, known: Pixels) -> int:
    """Bits from what is registered to the nearest of the views."""
    stored = int.from_bytes(Phash256().compute(known).value)
    return min((stored ^ int.from_bytes(value)).bit_count() for value in hashing.compute(changed).values())


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea"])
@pytest.mark.parametrize("margins", MARGINS.values(), ids=MARGINS)
def test_a_crop_is_as_near_as_footage_is(name: str, margins: Sequence[float]) -> None:
    known = media.photograph(name)
    changed = cropped(known, margins)
    assert nearest(changed, known) <= FOOTAGE
    assert nearest(changed, media.photograph("rocket")) > NEAR


@pytest.mark.parametrize("added", [0.06, 0.11, 0.18])
def test_a_bar_below_is_left_out(added: float) -> None:
    known = media.photograph("coffee")
    bar = np.full((round(added * known.shape[0]), *known.shape[1:]), 255, np.uint8)
    bar[len(bar) // 3 : len(bar) // 2, 40:-40:3] = 0
    assert nearest(np.vstack([known, bar]), known) <= FOOTAGE


def test_all_that_pillow_reduces_is_hashed_as_one_would_by_hand() -> None:
    """The view with nothing changed would be the hash itself: half the bits move with no rounding."""
    small = np.asarray(phash.reduced(media.photograph("astronaut")))
    assert small.shape == (64, 64)
    assert len(hashing.compute(media.photograph("astronaut"))) == len(REFRAMED) == 83


def test_frames_are_reframed_only_where_nothing_embeds_them() -> None:
    sample = Sample(0.0, 0.5, media.photograph("coffee"), None, 0.0)
    assert {frame.view for frame in FrameReader([Phash256(), Pdq()]).read([sample])} > set(REFRAMED)
    assert not {frame.view for frame in FrameReader([Phash256(), Sscd()]).read([sample])} & set(REFRAMED)
    flat = replace(sample, pixels=np.full((90, 160, 3), 20, np.uint8))
    assert not {frame.view for frame in FrameReader([Phash256(), Pdq()]).read([flat])} & set(REFRAMED)


def query_of(pixels: Pixels, moments: int = 6) -> Fingerprint:
    """A clip's fingerprint, as a browser makes it."""
    reader = FrameReader([Phash256(), Pdq()])
    samples = [Sample(at / 2, 0.5, pixels, None, at / 2) for at in range(moments)]
    whole = Media(sha256="0" * 64, kind="video", duration=moments / 2, width=320, height=180, bytes=1)
    return Fingerprint(whole, ("phash256.1", "pdq.1"), tuple(reader.read(samples)))


def test_the_nearest_view_is_kept() -> None:
    known = query_of(media.photograph("coffee"))
    asset = timeline.of_frames([frame for frame in known.frames if frame.stored])
    query = query_of(cropped(media.photograph("coffee"), MARGINS["more at the right and below"]))
    kept = [frame for frame in reframed.settled(query, [asset]).frames if frame.view in REFRAMED]
    assert [REFRAMED[frame.view] for frame in kept] == [((0.025, 0.075, 0, 0), (0.025, 0.075, 0, 0))] * 6
    stranger = query_of(media.photograph("rocket"))
    assert reframed.settled(stranger, [asset]).frames == tuple(reframed.without(stranger.frames))
    assert reframed.settled(stranger, []).frames == tuple(reframed.without(stranger.frames))


def test_each_view_asks_the_database_once_in_a_minute() -> None:
    frames = [
        Frame(at / 2, 0.5, view, 100, phash256=_hash(at, view))
        for at in range(120)
        for view in (FULL, *REFRAMED)
    ]
    values = {frame.phash256: frame.view for frame in frames}
    sent = [values[value] for value in probes.choose_values(frames, 60.0).phash256]
    assert all(sent.count(view) == 1 for view in REFRAMED)


def _hash(at: int, view: str) -> bytes:
    return f"{at} {view}".encode().ljust(32)[:32]


def test_cropped_views_of_a_document_have_no_pdq_and_count_as_the_whole() -> None:
    query = query_of(media.photograph("coffee"), moments=2)
    read = from_document(to_document(query, faces=False))
    assert [frame for frame in read.frames if frame.view in REFRAMED] == [
        frame
        for frame in sorted(query.frames, key=lambda frame: (frame.time, frame.view))
        if frame.view in REFRAMED
    ]
