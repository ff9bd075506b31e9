"""Two reviewers' day, by keys, from what waits to the ledger, on a whole service."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx2
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from registry.console.languages import Words
from tests.browser.conftest import PATIENCE, served
from tests.support.browser.accessibility import axe
from tests.support.browser.console import Person, Site, sign_in, walked
from tests.support.browser.footage import clips
from tests.support.reviewers import contest
from tests.support.service.stack import Stack
from tests.support.story import until
from tests.support.takedown.endpoints import endpoint, says

SCENES: Final = {"fr": "stereo_motorcycle", "ar": "hubble_deep_field"}
DIGITS: Final = {"fr": "&é\"'", "ar": "١٢٣٤"}
"""What the keys 1 to 4 write without Shift, on the keyboards of these languages."""
TITLE: Final = "La conseillère «démissionne» 🎭 استقالة <script>window.hurt = 1</script>"
OTHER: Final = "Même salle, autre visage “✂”"
WHY: Final = "Vu à côté de l’original <script>window.hurt = 1</script> j k ?"
SATIRE: Final = "C’est un sketch de notre théâtre. <img src=x onerror='window.hurt = 1'>"
HEARD: Final = ("entry.reviewed", "entry.suspended", "entry.restored")
VIEW: Final = "Élections <i> انتخابات"


@dataclass
class Seat:
    """A reviewer before a page in their language, with its keyboard."""

    page: Page
    words: Words
    person: Person
    accessible: bool

    def text(self, message: str) -> str:
        return self.words.text(message)

    def key(self, *names: str) -> None:
        """Press keys, once the page is there; digits as this keyboard writes them."""
        for name in names:
            self.page.wait_for_load_state()
            if name in "1234":
                payload = {"key": DIGITS[self.words.language][int(name) - 1], "code": f"Digit{name}"}
                self.page.locator(":focus, body").last.dispatch_event("keydown", {**payload, "bubbles": True})
            else:
                self.page.keyboard.press(name)

    def told(self, message: str) -> None:
        expect(self.page.get_by_role("status").first).to_contain_text(self.text(message))

    def at(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)

    def look_at(self) -> None:
        """By axe's rules, where the policy of the page lets axe in; and no script has run."""
        if self.accessible:
            axe(self.page)
        assert self.page.evaluate("window.hurt") is None

    def row(self, title: str) -> Locator:
        return self.page.locator("[data-row]").filter(has_text=title)

    def has(self, text: str) -> None:
        expect(self.page.get_by_text(self.text(text)).first).to_be_visible()


@dataclass(frozen=True)
class Case:
    """What waits: `mark` stands in both titles; the `swap` with its original, and an `other` swap of the same
    footage; the key of its owner, and of others who take part."""

    site: Site
    mark: str
    owner: str
    abroad: str
    swap: str
    other: str


def _case(site: Site, files: dict[str, Path]) -> Case:
    """Registered by a program of the owner's, and read by the workers."""
    mark = f"n{uuid4().hex[:8]}"
    owner, abroad = site.organization(f"Example {mark} <b>"), site.organization()
    with site.api(owner) as client:
        found = [
            _registered(client, f"{title} {mark}", **{role: files[name] for role, name in media.items()})
            for title, media in (
                (TITLE, {"fake": "fake", "original": "original"}),
                (OTHER, {"fake": "other"}),
            )
        ]
        for entry_id in found:
            until(partial(_is_read, client, entry_id), 240)
    return Case(site, mark, owner, abroad, *found)


def _is_read(client: httpx2.Client, entry_id: str) -> bool:
    """Whether it answers lookups, and what is like it has been looked for."""
    found: bool = client.get(f"/v1/entries/{entry_id}").json()["status"] == "matchable"
    return found and not client.get(f"/v1/entries/{entry_id}/related").json()["pending"]


def _registered(client: httpx2.Client, title: str, **media: Path) -> str:
    sent = [(role, (path.name, path.read_bytes())) for role, path in media.items()]
    payload = {"title": title, "manipulation": "face_swap", "claim": "Elle s’en va."}
    made = client.post("/v1/entries", files=sent, data=payload)
    assert made.status_code == 201, made.text
    entry_id: str = made.json()["entry_id"]
    return entry_id


