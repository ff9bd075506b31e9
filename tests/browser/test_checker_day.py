"""A fact-checker's day, from a clip that nobody knows to a page for everybody, on a whole service."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, expect

from registry.catalogue.previews.model import BLURRED_LENGTHS
from registry.console.languages import Words
from tests.browser.conftest import PATIENCE, served
from tests.support.browser.accessibility import axe
from tests.support.browser.console import Person, Site, sign_in, walked
from tests.support.browser.footage import clips
from tests.support.service.stack import Stack
from tests.support.story import until

FEW: Final = max(BLURRED_LENGTHS)
"""Pixels at most of a side of a blurred picture."""
SCENES: Final = {"es": "rocket", "ar": "immunohistochemistry"}
TITLE: Final = "La consejera «dimite» 🎭 استقالة <script>window.hurt = 1</script>"
CLAIM: Final = "Dice: «me voy» / أعلنت استقالتها <img src=x onerror='window.hurt = 1'>"
SEEN: Final = "2026-01-31 Telegram\nhttps://video.example/watch?v=1"
EVIDENCE: Final = "La cara no gira con la cabeza.\n</p><script>window.hurt = 1</script>"
CHECKED: Final = "https://verificadores.example/dimision"
VICTIM: Final = "Dolores Ibáñez 🌹 <i>"
EARLIER: Final = "Otra cara, la misma sala “✂”"


@dataclass
class Day:
    """A page in a language, who sits before it, and the files."""

    page: Page
    words: Words
    person: Person
    files: dict[str, Path]
    accessible: bool

    def text(self, message: str) -> str:
        """As the area says it in which the page is."""
        area = self.page.url.partition("/console/")[2].partition("?")[0].partition("/")[0]
        return self.words.within(area).text(message)

    def look_at(self) -> None:
        """By axe's rules, where the policy of the page lets axe in; and no script has run."""
        if self.accessible:
            axe(self.page)
        assert self.page.evaluate("window.hurt") is None

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=self.text(name), exact=True).click()

    def says(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(self.text(heading))


@pytest.mark.main
@pytest.mark.timeout(900)
@pytest.mark.parametrize("language", walked(SCENES, "ar"))
def test_a_day(private_service: Stack, site: Site, patient: Browser, tmp_path: Path, language: str) -> None:
    faults: list[str] = []
    person = site.person("lookup", "register", key=site.organization(), name="Vera <b>", password=True)
    how: dict[str, Any] = {"locale": language, "bypass_csp": language == "ar"}
    with site.context(patient, timezone_id="Europe/Madrid", **how) as context:
        context.set_default_timeout(PATIENCE)
        page = served(context.new_page(), faults)
        day = Day(page, Words(language), person, clips(tmp_path, SCENES[language]), language == "ar")
        _begins(day)
        earlier = _meanwhile(site, day)
        _registers(day)
        entry = page.url
        _finds_a_copy(day, earlier)
        _finds_the_original(day)
        kept = _reads_the_entry(day, entry, tmp_path)
        public = _shows_everybody(site, day, entry)
        with site.context(patient, locale=language) as elsewhere:
            _anybody_reads(served(elsewhere.new_page(), faults), public)
    assert faults == []
    _holds_outside(private_service, day, entry.rpartition("/")[2], kept)


def _ask(day: Day, name: str, *, faces: bool = False) -> None:
    """Look a file up, hashed in the browser."""
    page, sent = day.page, []
    page.on("request", lambda item: sent.append(item.url) if item.method == "POST" else None)
    page.get_by_label(day.text("Picture, video or sound")).set_input_files(day.files[name])
    if faces:
        page.get_by_label(day.text("Compare faces too")).check()
    day.press("Look up")
    expect(page.locator("#answer")).to_be_visible()
    assert {item.rpartition("/console/")[2] for item in sent} == {"lookup/document"}


def _begins(day: Day) -> None:
    """Somebody sends her a clip that nobody knows."""
    page = day.page
    page.goto("/console/lookup")
    sign_in(page, day.person, day.words)
    day.says("Is this a known fake?")
    day.look_at()
    _ask(day, "shared")
    day.says("Not found by the quick check")
    page.get_by_role("link", name=day.text("You know that it is a fake? Register it")).click()
    day.says("Register a known fake")


def _meanwhile(site: Site, day: Day) -> str:
    """A colleague registers another swap of the same footage."""
    with site.api(day.person.key) as client:
        sent = {"fake": ("a.mp4", day.files["other"].read_bytes())}
        payload = {"title": EARLIER, "manipulation": "face_swap"}
        made = client.post("/v1/entries", files=sent, data=payload)
        assert made.status_code == 201, made.text
        entry_id: str = made.json()["entry_id"]
        until(lambda: client.get(f"/v1/entries/{entry_id}").json()["status"] == "matchable", 240)
    return entry_id


def _registers(day: Day) -> None:
    page, files = day.page, day.files
    page.get_by_label(day.text("The fake, one file or several")).set_input_files(
        [files["fake"], files["turned"]]
    )
    page.get_by_label(day.text("The original")).set_input_files(files["original"])
    page.locator("[name=title]").fill(TITLE)
    page.locator("[name=claim]").fill(CLAIM)
    page.locator("#f-language").select_option("es")
    page.locator("[name=manipulation][value=face_swap]").check()
    page.locator("[name=seen]").fill(SEEN)
    page.locator("[name=references]").fill(CHECKED)
    page.locator("[name=evidence]").fill(EVIDENCE)
    page.locator("[name=depicted]").fill(VICTIM)
    day.press("Register")
    near = page.locator(".near")
    one = day.words.several(
        "%(count)s entry is similar to these files", "%(count)s entries are similar to these files", 1
    )
    expect(near).to_contain_text(one)
    expect(near).to_contain_text(day.text("same footage, another face"))
    page.get_by_label(day.words.text("Of “%(title)s”", title=EARLIER)).check()
    day.look_at()
    day.press("Register anyway")
    expect(page.get_by_role("status").first).to_contain_text(
        day.text("Registered. Its files are being read. After that, lookups find it.")
    )
    expect(page.locator(".badges")).to_contain_text(day.text("Searchable"))
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)


