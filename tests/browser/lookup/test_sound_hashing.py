"""What the browser computes of a sound is what Python does, and it finds copies without sending them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from registry.catalogue.fingerprints.model import audio, peaks
from registry.catalogue.fingerprints.model.algorithms import CHROMAPRINT, PEAKS
from registry.catalogue.fingerprints.model.document import from_document
from registry.catalogue.fingerprints.model.sounds import Sounds
from registry.matching.alignment.model import hearing
from tests.browser.conftest import watched
from tests.browser.shots import previews
from tests.support.browser.console import Console, Person
from tests.support.media import clips as media
from tests.support.media import sounds
from tests.workers.hashers import vectors
from workers.pipeline.fingerprint import fingerprint_file


@pytest.fixture
def asking(console: Console, browser: Browser, faults: list[str]) -> Iterator[tuple[Person, Page]]:
    person = console.person("lookup", "register")
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/lookup")
        yield person, page
    assert faults == []


def _folder(page: Page) -> str:
    script = page.locator("script[src$='/lookup.js']").get_attribute("src") or ""
    return script.replace("lookup.js", "hashing/")


def _document(page: Page, path: Path) -> dict[str, Any]:
    page.get_by_label("Picture, video or sound").set_input_files(path)
    script = """async (address) => {
        const { documentOf } = await import(address);
        const [file] = document.getElementById("media").files;
        const [most, { signal }] = [{ seconds: 600, pixels: 1e8 }, new AbortController()];
        return await documentOf(file, { most, signal, told() {} });
    }"""
    return dict(page.evaluate(script, _folder(page) + "document.js"))


def _computed(page: Page, name: str, count: int) -> list[int]:
    script = """async ([address, name, bytes]) => {
        const raw = Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0));
        return [...(await import(address))[name](new Int16Array(raw.buffer))];
    }"""
    raw = base64.b64encode(sounds.computed(count).astype("<i2").tobytes()).decode()
    return list(page.evaluate(script, [f"{_folder(page)}sound/{name}.js", name, raw]))


@pytest.mark.parametrize("algorithm", [CHROMAPRINT.name, PEAKS.name])
def test_the_values_are_those_of_the_vectors(asking: tuple[Person, Page], algorithm: str) -> None:
    frozen = json.loads((vectors.FOLDER / f"{algorithm}.json").read_text())
    said = [int(value, 16) for value in frozen["values"]]
    found = _computed(asking[1], algorithm.removesuffix(".1"), frozen["samples"])
    if algorithm == CHROMAPRINT.name:
        assert found == said
    else:
        # Sums of floats differ in their last digit; where one lies between two units a value may turn.
        assert len({*said} ^ {*found}) <= len(said) / 50


@pytest.mark.parametrize("name", ["note.ogg", "note.m4a", "note.mp3", "note.flac"])
def test_a_document_of_sound_is_what_the_command_line_makes(
    asking: tuple[Person, Page], tmp_path: Path, name: str
) -> None:
    voice = sounds.wav(tmp_path / "voice.wav", sounds.speech(1, 12))
    path = tmp_path / name
    media.ffmpeg("-i", voice, *(("-c:a", "libopus") if name == "note.ogg" else ()), path)
    document = _document(asking[1], path)
    assert (document["kind"], document["notes"]) == ("audio", [])
    here, there = from_document(document), fingerprint_file(path)
    assert here.media.sha256 == there.media.sha256
    assert here.media.duration == pytest.approx(there.media.duration, abs=0.1)
    (stretch,) = hearing.align_one_take(Sounds.of(here), Sounds.of(there))
    assert stretch.sure
    assert stretch.seconds > 11
    assert stretch.bit_error < 0.02
    assert abs(stretch.asset[0] - stretch.query[0]) < 0.1
    ours, theirs = peaks.values(here.peaks), peaks.values(there.peaks)
    assert abs(len(ours) - len(theirs)) < len(theirs) / 20
    assert len(audio.values(here.audio)) == pytest.approx(len(audio.values(there.audio)), abs=2)


def test_surround_is_mixed_as_by_the_command_line(asking: tuple[Person, Page], tmp_path: Path) -> None:
    """Speech in the centre, and other speech at the sides."""
    voice = sounds.wav(tmp_path / "voice.wav", sounds.speech(1, 12))
    other = sounds.wav(tmp_path / "other.wav", sounds.speech(2, 12))
    path = tmp_path / "surround.wav"
    mix = "[0][1]amerge=inputs=2,pan=5.1|FL=0*c0|FR=0*c0|FC=c0|LFE=c1|BL=c1|BR=c1"
    media.ffmpeg("-i", voice, "-i", other, "-filter_complex", mix, path)
    here, there = from_document(_document(asking[1], path)), fingerprint_file(path)
    (stretch,) = hearing.align_one_take(Sounds.of(here), Sounds.of(there))
    assert stretch.sure
    assert stretch.bit_error < 0.02


def test_compressed_sound_is_not_searched_for_pictures(asking: tuple[Person, Page], tmp_path: Path) -> None:
    """In a third of such files the bytes of the sound contain "V_" and a capital letter."""
    for seed in range(8):
        path = tmp_path / f"{seed}.webm"
        noise = f"anoisesrc=duration=25:color=pink:seed={seed}"
        media.ffmpeg("-f", "lavfi", "-i", noise, "-c:a", "libopus", "-b:a", "128k", path)
        assert _document(asking[1], path)["kind"] == "audio", seed


def test_a_sound_that_breaks_off_lasts_as_long_as_it_is_heard(
    asking: tuple[Person, Page], tmp_path: Path
) -> None:
    voice = sounds.wav(tmp_path / "voice.wav", sounds.speech(1, 12))
    whole = tmp_path / "whole.m4a"
    media.ffmpeg("-i", voice, "-movflags", "+faststart", whole)
    cut = tmp_path / "cut.m4a"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    document = _document(asking[1], cut)
    assert document["duration"] < 8
    assert document["notes"] == ["broken_sound"]


def test_pictures_that_cannot_be_decoded_are_no_sound_alone(
    asking: tuple[Person, Page], tmp_path: Path
) -> None:
    voice = sounds.wav(tmp_path / "voice.wav", sounds.speech(1, 4))
    picture = ("-f", "lavfi", "-i", "testsrc=size=160x120:rate=10:duration=4", "-i", voice)
    for name, codec in (("old.mp4", "mpeg4"), ("old.mkv", "mpeg4"), ("old.ogv", "libtheora")):
        media.ffmpeg(*picture, "-c:v", codec, "-c:a", "libopus", tmp_path / name)
        asking[1].get_by_label("Picture, video or sound").set_input_files(tmp_path / name)
        asking[1].get_by_role("button", name="Look up", exact=True).click()
        expect(asking[1].locator("#failed")).to_contain_text("Send the file")
        expect(asking[1].locator("#go")).to_be_enabled()


def test_a_copy_of_a_voice_note_is_known_and_never_sent(
    console: Console, asking: tuple[Person, Page], tmp_path: Path
) -> None:
    """The copy is an MP3 of 32 kbit/s of the Opus that was registered."""
    person, page = asking
    raw, found = previews.note(41)
    previews.registered(console, person.key, (raw, found), "voice_clone")
    (tmp_path / "registered.ogg").write_bytes(raw)
    copy = tmp_path / "copy.mp3"
    media.ffmpeg("-i", tmp_path / "registered.ogg", "-b:a", "32k", copy)
    sent: list[int] = []

    def count(request: Request) -> None:
        if request.method == "POST":
            sent.append(len(request.post_data_buffer or b""))

    page.on("request", count)
    page.get_by_label("Picture, video or sound").set_input_files(copy)
    page.get_by_role("button", name="Look up", exact=True).click()
    expect(page.get_by_text("Yes: this is a copy of a known fake.")).to_be_visible()
    assert sent
    assert max(sent) < copy.stat().st_size / 4
