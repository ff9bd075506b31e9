"""Voice notes, from the command line and the API: registered, copied, cut, under pictures, and genuine."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest

from tests.support.media import clips as media
from tests.support.media import sounds
from tests.support.service.stack import Stack

pytestmark = pytest.mark.slow(23)

OPUS = ("-c:a", "libopus", "-b:a", "16k", "-ac", "1")
AMR = ("-c:a", "libopencore_amrnb", "-ar", "8000", "-ac", "1")
SPLICE = (8, 13)
"""Seconds of the spliced note that its original does not have."""


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cloned voice and a spliced note with its original; copies of all; sounds that are none of them."""
    folder = tmp_path_factory.mktemp("notes")
    rate = sounds.RATE
    clone, genuine = sounds.speech(11, 14), sounds.speech(12, 20)
    spliced = genuine.copy()
    first, after = (second * rate for second in SPLICE)
    spliced[first:after] = sounds.speech(13, 5)
    made = {
        "clone": clone,
        "genuine": genuine,
        "spliced": spliced,
        "take": sounds.speech(14, 14),
        "inside": np.concatenate([sounds.speech(15, 20), clone, sounds.speech(16, 10)]),
        "greeting": np.concatenate([clone[: 5 * rate], sounds.speech(17, 20)]),
    }
    for name, samples in made.items():
        sounds.wav(folder / f"{name}.wav", samples)
    for source, target, options in (
        ("clone", "clone.ogg", OPUS),
        ("clone", "resent.opus", ("-c:a", "libopus", "-b:a", "12k")),
        ("clone", "phone.amr", AMR),
        ("clone", "music.mp3", ("-c:a", "libmp3lame", "-b:a", "32k")),
        ("genuine", "genuine.m4a", ("-c:a", "aac", "-b:a", "64k")),
        ("genuine", "genuine_resent.ogg", OPUS),
        ("spliced", "spliced.m4a", ("-c:a", "aac", "-b:a", "64k")),
        ("spliced", "spliced_resent.ogg", OPUS),
    ):
        media.ffmpeg("-i", folder / f"{source}.wav", *options, folder / target)
    cat = media.clip(folder / "cat.mp4", "chelsea", seconds=14, size=(320, 180))
    sounds.under(cat, clone, folder / "filmed.mp4", "-c:a", "aac", "-b:a", "48k")
    return folder


@pytest.fixture(scope="module")
def bank(running_service: Stack, notes: Path) -> str:
    """A bank with the clone, and the spliced note with its original."""
    name = f"bank {uuid4()}"
    assert running_service.fakeprint("admin", "bank", "add", name).status == 0
    done = running_service.fakeprint(
        *("register", notes / "clone.ogg", "--bank", name, "--manipulation", "voice_clone", "--json")
    )
    assert done.status == 0, done.stderr
    assert done.line["status"] == "matchable"
    done = running_service.fakeprint(
        *("register", notes / "spliced.m4a", "--bank", name, "--manipulation", "spliced"),
        *("--original", notes / "genuine.m4a"),
    )
    assert done.status == 0, done.stderr
    return name


def answer_to(service: Stack, path: Path, bank: str, *options: str) -> dict[str, Any]:
    result = service.fakeprint("lookup", path, "--bank", bank, "--json", *options)
    assert result.status == 0, result.stderr
    return dict(result.line)


@pytest.mark.parametrize("name", ["resent.opus", "phone.amr", "music.mp3"])
def test_a_copy_of_a_cloned_voice_is_a_known_fake(
    running_service: Stack, notes: Path, bank: str, name: str
) -> None:
    answer = answer_to(running_service, notes / name, bank)
    assert (answer["verdict"], answer["mixed"], answer["next_step"]) == ("known_fake", False, None)
    assert (answer["checked"], answer["not_checked"]) == (["sha256", "sound"], [])
    (match,) = answer["matches"]
    assert (match["relation"], match["exact"]) == ("copy", False)
    (span,) = match["spans"]
    assert span["query"] == pytest.approx([0, 14], abs=0.5)
    assert span["asset"] == pytest.approx([0, 14], abs=0.5)


def test_a_file_that_is_sent_gets_the_same_answer(running_service: Stack, notes: Path, bank: str) -> None:
    sent = answer_to(running_service, notes / "resent.opus", bank, "--upload")
    assert (sent["verdict"], sent["sampling"]) == ("known_fake", "full")
    same = answer_to(running_service, notes / "clone.ogg", bank, "--upload")
    assert (same["verdict"], same["matches"][0]["exact"]) == ("known_fake", True)