def _finds_a_copy(day: Day, earlier: str) -> None:
    """As messengers hand it on: the fake, its seconds, its original, and pictures of both."""
    page, words = day.page, day.words
    page.goto("/console/lookup")
    _ask(day, "shared", faces=True)
    day.says("Known fake")
    match = page.locator(".match").filter(has_text=day.text("A copy of the fake")).first
    expect(match.get_by_role("heading", level=2)).to_have_text(TITLE)
    one = words.several("%(count)s part is the same", "%(count)s parts are the same", 1)
    expect(match.get_by_role("img", name=one)).to_be_visible()
    expect(match.locator(".timeline .stretch").first).to_be_visible()
    expect(match.locator("tr[data-query]").first).to_be_visible()
    expect(match.get_by_text(day.text("Its original is registered too."))).to_be_visible()
    blurred = match.locator(".preview:has(img.blurred)").first
    expect(blurred).to_be_visible()
    large = "one => Math.max(one.naturalWidth || one.width, one.naturalHeight || one.height)"
    assert blurred.locator("img").evaluate(large) <= FEW
    assert "image/jpeg" not in page.content()
    own = match.locator("figure.own canvas.blurred").first
    expect(own).to_be_visible()
    assert own.evaluate(large) <= FEW
    day.look_at()
    blurred.get_by_role("button").click()
    expect(match.get_by_text(day.text("Shown. This is on record."))).to_be_visible()
    clear = match.locator(".preview img[src^='data:image/jpeg']")
    expect(clear).to_have_count(1)
    assert clear.evaluate(large) > 4 * FEW


def _finds_the_original(day: Day) -> None:
    """The genuine recording, broadcast: never called a fake."""
    page = day.page
    page.get_by_role("link", name=day.text("Look up something else")).click()
    _ask(day, "broadcast", faces=True)
    day.says("Genuine original")
    answer = page.locator("#answer")
    expect(answer.locator(".match").first).to_contain_text(day.text("The genuine original"))
    expect(answer.get_by_text(day.text("Known fake"), exact=True)).to_have_count(0)


