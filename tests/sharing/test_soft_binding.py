"""Values of C2PA's soft binding: as they are defined, there and back, and what is none."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.catalogue.provenance.model.jumbf import active_manifest
from registry.core.errors import BadInput
from registry.sharing.soft_binding import model as soft_binding
from registry.sharing.soft_binding.model import ALGORITHM, read, score, value
from tests.support.media import drawn

ENTRY = Path(__file__).parents[2] / "deploy" / "softbinding-algorithm.json"
PICTURE = bytes([1, 0]) + bytes(4) + bytes([0, 0, 0, 1]) + bytes(4) + bytes([100]) + b"\1" * 32 + b"\2" * 32
"""A picture as the format's definition writes it."""


def binding(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def test_a_picture_is_written_as_defined() -> None:
    read_back = read(binding(PICTURE))
    (frame,) = read_back.frames
    assert (frame.phash256, frame.pdq, frame.quality, frame.time) == (b"\1" * 32, b"\2" * 32, 100, 0.0)
    assert (read_back.media.kind, read_back.media.duration) == ("image", 0.0)
    assert value(read_back) == binding(PICTURE)


def test_a_clip_comes_back_as_it_was() -> None:
    clip = drawn.clip("binding", seconds=5)
    found = read(value(clip))
    assert [(frame.time, frame.duration, frame.phash256, frame.pdq) for frame in found.frames] == [
        (frame.time, frame.duration, frame.phash256, frame.pdq) for frame in clip.frames
    ]
    assert found.media.duration == 5.0
    assert found.faces == ()
    assert found.audio is None
    dark = tuple(replace(frame, quality=10) for frame in clip.frames)
    with pytest.raises(BadInput) as refused:
        value(replace(clip, frames=dark))
    assert refused.value.code == "low_information"
    assert len(read(value(replace(clip, frames=(*dark[:3], *clip.frames[3:])))).frames) == 7


@given(st.one_of(st.binary(max_size=200), st.binary(max_size=200).map(lambda tail: PICTURE + tail)))
def test_invalid_bindings_are_refused_and_valid_ones_round_trip(raw: bytes) -> None:
    try:
        found = read(binding(raw))
    except BadInput:
        return
    whole = replace(found, frames=tuple(replace(frame, quality=100) for frame in found.frames))
    assert read(value(whole)) == whole


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        binding(PICTURE)[:-1],
        binding(PICTURE[:-1]),
        binding(b"\2" + PICTURE[1:]),
        binding(b"\1\7" + PICTURE[2:]),
        binding(PICTURE[:14] + b"\xff" + PICTURE[15:]),
        binding(PICTURE[:10] + b"\0\0\0\1" + PICTURE[14:]),
        "A" * (soft_binding.LONGEST + 4),
    ],
)
def test_each_fault_has_the_same_code(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(text)
    assert refused.value.code == "bad_binding"


def test_scores_say_how_alike_and_no_more_than_the_caller_may_know() -> None:
    assert score(0.876, exact=False, fine=True) == 87
    assert score(0.876, exact=False, fine=False) == 85
    assert score(1.0, exact=False, fine=True) == 99
    assert score(None, exact=False, fine=True) == 0
    assert score(None, exact=True, fine=False) == 100


def box(kind: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4) + kind + content


def labelled(label: bytes, *content: bytes) -> bytes:
    return box(b"jumb", box(b"jumd", b"u" * 16 + b"\3" + label + b"\0") + b"".join(content))


def test_the_active_manifest_is_taken_out_of_its_store() -> None:
    one, other = labelled(b"urn:c2pa:1", box(b"json", b"{}")), labelled(b"urn:c2pa:2", box(b"cbor", b"x"))
    assert active_manifest(labelled(b"c2pa", one, other), "urn:c2pa:2") == labelled(b"c2pa", other)
    assert active_manifest(labelled(b"c2pa", one, other), "urn:c2pa:3") is None
    for broken in (b"", b"\0\0\0\x08jumb", box(b"jumb", b""), labelled(b"c2pa", one)[:-1], b"\xff" * 40):
        assert active_manifest(broken, "urn:c2pa:1") is None


def test_the_registration_draft_has_all_required_fields() -> None:
    """What the list's schema (c2pa-org/softbinding-algorithm-list) requires of an entry, and its patterns."""
    (entry,) = json.loads(ENTRY.read_text(encoding="utf-8"))
    assert entry["alg"] == ALGORITHM
    assert re.fullmatch(r"[A-Za-z]{2,63}(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+", entry["alg"])
    assert entry["type"] == "fingerprint"
    assert set(entry["decodedMediaTypes"]) == {"image", "video"}
    assert 0 <= entry["identifier"] <= 65535
    assert "encodedMediaTypes" not in entry
    required = {"description", "dateEntered", "contact", "informationalUrl"}
    assert required <= set(entry["entryMetadata"])
    assert all(entry["entryMetadata"][item] for item in required)
