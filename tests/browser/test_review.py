"""The review queue in a browser: by keys, without scripts, two reviewers on one entry, disputes."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
from playwright.sync_api import Browser, FilePayload, Page, expect

from registry.catalogue.fingerprints.model.document import to_document
from tests.browser.conftest import watched
from tests.browser.shots.review import TITLE, disputed, filed
from tests.support.browser.accessibility import axe
from tests.support.browser.console import PASSWORD, Console, Person, form_word
from tests.support.claims import end_claim
from tests.support.media import drawn, faked
from tests.support.reviewers import contest
from tests.support.steps import relate, renamed


def _window(console: Console, person: Person) -> httpx2.Client:
    """What somebody sends without a browser."""
    return httpx2.Client(base_url=console.url, cookies=dict(person.cookies), timeout=60, trust_env=False)


def _queue(console: Console, key: str) -> str:
    """What waits in the organization's own bank: others' banks answer it too."""
    with console.api(key) as client:
        own = next(bank for bank in client.get("/v1/banks").json()["banks"] if bank["own"])
    return f"/console/review?bank={own['bank_id']}"


def _typed(page: Page, name: str) -> str:
    return page.get_by_label(name).input_value()


def test_a_reviewer_decides_by_keys(
    console: Console, browser: Browser, faults: list[str], stranger: Page
) -> None:
    key = console.organization()
    entries = [filed(console, key, f"{TITLE} {at}").entry_id for at in (1, 2)]
    person = console.person("review", key=key)
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/")
        page.get_by_role("link", name="Entries to review").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Review queue")
        page.goto(_queue(console, key))
        expect(page.locator("[data-row]")).to_have_count(2)
        page.keyboard.press("?")
        expect(page.get_by_text("Use these keys in this browser")).to_be_visible()
        page.keyboard.press("j")
        page.keyboard.press("j")
        expect(page.locator(f"a[data-item][href*='{entries[1]}']")).to_be_focused()
        page.keyboard.press("k")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(f"{TITLE} 1")
        page.wait_for_load_state()
        page.keyboard.press("j")
        expect(page).to_have_url(re.compile(entries[1]))
        page.wait_for_load_state()
        page.keyboard.press("k")
        expect(page).to_have_url(re.compile(entries[0]))
        page.wait_for_load_state()
        page.keyboard.press("c")
        expect(page.get_by_role("status").first).to_contain_text("You have claimed the entry")
        page.wait_for_load_state()
        page.keyboard.press("2")
        expect(page.get_by_label("Reject")).to_be_checked()
        page.get_by_role("button", name="Decide", exact=True).click()
        expect(page.get_by_role("alert").first).to_contain_text("Choose a reason")
        page.wait_for_load_state()
        expect(page.get_by_label("Reject")).to_be_checked()
        page.keyboard.press("1")
        page.keyboard.press("w")
        page.keyboard.type("Seen <script>alert(1)</script> j k ?")
        page.get_by_role("button", name="Decide", exact=True).click()
        # Nobody has looked at its pictures: the first sending asks, and says so for good.
        expect(page.get_by_role("alert").first).to_contain_text("have not looked at all pictures")
        page.wait_for_load_state()
        expect(page.get_by_role("radio", name="Approve")).to_be_checked()
        page.get_by_label("Approve without having looked").check()
        page.get_by_role("button", name="Decide", exact=True).click()
        expect(page.get_by_role("status").first).to_contain_text("decision is recorded")
        page.goto(_queue(console, key))
        expect(page.locator("[data-row]")).to_have_count(1)
        page.goto(f"/console/review/{entries[0]}")
        expect(page.get_by_text("Seen <script>alert(1)</script> j k ?")).to_be_visible()
        expect(page.get_by_text("without looking at the pictures of 1 file")).to_be_visible()
        page.get_by_text("Keys", exact=False).first.click()
        page.get_by_label("Use these keys in this browser").uncheck()
        page.keyboard.press("u")
        page.reload()
        page.keyboard.press("u")
        expect(page).to_have_url(re.compile(entries[0]))
    assert faults == []


def test_the_decision_stays_in_view(console: Console, browser: Browser, faults: list[str]) -> None:
    """On a small laptop the panel and its button, on a phone a link to them."""
    key = console.organization()
    entry_id = filed(console, key).entry_id
    person = console.person("review", key=key)
    with console.context(browser, person, viewport={"width": 1366, "height": 620}) as context:
        page = watched(context.new_page(), faults)
        page.goto(f"/console/review/{entry_id}")
        page.get_by_role("button", name="Claim", exact=True).click()
        decide = page.get_by_role("button", name="Decide", exact=True)
        expect(decide).to_be_in_viewport()
        page.get_by_role("heading", name="Decisions so far").scroll_into_view_if_needed()
        expect(decide).to_be_in_viewport()
        page.get_by_label("Reason").focus()
        expect(page.get_by_label("Reason")).to_be_in_viewport()
        expect(decide).to_be_in_viewport()
        page.set_viewport_size({"width": 390, "height": 700})
        page.evaluate("scrollTo(0, 0)")
        expect(decide).not_to_be_in_viewport()
        page.get_by_role("link", name="Your decision").click()
        expect(page.get_by_role("radio", name="Approve")).to_be_in_viewport()
    assert faults == []


def test_a_reviewer_sees_where_the_fake_and_its_original_differ(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    key = console.organization()
    pair = {"fakes": faked.clip("swapped", file="fake"), "originals": faked.clip("genuine", file="own")}
    body: dict[str, Any] = {role: [to_document(item, faces=False)] for role, item in pair.items()}
    with console.api(key) as client:
        made = client.post("/v1/entries", json={"title": "A swap", "manipulation": "face_swap", **body})
    assert made.status_code == 201, made.text
    entry_id = made.json()["entry_id"]
    with console.started.service() as service:
        relate(service, UUID(entry_id))
    with console.context(browser, console.person("review", key=key), bypass_csp=True) as context:
        page = watched(context.new_page(), faults)
        page.goto(f"/console/review/{entry_id}")
        figure = page.locator(".pair .differing")
        drawing = figure.get_by_role("img", name="Map of the picture: the marked cells differ")
        expect(drawing).to_be_visible()
        assert drawing.locator("rect.like-differs").count() > 20
        expect(figure).to_contain_text("The fake and its original differ in")
        axe(page)
    assert faults == []


def test_two_reviewers_on_one_entry_without_scripts(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    key = console.organization()
    entry_id = filed(console, key, "مقطع <i>").entry_id
    first, second = (
        console.person("review", key=key, password=True),
        console.person("review", key=key, password=True),
    )
    with (
        console.context(browser, first, java_script_enabled=False) as one,
        console.context(browser, second, java_script_enabled=False, locale="es") as two,
    ):
        mine, theirs = watched(one.new_page(), faults), watched(two.new_page(), faults)
        waiting = _queue(console, key)
        mine.goto(f"{waiting}&claimed=none")
        theirs.goto(waiting)
        mine.get_by_role("button", name="Claim “مقطع <i>”").click()
        expect(mine.get_by_role("status").first).to_contain_text("You have claimed the entry")
        theirs.get_by_role("button", name="Tomar «مقطع <i>»").click()
        expect(theirs.get_by_role("alert")).to_contain_text("Otro revisor ha tomado esta entrada")
        expect(theirs.get_by_text("claimed_by_another")).to_be_visible()
        expect(theirs.get_by_role("button", name="Decidir")).to_have_count(0)
        mine.get_by_text("Court order", exact=True).click()
        mine.get_by_role("radio", name="Approve").check()
        mine.get_by_label("In your words").fill("long ÿ\nwork")
        # The lease ends, the other one takes it; then the session ends too.
        with console.started.service() as service:
            end_claim(service, entry_id)
        console.expire(first)
        mine.get_by_role("button", name="Decide", exact=True).click()
        mine.get_by_label("Name or email address").fill(first.sign_in_name)
        mine.get_by_label("Password").fill(PASSWORD)
        mine.get_by_role("button", name="Sign in", exact=True).click()
        mine.get_by_role("button", name="Show my form").click()
        assert _typed(mine, "In your words") == "long ÿ\nwork"
        mine.get_by_role("button", name="Claim it again and keep my text").click()
        assert _typed(mine, "In your words") == "long ÿ\nwork"
        expect(mine.get_by_role("radio", name="Approve")).to_be_checked()
        mine.get_by_role("button", name="Decide", exact=True).click()
        mine.get_by_label("Approve without having looked").check()
        assert _typed(mine, "In your words") == "long ÿ\nwork"
        mine.get_by_role("button", name="Decide", exact=True).click()
        expect(mine.get_by_role("status").first).to_contain_text("decision is recorded")
        theirs.goto(waiting)
        theirs.get_by_role("button", name="Tomar").click()
        expect(theirs.locator(".eyes li").first).to_contain_text("Ana Ruiz, Example")
        theirs.get_by_role("radio", name="Aprobar").check()
        theirs.get_by_role("button", name="Decidir", exact=True).click()
        theirs.get_by_label("Aprobar sin haber mirado").check()
        theirs.get_by_role("button", name="Decidir", exact=True).click()
        expect(theirs.get_by_role("status").first).to_contain_text("Su decisión queda guardada")
        theirs.goto(waiting)
        expect(theirs.get_by_text("Ninguna entrada en espera coincide con el filtro.")).to_be_visible()
    with console.api(key) as client:
        assert client.get(f"/v1/reviews/{entry_id}").json()["own_tier"] == "reviewed"
    assert faults == []


def test_views_are_kept_for_one_account(console: Console, browser: Browser, faults: list[str]) -> None:
    key = console.organization()
    person, other = console.person("review", key=key), console.person("review", key=key)
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/review")
        page.get_by_label("Why it waits").select_option("dispute")
        page.get_by_role("button", name="Show", exact=True).click()
        page.get_by_text("Save this view").click()
        page.get_by_label("Name of the view").fill("Disputes <b>")
        page.get_by_role("button", name="Save the view", exact=True).click()
        expect(page.get_by_role("status").first).to_contain_text("saved with your account")
        for name, value in other.cookies.items():
            context.add_cookies([{"name": name, "value": value, "url": console.url}])
        page.goto("/console/review")
        expect(page.get_by_role("link", name="Disputes <b>")).to_have_count(0)
    with console.context(browser, person) as elsewhere:
        page = watched(elsewhere.new_page(), faults)
        page.goto("/console/review")
        page.keyboard.press("4")
        expect(page).to_have_url(re.compile(r"reason=dispute"))
        expect(page.get_by_label("Why it waits")).to_have_value("dispute")
        page.get_by_role("button", name="Delete the view “Disputes <b>”").click()
        expect(page.get_by_role("link", name="Disputes <b>")).to_have_count(0)
    assert faults == []


def test_a_dispute_is_answered_and_decided(console: Console, browser: Browser, faults: list[str]) -> None:
    key = console.organization()
    entry_id = filed(console, key).entry_id
    with console.api(console.organization()) as author:
        made = contest(author, entry_id)
    assert made.status_code == 201, made.text
    address = f"/console/disputes/{made.json()['dispute_id']}"
    owner = console.person("register", key=key)
    judge = console.person("review", "lookup")
    with console.context(browser, owner) as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/")
        page.get_by_role("link", name="Disputes to answer").click()
        page.get_by_role("link", name=TITLE).click()
        page.get_by_label("Your answer").fill("It went round without the announcement.")
        page.get_by_role("button", name="Answer", exact=True).click()
        expect(page.get_by_role("status").first).to_contain_text("answer is saved")
        expect(page.get_by_role("button", name="Claim its entry")).to_have_count(0)
    with console.context(browser, judge) as context:
        page = watched(context.new_page(), faults)
        page.goto(address)
        page.get_by_role("button", name="Claim its entry").click()
        expect(page.get_by_role("status").first).to_contain_text("You have claimed the entry")
        page.wait_for_load_state()
        page.keyboard.press("2")
        expect(page.get_by_label("Uphold")).to_be_checked()
        page.get_by_label("Reason").select_option("shown_satire")
        page.get_by_role("button", name="Decide", exact=True).click()
        expect(page.get_by_role("status").first).to_contain_text("Your decision on the dispute is recorded")
        expect(page.get_by_text("the entry was withdrawn")).to_be_visible()
    assert faults == []


def test_the_file_of_an_entry_from_a_document_is_sent(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    key, content = console.organization(), uuid4().bytes
    with console.started.service() as service:
        digest = service.blobs.put(io.BytesIO(content), limit=99).sha256
    document = to_document(renamed(drawn.clip(str(uuid4()), face="victim"), digest), faces=True)
    with console.api(key) as client:
        made = client.post("/v1/entries", json={"fakes": [document]})
    assert made.status_code == 201, made.text
    with console.context(browser, console.person("review", key=key)) as context:
        page = watched(context.new_page(), faults)
        page.goto(f"/console/review/{made.json()['entry_id']}")
        page.get_by_role("button", name="Claim", exact=True).click()
        expect(page.get_by_role("status").first).to_contain_text("You have claimed the entry")
        page.clock.install(time=datetime.now(UTC) + timedelta(days=1))
        page.reload()
        over = page.get_by_text("Your claim has ended.")
        expect(over).to_be_hidden()
        page.clock.fast_forward("31:00")
        expect(over).to_be_visible()
        page.dispatch_event("body", "keydown", {"key": "ؤ", "code": "KeyC", "bubbles": True})
        expect(page.get_by_role("status").first).to_contain_text("You have claimed the entry")
        page.get_by_role("radio", name="Approve").check()
        page.get_by_role("button", name="Decide", exact=True).click()
        expect(page.get_by_role("alert").first).to_contain_text("Send the file first")
        for raw in (b"another", content):
            file = FilePayload(name="<b>.mp4", mimeType="video/mp4", buffer=raw)
            page.get_by_label("The file itself").set_input_files(file)
            page.get_by_role("button", name="Send the file").click()
            if raw != content:
                expect(page.get_by_role("alert").first).to_contain_text("That is a different file")
        expect(page.get_by_role("status").first).to_contain_text("The file has arrived")
    assert faults == []


def test_without_permission_every_address_is_refused(console: Console) -> None:
    key = console.organization()
    dispute_id, entry_id = disputed(console, key)
    lookup = console.person("lookup", key=key)
    elsewhere = console.person("lookup")
    with _window(console, lookup) as client:
        word = form_word(client.get("/console/").text)
        sent = {"csrf": word, "decision": "approve", "covers": "fake"}
        for path in (f"/console/review/{entry_id}", "/console/review"):
            assert client.get(path).status_code == 403
        for act in ("claim", "release", "decide"):
            answered = client.post(f"/console/review/{entry_id}/{act}", data=sent)
            assert answered.status_code == 403, act
        for act in ("answer", "decide"):
            assert client.post(f"/console/disputes/{dispute_id}/{act}", data=sent).status_code == 403
    with _window(console, elsewhere) as client:
        assert client.get(f"/console/disputes/{dispute_id}").status_code == 404
    with _window(console, console.person("review", key=key)) as client:
        for odd in ("?after=x", "?after=%00"):
            assert client.get(f"/console/review{odd}").status_code in {200, 400}
        for odd in ("?reason=none&bank=zz", "?claimed=%F0", "?unverified=1"):
            assert client.get(f"/console/review{odd}").status_code == 200
        waits = "/console/review?text=CONCEJALA+%3Cb%3E&tier=unreviewed&since=2020-01-01"
        assert entry_id in client.get(waits).text
        for nothing in ("text=concejala+100%25", "tier=court_order", "until=2020-01-01"):
            assert entry_id not in client.get(f"/console/review?{nothing}").text, nothing
        assert client.get("/console/review?since=0000-99-99").status_code == 400
        word = form_word(client.get("/console/review").text)
        sent = {"csrf": word, "decision": "withdraw", "covers": "nothing"}
        assert client.post(f"/console/review/{entry_id}/decide", data=sent).status_code == 400
        assert client.get("/console/review/none").status_code == 404


def test_the_queue_is_searched_for_depicted_people(console: Console) -> None:
    key, name = console.organization(), f"Zoë {uuid4().hex[:8]}"
    other = console.organization()
    with console.api(other) as abroad:
        abroad.post("/v1/banks", json={"name": "open", "visibility": "public"})

    def registered(whose: str, bank: str, **fields: object) -> str:
        document = to_document(drawn.clip(str(uuid4()), face="victim"), faces=True)
        body = {"fakes": [document], "bank": bank, "depicted": [{"name": name, **fields}]}
        with console.api(whose) as client:
            made = client.post("/v1/entries", json=body)
        assert made.status_code == 201, made.text
        return str(made.json()["entry_id"])

    own, public_id = registered(key, "default"), registered(other, "open", public=True)
    sealed = registered(other, "open")
    with _window(console, console.person("review", key=key)) as client:
        found = client.get(f"/console/review?person=zoe {name[-8:]}").text
        assert [entry_id in found for entry_id in (own, public_id, sealed)] == [True, True, False]
        assert own not in client.get("/console/review?person=zoe+nobody").text
        assert client.get(f"/console/review?person={uuid4()}").status_code == 403
        sent = {"csrf": form_word(found), "person": name, "tier": "unreviewed", "name": "Zoë’s"}
        kept = client.post("/console/review/views", data=sent)
        assert kept.headers["location"] == "/console/review?tier=unreviewed"
        assert "person=Zo" not in client.get("/console/review").text


def test_the_registrant_sees_that_another_person_has_to_review(console: Console) -> None:
    person = console.person("register", "review")
    text = json.dumps(to_document(drawn.clip(str(uuid4()), face="victim"), faces=True))
    with _window(console, person) as client:
        word = {"csrf": form_word(client.get("/console/register").text), "sure": "yes"}
        made = client.post("/console/register", data=word, files={"fake": ("a.json", text)})
        path = f"/console/review/{made.headers['location'].rpartition('/')[2]}"
        page = client.get(path).text
        assert "You registered this entry" in page
        assert "Nobody has approved it yet." in page
        assert f"{path}/claim" not in page
        assert client.post(f"{path}/claim", data=word).status_code == 403
