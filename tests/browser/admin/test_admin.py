"""Administering in a browser: people, keys, organizations, banks, webhooks, queues."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import watched
from tests.browser.shots import admin as made
from tests.support.browser.console import Console, Person, form_word

SCRIPT = "<script>alert(1)</script>\"'{{7*7}}%(x)s العربية"


@pytest.fixture
def admin(console: Console, browser: Browser, faults: list[str]) -> Iterator[Page]:
    """A window of somebody who administers the organization that runs the deployment."""
    if "operator" not in console.things:
        console.things["operator"] = console.person("admin", key=console.key)
    with console.context(browser, console.things["operator"], locale="en-GB") as context:
        yield watched(context.new_page(), faults)
    assert faults == []


def _tick(page: Page, role: str) -> None:
    page.get_by_role("checkbox", name=role).check()


def test_somebody_is_invited_by_a_link_shown_once_and_removed(
    console: Console, admin: Page, browser: Browser
) -> None:
    admin.goto("/console/admin")
    expect(admin.get_by_role("heading", level=1)).to_have_text("People of your organization")
    admin.get_by_label("Name", exact=True).fill(SCRIPT)
    admin.get_by_label("Email address").fill("not one person")
    _tick(admin, "Review")
    admin.get_by_role("button", name="Create the invitation").click()
    expect(admin.get_by_role("alert")).to_contain_text("bad_label")
    assert admin.get_by_label("Name", exact=True).input_value() == SCRIPT
    expect(admin.get_by_role("checkbox", name="Review")).to_be_checked()
    admin.get_by_label("Email address").fill("once@example.org")
    admin.get_by_role("button", name="Create the invitation").click()
    link = admin.locator("#secret").inner_text()
    with console.context(browser) as context:
        assert context.new_page().goto(link).status == 200  # type: ignore[union-attr]
    admin.get_by_role("link", name="I have saved it").click()
    row = admin.get_by_role("row").filter(has_text="once@example.org")
    expect(row).to_contain_text(SCRIPT)
    expect(row).to_contain_text("Invited")
    assert link.rpartition("/")[2] not in admin.content()
    row.get_by_text("Remove", exact=True).click()
    row.get_by_role("button", name="Remove for good").click()
    expect(admin.get_by_role("status")).to_contain_text("The account is removed")
    expect(row).to_have_count(0)


def test_a_caller_gets_keys_changes_and_ends(console: Console, admin: Page) -> None:
    admin.goto("/console/admin/callers/new")
    admin.get_by_label("Name", exact=True).fill(SCRIPT)
    admin.get_by_label("Expires").fill("2020-01-01T00:00")
    admin.get_by_role("button", name="Create the key").click()
    expect(admin.get_by_role("alert")).to_contain_text("bad_expiry")
    admin.get_by_label("Expires").fill("")
    admin.get_by_role("button", name="Create the key").click()
    key = admin.locator("#secret").inner_text()
    assert _works(console, key)
    admin.get_by_role("link", name="I have saved it").click()
    there = admin.url
    assert key not in admin.content()
    admin.get_by_label("The other keys").select_option("0")
    admin.get_by_role("button", name="Create the key").click()
    other = admin.locator("#secret").inner_text()
    assert (_works(console, key), _works(console, other)) == (False, True)
    admin.goto(there)
    admin.get_by_label("Lookups a second").fill("-1")
    admin.get_by_role("button", name="Set the limits").click()
    expect(admin.get_by_role("alert")).to_contain_text("bad_limits")
    admin.get_by_label("Lookups a second").fill("0.5")
    admin.get_by_label("Lookups a day").fill("0")
    admin.get_by_role("button", name="Set the limits").click()
    expect(admin.locator(".facts")).to_contain_text("0.5 a second · 0 a day")
    admin.get_by_role("link", name="Change name").click()
    _tick(admin, "Register")
    admin.get_by_role("button", name="Change", exact=True).click()
    expect(admin.get_by_role("status")).to_contain_text("The caller is changed")
    expect(admin.locator(".facts")).to_contain_text("Register")
    admin.get_by_role("row").filter(has_text="Active").get_by_text("Revoke", exact=True).click()
    admin.get_by_role("button", name="Revoke this key").click()
    expect(admin.get_by_role("status")).to_contain_text("The key is revoked")
    assert not _works(console, other)
    admin.locator("summary").filter(has_text="Revoke").last.click()
    admin.get_by_role("button", name="Revoke for good").click()
    expect(admin.locator(".facts")).to_contain_text("Revoked")
    expect(admin.get_by_role("button", name="Create the key")).to_have_count(0)


def test_an_organization_is_created_and_closed_by_name(console: Console, admin: Page) -> None:
    admin.goto("/console/admin/organizations")
    admin.get_by_label("Name", exact=True).fill(SCRIPT)
    admin.get_by_label("Lookups a day").fill("ten")
    admin.get_by_role("button", name="Add the organization").click()
    expect(admin.get_by_role("alert")).to_contain_text("bad_limits")
    admin.get_by_label("Lookups a day").fill("10")
    admin.get_by_role("button", name="Add the organization").click()
    expect(admin.get_by_role("heading", level=1)).to_have_text(SCRIPT)
    there = admin.url
    admin.get_by_role("link", name="Invite its administrator").click()
    admin.get_by_label("Name", exact=True).fill("theirs")
    expect(admin.get_by_role("checkbox", name="Administer")).to_be_checked()
    admin.get_by_role("button", name="Create the key").click()
    key = admin.locator("#secret").inner_text()
    admin.goto(there)
    admin.get_by_role("link", name="Limits and usage of its callers").click()
    who = admin.get_by_role("row").filter(has_text="Administer")
    who.get_by_role("link", name="Set limits").click()
    admin.get_by_label("Lookups a month").fill("12000")
    admin.get_by_role("button", name="Set the limits").click()
    expect(who).to_contain_text("12,000 a month")
    bank = admin.get_by_role("row").filter(has_text="Known fakes")
    bank.get_by_role("link", name="Set limits").click()
    admin.locator("[name=entries]").fill("five")
    admin.get_by_role("button", name="Set the limits").click()
    expect(admin.get_by_role("alert")).to_contain_text("bad_limits")
    admin.locator("[name=entries]").fill("5")
    admin.get_by_role("button", name="Set the limits").click()
    expect(bank).to_contain_text("0 / 5")
    expect(admin.get_by_text("theirs")).to_have_count(0)
    admin.goto(there)
    admin.get_by_role("link", name="Close the organization…").click()
    expect(admin.get_by_role("listitem").first).to_contain_text("1 caller loses access")
    admin.get_by_role("radio", name="Keep them active").check()
    admin.get_by_label("Type its name").fill("another")
    admin.get_by_role("button", name="Close the organization for good").click()
    expect(admin.get_by_text("That is not its name.")).to_be_visible()
    expect(admin.get_by_role("radio", name="Keep them active")).to_be_checked()
    assert _works(console, key)
    admin.get_by_label("Type its name").fill(SCRIPT)
    admin.get_by_role("button", name="Close the organization for good").click()
    expect(admin.get_by_role("status")).to_have_text("The organization is closed.")
    assert not _works(console, key)
    expect(admin.get_by_role("link", name="Close the organization…")).to_have_count(0)


def test_two_administrators_change_one_bank_and_neither_undoes_the_other(
    console: Console, admin: Page
) -> None:
    admin.goto("/console/admin/banks")
    admin.get_by_label("Name", exact=True).fill("a/b")
    admin.get_by_role("button", name="Create a bank").click()
    expect(admin.get_by_role("alert")).to_contain_text("bad_label")
    admin.get_by_label("Name", exact=True).fill(SCRIPT.replace("/", "|"))
    admin.get_by_role("button", name="Create a bank").click()
    expect(admin.get_by_role("status")).to_contain_text("The bank is created")
    with console.api() as api:
        path = f"/v1/banks/{admin.url.rpartition('/')[2]}"
        assert api.patch(path, json={"policy": {"single_frame": True}}).status_code == 200
        admin.get_by_label("Confidence in the same footage").fill("2")
        admin.get_by_role("button", name="Change", exact=True).click()
        expect(admin.get_by_role("alert")).to_contain_text("bad_policy")
        admin.get_by_label("Confidence in the same footage").fill("0.95")
        admin.get_by_label("Seen by").select_option("private")
        admin.get_by_role("button", name="Change", exact=True).click()
        expect(admin.get_by_role("status")).to_contain_text("The bank is changed")
        bank = api.get(path).json()
        assert (bank["visibility"], bank["policy"]) == (
            "private",
            {"single_frame": True, "min_confidence": 0.95},
        )
        admin.get_by_label("Confidence in the same footage").fill("")
        admin.get_by_role("button", name="Change", exact=True).click()
        expect(admin.get_by_role("status")).to_contain_text("The bank is changed")
        assert api.get(path).json()["policy"] == {"single_frame": True}
    assert admin.get_by_label("Confidence in the same footage").input_value() == "0.9"
    admin.get_by_label("Name or id of an organization").fill("nobody knows it")
    admin.get_by_role("button", name="Share", exact=True).click()
    expect(admin.get_by_role("alert")).to_contain_text("unknown_organization")
    admin.get_by_text("Delete the bank…", exact=True).click()
    admin.get_by_role("button", name="Delete for good").click()
    expect(admin.get_by_role("status")).to_contain_text("The bank is deleted")


def test_anothers_bank_answers_an_organization_as_it_says(console: Console) -> None:
    person = console.person("admin")
    with console.api() as api:
        path = (
            f"/banks/{next(bank['bank_id'] for bank in api.get('/v1/banks').json()['banks'] if bank['own'])}"
        )
    with _client(console, person) as client, console.api(person.key) as api:
        page = client.get(f"/console/admin{path}").text
        assert "Bank setting: 0.9" in page
        sent = {
            "csrf": form_word(page),
            "min_confidence": "0.95",
            "known_fake_action": "review",
            "single_frame": "",
        }
        assert client.post(f"/console/admin{path}/overlay", data=sent).status_code == 303
        payload = {"min_confidence": 0.95, "known_fake_action": "review"}
        assert api.get(f"/v1{path}").json()["overlay"] == payload
        refused = client.post(f"/console/admin{path}/overlay", data=sent | {"min_confidence": "0.2"})
        assert (refused.status_code, "beyond_policy" in refused.text) == (400, True)
        assert client.post(f"/console/admin{path}/overlay", data={"csrf": sent["csrf"]}).status_code == 303
        assert not api.get(f"/v1{path}").json()["overlay"]


def test_a_webhook_is_created_tested_and_its_dead_letters_are_replayed(console: Console, admin: Page) -> None:
    admin.goto("/console/admin/webhooks")
    admin.locator("#f-url").fill("https://127.0.0.1/")
    admin.get_by_role("button", name="Create the webhook").click()
    expect(admin.get_by_role("alert")).to_contain_text("bad_webhook_url")
    admin.locator("#f-url").fill("https://hooks.example.org/<b>")
    admin.get_by_label("Events").fill("entry.* nonsense.made")
    admin.get_by_role("button", name="Create the webhook").click()
    expect(admin.get_by_role("alert")).to_contain_text("unknown_kind")
    admin.get_by_label("Events").fill("entry.*, match.found")
    admin.get_by_role("button", name="Create the webhook").click()
    assert admin.locator("#secret").inner_text().startswith("whsec_")
    admin.get_by_role("link", name="I have saved it").click()
    admin.get_by_role("button", name="Send a test").click()
    expect(admin.get_by_role("row").filter(has_text="webhook.test")).to_contain_text("Waiting")
    admin.goto(made.webhook(console, console.things["operator"]))
    dead = admin.get_by_role("row").filter(has_text="match.found")
    expect(dead).to_contain_text("The endpoint refused it. 500")
    dead.get_by_text("Answer").click()
    expect(dead.locator("pre")).to_have_text("<b>out of order</b>")
    admin.get_by_role("link", name="Delivered").click()
    expect(admin.get_by_role("row")).to_have_count(2)
    admin.get_by_role("link", name="Given up").click()
    dead.get_by_role("button", name="Replay").click()
    expect(dead).to_contain_text("Waiting")
    admin.get_by_role("button", name="Pause").click()
    expect(admin.locator(".facts")).to_contain_text("Paused")
    admin.get_by_text("Delete", exact=True).click()
    admin.get_by_role("button", name="Delete for good").click()
    expect(admin.get_by_role("status")).to_have_text("The webhook is deleted.")


def test_dead_letters_say_why_and_are_retried_or_discarded(console: Console, admin: Page) -> None:
    for button, after in (
        ("Retry", "A new job was created from it"),
        ("Discard", "The job is discarded"),
    ):
        admin.goto(made.dead_job(console))
        expect(admin.get_by_text("The service is ready.")).to_be_visible()
        row = admin.get_by_role("row").filter(has_text=made.REASON)
        expect(row.first).to_contain_text("worker_lost")
        row.first.get_by_role("button", name=button).click()
        expect(admin.get_by_role("status").first).to_contain_text(after)
    admin.get_by_role("link", name="Failed").click()
    expect(admin.get_by_role("row").filter(has_text="discarded").first).to_contain_text(made.REASON)


def _works(console: Console, key: str) -> bool:
    with console.api(key) as client:
        return client.get("/v1/callers/me").status_code == 200


def _client(console: Console, person: Person) -> httpx2.Client:
    return httpx2.Client(
        base_url=console.url,
        timeout=60,
        trust_env=False,
        cookies=dict(person.cookies),
        headers={"Origin": console.url},
    )


def test_addresses_and_forms_that_are_guessed_are_refused(console: Console) -> None:
    """By somebody without the role, and by an administrator of another organization."""
    guest, stranger = console.person("review", "lookup"), console.person("admin")
    with console.api() as api:
        ours = api.post("/v1/callers", json={"name": "ours", "roles": ["lookup"]}).json()
    own = f"/console/admin/callers/{ours['caller_id']}"
    with _client(console, guest) as client:
        word = form_word(client.get("/console/account").text)
        paths = ("accounts", "callers/new", "organizations", "banks", "webhooks", "queues")
        for path in ("/console/admin", own, *(f"/console/admin/{path}" for path in paths)):
            assert client.get(path).status_code == 403
        assert "/console/admin" not in client.get("/console/").text
        for path in ("/console/admin/accounts", f"{own}/revoke", f"{own}/keys"):
            assert client.post(path, data={"csrf": word}).status_code == 403
    with _client(console, stranger) as client:
        word = form_word(client.get("/console/account").text)
        assert client.get(own).status_code == 404
        assert client.post(f"{own}/revoke", data={"csrf": word}).status_code == 404
        assert client.post(f"{own}/limits", data={"csrf": word, "rate": "1"}).status_code == 403
        organization = made.organization(console, stranger)
        assert client.get(organization).status_code == 404
        assert client.get(f"{organization}/limits").status_code == 404
        mine = f"/console/admin/organizations/{stranger.organization_id}/limits"
        assert "Set limits" not in client.get(f"{mine}?all=1").text
        for path in (mine, f"{mine}/caller", f"{mine}/bank"):
            assert client.post(path, data={"csrf": word, "rate": "1"}).status_code == 403
        for path in ("/console/admin/organizations", f"{organization}/close", "/console/admin/queues"):
            assert client.get(path).status_code == 403
        assert client.post(f"{organization}/close", data={"csrf": word}).status_code == 403
        assert client.get("/console/admin/callers/nonsense").status_code == 404
        assert client.get("/console/admin/callers?after=nonsense").status_code == 400
    assert _works(console, ours["key"])
