"""Changing an entry in the console: description, files, variants, withdrawal. No reader types an id."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
from playwright.sync_api import Browser, expect

from registry.catalogue.fingerprints.model.document import to_document
from tests.browser.conftest import watched
from tests.browser.shots.entries import made
from tests.support.browser.console import Console, Person, form_word
from tests.support.media import drawn


def _entry(console: Console, person: Person, entry_id: str) -> dict[str, Any]:
    with console.api(person.key) as client:
        found: dict[str, Any] = client.get(f"/v1/entries/{entry_id}").json()
    return found


def _registered(console: Console, person: Person, title: str, **fields: Any) -> str:
    """The id of a new entry of a document, like no other."""
    document = to_document(drawn.clip(str(uuid4())), faces=True)
    with console.api(person.key) as client:
        answered = client.post("/v1/entries", json={"fakes": [document], "title": title, **fields})
    assert answered.status_code == 201, answered.text
    return str(answered.json()["entry_id"])


def _plain(console: Console, person: Person) -> httpx2.Client:
    return httpx2.Client(base_url=console.url, cookies=dict(person.cookies), timeout=60, trust_env=False)


def test_a_description_is_edited_without_losing_what_stays(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    person = console.person("register")
    entry_id = made(console, person)
    before = _entry(console, person, entry_id)
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        page.goto(f"/console/entries/{entry_id}")
        page.get_by_role("link", name="Edit").click()
        page.get_by_label("Title", exact=True).fill("Concejala, hotel")
        page.get_by_role("checkbox", name="Telegram").check()
        page.get_by_label("Add fact-checks").fill("https://verifica.example/2\nhttps://verifica.example/3")
        page.get_by_label("Add people").fill("Juan P.")
        page.get_by_role("button", name="Save the changes").click()
        expect(page.get_by_role("status").first).to_contain_text("The changes are saved.")
        expect(page.get_by_role("heading", level=1)).to_have_text("Concejala, hotel")
    after = _entry(console, person, entry_id)
    assert after["references"][:2] == before["references"], "with title, publisher, rating and date"
    assert [row["url"] for row in after["references"][2:]] == [
        f"https://verifica.example/{n}" for n in (2, 3)
    ]
    assert after["seen"] == before["seen"][:1]
    assert after["depicted"] == [*before["depicted"], {"name": "Juan P."}]
    assert (after["claim"], after["evidence"]) == (before["claim"], before["evidence"])
    assert faults == []


def test_an_edit_that_changes_nothing_is_not_recorded(console: Console) -> None:
    person = console.person("register")
    entry_id = made(console, person)
    with _plain(console, person) as client:
        form = client.get(f"/console/entries/{entry_id}/edit").text
        kept = {
            name: _entry(console, person, entry_id)[name]
            for name in ("title", "claim", "language", "evidence")
        }
        history = client.get(f"/console/entries/{entry_id}/history.json").json()["events"]
        sent = client.post(f"/console/entries/{entry_id}/edit", data={"csrf": form_word(form), **kept})
        assert sent.status_code == 303
        assert client.get(f"/console/entries/{entry_id}/history.json").json()["events"] == history
        bad = {"csrf": form_word(form), **kept, "references": "no address"}
        refused = client.post(f"/console/entries/{entry_id}/edit", data=bad)
        assert (refused.status_code, "no address" in refused.text) == (400, True)


def test_files_are_added_to_an_entry(
    console: Console, browser: Browser, faults: list[str], tmp_path: Path
) -> None:
    person = console.person("register")
    entry_id = _registered(console, person, "Sin original", manipulation="face_swap")
    original = tmp_path / "original.json"
    original.write_text(json.dumps(to_document(drawn.clip(str(uuid4())), faces=True)))
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        page.goto(f"/console/entries/{entry_id}")
        page.get_by_role("link", name="Add files").click()
        page.get_by_role("button", name="Add the files").click()
        expect(page.get_by_role("alert")).to_contain_text("Choose a file.")
        for said in ("The files are added.", "The entry already had these files."):
            page.goto(f"/console/entries/{entry_id}/add")
            page.get_by_label("The original").set_input_files(original)
            page.get_by_role("button", name="Add the files").click()
            expect(page.get_by_role("status").first).to_contain_text(said)
    assert [asset["role"] for asset in _entry(console, person, entry_id)["assets"]] == ["fake", "original"]
    assert faults == []


def test_variants_are_linked_by_choosing_an_entry(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    person = console.person("register")
    first = _registered(console, person, "Alcalde en el puerto", claim="Se ve al alcalde.")
    second = _registered(console, person, "Alcalde, con subtítulos")
    with console.context(browser, person, java_script_enabled=False) as context:
        page = watched(context.new_page(), faults)
        page.goto(f"/console/entries/{second}")
        page.get_by_role("link", name="Link variants").click()
        page.get_by_role("searchbox").fill("puerto alcalde")
        page.get_by_role("button", name="Search").click()
        page.get_by_role("radio", name="Alcalde en el puerto").check()
        expect(page.get_by_role("radio")).to_have_count(1)
        page.get_by_role("button", name="Link as a variant").click()
        expect(page.get_by_role("status").first).to_contain_text("The entry is now a variant")
        assert _entry(console, person, second)["variant_of"] == first
        page.get_by_role("link", name="Link variants").click()
        page.get_by_role("button", name="End this").click()
        expect(page.get_by_role("status").first).to_contain_text("no longer a variant")
    assert _entry(console, person, second)["variant_of"] is None
    assert faults == []


def test_the_picker_finds_words_and_addresses_of_what_the_reader_may_see(console: Console) -> None:
    person = console.person("register")
    entry_id = _registered(console, person, "Puerto <b>")
    other = console.person("register")
    with _plain(console, person) as client, _plain(console, other) as stranger:
        part = {"HX-Request": "true"}
        for sought in ("puerto", f"{console.url}/console/entries/{entry_id}"):
            found = client.get("/console/entries/pick", params={"sought": sought}, headers=part).text
            assert f'value="{entry_id}"' in found
            assert "Puerto &lt;b&gt;" in found
        but = {"sought": "puerto", "but": entry_id}
        assert (
            "No entry of your organization"
            in client.get("/console/entries/pick", params=but, headers=part).text
        )
        hidden = stranger.get("/console/entries/pick", params={"sought": "puerto"}, headers=part).text
        assert entry_id not in hidden
        wrong = {"csrf": form_word(client.get(f"/console/entries/{entry_id}/variants").text)}
        for chosen, status in (
            ({}, 400),
            ({"variant_of": entry_id}, 409),
            ({"variant_of": str(uuid4())}, 404),
        ):
            sent = client.post(f"/console/entries/{entry_id}/variants", data=wrong | chosen)
            assert sent.status_code == status, chosen


def test_an_entry_is_withdrawn_for_a_reason(console: Console, browser: Browser, faults: list[str]) -> None:
    person = console.person("register")
    entry_id = _registered(console, person, "Un error")
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        page.goto(f"/console/entries/{entry_id}")
        page.get_by_role("link", name="Withdraw").click()
        page.get_by_label("Reason").select_option(label="It was a mistake: this is not a fake")
        page.get_by_role("button", name="Withdraw the entry").click()
        expect(page.get_by_role("status").first).to_contain_text("Lookups no longer find it")
        expect(page.locator(".standing")).to_have_text("It was withdrawn. Lookups do not find it.")
        expect(page.get_by_role("link", name="Edit")).to_have_count(0)
    assert _entry(console, person, entry_id)["status"] == "withdrawn"
    assert faults == []


def test_people_places_and_evidence_are_erased_once_confirmed(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    person = console.person("register")
    entry_id = made(console, person)
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        page.goto(f"/console/entries/{entry_id}/edit")
        page.get_by_text("Erase people, places and evidence").click()
        page.get_by_role("button", name="Erase them").click()
        expect(page.get_by_text("Confirm that you want this.").first).to_be_visible()
        assert _entry(console, person, entry_id)["seen"]
        page.get_by_role("checkbox", name="Erase them").check()
        page.get_by_role("button", name="Erase them").click()
        expect(page.get_by_role("status").first).to_contain_text("are erased")
    after = _entry(console, person, entry_id)
    assert (after["depicted"], after["seen"], after["evidence"]) == ([], [], None)
    assert after["claim"]
    assert faults == []


def test_other_organizations_change_nothing(console: Console) -> None:
    entry_id = made(console, console.person("register"))
    with _plain(console, console.person("register", "review", "admin")) as stranger:
        shown = stranger.get(f"/console/entries/{entry_id}").text
        word = {"csrf": form_word(shown), "reason_code": "other", "title": "Another"}
        for part in ("edit", "add", "withdraw", "variants"):
            assert f"/entries/{entry_id}/{part}" not in shown, part
            assert stranger.post(f"/console/entries/{entry_id}/{part}", data=word).status_code in {
                400,
                403,
            }, part
        assert stranger.get(f"/console/entries/{entry_id}/edit").status_code == 403
