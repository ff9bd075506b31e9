"""Variants of one clip find each other after registration, as the command line shows it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.support.media import clips as media
from tests.support.service.servers import wait_until
from tests.support.service.stack import Stack

pytestmark = pytest.mark.slow

SIZE = (320, 180)
PLACES = ("clip", "smaller", "cut", "mirrored", "else")


@pytest.fixture(scope="module")
def registered(running_service: Stack, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """By name, the entries of a clip, three edits of it and another clip, all in one bank; the cut by its
    fingerprint alone. No other test that shares the service registers these photographs: what shows the same
    footage is found in every bank."""
    folder, bank = tmp_path_factory.mktemp("clips"), f"bank {uuid4()}"
    clip = media.clip(folder / "clip.mp4", "stereo_motorcycle", seconds=6, size=SIZE)
    media.ffmpeg("-i", clip, "-vf", "scale=240:-2", "-crf", "33", folder / "smaller.mp4")
    media.ffmpeg("-ss", "2", "-i", clip, "-crf", "28", folder / "cut.mp4")
    media.ffmpeg("-i", clip, "-vf", "hflip", "-crf", "28", folder / "mirrored.mp4")
    media.clip(folder / "else.mp4", "hubble_deep_field", seconds=4, size=SIZE)
    assert running_service.fakeprint("admin", "bank", "add", bank).status == 0
    found = {}
    for name in PLACES:
        alone = ["--hash-only"] if name == "cut" else []
        said = ("--bank", bank, "--title", f"The {name}", "--manipulation", "synthetic", "--json", *alone)
        done = running_service.fakeprint("register", folder / f"{name}.mp4", *said)
        assert done.status == 0, done.stdout
        found[name] = done.line["entry_id"]
    return found


def relatives(service: Stack, entry_id: str) -> dict[str, Any]:
    """Once the workers have looked."""
    wait_until(lambda: not service.fakeprint("entries", entry_id, "--related", "--json").line["pending"], 120)
    return service.fakeprint("entries", entry_id, "--related", "--json").line


def test_each_variant_lists_the_others(running_service: Stack, registered: dict[str, str]) -> None:
    same = {registered[name] for name in PLACES[:4]}
    for name in PLACES[:4]:
        found = relatives(running_service, registered[name])
        assert {item["entry_id"] for item in found["related"]} == same - {registered[name]}, name
        assert found["count"] == 3
        assert {item["relation"] for item in found["related"]} == {"copy"}
    seen = {
        item["entry_id"]: item["spans"] for item in relatives(running_service, registered["clip"])["related"]
    }
    (span,) = seen[registered["cut"]]
    assert span["entry"] == pytest.approx([2, 6], abs=0.6)
    assert span["related"] == pytest.approx([0, 4], abs=0.6)
    assert [item["mirrored"] for item in seen[registered["mirrored"]]] == [True]


def test_a_person_reads_it(running_service: Stack, registered: dict[str, str]) -> None:
    relatives(running_service, registered["clip"])
    result = running_service.fakeprint("entries", registered["clip"], "--related", "--limit", "2")
    assert result.status == 0
    assert result.stdout.startswith(f"3 entries show the same footage as {registered['clip']}\n")
    assert "“The mirrored”: the same fake, probability 0." in result.stdout
    assert "mirrored\n" in result.stdout
    assert "… and 1 more: give a greater --limit" in result.stdout


def test_a_clip_without_relatives_has_an_empty_list(
    running_service: Stack, registered: dict[str, str]
) -> None:
    assert relatives(running_service, registered["else"])["related"] == []
    result = running_service.fakeprint("entries", registered["else"], "--related")
    assert "No other entry that you may see shows the same footage." in result.stdout
    assert "next: fakeprint register" in result.stdout


def test_linking_can_be_requested_again(running_service: Stack, registered: dict[str, str]) -> None:
    before = {item["entry_id"] for item in relatives(running_service, registered["clip"])["related"]}
    result = running_service.fakeprint("admin", "relink", registered["clip"], "--json")
    assert (result.status, result.line) == (0, {"entries": 1})
    again = relatives(running_service, registered["clip"])
    assert {item["entry_id"] for item in again["related"]} == before
    refused = running_service.fakeprint("admin", "relink", str(uuid4()), "--json")
    assert (refused.status, refused.line["error"]["code"]) == (1, "unknown_entry")
    result = running_service.fakeprint("admin", "relink", registered["clip"], registered["else"])
    assert "2 entries will be searched again" in result.stdout