def test_it_is_found_inside_a_longer_note(running_service: Stack, notes: Path, bank: str) -> None:
    answer = answer_to(running_service, notes / "inside.wav", bank)
    (match,) = answer["matches"]
    assert answer["verdict"] == "known_fake"
    assert match["spans"][0]["query"] == pytest.approx([20, 34], abs=0.5)


def test_it_is_a_known_fake_under_pictures_too(running_service: Stack, notes: Path, bank: str) -> None:
    answer = answer_to(running_service, notes / "filmed.mp4", bank)
    (match,) = answer["matches"]
    assert (answer["verdict"], match["relation"]) == ("known_fake", "audio")
    text = running_service.fakeprint("lookup", notes / "filmed.mp4", "--bank", bank).stdout
    assert "the sound of the fake, not its pictures" in text


def test_a_few_seconds_of_it_are_for_a_person(running_service: Stack, notes: Path, bank: str) -> None:
    answer = answer_to(running_service, notes / "greeting.wav", bank)
    assert (answer["verdict"], answer["reasons"]) == ("related", ["weak"])


def test_another_take_is_no_fake(running_service: Stack, notes: Path, bank: str) -> None:
    assert answer_to(running_service, notes / "take.wav", bank)["verdict"] in {"no_match", "related"}


def test_of_a_spliced_note_only_the_foreign_seconds_are_fake(
    running_service: Stack, notes: Path, bank: str
) -> None:
    answer = answer_to(running_service, notes / "spliced_resent.ogg", bank)
    assert (answer["verdict"], answer["mixed"]) == ("known_fake", False)
    spans = {match["relation"]: [span["query"] for span in match["spans"]] for match in answer["matches"]}
    (fake,) = spans["copy"]
    assert fake == pytest.approx(SPLICE, abs=0.7)
    before, after = spans["original"]
    assert before == pytest.approx([0, SPLICE[0]], abs=0.7)
    assert after == pytest.approx([SPLICE[1], 20], abs=0.7)
    assert {match["verdict"] for match in answer["matches"]} == {"known_fake", "authentic_original"}


@pytest.mark.parametrize("name", ["genuine_resent.ogg", "genuine.m4a"])
def test_the_recording_that_a_fake_was_cut_from_is_authentic(
    running_service: Stack, notes: Path, bank: str, name: str
) -> None:
    for options in ((), ("--upload",)):
        answer = answer_to(running_service, notes / name, bank, *options)
        assert answer["verdict"] == "authentic_original"
        assert {match["relation"] for match in answer["matches"]} == {"original"}


def test_without_its_original_a_spliced_note_decides_nothing(running_service: Stack, notes: Path) -> None:
    name = f"bank {uuid4()}"
    assert running_service.fakeprint("admin", "bank", "add", name).status == 0
    done = running_service.fakeprint(
        *("register", notes / "spliced.m4a", "--bank", name, "--manipulation", "spliced")
    )
    assert done.status == 0, done.stderr
    answer = answer_to(running_service, notes / "genuine.wav", name)
    assert (answer["verdict"], answer["reasons"]) == ("related", ["no_original"])


def test_a_document_registers_a_note_too(running_service: Stack, notes: Path) -> None:
    name = f"bank {uuid4()}"
    assert running_service.fakeprint("admin", "bank", "add", name).status == 0
    done = running_service.fakeprint(
        *("register", notes / "clone.ogg", "--bank", name, "--manipulation", "synthetic", "--hash-only")
    )
    assert done.status == 0, done.stderr
    answer = answer_to(running_service, notes / "resent.opus", name)
    assert answer["verdict"] == "known_fake"


def test_silence_cannot_be_registered_or_decided(running_service: Stack, tmp_path: Path, bank: str) -> None:
    silent = sounds.wav(tmp_path / "silent.wav", sounds.silence(10))
    answer = answer_to(running_service, silent, bank)
    assert (answer["verdict"], answer["reasons"]) == ("undecidable", ["low_information"])
    done = running_service.fakeprint("register", silent, "--bank", bank, "--json")
    assert done.status == 1
    assert done.line["error"]["code"] == "low_information"
