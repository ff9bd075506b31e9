"""After the quick check: what it compared and what it did not, and a fuller look at the same file from its
answer, on a whole service (`private_service`, which files share that name it). Without scripts, too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx2
import pytest
from playwright.sync_api import Browser, Page, Request, expect

from registry.catalogue.fingerprints.model.document import to_document
from tests.browser.conftest import PATIENCE, served
from tests.support.browser.accessibility import axe
from tests.support.browser.console import Person, Site
from tests.support.browser.footage import clips
from tests.support.media import clips as media
from tests.support.media import drawn
from tests.support.story import until

SCENE: Final = "hubble_deep_field"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("further")
    made = clips(folder, SCENE)
    alone = folder / "alone"
    alone.mkdir()
    made["alone"] = clips(alone, "retina")["fake"]
    made["remux"] = folder / "remux.mov"
    media.ffmpeg("-i", made["alone"], "-c", "copy", made["remux"])
    made["unknown"] = _unlike_all(folder / "unknown.mp4", seed=571)
    return made


def _unlike_all(path: Path, *, seed: int) -> Path:
    """A clip that no other file of tests registers in the service that they share."""
    return media.encode(path, (media.drawn(320, 180, seed=seed + at // 8) for at in range(32)), rate=8)


@pytest.fixture(scope="module")
def person(site: Site, files: dict[str, Path]) -> Person:
    """Somebody in whose bank a fake and its original are registered, and another fake alone."""
    made = site.person("lookup", "register", key=site.organization(), name="Vera")
    with site.api(made.key) as client:
        sent = {
            "fake": ("fake.mp4", files["fake"].read_bytes()),
            "original": ("original.mp4", files["original"].read_bytes()),
        }
        alone = {"fake": ("alone.mp4", files["alone"].read_bytes())}
        _register(client, sent, "A swap")
        _register(client, alone, "A swap alone")
    return made


def _register(client: httpx2.Client, files: dict[str, tuple[str, bytes]], title: str) -> None:
    entry = client.post("/v1/entries", files=files, data={"title": title, "manipulation": "face_swap"})
    assert entry.status_code == 201, entry.text
    entry_id = entry.json()["entry_id"]
    until(lambda: client.get(f"/v1/entries/{entry_id}").json()["status"] == "matchable", 240)


@pytest.fixture
def page(site: Site, patient: Browser, person: Person) -> Iterator[Page]:
    faults: list[str] = []
    with site.context(patient, person, bypass_csp=True) as context:
        context.set_default_timeout(PATIENCE)
        yield served(context.new_page(), faults)
    assert faults == []


def _looked_up(page: Page, path: Path) -> None:
    page.goto("/console/lookup")
    page.get_by_label("Picture, video or sound").set_input_files(path)
    page.get_by_role("button", name="Look up", exact=True).click()
    expect(page.locator("#answer")).to_be_visible()


def _headed(page: Page, said: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(said)
    expect(page).to_have_title(f"{said} · Fakeprint")


def test_a_remux_of_a_fake_is_known_by_its_faces_without_choosing_it_again(
    page: Page, files: dict[str, Path]
) -> None:
    """Where no original is registered, only faces tell."""
    _looked_up(page, files["remux"])
    _headed(page, "Related: a person decides")
    expect(page.locator("#answer")).not_to_contain_text("probability")
    missing = page.locator(".looked div").filter(has_text="Not compared")
    expect(missing).to_contain_text("Faces")
    expect(page.locator("#kept")).to_contain_text("remux.mov")
    expect(page.get_by_label("Picture, video or sound")).to_be_hidden()
    expect(page.get_by_text("Faces are biometric data.")).to_be_visible()
    axe(page)
    sent: list[Request] = []
    page.on("request", lambda item: sent.append(item) if item.method == "POST" else None)
    page.get_by_role("button", name="Compare faces").click()
    _headed(page, "Known fake")
    expect(page.locator(".looked")).not_to_contain_text("Not compared")
    assert [request.url.partition("/console")[2] for request in sent] == ["/lookup/document"]
    expect(page.locator("#ways")).to_have_count(0)
    page.go_back()
    _headed(page, "Related: a person decides")
    expect(page.get_by_label("Picture, video or sound")).to_be_visible()


def test_a_quick_check_without_a_match_is_amber_and_offers_to_send_the_file(
    page: Page, files: dict[str, Path]
) -> None:
    _looked_up(page, files["unknown"])
    _headed(page, "Not found by the quick check")
    expect(page.locator("h1 .badge")).to_have_class("badge verdict-quick")
    expect(page.locator("#answer")).to_contain_text("it may still be a registered fake")
    axe(page)
    page.get_by_role("button", name="Send the file").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Not known")
    _headed(page, "Not known")
    expect(page.locator("h1 .badge")).to_have_class("badge verdict-no_match")
    expect(page.locator(".looked")).not_to_contain_text("Not compared")
    expect(page.locator("#ways")).to_have_count(0)


def test_a_file_that_nobody_knows_is_watched_after_its_answer(page: Page, tmp_path: Path) -> None:
    path = _unlike_all(tmp_path / "new.mp4", seed=602)
    page.goto("/console/lookup")
    page.get_by_label("Picture, video or sound").set_input_files(path)
    page.get_by_role("button", name="Send the file").click()
    _headed(page, "Not known")
    page.get_by_text("Watch it", exact=True).click()
    expect(page.locator("#kept")).to_contain_text("new.mp4")
    page.get_by_label("Tell me if it is registered later").select_option("90")
    page.get_by_role("button", name="Send the file again and watch it").click()
    expect(page.locator("#answer")).to_contain_text("It is watched until")
    page.get_by_role("link", name="The watch of this lookup").click()
    expect(page).to_have_url(re.compile("/console/watches/lookups/"))


def test_an_upload_shows_how_far_it_is_and_then_that_it_is_read(page: Page, files: dict[str, Path]) -> None:
    page.goto("/console/lookup")
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 60_000}
    network.send("Network.emulateNetworkConditions", slow)
    page.get_by_label("Picture, video or sound").set_input_files(files["unknown"])
    page.get_by_role("button", name="Send the file").click()
    expect(page.locator("#stage")).to_contain_text("Sending the file:")
    page.wait_for_function("() => progress.value > 0 && progress.value < 1")
    axe(page)
    expect(page.locator("#answer h1")).to_be_visible()


def test_a_file_that_no_browser_reads_is_kept_to_be_sent(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "old.avi"
    media.encode(path, media.panning("coffee", 320, 180, 24), codec="mpeg4", options={})
    page.goto("/console/lookup")
    page.get_by_label("Picture, video or sound").set_input_files(path)
    page.get_by_role("button", name="Look up", exact=True).click()
    expect(page.locator("#failed")).to_contain_text("end the file")
    send = page.get_by_role("button", name="Send the file")
    expect(send).to_be_focused()
    send.click()
    _headed(page, "Not known")


def test_a_file_that_a_worker_cannot_read_ends_the_wait(page: Page, tmp_path: Path) -> None:
    (tmp_path / "x.mp4").write_bytes(b"no media " * 1000)
    page.goto("/console/lookup")
    page.get_by_label("Picture, video or sound").set_input_files(tmp_path / "x.mp4")
    page.get_by_role("button", name="Send the file").click()
    expect(page.locator("main")).to_contain_text("not_media")


def test_a_clip_of_a_fake_and_its_original_is_explained_part_by_part(
    page: Page, files: dict[str, Path], tmp_path: Path
) -> None:
    path = tmp_path / "both.mp4"
    joined = "[0:v][1:v]concat=n=2:v=1:a=0"
    media.ffmpeg("-i", files["original"], "-i", files["fake"], "-filter_complex", joined, path)
    page.goto("/console/lookup")
    page.get_by_label("Picture, video or sound").set_input_files(path)
    page.get_by_role("button", name="Send the file").click()
    _headed(page, "Known fake")
    told = page.locator(".contents li")
    expect(told.first).to_contain_text("the original of “A swap”")
    expect(told.nth(1)).to_contain_text("the fake “A swap”")
    expect(page.locator("#answer")).to_contain_text("A person has to decide what to do")
    expect(page.locator("#answer")).not_to_contain_text("removed")
    axe(page)


def test_without_scripts_the_page_promises_nothing_that_needs_them(
    site: Site, patient: Browser, person: Person, files: dict[str, Path]
) -> None:
    with site.context(patient, person, java_script_enabled=False) as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto("/console/lookup")
        expect(page.get_by_text("The file stays on your device")).to_be_hidden()
        expect(page.get_by_role("button", name="Look up", exact=True)).to_be_hidden()
        expect(page.get_by_text("the button sends the file")).to_be_visible()
        page.get_by_label("Picture, video or sound").set_input_files(files["unknown"])
        page.get_by_role("button", name="Send the file").click()
        _headed(page, "The file is being checked")
        expect(page.get_by_role("heading", level=1)).to_have_text("Not known", timeout=240_000)


def test_an_answer_opened_later_needs_the_file_again(site: Site, page: Page, person: Person) -> None:
    query: dict[str, Any] = to_document(drawn.clip(f"never {uuid4()}", seconds=8), faces=False)
    query["notes"] = ["no_sscd"]
    query["algorithms"].pop("sscd.1", None)
    with site.api(person.key) as client:
        response = client.post("/v1/lookups", json={"type": "document", "document": query})
        assert response.status_code == 200, response.text
    page.goto(f"/console/lookup/{response.json()['lookup_id']}")
    _headed(page, "Not found by the quick check")
    expect(page.get_by_label("Picture, video or sound")).to_be_visible()
    expect(page.get_by_role("button", name="Compare faces")).to_be_visible()
