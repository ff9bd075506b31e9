"""The entry picker in forms of other areas: a registration, a new campaign, an open campaign."""

from __future__ import annotations

import json
import re
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from registry.catalogue.fingerprints.model.document import to_document
from registry.identity.callers.service.keys import authenticate
from tests.browser.conftest import watched
from tests.browser.shots.review import filed
from tests.support.browser.console import Console
from tests.support.media import drawn
from tests.support.takedown.campaigns import case


def _search(page: Page, words: str, *, scripts: bool) -> None:
    field = page.get_by_role("searchbox", name="Find an entry")
    if scripts:
        field.fill("")
        field.press_sequentially(words)
    else:
        field.fill(words)
        page.get_by_role("button", name="Search", exact=True).last.click()


def test_a_registration_names_the_entry_that_it_is_a_variant_of(
    console: Console, browser: Browser, faults: list[str], tmp_path: Path
) -> None:
    person = console.person("lookup", "register")
    first = filed(console, person.key, "Alcalde en el puerto")
    document = tmp_path / "fake.json"
    document.write_text(json.dumps(to_document(drawn.clip(str(uuid4())), faces=True)))
    with console.context(browser, person, java_script_enabled=False) as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/register")
        page.locator("[name=title]").fill("Con subtítulos")
        _search(page, "puerto", scripts=False)
        page.get_by_role("radio", name="Alcalde en el puerto").check()
        expect(page.locator("[name=title]")).to_have_value("Con subtítulos")
        page.get_by_label("The fake, one file or several").set_input_files(document)
        page.get_by_role("button", name="Register", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Con subtítulos", timeout=30_000)
        entry_id = page.url.rpartition("/")[2]
    with console.api(person.key) as client:
        assert client.get(f"/v1/entries/{entry_id}").json()["variant_of"] == str(first.entry_id)
    assert faults == []


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_campaign_takes_entries_that_were_searched_for(
    console: Console, browser: Browser, faults: list[str], scripts: bool
) -> None:
    lawyer = console.person("takedown", "register", key=console.organization())
    with console.started.service() as service:
        mine = case(service, authenticate(service, lawyer.key))
    titles = ("Alcalde en Melilla", "Concejala en Ceuta", "Other")
    fakes = [filed(console, lawyer.key, title) for title in titles]
    with console.context(browser, lawyer, java_script_enabled=scripts) as context:
        page = watched(context.new_page(), faults)
        page.goto(f"/console/takedown/{mine.campaign_id}")
        page.get_by_role("link", name="Add an entry…").click()
        _search(page, "ceuta", scripts=scripts)
        page.get_by_role("radio", name="Concejala en Ceuta").check()
        page.get_by_role("button", name="Add the entry").click()
        expect(page.get_by_role("status")).to_contain_text("The entry is added to the campaign.")
        expect(page.get_by_role("link", name="Concejala en Ceuta")).to_be_visible()
        found = page.get_by_role("group", name="Entries found")
        address = f"{console.url}/console/entries/{fakes[0].entry_id}"
        with console.api(lawyer.key) as client:  # older than those that are offered without a search
            for place in range(20):
                document = to_document(drawn.clip(str(uuid4())), faces=True)
                assert client.post("/v1/entries", json={"fakes": [document], "title": f"{place}"}).is_success
        page.goto(f"/console/takedown/begin?entry={fakes[2].entry_id}")
        page.get_by_text("More fakes in the same campaign").click()
        _search(page, address, scripts=scripts)
        found.get_by_role("checkbox", name="Alcalde en Melilla").check()
        _search(page, "ceuta", scripts=scripts)
        found.get_by_role("checkbox", name="Concejala en Ceuta").check()
        expect(found.get_by_role("checkbox", name="Alcalde en Melilla")).to_be_checked()
        page.get_by_role("button", name="Start the campaign").click()
        expect(page).to_have_url(re.compile("/takedown/[0-9a-f-]{36}/add$"))
        page.goto(page.url.removesuffix("/add"))
        for title in titles:
            expect(page.get_by_role("link", name=title, exact=True)).to_be_visible()
    assert faults == []
