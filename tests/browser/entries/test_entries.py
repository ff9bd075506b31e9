"""Entries in the console: their page, their history checked in the browser, media that are read meanwhile."""

from __future__ import annotations

import json
import re
from uuid import uuid4

import httpx2
from playwright.sync_api import Browser, Page, Route, expect

from registry.catalogue.fingerprints.model.document import to_document
from tests.browser.conftest import watched
from tests.browser.shots.entries import made, published, waiting
from tests.browser.shots.review import filed
from tests.support.browser.console import PASSWORD, Console, Person, form_word
from tests.support.media import drawn
from tests.support.reviewers import work
from tests.support.steps import renamed

SCRIPT = "<script>alert(1)</script> “Ñandú” العربية"


def _plain(console: Console, person: Person) -> httpx2.Client:
    return httpx2.Client(base_url=console.url, cookies=dict(person.cookies), timeout=60, trust_env=False)


def test_an_entry_page_is_complete_and_its_history_is_verified(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    person = console.person("lookup", "register")
    entry_id = made(console, person)
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        page.goto(f"/console/entries/{entry_id}")
        expect(page.get_by_role("heading", level=1)).to_have_text("Concejala, cara cambiada <b>1</b>")
        for text in ("No, no es la concejala", "Telegram", "La cara no gira con la cabeza."):
            expect(page.get_by_text(text)).to_be_visible()
        expect(page.locator(".next")).to_contain_text("Somebody contests this entry")
        expect(page.locator("#h-history + small")).to_be_visible()
        expect(page.get_by_role("button", name="Verify in this browser")).to_be_hidden()
        expect(page.locator(".digest").first).to_be_hidden()
        page.locator("summary", has=page.locator("#h-history")).click()
        page.get_by_role("button", name="Verify in this browser").click()
        expect(page.locator("#verified")).to_contain_text("The signature of the root is valid for the key")
        rows = page.locator(".history li")
        expect(page.locator(".history .good")).to_have_count(rows.count())
        page.route("**/history.json", _altered)
        page.get_by_role("button", name="Verify in this browser").click()
        expect(page.locator("#verified")).to_contain_text("Verification failed: 1 of")
        expect(page.locator(".history .bad")).to_have_text("NOT as signed")
    assert faults == []


def _altered(route: Route) -> None:
    """The file with one letter of one leaf changed."""
    answer = route.fetch()
    body = answer.json()
    leaf = body["events"][0]["leaf"]
    body["events"][0]["leaf"] = leaf.replace("face_swap", "lip_sync") if "face_swap" in leaf else leaf + " "
    route.fulfill(response=answer, json=body)


def test_access_by_role_and_owner(console: Console) -> None:
    owner = console.person("register")
    entry_id = made(console, owner)
    colleague = console.person("lookup", key=owner.key)
    with _plain(console, colleague) as client:
        page = client.get(f"/console/entries/{entry_id}")
        assert page.status_code == 200
        assert "Telegram" not in page.text
        assert client.get("/console/entries").status_code == 403
        assert client.get(f"/console/entries/{entry_id}/proof.json").status_code == 403
    unfinished = waiting(console, owner)
    with _plain(console, console.person("register", "review", "admin")) as stranger:
        page = stranger.get(f"/console/entries/{entry_id}")
        assert page.status_code == 200
        assert not [text for text in ("Telegram", "La cara no gira", 'class="digest"') if text in page.text]
        assert stranger.get(f"/console/entries/{entry_id}/history.json").json()["events"] == []
        assert stranger.get(f"/console/entries/{entry_id}/proof.json").status_code == 403
        for path in ("", "/graph.svg", "/history.json", "/proof.json", "/claim-review.jsonld", "/media"):
            assert stranger.get(f"/console/entries/{unfinished}{path}").status_code == 404, path
        word = form_word(stranger.get("/console/entries").text)
        retried = stranger.post(f"/console/entries/{unfinished}/retry", data={"csrf": word})
        assert retried.status_code == 404
    with _plain(console, owner) as client:
        page = client.get(f"/console/entries/{entry_id}")
        assert "&lt;b&gt;1&lt;/b&gt;" in page.text
        drawn_ = client.get(f"/console/entries/{entry_id}/graph.svg")
        assert "sandbox" in drawn_.headers["content-security-policy"]
        proof = client.get(f"/console/entries/{entry_id}/proof.json")
        assert (proof.status_code, proof.headers["content-type"].startswith("application/")) == (200, True)
        review = client.get(f"/console/entries/{entry_id}/claim-review.jsonld").json()
        assert review["@graph"][0]["@type"] == "ClaimReview"
        assert client.get("/console/entries/not-an-id").status_code == 404
        assert client.get("/console/entries?after=nonsense").status_code == 400


def test_public_entries_of_a_bank_need_no_account(console: Console, stranger: Page) -> None:
    person = console.person("register", "admin")
    entry_id = made(console, person)
    refused = stranger.goto(f"/console/public/{entry_id}")
    assert refused is not None
    assert refused.status == 404
    published(console, person)
    stranger.goto(f"/console/public/{entry_id}")
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Concejala, cara cambiada <b>1</b>")
    review = json.loads(stranger.locator("script[type='application/ld+json']").text_content() or "")
    first = review["@graph"][0]
    assert (first["@type"], first["url"]) == ("ClaimReview", f"{console.url}/console/public/{entry_id}")
    assert first["name"] == "Concejala, cara cambiada <b>1</b>"
    page = stranger.content()
    assert not [text for text in ("Telegram", "video.example", "La cara no gira", "noindex") if text in page]
    with console.api(person.key) as client:
        stricter = {"policy": {"public_tier": "reviewed"}}
        assert client.patch("/v1/banks/default", json=stricter).status_code == 200
    stranger.reload()
    expect(stranger.get_by_text("404", exact=True)).to_be_visible()


def test_the_list_is_filtered(console: Console) -> None:
    person = console.person("register")
    made(console, person)
    with _plain(console, person) as client:
        assert "cara cambiada" in client.get("/console/entries?bank=default&status=matchable").text
        found = client.get("/console/entries?text=CONCEJALA+hotel&tier=unreviewed&since=2020-01-01").text
        assert ("cara cambiada" in found, "otra cara" in found) == (True, False)
        for nothing in ("status=withdrawn", "text=concejala+100%25", "until=2020-01-01", "tier=court_order"):
            assert "No matching entries" in client.get(f"/console/entries?{nothing}").text, nothing
        found = client.get("/console/entries?person=maria+n").text
        assert ("cara cambiada" in found, "otra cara" in found) == (True, False)
        for nothing in ("person=mario", "person=https%3A%2F%2Fexample.org"):
            assert "No matching entries" in client.get(f"/console/entries?{nothing}").text, nothing
        assert client.get(f"/console/entries?person={uuid4()}").status_code == 403
        kept = {"csrf": form_word(client.get("/console/entries").text), "name": "<i>", "tier": "reviewed"}
        client.post("/console/entries/views", data=kept | {"person": "María"})
        listed = client.get("/console/entries").text
        assert "/console/entries?tier=reviewed" in listed
        assert "person=Mar" not in listed
        assert client.post("/console/entries/views", data=kept | {"name": " "}).status_code == 400
        assert client.get("/console/entries?since=0000-99-99").status_code == 400
        assert client.get("/console/entries?bank=nobody").status_code == 404
    with _plain(console, console.person("register")) as client:
        assert "No entry yet" in client.get("/console/entries").text


def test_media_are_followed_while_they_are_read(console: Console, stranger: Page) -> None:
    person = console.person("register")
    entry_id = waiting(console, person)
    for name, value in person.cookies.items():
        stranger.context.add_cookies([{"name": name, "value": value, "url": console.url}])
    stranger.goto(f"/console/entries/{entry_id}")
    expect(stranger.get_by_role("progressbar")).to_have_count(2)
    with console.api(person.key) as client:
        assets = client.get(f"/v1/entries/{entry_id}").json()["assets"]
    for left, asset in zip((1, 0), assets, strict=True):
        work(console.started, asset["asset_id"], renamed(drawn.clip(str(uuid4())), asset["sha256"]))
        expect(stranger.get_by_role("progressbar")).to_have_count(left)
    expect(stranger.locator(".badges")).to_contain_text("Searchable")


def test_a_match_is_judged_and_its_entry_contested(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    filed_ = filed(console, console.organization(), "مقطع <i>")
    person = console.person("lookup", "review", password=True)
    with _plain(console, person) as client:
        word = {"csrf": form_word(client.get("/console/lookup").text)}
        text = json.dumps(to_document(filed_.found, faces=True))
        found = client.post("/console/lookup/document", data=word, files={"document": ("a.json", text)})
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        page.goto(found.headers["location"])
        page.get_by_role("link", name="confirm, deny or contest this match").click()
        page.get_by_role("button", name="The match is right").click()
        expect(page.get_by_role("status").first).to_contain_text("Your opinion is saved")
        expect(page.get_by_text("You say: the match is right.")).to_be_visible()
        page.goto(f"/console/review/{filed_.entry_id}")
        page.get_by_role("button", name="The match is wrong").click()
        expect(page).to_have_url(re.compile("/console/review/"))
        expect(page.get_by_text("You say: the match is wrong.")).to_be_visible()
        page.wait_for_load_state()
        page.keyboard.press("d")
        page.get_by_label("It is satire").check()
        page.get_by_label("The author").check()
        page.get_by_label("Your objection").fill(SCRIPT)
        console.expire(person)
        page.get_by_role("button", name="Open the dispute").click()
        page.get_by_label("Name or email address").fill(person.sign_in_name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.get_by_role("button", name="Show my form").click()
        expect(page.get_by_label("The author")).to_be_checked()
        page.get_by_role("button", name="Open the dispute").click()
        expect(page.get_by_role("status").first).to_contain_text("it is decided")
        expect(page.get_by_text(SCRIPT)).to_be_visible()
    assert faults == []
    with console.api(person.key) as client:
        refused = client.post(
            f"/v1/entries/{filed_.entry_id}/disputes",
            json={"kind": "satire", "standing": "author", "statement": "again"},
        )
    assert refused.status_code in {404, 409}
