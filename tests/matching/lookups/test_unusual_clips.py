"""Clips that show little, or for very long, looked up through the command line and the API."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from tests.support.media import clips as media
from tests.support.media.clips import Pixels
from tests.support.service.stack import Stack

pytestmark = pytest.mark.slow(32)

SIZE = (160, 90)
RATE = 10
BLACK = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)


def footage(name: str, seconds: int) -> list[Pixels]:
    """What pans over a photograph without a face."""
    return list(media.panning(name, *SIZE, seconds * RATE))


def hours() -> Iterator[Pixels]:
    """Pictures of two minutes each, and half an hour from the start the longer fake, at a frame a second."""
    for slide in range(15):
        yield from itertools.repeat(media.drawn(*SIZE, slide), 120)
    yield from footage("coffee", 30)[::RATE]
    for slide in range(15, 35):
        yield from itertools.repeat(media.drawn(*SIZE, slide), 120)


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Queries, and the fakes `fake.mp4` and `longer.mp4`."""
    folder = tmp_path_factory.mktemp("odd")
    shown: dict[str, Iterable[Pixels]] = {
        "fake": footage("rocket", 6),
        "longer": footage("coffee", 30),
        "black": itertools.repeat(BLACK, 20 * RATE),
        "late": itertools.chain(itertools.repeat(BLACK, 60 * RATE), footage("rocket", 6)),
        "slide": itertools.repeat(footage("rocket", 6)[20], 60 * RATE),
    }
    for name, frames in shown.items():
        media.encode(folder / f"{name}.mp4", iter(frames), rate=RATE)
    media.encode(folder / "hours.mp4", hours(), rate=1, options={"preset": "ultrafast"})
    return folder


@pytest.fixture(scope="module")
def bank(running_service: Stack, clips: Path) -> str:
    """A bank that holds the fakes."""
    name = f"bank {uuid4()}"
    assert running_service.fakeprint("admin", "bank", "add", name).status == 0
    fakes = (clips / "fake.mp4", clips / "longer.mp4")
    done = running_service.fakeprint("register", *fakes, "--manipulation", "edited", "--bank", name, "--json")
    assert [line["status"] for line in done.lines] == ["matchable"] * 2
    return name


@pytest.mark.parametrize(
    ("name", "sent", "verdict", "reasons", "start"),
    [
        ("black", (), "undecidable", ["low_information"], None),
        ("late", (), "known_fake", [], 60),
        ("late", ("--upload",), "known_fake", [], 60),
        ("slide", (), "related", ["single_frame"], 0),
        ("hours", ("--upload",), "known_fake", [], 1800),
    ],
)
def test_answers_about_unusual_clips(
    running_service: Stack,
    clips: Path,
    bank: str,
    name: str,
    sent: tuple[str, ...],
    verdict: str,
    reasons: list[str],
    start: float | None,
) -> None:
    done = running_service.fakeprint("lookup", clips / f"{name}.mp4", *sent, "--bank", bank, "--json")
    assert done.status == 0, done.stdout
    answer = done.line
    assert (answer["verdict"], answer["reasons"]) == (verdict, reasons), answer
    if start is None:
        assert answer["matches"] == []
    else:
        assert answer["matches"][0]["spans"][0]["query"][0] == pytest.approx(start, abs=1.5)


@pytest.mark.parametrize("sent", [(), ("--hash-only",)], ids=["file", "document"])
def test_incomparable_clips_cannot_be_registered(
    running_service: Stack, clips: Path, sent: tuple[str, ...]
) -> None:
    done = running_service.fakeprint("register", clips / "black.mp4", "--json", *sent)
    (line,) = done.lines
    assert (done.status, line["error"]["code"]) == (1, "low_information")
    result = running_service.fakeprint("lookup", clips / "black.mp4", "--json")
    assert (result.lines[0]["verdict"], result.lines[0]["matches"]) == ("undecidable", [])
