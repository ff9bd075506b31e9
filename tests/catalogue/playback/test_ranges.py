"""Which formats are played, and which part of a file a request gets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.catalogue.playback import model as playing
from registry.catalogue.playback.model import MOST_BYTES, Part


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("", Part(0, 100, 100)),
        ("bytes=0-", Part(0, 100, 100)),
        ("bytes=10-19", Part(10, 20, 100)),
        ("bytes=90-500", Part(90, 100, 100)),
        ("bytes=-5", Part(95, 100, 100)),
        ("bytes=-500", Part(0, 100, 100)),
        ("bytes=0-1,5-6", Part(0, 100, 100)),
        ("lines=3-4", Part(0, 100, 100)),
        ("bytes=100-", None),
        ("bytes=9-3", None),
        ("bytes=-", None),
    ],
)
def test_the_part_that_a_range_asks_for(header: str, part: Part | None) -> None:
    assert playing.part_of(header, 100) == part


@given(st.text(max_size=30), st.integers(1, 1 << 40))
def test_no_part_is_outside_the_file_or_too_large(header: str, size: int) -> None:
    for words in (header, f"bytes={header}"):
        part = playing.part_of(words, size)
        assert part is None or 0 <= part.start < part.end <= min(size, part.start + MOST_BYTES)


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b"\0\0\0\x20ftypisom", "video/mp4"),
        (b"\x1a\x45\xdf\xa3\x01", "video/webm"),
        (b"OggS\0", "video/ogg"),
        (b"RIFF\0\0\0\0AVI ", None),
        (b"<html><script>", None),
        (b"", None),
    ],
)
def test_only_videos_of_browsers_are_played(head: bytes, found: str | None) -> None:
    assert playing.format_of(head) == found
