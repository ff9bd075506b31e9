"""Several files, or a folder: a table filled in row by row. Without scripts, several files in the form."""

from __future__ import annotations

import shutil
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image
from playwright.sync_api import Browser, Request, expect

from registry.catalogue.fingerprints.model.document import to_document
from registry.console.languages import Words
from registry.matching.lookups.store import lookups
from tests.browser.conftest import watched
from tests.support.browser.accessibility import axe
from tests.support.browser.console import Console, Person, sign_in
from tests.support.media import clips as media
from workers.hashers.pdq import Pdq
from workers.hashers.phash import Phash256
from workers.pipeline.fingerprint import fingerprint_file


@pytest.fixture
def person(console: Console) -> Person:
    return console.person("lookup", "register", key=console.organization(), password=True)


@pytest.fixture
def folder(console: Console, person: Person, tmp_path: Path) -> Path:
    """A folder with a known fake, an unknown picture, a film of another time, and a text."""
    made = tmp_path / "from a chat"
    (made / "older").mkdir(parents=True)
    fake = media.clip(made / "1 fake.mp4", seconds=4.0, size=(320, 180))
    Image.fromarray(media.photograph("coffee")).save(made / "2 unknown.png")
    media.encode(
        made / "older" / "3 old.avi", media.panning("coffee", 160, 90, 10), codec="mpeg4", options={}
    )
    (made / "4 notes.txt").write_text("Who sent this?")
    (made / ".DS_Store").write_bytes(b"hidden")
    found = fingerprint_file(fake, faces=False, audio=False, hashers=(Phash256(), Pdq()))
    with console.api(person.key) as client:
        body = {"fakes": [to_document(found, faces=False)], "manipulation": "edited", "title": "A fake"}
        assert client.post("/v1/entries", json=body).status_code == 201
    return made


def test_a_folder_is_looked_up_row_by_row_and_nothing_of_it_is_sent(
    console: Console, browser: Browser, person: Person, faults: list[str], folder: Path
) -> None:
    sent: list[Request] = []
    with console.context(browser, person, bypass_csp=True) as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/lookup")
        page.on("request", lambda item: sent.append(item))  # noqa: PLW0108 - a built-in is refused
        page.locator("#folder").set_input_files(folder)
        page.get_by_role("button", name="Look up", exact=True).click()
        rows = page.locator("#files tbody tr")
        expect(rows).to_have_count(4)
        expect(page.get_by_role("heading", name="Your files")).to_be_focused()
        expect(page.locator("#files-done")).to_contain_text("4 of 4 files are done.", timeout=60_000)
        expect(page.locator("#files-done")).to_contain_text("Known fake: 1")
        fake, unknown, old, notes = (
            rows.filter(has_text=name) for name in ("1 fake", "2 unknown", "3 old", "4 notes")
        )
        expect(fake).to_contain_text("Yes: this is a known fake")
        expect(unknown).to_contain_text("Not found by the quick check")
        for failed in (old, notes):
            expect(failed.locator(".outcome.wrong")).to_contain_text("end the file")
            expect(failed.get_by_role("button", name="Send the file")).to_be_visible()
        expect(fake.get_by_role("button")).to_have_count(0)
        axe(page)
        posted = [item.url.partition("/console")[2] for item in sent if item.method == "POST"]
        assert posted == ["/lookup/document"] * 2
        with page.expect_download() as download:
            page.get_by_role("link", name="Download the table").click()
        lines = download.value.path().read_text("utf-8-sig").splitlines()
        assert lines[0] == '"File","Result","Answer"'
        assert lines[1].startswith('"from a chat/1 fake.mp4","Known fake Yes: this is a known fake')
        assert len(lines) == 5
        with context.expect_page() as opened:
            fake.get_by_role("link", name="Known fake").click()
        expect(opened.value.locator("#answer")).to_contain_text("A fake")
        expect(rows).to_have_count(4)
    assert faults == []


def test_what_the_browser_cannot_decide_is_sent_on_request(
    console: Console, browser: Browser, person: Person, faults: list[str], folder: Path
) -> None:
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/lookup")
        page.get_by_label("Picture, video or sound").set_input_files(
            [folder / "older" / "3 old.avi", folder / "4 notes.txt"]
        )
        page.get_by_role("button", name="Look up", exact=True).click()
        rows = page.locator("#files tbody tr")
        expect(page.locator("#files-done")).to_contain_text("2 of 2", timeout=60_000)
        page.get_by_role("button", name="Send all files that this browser could not decide").click()
        for row in rows.all():
            expect(row).to_contain_text("The file is being checked")
        expect(page.locator("#files-done")).to_contain_text("0 of 2")
        with console.started.service() as service, service.pool.transaction() as connection:
            for link in page.locator("#files tbody .outcome a").all():
                lookup_id = UUID((link.get_attribute("href") or "").rpartition("/")[2])
                lookups.fail(connection, lookup_id, "not_media", "No media.")
        expect(page.locator("#files-done")).to_contain_text("2 of 2")
        expect(rows.first.locator(".outcome.wrong")).to_be_visible()
    assert faults == []


