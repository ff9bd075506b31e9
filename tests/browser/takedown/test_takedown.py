"""A lawyer's day in the browser, and what others must not do there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from registry.catalogue.fingerprints.model.document import to_document
from registry.identity.callers.service.keys import authenticate
from registry.matching.lookups.store import lookups
from registry.takedown.notices.model.notice import PersonMove
from registry.takedown.notices.service.moves import move_notice
from tests.browser.conftest import watched
from tests.browser.shots.takedown import SHOTS, campaign
from tests.support.browser.console import PASSWORD, Console, Person, form_word
from tests.support.service.api import UPLOAD_BYTES
from tests.support.takedown.campaigns import ANSWERS, Case, case

SCRIPT = "<script>alert(1)</script>\"'{{7*7}}"


@pytest.fixture
def lawyer(console: Console) -> Person:
    return console.person("takedown", "register", key=console.organization(), password=True)


@pytest.fixture
def mine(console: Console, lawyer: Person) -> Iterator[Case]:
    with console.started.service() as service:
        yield case(service, authenticate(service, lawyer.key))


def test_a_lawyers_day_without_scripts(
    console: Console, browser: Browser, faults: list[str], lawyer: Person, mine: Case
) -> None:
    with console.context(browser, lawyer, java_script_enabled=False, locale="en-GB") as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/takedown")
        page.get_by_role("link", name="Melilla").click()
        page.get_by_role("link", name="Add addresses").last.click()
        _add_and_correct(page)
        page.get_by_role("link", name="Back to the notices").click()
        expect(page.get_by_role("checkbox")).to_have_count(3)
        for box in page.get_by_role("checkbox").all():
            box.check()
        page.get_by_role("button", name="I have seen the fake there").click()
        expect(page.get_by_role("status")).to_contain_text("Confirmed under your name")
        page.get_by_role("link", name="https://videos.example.net/1", exact=True).click()
        for name, value in ANSWERS["dsa16"].items():
            page.locator(f"input[name='ask-{name}'][value='{value}']").check()
        page.get_by_label("Use these answers for all").check()
        page.get_by_role("button", name="Save the answers").click()
        expect(page.get_by_text("Nothing is missing.")).to_be_visible()
        page.get_by_role("link", name="Melilla").click()
        page.get_by_role("button", name="Make ready").click()
        page.get_by_role("link", name="Send", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Letters to send")
        page.get_by_role("button", name="Send 3 notices").click()
        expect(page.get_by_role("status")).to_contain_text("The letters are prepared.")
        page.goto(f"/console/takedown/{mine.campaign_id}/notices?state=prepared")
        page.get_by_role("link", name="https://videos.example.net/2", exact=True).click()
        page.get_by_label("New state").select_option("remove")
        page.get_by_label("Reason, in your words").fill(SCRIPT)
        page.get_by_role("button", name="Change its state").click()
        expect(page.get_by_role("table", name="History").locator("tbody tr").first).to_contain_text(SCRIPT)
        page.goto(f"/console/takedown/{mine.campaign_id}/figures")
        expect(page.get_by_role("img", name="Status of the letters")).to_be_visible()
    assert faults == []


def _add_and_correct(page: Page) -> None:
    rows = "https://videos.example.net/1,first\nhttps://videos.example.net/2,\njavascript:alert(1),third"
    page.get_by_role("textbox", name="Addresses").fill(f"url,note\n{rows}\n")
    page.get_by_role("button", name="Add them").click()
    expect(page.get_by_role("status")).to_contain_text("2 addresses were added")
    wrong = page.get_by_label("Line 4")
    assert wrong.input_value() == "javascript:alert(1),third"
    expect(page.locator("[data-code=dangerous_scheme]")).to_be_visible()
    wrong.fill("https://videos.example.net/3,third")
    page.get_by_role("button", name="Submit the corrected list").click()
    expect(page.get_by_role("status")).to_contain_text("1 address was added")
    expect(page.get_by_role("status")).to_contain_text("2 were already known")
    assert (
        page.get_by_role("textbox", name="Addresses")
        .input_value()
        .endswith("https://videos.example.net/3,third\n")
    )


def test_a_breach_is_red_and_the_clock_is_the_servers(
    console: Console, browser: Browser, faults: list[str], lawyer: Person
) -> None:
    address = campaign(console, lawyer, "/notices?order=due")
    with console.context(browser, lawyer, locale="ar") as context:
        page = watched(context.new_page(), faults)
        page.clock.install(time="2020-01-01T00:00:00Z")  # the reader's clock is years off
        page.goto(address)
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        first = page.locator("tbody tr").first
        expect(first).to_have_class("late")
        expect(first).to_contain_text("late.example.net")
        expect(first).to_contain_text("انقضت المهلة")
        expect(first.locator("time[data-clock]")).to_contain_text("٢٠")
        expect(page.locator("tr.late")).to_have_count(1)
    assert faults == []


def test_a_large_list_outlives_the_session(console: Console, lawyer: Person, mine: Case) -> None:
    """In base 64 it is larger than what the form takes."""
    typed = "https://videos.example.net/é\n" * 110_000
    there = f"/console/takedown/{mine.campaign_id}/add"
    with _client(console, lawyer) as client:
        word = form_word(client.get(there).text)
        console.expire(lawyer)
        files = {name: (None, value) for name, value in (("csrf", word), ("list", typed))}
        response = client.post(there, files=files)
        assert response.status_code == 401
        kept = response.text.partition('name="kept_form" value="')[2].partition('"')[0]
        assert len(kept) > 4 << 20
        sent = {"csrf": form_word(response.text), "name": lawyer.sign_in_name, "password": PASSWORD}
        came = client.post("/console/sign-in", data=sent | {"back": there, "kept_form": kept})
        shown = client.post(there, data={"csrf": form_word(came.text), "kept": kept})
        assert (shown.status_code, typed in shown.text) == (200, True)


def test_recurrences_at_many_places_are_reported_by_a_list(
    console: Console, browser: Browser, faults: list[str], lawyer: Person, mine: Case, tmp_path: Path
) -> None:
    place = "https://videos.example.net/v/"
    (first,) = mine.sent(f"{place}1")
    move_notice(mine.service, mine.caller, mine.campaign_id, first, PersonMove("remove", "told"))
    document, broken, large = (tmp_path / name for name in ("again.json", "bad.json", "large.mp4"))
    document.write_text(json.dumps(to_document(mine.found, faces=True)))
    broken.write_text("{")
    person = console.person("takedown", "lookup", key=lawyer.key)
    with console.context(browser, person, locale="en-GB") as context:
        page = watched(context.new_page(), faults)
        page.goto(f"/console/takedown/{mine.campaign_id}/recurrences")
        page.get_by_role("link", name="Found in many places").click()
        rows = f"{place}2,again.json\n{place}3,other.json\n{SCRIPT},again.json\n{place}5,bad.json"
        page.get_by_label("The list", exact=True).fill(f"url,file\n{rows}\n")
        large.write_bytes(bytes(UPLOAD_BYTES + 1))
        page.get_by_label("The files that the rows name").set_input_files(large)
        page.get_by_role("button", name="Open the notices again").click()
        expect(page.get_by_role("alert")).to_contain_text("“large.mp4” is larger than the limit of 4 MB")
        page.get_by_label("The files that the rows name").set_input_files([document, broken])
        page.get_by_role("button", name="Open the notices again").click()
        expect(page.get_by_role("status")).to_contain_text("1 notice is open again")
        for code in ("missing_path", "not_a_url", "bad_json"):
            expect(page.locator(".faults").get_by_text(code)).to_be_visible()
        page.get_by_label("Line 2").fill(f"{place}3,again.json")
        for line in (3, 4):
            page.get_by_label(f"Line {line}").fill("")
        page.get_by_label("The files that the rows name").set_input_files(document)
        page.get_by_role("button", name="Open the notices again").click()
        expect(page.get_by_role("status")).to_contain_text("2 notices are open again")
        assert page.get_by_label("The list", exact=True).input_value() == ""
        page.get_by_role("link", name=f"{place}2").click()
        expect(page.get_by_text("Known fake")).to_be_visible()
    assert mine.state(first) == "reopened"
    assert faults == []


def test_files_that_rows_name_are_looked_up(console: Console, lawyer: Person, mine: Case) -> None:
    person = console.person("takedown", "lookup", key=lawyer.key)
    document = json.dumps(to_document(mine.found, faces=True))
    files = [("media", ("a.json", document.encode())), ("media", ("clip.mp4", b"no film"))]
    root, there = f"/console/takedown/{mine.campaign_id}", "https://videos.example.net/m/"
    rows = f"url,file\n{there}1,a.json\n{there}2,clip.mp4\n{there}3,gone.mp4\n"
    with _client(console, person) as client:
        sent = {"csrf": form_word(client.get(f"{root}/add").text), "list": rows}
        shown = client.post(f"{root}/add", data=sent, files=files).text
        assert "3 addresses were added" in shown
        for text in ("verdict-known_fake", "missing_path", "1 file is still being read", "load delay:3.0s"):
            assert text in shown, text
        (proof,) = re.findall(r'name="proof" value="([^"]+)"', shown)
        line, notice_id, lookup_id = proof.split(" ")
        assert line == "3"
        with mine.service.pool.transaction() as connection:
            lookups.fail(connection, UUID(lookup_id), "not_media", "It is no film.")
        again = client.post(f"{root}/add/media", data=sent | {"proof": proof}).text
        assert ("not_media" in again, 'name="proof"' in again) == (True, False)
        other = proof.replace(notice_id, str(uuid4()))
        assert "unknown_notice" in client.post(f"{root}/add/media", data=sent | {"proof": other}).text
        for odd in ("x", "1 2 3"):
            response = client.post(f"{root}/add/media", data=sent | {"proof": odd})
            assert response.status_code == 404


def test_without_permission_nothing_is_shown_and_two_people_move_a_notice_once(
    console: Console, lawyer: Person, mine: Case
) -> None:
    (notice,) = mine.sent("https://videos.example.net/9")
    root = f"/console/takedown/{mine.campaign_id}"
    other = console.person("takedown", key=console.organization())
    for person, status in ((console.person("lookup", "review"), 403), (other, 404)):
        with _client(console, person) as client:
            word = form_word(client.get("/console/account").text)
            paths = ["", "/add", "/notices", f"/notices/{notice}", "/send", "/figures", "/bundle", "/table"]
            paths += [
                "/change",
                "/deliveries",
                "/letters",
                "/retractions",
                "/contested",
                "/recurrences",
                "/found",
                "/breaches",
            ]
            paths += [
                "/evidence",
                *(f"/notices/{notice}/{it}" for it in ("contest", "exhibits", "escalation")),
            ]
            for path in paths:
                assert client.get(root + path).status_code == status, path
            for path in ("", "/campaign", "/erase"):
                there = f"/console/takedown/clients/{mine.client_id}{path}"
                assert client.get(there).status_code == status, there
            assert client.get("/console/takedown/clients").status_code == (403 if status == 403 else 200)
            for path in ("/close", f"/notices/{notice}/moves", "/send", "/grounds"):
                sent = {"csrf": word, "act": "close", "why": "by_person", "notice": str(notice)}
                assert client.post(root + path, data=sent).status_code == status, path
    with _client(console, lawyer) as client:
        word = form_word(client.get(f"{root}/notices/{notice}").text)
        sent = {"csrf": word, "act": "acknowledge", "why": "told_by_mail", "words": SCRIPT}
        assert client.post(f"{root}/notices/{notice}/moves", data=sent).status_code == 303
        again = client.post(f"{root}/notices/{notice}/moves", data=sent)
        assert (again.status_code, "wrong_state" in again.text) == (409, True)
        assert "&lt;script&gt;" in again.text
        for query in ("after=x", "after=" + "A" * 90):
            assert client.get(f"{root}/notices?{query}").status_code == 400
        assert client.get("/console/takedown/not-an-id").status_code == 404
        nothing = client.post(f"{root}/add", data={"csrf": word, "list": ""})
        assert (nothing.status_code, "no_rows" in nothing.text) == (400, True)
    assert mine.state(notice) == "acknowledged"


def test_invalid_input_is_reported_and_nothing_is_lost(console: Console, lawyer: Person, mine: Case) -> None:
    (notice,) = mine.sent("https://videos.example.net/7")
    client_page = f"/console/takedown/clients/{mine.client_id}"
    root = f"/console/takedown/{mine.campaign_id}"
    there = f"{root}/notices/{notice}"
    payload = {"statement": SCRIPT, "kind": "satire", "standing": "author", "contact": SCRIPT}
    wrong: tuple[tuple[str, dict[str, str], int, str], ...] = (
        (
            "/console/takedown/clients/new",
            {"name": SCRIPT, "depicted_name": "A", "email": "a"},
            400,
            "bad_email",
        ),
        (f"{client_page}/mandates", {"by": "self", "until": "2031-01-31"}, 400, "no_document"),
        (
            f"{client_page}/mandates",
            {"by": "self", "until": SCRIPT, "document-sha256": "ab" * 32},
            400,
            "bad_time",
        ),
        (
            f"{client_page}/mandates",
            {"by": "self", "until": "2020-01-31", "document-sha256": "ab" * 32},
            400,
            "mandate_expired",
        ),
        (f"{client_page}/erase", {"confirmation": SCRIPT}, 400, "wrong_name"),
        (
            f"{client_page}/campaign",
            {"title": SCRIPT, "mandate": str(mine.mandate_id), "regime": "dsa16", "language": "es"},
            400,
            "no_entry",
        ),
        (
            f"{root}/change",
            {"title": "M", "signatory": SCRIPT, "signatory_email": "x", "capacity": "anyone"},
            400,
            "bad_email",
        ),
        (f"{root}/moves", {"act": "remove", "why": "by_person"}, 400, "which_notices"),
        (f"{root}/moves", {"act": "appeal", "why": "by_person", "notice": str(notice)}, 409, "wrong_state"),
        (f"{root}/deliveries", {"do": "handed_over"}, 400, "which_notices"),
        (f"{root}/recurrences", {"url": "javascript:1", "lookup": SCRIPT}, 400, "not_lookup"),
        (
            f"{root}/recurrences",
            {"url": "https://v.example.net/1", "lookup": str(notice)},
            400,
            "unknown_lookup",
        ),
        (f"{root}/evidence", {"recipients": SCRIPT}, 400, "bad_recipient"),
        (f"{root}/releases", {"recipient": "lumen", "until": "2027-01-31"}, 400, "bad_release"),
        (f"{there}/exhibits", {"kind": "screenshot", "note": SCRIPT}, 400, "no_document"),
        (f"{there}/contest", payload | {"kind": "other"}, 400, "bad_input"),
        ("/console/takedown/replies/match", {"reply": str(notice), "named": SCRIPT}, 400, "which_notice"),
    )
    again = ("/new", "/campaign", "/change", "/recurrences", "/evidence", "/exhibits", "/contest")
    with _client(console, lawyer) as client:
        word = form_word(client.get(root).text)
        for path, typed, status, code in wrong:
            sent = {"csrf": word} | typed
            if path.endswith(("/mandates", "/deliveries", "/exhibits")):
                response = client.post(path, files={name: (None, value) for name, value in sent.items()})
            else:
                response = client.post(path, data=sent)
            assert (response.status_code, f"<code>{code}</code>" in response.text) == (status, True), (
                path,
                code,
            )
            assert "<script>alert" not in response.text, path
            if SCRIPT in typed.values() and path.endswith(again):
                assert "&lt;script&gt;alert(1)" in response.text, path
        assert client.get(f"{there}/escalation").status_code == 409
        typed = {"csrf": word, "sender": SCRIPT, "text": SCRIPT}
        for status in (303, 409):  # the same reply twice is one
            assert client.post(f"{there}/replies", data=typed).status_code == status
        assert client.post(f"{there}/contest", data={"csrf": word} | payload).status_code == 303
        shown = client.get(f"{root}/contested").text
        assert ("is under review" in shown, "<script>alert" in shown) == (True, False)
        gone = {"csrf": word, "confirmation": "Partido de Ejemplo"}
        assert client.post(f"{client_page}/erase", data=gone).status_code == 303
        for path in ("", "/notices", "/deliveries", "/contested", "/evidence", f"/notices/{notice}"):
            assert client.get(root + path).status_code == 200, path


def test_pages_work_without_data_and_the_shown_letters_are_sent(console: Console, lawyer: Person) -> None:
    with _client(console, lawyer) as client:
        for shot in SHOTS:
            shown = client.get(shot.address(console, lawyer))
            assert (shown.status_code, "<script>alert" in shown.text) == (200, False), shot.name
        before = client.get(campaign(console, lawyer, "/send")).text
        ready = re.findall(r'name="notice" value="([^"]+)"', before)
        assert len(ready) == 2
        sent = {"csrf": form_word(before), "notice": ready}
        for status in (303, 303):  # twice, as by two who sent at once: each notice goes once
            assert client.post(campaign(console, lawyer, "/send"), data=sent).status_code == status
        assert "Nothing can be sent now" in client.get(campaign(console, lawyer, "/send")).text
        table = client.get(campaign(console, lawyer, "/table"))
        assert (table.headers["content-type"].partition(";")[0], "late.example.net" in table.text) == (
            "text/csv",
            True,
        )


def _client(console: Console, person: Person) -> httpx2.Client:
    cookies = dict(person.cookies)
    headers = {"Origin": console.url}
    return httpx2.Client(base_url=console.url, timeout=60, trust_env=False, headers=headers, cookies=cookies)
