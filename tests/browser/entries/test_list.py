"""The list of entries: order, columns, kept views, actions on marked entries, the table for spreadsheets."""

from __future__ import annotations

import csv
import io
from uuid import uuid4

import httpx2
from playwright.sync_api import Browser, expect

from registry.catalogue.fingerprints.model.document import to_document
from tests.browser.conftest import watched
from tests.browser.shots import previews
from tests.browser.shots.entries import made
from tests.support.browser.console import Console, Person, form_word
from tests.support.media import drawn

FORMULA = '=HYPERLINK("https://example.org","x")'


def _plain(console: Console, person: Person) -> httpx2.Client:
    return httpx2.Client(base_url=console.url, cookies=dict(person.cookies), timeout=60, trust_env=False)


def _registered(console: Console, person: Person, *titles: str) -> list[str]:
    found = []
    with console.api(person.key) as client:
        for title in titles:
            document = to_document(drawn.clip(str(uuid4())), faces=True)
            answered = client.post("/v1/entries", json={"fakes": [document], "title": title})
            assert answered.status_code == 201, answered.text
            found.append(str(answered.json()["entry_id"]))
    return found


def test_the_list_is_sorted_over_pages_and_its_columns_are_chosen(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    person = console.person("register")
    _registered(console, person, "Beta", "alfa", "Gamma")
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/entries")
        titles = page.locator("tbody th")
        expect(titles).to_have_text(["Gamma", "alfa", "Beta"])
        page.get_by_role("link", name="Title").click()
        expect(titles).to_have_text(["alfa", "Beta", "Gamma"])
        expect(page.get_by_role("columnheader", name="Title")).to_have_attribute("aria-sort", "ascending")
        page.get_by_label("Order").select_option("oldest")
        page.locator("summary", has_text="Columns").click()
        page.get_by_role("checkbox", name="Bank").uncheck()
        page.get_by_role("checkbox", name="Claim").check()
        page.get_by_role("button", name="Show these columns").click()
        expect(titles).to_have_text(["Beta", "alfa", "Gamma"])
        expect(page.get_by_role("columnheader", name="Claim")).to_be_visible()
        expect(page.get_by_role("columnheader", name="Bank")).to_have_count(0)
        page.get_by_text("Save this view").click()
        page.get_by_label("Name of the view").fill("With claims")
        page.get_by_role("button", name="Save the view").click()
        page.goto("/console/entries")
        page.get_by_role("link", name="With claims").click()
        expect(titles).to_have_text(["Beta", "alfa", "Gamma"])
        expect(page.get_by_role("columnheader", name="Claim")).to_be_visible()
    assert faults == []


def test_marked_entries_are_withdrawn_after_a_confirmation_and_each_is_reported(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    person = console.person("register")
    first, second, kept = _registered(console, person, "Uno", "Dos", "Tres")
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/entries")
        page.get_by_label("Mark all on this page").check()
        page.get_by_label("Mark “Tres”").uncheck()
        expect(page.get_by_text("Marked: 2")).to_be_visible()
        page.get_by_label("With the marked entries").select_option("withdraw")
        page.get_by_role("button", name="Continue…").click()
        expect(page.get_by_text("This applies to 2 entries:")).to_be_visible()
        with console.api(person.key) as client:  # somebody is faster
            gone = client.post(f"/v1/entries/{first}/withdraw", json={"reason_code": "other"})
            assert gone.status_code == 200, gone.text
        page.get_by_label("Reason").select_option("duplicate")
        page.get_by_role("button", name="Withdraw").click()
        expect(page.get_by_role("status").first).to_have_text("Done with 1 entry. 1 was not changed.")
        expect(page.get_by_role("listitem").filter(has_text="Uno")).to_contain_text("entry_withdrawn")
        expect(page.get_by_role("listitem").filter(has_text="Dos")).to_contain_text("It is withdrawn.")
    with console.api(person.key) as client:
        statuses = [client.get(f"/v1/entries/{entry}").json()["status"] for entry in (first, second, kept)]
    assert statuses == ["withdrawn", "withdrawn", "matchable"]
    assert faults == []


def test_actions_need_their_role_and_a_choice_and_work_without_a_script(console: Console) -> None:
    person = console.person("register")
    entry_id = made(console, person)
    reviewer = console.person("review", key=person.key)
    marked = f"/console/entries/marked?entry={entry_id}"
    with _plain(console, person) as client:
        assert "No entry is marked." in client.get("/console/entries/marked?action=withdraw").text
        assert client.get(f"{marked}&action=claim").status_code == 404
        word = {"csrf": form_word(client.get(f"{marked}&action=withdraw").text), "entry": entry_id}
        sent = client.post("/console/entries/marked", data=word | {"action": "withdraw"})
        assert sent.status_code == 400
        retried = client.post("/console/entries/marked", data=word | {"action": "retry"})
        assert "No file of this entry has failed." in retried.text
    with _plain(console, reviewer) as client:
        assert client.get(f"{marked}&action=withdraw").status_code == 404
        word = {"csrf": form_word(client.get(f"{marked}&action=claim").text), "entry": entry_id}
        done = client.post("/console/entries/marked", data=word | {"action": "claim"})
        assert "You have claimed it." in done.text
    with _plain(console, console.person("register")) as stranger:
        word = {"csrf": form_word(stranger.get("/console/entries").text), "entry": entry_id}
        sent = stranger.post(
            "/console/entries/marked", data=word | {"action": "withdraw", "reason_code": "other"}
        )
        assert "foreign_bank" in sent.text
    with console.api(person.key) as api:
        assert api.get(f"/v1/entries/{entry_id}").json()["status"] == "matchable"


def test_the_table_holds_what_is_listed_and_no_formula(console: Console) -> None:
    person = console.person("register")
    _registered(console, person, "Alfa", FORMULA)
    with _plain(console, person) as client:
        answered = client.get("/console/entries.csv?order=title&columns=bank.state")
        assert answered.headers["content-type"].startswith("text/csv")
        rows = list(csv.reader(io.StringIO(answered.content.decode("utf-8-sig"))))
        assert rows[0] == ["Title", "Bank", "State", "Address"]
        assert [row[:3] for row in rows[1:]] == [
            [f"'{FORMULA}", "default", "Searchable"],
            ["Alfa", "default", "Searchable"],
        ]
        assert rows[2][3].startswith(f"{console.url}/console/entries/")
        assert len(client.get("/console/entries.csv?text=alfa").text.splitlines()) == 2
        assert client.get("/console/entries.csv?since=never").status_code == 400
    with _plain(console, console.person("lookup", key=person.key)) as client:
        assert client.get("/console/entries.csv").status_code == 403


def test_blurred_pictures_stand_beside_titles(console: Console, browser: Browser, faults: list[str]) -> None:
    key = console.organization()
    person = console.person("register", key=key)
    entry_id, asset_id = previews.registered(console, key)
    with previews.window(console, person) as client:
        client.get(f"/console/previews/poster/{entry_id}")
    previews.made(console, asset_id)
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/entries")
        expect(page.locator("tbody .poster img")).to_be_visible()
        page.locator("tbody th a").click()
        picture = page.get_by_role("img", name="Blurred: Registered fake at 0:04.0")
        expect(picture).to_be_visible()
        page.get_by_role("button", name="Show clearly").click()
        expect(page.get_by_text("Shown. This is on record.")).to_be_visible()
    assert faults == []