@pytest.mark.timeout(900)
@pytest.mark.parametrize("language", walked(SCENES, "fr"))
def test_a_day(private_service: Stack, site: Site, patient: Browser, tmp_path: Path, language: str) -> None:
    faults: list[str] = []
    files = clips(tmp_path, SCENES[language])
    case = _case(site, files)
    rosa = site.person("review", "lookup", "admin", key=case.owner, name="Rosa <b>", password=True)
    salma = site.person("review", "lookup", key=case.abroad, name="سلمى", password=True)
    how: dict[str, Any] = {"locale": language, "bypass_csp": language == "ar"}
    with (
        endpoint(says(200)) as there,
        site.context(patient, **how) as one,
        site.context(patient, **how) as two,
    ):
        with site.api(case.owner) as client:
            hook = {"url": there.url(), "kinds": list(HEARD)}
            assert client.post("/v1/webhooks", json=hook).status_code == 201
        for window in (one, two):
            window.set_default_timeout(PATIENCE)
        seats = [
            Seat(served(window.new_page(), faults), Words(language, area="review"), who, language == "ar")
            for window, who in ((one, rosa), (two, salma))
        ]
        _arrive(case, *seats)
        _one_is_first(case, *seats)
        _alone_is_not_enough(case, seats[0])
        _the_second_agrees(case, *seats)
        _a_dispute_is_decided(case, *seats)
        _it_is_on_record(case, seats[0])
        _others_are_told(seats[0], there.url())
        assert {json.loads(body)["type"] for body in there.bodies()} == set(HEARD)
    assert faults == []
    _holds_outside(private_service, case, (rosa, salma), files["shared"])


def _arrive(case: Case, rosa: Seat, salma: Seat) -> None:
    """They sign in, look for what is theirs, and one keeps that view."""
    for seat in (rosa, salma):
        seat.page.goto("/console/review")
        sign_in(seat.page, seat.person, seat.words)
        seat.at(seat.text("Review queue"))
        seat.key("s")
        seat.page.keyboard.type(case.mark)
        seat.page.keyboard.press("Enter")
        expect(seat.page).to_have_url(re.compile(case.mark))
        expect(seat.page.locator("[data-row]")).to_have_count(2)
    page = rosa.page
    page.locator("#f-bank").select_option(_bank(case))
    page.locator("#f-tier").select_option("unreviewed")
    page.locator("#f-since").fill("2020-01-01")
    page.locator("#f-since").press("Enter")
    expect(page).to_have_url(re.compile("tier=unreviewed"))
    page.get_by_text(rosa.text("Save this view")).click()
    page.get_by_label(rosa.text("Name of the view")).fill(VIEW)
    page.keyboard.press("Enter")
    rosa.told("The view is saved with your account.")
    rosa.look_at()
    page.goto("/console/review")
    rosa.key("4")
    expect(page.get_by_role("link", name=VIEW)).to_have_attribute("aria-current", "page")
    expect(page.locator("[data-row]")).to_have_count(2)


def _bank(case: Case) -> str:
    with case.site.api(case.owner) as client:
        banks = client.get("/v1/banks").json()["banks"]
    return next(str(bank["bank_id"]) for bank in banks if bank["own"])


def _one_is_first(case: Case, rosa: Seat, salma: Seat) -> None:
    """Rosa looks at the swap beside its original and what is near, and takes it; Salma is told so."""
    page = rosa.page
    rosa.key("j", "Enter")
    rosa.at(f"{TITLE} {case.mark}")
    beside = page.locator("article.pair").first
    near = page.locator("article.pair", has=page.get_by_role("link", name=f"{OTHER} {case.mark}")).first
    expect(beside).to_contain_text(rosa.text("The faces differ."))
    expect(near).to_contain_text(rosa.text("Same footage, another face"))
    for pair in (beside, near):
        expect(pair.locator("svg.spans")).to_be_visible()
        expect(pair.locator(".preview img.blurred").nth(1)).to_be_visible()
    rosa.look_at()
    beside.locator(".preview button").first.press("Enter")
    expect(page.get_by_text(rosa.text("Shown. This is on record."))).to_be_visible()
    rosa.key("c")
    rosa.told("You have claimed the entry. Nobody else can decide on it until your claim ends.")
    salma.page.reload()
    expect(salma.row(TITLE)).to_contain_text(salma.text("Claimed by another"))
    salma.key("j", "Enter")
    salma.has("Another reviewer has claimed this entry. Choose another one, or wait.")
    salma.key("c")
    expect(salma.page.locator("form[action$='/decide']")).to_have_count(0)
    rosa.key("x")
    rosa.told("You have released the entry.")
    rosa.key("j", "c")
    _says_yes(case, rosa)


