"""A fake's sound, from the command line: under its own pictures, under others, and another's."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.support.media import clips as media
from tests.support.media import sounds
from tests.support.service.stack import Stack

pytestmark = pytest.mark.slow

SECONDS = 10.0


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fake that speaks; its copy; its voice under other pictures, whole, and four seconds of it in the
    middle of another clip; its pictures with another voice; something else altogether."""
    folder = tmp_path_factory.mktemp("clips")
    size = (320, 180)
    cup = media.clip(folder / "cup.mp4", "coffee", seconds=SECONDS, size=size)
    cat = media.clip(folder / "cat.mp4", "chelsea", seconds=SECONDS, size=size)
    voice, other = sounds.speech(1, SECONDS), sounds.speech(2, SECONDS)
    sounds.under(cup, voice, folder / "fake.mp4")
    media.ffmpeg("-i", folder / "fake.mp4", "-crf", "30", "-c:a", "aac", "-b:a", "32k", folder / "copy.mp4")
    sounds.under(cat, voice, folder / "kept.mp4", "-c:a", "aac", "-b:a", "32k")
    rate = sounds.RATE
    cut = other.copy()
    cut[4 * rate : 8 * rate] = voice[2 * rate : 6 * rate]
    sounds.under(cat, cut, folder / "cut.mp4")
    sounds.under(cup, other, folder / "dubbed.mp4")
    sounds.under(cat, other, folder / "else.mp4")
    return folder


@pytest.fixture(scope="module")
def answers(running_service: Stack, clips: Path) -> dict[str, dict[str, Any]]:
    """By name, what each clip is answered."""
    bank = f"bank {uuid4()}"
    assert running_service.fakeprint("admin", "bank", "add", bank).status == 0
    done = running_service.fakeprint(
        *("register", clips / "fake.mp4", "--bank", bank, "--manipulation", "synthetic", "--title", "Speech")
    )
    assert done.status == 0, done.stderr
    paths = [clips / f"{name}.mp4" for name in ("copy", "kept", "cut", "dubbed", "else", "cat")]
    result = running_service.fakeprint("lookup", *paths, "--bank", bank, "--json")
    assert result.status == 0, result.stderr
    uploaded = running_service.fakeprint("lookup", clips / "kept.mp4", "--upload", "--bank", bank, "--json")
    explained = running_service.fakeprint("lookup", clips / "kept.mp4", "--bank", bank)
    found = {path.stem: line for path, line in zip(paths, result.lines, strict=True)}
    return found | {"uploaded": uploaded.line, "told": {"text": explained.stdout}}


def test_a_copy_is_borne_out_by_its_sound(answers: dict[str, dict[str, Any]]) -> None:
    assert answers["copy"]["verdict"] == "known_fake"
    assert [match["relation"] for match in answers["copy"]["matches"]] == ["copy"]


@pytest.mark.parametrize("name", ["kept", "uploaded"])
def test_the_sound_under_other_pictures_is_related(answers: dict[str, dict[str, Any]], name: str) -> None:
    answer = answers[name]
    assert (answer["verdict"], answer["reasons"]) == ("related", ["audio_only"])
    (match,) = answer["matches"]
    assert match["relation"] == "audio"
    assert match["signals"]["audio"]["bit_error"] <= 0.15
    assert match["signals"]["audio"]["seconds"] == pytest.approx(SECONDS, abs=0.5)
    (span,) = match["spans"]
    assert span["query"] == pytest.approx([0, SECONDS], abs=0.5)
    assert span["asset"] == pytest.approx([0, SECONDS], abs=0.5)


def test_four_seconds_of_it_are_found_and_placed(answers: dict[str, dict[str, Any]]) -> None:
    (match,) = answers["cut"]["matches"]
    assert (answers["cut"]["verdict"], match["relation"]) == ("related", "audio")
    (span,) = match["spans"]
    assert span["query"] == pytest.approx([4, 8], abs=1)
    assert span["asset"] == pytest.approx([2, 6], abs=1)


def test_another_voice_over_its_pictures_is_a_copy_without_sound(answers: dict[str, dict[str, Any]]) -> None:
    (match,) = answers["dubbed"]["matches"]
    assert (match["verdict"], match["relation"], match["signals"]["audio"]) == ("known_fake", "copy", None)


@pytest.mark.parametrize("name", ["else", "cat"])
def test_another_sound_and_none_are_no_match(answers: dict[str, dict[str, Any]], name: str) -> None:
    assert (answers[name]["verdict"], answers[name]["matches"]) == ("no_match", [])


def test_answers_are_explained_in_words(answers: dict[str, dict[str, Any]]) -> None:
    text = answers["told"]["text"]
    assert "the sound of the fake, not its pictures" in text
    assert "because the sound is the same, the pictures are not" in text