def _reads_the_entry(day: Day, entry: str, folder: Path) -> Path:
    """All of it, and its history proved; the file with the proofs."""
    page = day.page
    page.goto(entry)
    page.locator("summary", has=page.locator("#h-kin")).click()
    like = page.locator(".lineage .kin .node").filter(has_text=EARLIER)
    expect(like.get_by_role("link", name=EARLIER)).to_be_visible()
    expect(like).to_contain_text(day.text("same footage, another face"))
    for text in (VICTIM, "Telegram", "La cara no gira con la cabeza."):
        expect(page.get_by_text(text)).to_be_visible()
    expect(page.get_by_role("link", name=CHECKED)).to_be_visible()
    until(lambda: _verified(day))
    day.look_at()
    with page.expect_download() as download:
        page.get_by_role("link", name=day.text("File with the proofs")).click()
    kept = folder / "history.json"
    download.value.save_as(kept)
    return kept


def _verified(day: Day) -> bool:
    """Whether all is signed by now, as the page itself finds."""
    day.page.reload()
    day.page.locator("summary", has=day.page.locator("#h-history")).click()
    day.press("Verify in this browser")
    expect(day.page.locator("#verified")).to_have_class(re.compile("good|late"))
    return day.page.locator(".history .good").count() == day.page.locator(".history li").count() > 0


def _shows_everybody(site: Site, day: Day, entry: str) -> str:
    """Whoever administers opens pages for everybody, of what nobody has reviewed yet as well."""
    page = day.page
    address = entry.replace("/entries/", "/public/")
    expect(page.get_by_role("link", name=address)).to_have_count(0)
    with site.api(day.person.key) as client:
        payload = {"policy": {"public_tier": "unreviewed"}}
        assert client.patch("/v1/banks/default", json=payload).status_code == 200
    page.reload()
    page.get_by_role("link", name=address).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    day.look_at()
    return page.url


def _anybody_reads(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    body = json.loads(page.locator("script[type='application/ld+json']").text_content() or "")
    first = body["@graph"][0]
    assert (first["@type"], first["url"], first["claimReviewed"]) == ("ClaimReview", address, CLAIM)
    shown = page.content()
    assert [item for item in ("Telegram", VICTIM, "La cara no gira") if item in shown] == []
    assert page.evaluate("window.hurt") is None


def _holds_outside(service: Stack, day: Day, entry_id: str, kept: Path) -> None:
    """What the pages said, from the command line."""

    def run(*values: str | Path) -> dict[str, Any]:
        done = service.fakeprint(*values, "--json", FAKEPRINT_KEY=day.person.key)
        assert done.status == 0, done.stdout + done.stderr
        return done.line

    entry = run("entries", entry_id)
    assert (entry["title"], entry["claim"], entry["language"]) == (TITLE, CLAIM, "es")
    assert (entry["status"], entry["tier"], entry["manipulation"]) == ("matchable", "unreviewed", "face_swap")
    kinds = [event["kind"] for event in run("ledger", "history", entry_id)["events"]]
    assert (kinds.count("asset.fingerprinted"), kinds.count("asset.revealed")) == (3, 1)
    assert sorted(asset["role"] for asset in entry["assets"]) == ["fake", "fake", "original"]
    assert [item["name"] for item in entry["depicted"]] == [VICTIM]
    assert [variant["title"] for variant in entry["variants"] if variant["entry_id"] != entry_id] == [EARLIER]
    for name, verdict in (("shared", "known_fake"), ("broadcast", "authentic_original")):
        found = run("lookup", day.files[name], "--upload")
        assert (found["verdict"], found["matches"][0]["entry_id"]) == (verdict, entry_id), name
    key = run("ledger", "show")["keys"][0]["key"]
    checked = service.fakeprint("verify", kept, "--key", key)
    assert checked.status == 0, checked.stdout + checked.stderr