def test_the_table_can_be_stopped_and_goes_on(
    console: Console, browser: Browser, person: Person, tmp_path: Path
) -> None:
    clip = media.clip(tmp_path / "0.mp4", seconds=20.0, rate=8)
    paths = [clip, *(Path(shutil.copy(clip, tmp_path / f"{number}.mp4")) for number in (1, 2))]
    with console.context(browser, person) as context:
        page = context.new_page()
        page.goto("/console/lookup")
        page.get_by_label("Picture, video or sound").set_input_files(paths)
        page.get_by_role("button", name="Look up", exact=True).click()
        expect(page.locator("#files progress").first).to_be_visible()
        page.locator("#files-stop").click()
        expect(page.locator("#files tbody tr").last).to_contain_text("Cancelled")
        expect(page.get_by_role("button", name="Look up", exact=True)).to_be_enabled()
        page.get_by_role("button", name="Look up the files that are left").click()
        expect(page.locator("#files-done")).to_contain_text("3 of 3 files are done.", timeout=120_000)
        expect(page.get_by_role("button", name="Look up the files that are left")).to_be_hidden()


def test_a_busy_service_is_asked_again_when_it_says(
    console: Console, browser: Browser, tmp_path: Path
) -> None:
    person = console.person("lookup", key=console.organization())
    with console.api(person.key) as client:
        accounts = client.get("/v1/accounts").json()["accounts"]
        (caller_id,) = (item["caller_id"] for item in accounts if item["account_id"] == person.account_id)
    with console.api() as client:
        limited = client.put(f"/v1/callers/{caller_id}/limits", json={"rate": 0.1})
        assert limited.status_code == 200, limited.text
    paths = []
    for name in ("coffee", "astronaut", "rocket"):
        paths.append(tmp_path / f"{name}.png")
        Image.fromarray(media.photograph(name)).save(paths[-1])
    with console.context(browser, person) as context:
        page = context.new_page()
        page.goto("/console/lookup")
        page.get_by_label("Picture, video or sound").set_input_files(paths)
        page.get_by_role("button", name="Look up", exact=True).click()
        expect(page.locator("#files")).to_contain_text("The service is busy.")
        expect(page.locator("#files-done")).to_contain_text("Not found by the quick check: 3", timeout=60_000)


def test_who_is_signed_out_goes_on_after_signing_in_elsewhere(
    console: Console, browser: Browser, person: Person, folder: Path
) -> None:
    files = [folder / "2 unknown.png", folder / "1 fake.mp4"]
    with console.context(browser, person) as context:
        page = context.new_page()
        page.goto("/console/lookup")
        page.get_by_label("Picture, video or sound").set_input_files(files)
        console.expire(person)
        page.get_by_role("button", name="Look up", exact=True).click()
        rows = page.locator("#files tbody tr")
        expect(rows.first).to_contain_text("You were signed out.", timeout=60_000)
        expect(rows.nth(1)).to_contain_text("Cancelled")
        other = context.new_page()
        other.goto("/console/sign-in")
        sign_in(other, person, Words("en"))
        expect(other.get_by_role("heading", level=1)).to_be_visible()
        page.get_by_role("button", name="Look up the files that are left").click()
        expect(page.locator("#files-done")).to_contain_text("2 of 2 files are done.", timeout=60_000)
        expect(rows.nth(1)).to_contain_text("Known fake")


def test_files_that_are_dropped_are_those_of_the_form(
    console: Console, browser: Browser, person: Person
) -> None:
    with console.context(browser, person) as context:
        page = context.new_page()
        page.goto("/console/lookup")
        page.evaluate(
            """() => {
                const dataTransfer = new DataTransfer();
                for (const name of ["one.mp4", "two.mp4", ".hidden"]) {
                    dataTransfer.items.add(new File(["x"], name));
                }
                drop.dispatchEvent(new DragEvent("drop", {bubbles: true, cancelable: true, dataTransfer}));
            }"""
        )
        page.wait_for_function("() => media.files.length === 2")


def test_without_scripts_several_files_are_sent_together(
    console: Console, browser: Browser, person: Person, folder: Path
) -> None:
    with console.context(browser, person, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/console/lookup")
        expect(page.get_by_text("Choose a folder")).to_be_hidden()
        page.get_by_label("Picture, video or sound").set_input_files(
            [folder / "1 fake.mp4", folder / "2 unknown.png"]
        )
        page.get_by_role("button", name="Send the file").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Earlier lookups")
        expect(page.get_by_role("status")).to_contain_text("The files have arrived.")
        expect(page.locator("tbody tr")).to_have_count(2)