def _says_yes(case: Case, seat: Seat) -> None:
    """That it is what it says, in one's own words, of what one has claimed. That not all
    of its pictures were shown clearly is asked about first. One is where one came from."""
    seat.told("You have claimed the entry. Nobody else can decide on it until your claim ends.")
    seat.key("1")
    expect(seat.page.locator("[name=decision][value=approve]")).to_be_checked()
    seat.key("w")
    seat.page.keyboard.type(WHY)
    seat.key("Control+Enter")
    expect(seat.page.locator("[name=unseen]")).to_be_focused()
    expect(seat.page.locator("[name=reason]")).to_have_value(WHY)
    seat.page.keyboard.press("Space")
    seat.key("Control+Enter")
    seat.told("Your decision is recorded.")
    expect(seat.page).to_have_url(re.compile(f"/review\\?.*{case.mark}"))
    expect(seat.row(TITLE)).to_have_count(0)


def _alone_is_not_enough(case: Case, rosa: Seat) -> None:
    """Who has said it once may say it again, and is still one."""
    rosa.page.goto(f"/console/review/{case.swap}?list=text%3D{case.mark}")
    expect(rosa.page.locator("aside")).to_contain_text(
        rosa.words.text(
            "You have already decided: “%(act)s”. A new decision replaces it. The second approval has "
            "to come from another person.",
            act=rosa.text("Approve"),
        )
    )
    rosa.key("c")
    _says_yes(case, rosa)
    found = _review(case, case.swap)
    assert (found["tier"], found["own_tier"]) == ("unreviewed", "unreviewed")


def _review(case: Case, entry_id: str) -> dict[str, Any]:
    with case.site.api(case.owner) as client:
        found: dict[str, Any] = client.get(f"/v1/reviews/{entry_id}").json()
    return found


def _the_second_agrees(case: Case, rosa: Seat, salma: Seat) -> None:
    """Another organization's program has found it, its reviewer confirms the match, then the entry."""
    sha256 = next(
        medium["sha256"] for medium in _review(case, case.swap)["media"] if medium["role"] == "fake"
    )
    with case.site.api(case.abroad) as client:
        body = client.post("/v1/lookups", json={"type": "sha256", "sha256": sha256}).json()
    page = salma.page
    page.goto(f"/console/lookup/{body['lookup_id']}")
    salma.at(salma.text("Related: a person decides"))
    page.locator(".match").filter(has_text=case.mark).get_by_role(
        "link", name=salma.text("Open the entry to confirm, deny or contest this match")
    ).click()
    page.get_by_role("button", name=salma.text("The match is right")).click()
    salma.has("You say: the match is right.")
    page.goto(f"/console/review?text={case.mark}")
    salma.key("j", "Enter")
    salma.at(f"{TITLE} {case.mark}")
    expect(page.locator(".eyes li").first).to_contain_text(f"Example {case.mark} <b>")
    salma.look_at()
    salma.key("c")
    _says_yes(case, salma)
    rosa.page.goto("/console/review")
    rosa.key("4")
    expect(rosa.row(OTHER)).to_have_count(1)
    expect(rosa.row(TITLE)).to_have_count(0)


