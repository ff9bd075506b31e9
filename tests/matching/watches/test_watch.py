"""What is kept of a watched lookup, and what finds it."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from registry.catalogue.fingerprints.model import mirroring
from registry.catalogue.fingerprints.model.document import to_document
from registry.catalogue.fingerprints.model.fingerprint import MIRROR
from registry.matching.watches import model as watch
from tests.support.media import drawn

CLIP = drawn.clip("body", face="victim", seconds=30, sound="speech")


def test_no_face_is_kept() -> None:
    raw = watch.packed(CLIP)
    again = watch.unpacked(raw)
    assert again is not None
    assert again.faces == ()
    assert not any(name.startswith("face.") for name in again.algorithms)
    assert CLIP.faces
    document = orjson.dumps(to_document(again, faces=True))
    assert all(face.embedding.hex() not in raw.hex() for face in CLIP.faces)
    assert b"face" not in document


def test_watched_fingerprints_are_restored_unchanged() -> None:
    again = watch.unpacked(watch.packed(CLIP))
    assert again is not None
    assert again.media == CLIP.media
    assert again.audio == CLIP.audio
    assert [(frame.time, frame.phash256, frame.pdq, frame.sscd) for frame in again.frames] == [
        (frame.time, frame.phash256, frame.pdq, frame.sscd) for frame in CLIP.frames
    ]


@pytest.mark.slow
def test_a_long_clip_is_thinned() -> None:
    long = drawn.clip("long", seconds=1200)
    again = watch.unpacked(watch.packed(long))
    assert again is not None
    assert len(again.frames) == watch.KEPT_FRAMES
    assert again.frames[-1].time > 1190
    assert len(watch.stored_keys(long).phash256) <= watch.MOMENTS[1]


def test_watches_of_another_version_are_skipped() -> None:
    assert watch.unpacked(b"no zlib") is None


def test_watches_store_no_mirrored_views() -> None:
    still = drawn.clip("picture", seconds=0.5)
    (frame,) = still.frames
    turned = mirroring.with_mirror(still).frames[1]
    query = replace(still, frames=(frame, replace(turned, view=MIRROR)))
    assert watch.stored_keys(query).phash256 == (frame.phash256,)
    stored = watch.searching_keys(still)
    assert set(stored.phash256) == {frame.phash256, turned.phash256}


def test_a_single_hash_is_found_by_a_watch() -> None:
    still = drawn.clip("picture", seconds=0.5)
    bare = replace(still, frames=tuple(replace(frame, phash256=None, sscd=None) for frame in still.frames))
    assert watch.stored_keys(bare) == watch.Keys((), (still.frames[0].pdq or b"",), ())
    assert still.frames[0].pdq in watch.searching_keys(still).pdq


def test_cost_is_bounded() -> None:
    stored = watch.searching_keys(drawn.clip("hour", seconds=3600, rate=1))
    assert len(stored.phash256) <= 2 * 1200
    assert len(stored.pdq) <= 2 * watch.WITH_PDQ
    assert len(stored.sscd) <= watch.SEARCHING_VECTORS


def test_notifications_hold_no_text_and_no_signal() -> None:
    match = {
        "entry_id": "e",
        "asset_id": "a",
        "title": "A name",
        "bank": "newsroom",
        "tier": "reviewed",
        "relation": "copy",
        "verdict": "known_fake",
        "reasons": [],
        "confidence": 0.987,
        "exact": False,
        "coverage": {"query": 1.0, "asset": 1.0},
        "spans": [],
        "signals": {"frames": {}},
        "references": [{"url": "https://a.example"}],
    }
    answer = {
        "verdict": "known_fake",
        "reasons": [],
        "mixed": False,
        "confidence": 0.987,
        "matches": [match],
        "timing_ms": {},
        "checked": ["frames"],
        "not_checked": [{"what": "faces", "reason": "left_out"}],
        "next_step": None,
    }
    notification = watch.shown_answer(answer)
    assert notification["confidence"] == notification["matches"][0]["confidence"] == 0.95
    assert notification["not_checked"] == [{"what": "faces", "reason": "left_out"}]
    assert set(notification["matches"][0]) == {
        *("entry_id", "asset_id", "tier", "relation", "verdict", "reasons", "coverage", "spans", "confidence")
    }