def _a_dispute_is_decided(case: Case, rosa: Seat, salma: Seat) -> None:
    """Whoever made the other swap says that it is satire: its owner is a party, another decides."""
    with case.site.api(case.site.organization()) as author:
        assert contest(author, case.other, statement=SATIRE).status_code == 201
    for seat in (rosa, salma):
        seat.page.reload()
        expect(seat.row(OTHER)).to_contain_text(seat.text("Contested"))
        seat.key("j", "Enter")
        seat.at(f"{OTHER} {case.mark}")
        seat.page.get_by_role("link", name=seat.text("It is satire")).click()
        seat.has(SATIRE)
    rosa.has("Your organization is a party to it.")
    salma.key("c")
    salma.told("You have claimed the entry. Nobody else can decide on it until your claim ends.")
    salma.key("3")
    expect(salma.page.locator("[name=decision][value=reject]")).to_be_checked()
    salma.key("r")
    expect(salma.page.locator("[name=reason_code]")).to_be_focused()
    salma.page.locator("[name=reason_code]").select_option("not_shown")
    salma.page.keyboard.press("Escape")
    salma.key("w")
    salma.page.keyboard.type(WHY)
    salma.look_at()
    salma.key("Control+Enter")
    salma.told("Your decision on the dispute is recorded.")
    salma.has(WHY)


def _it_is_on_record(case: Case, rosa: Seat) -> None:
    """The entry's page says what became of it, and proves it."""
    page = rosa.page
    page.goto(f"/console/entries/{case.swap}")
    expect(page.locator(".badges")).to_contain_text(rosa.text("Reviewed"))
    expect(page.locator(".history").get_by_text(rosa.text("A reviewer decided"), exact=True)).to_have_count(3)
    until(lambda: _verified(rosa))


def _verified(seat: Seat) -> bool:
    """Whether all is signed by now, as the page itself finds."""
    seat.page.reload()
    seat.page.locator("summary", has=seat.page.locator("#h-history")).click()
    seat.page.get_by_role("button", name=seat.text("Verify in this browser")).press("Enter")
    expect(seat.page.locator("#verified")).to_have_class(re.compile("good|late"))
    return seat.page.locator(".history .good").count() == seat.page.locator(".history li").count() > 0


def _others_are_told(rosa: Seat, address: str) -> None:
    """The address that the organization has told hears of it, as who administers sees."""
    page = rosa.page
    page.goto("/console/admin/webhooks")
    page.get_by_role("link", name=address).click()
    rosa.at(address)
    for kind in HEARD:
        row = (
            page.get_by_role("row")
            .filter(has_text=kind)
            .filter(has_text=rosa.text("The endpoint accepted it."))
        )
        until(partial(_there, row))
    rosa.look_at()


def _there(row: Locator) -> bool:
    """Whether it is there by now; if not, the page is asked again."""
    found = row.count() > 0
    if not found:
        row.page.reload()
    return found


def _holds_outside(service: Stack, case: Case, people: tuple[Person, Person], shared: Path) -> None:
    """What was decided, by the API and the command line: the tiers, who said what, and what others see."""
    found = _review(case, case.swap)
    tiers = ("tier", "own_tier", "original_tier", "own_original_tier")
    assert {found[name] for name in tiers} == {"reviewed"}
    other = _review(case, case.other)
    assert (other["status"], other["tier"]) == ("matchable", "unreviewed")
    rosa, salma = (_caller(case, person) for person in people)
    by = [(item["kind"], item["caller_id"]) for item in _history(service, case, case.swap)]
    assert [who for kind, who in by if kind == "review.decided"] == [rosa, rosa, salma]
    assert [who for kind, who in by if kind == "asset.revealed"] == [rosa]
    assert [who for kind, who in by if kind == "entry.reviewed"] == [salma]
    by = [(item["kind"], item["caller_id"]) for item in _history(service, case, case.other)]
    assert [who for kind, who in by if kind == "dispute.decided"] == [salma]
    asked = service.fakeprint(
        "lookup", shared, "--upload", "--json", FAKEPRINT_KEY=case.site.organization()
    ).line
    assert (asked["verdict"], asked["matches"][0]["entry_id"]) == ("known_fake", case.swap)


def _caller(case: Case, person: Person) -> str:
    with case.site.api(person.key) as client:
        listed = client.get("/v1/accounts").json()["accounts"]
    return next(str(account["caller_id"]) for account in listed if account["account_id"] == person.account_id)


def _history(service: Stack, case: Case, entry_id: str) -> list[dict[str, Any]]:
    done = service.fakeprint("ledger", "history", entry_id, "--json", FAKEPRINT_KEY=case.owner)
    assert done.status == 0, done.stdout + done.stderr
    found: list[dict[str, Any]] = done.line["events"]
    return found
