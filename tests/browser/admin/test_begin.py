"""In a browser: the first administrator sets a registry up, step by step, and can stop in between."""

from __future__ import annotations

import subprocess

from playwright.sync_api import Browser, expect

from registry.app.service.bootstrap import ORGANIZATION
from tests.browser.conftest import watched
from tests.support.browser.console import PASSWORD, Console


def test_bank_key_and_person_are_set_up_with_a_command_that_works(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    invited = console.invited("admin", "lookup", "register")
    with console.context(browser, locale="en-GB") as context:
        page = watched(context.new_page(), faults)
        page.goto(invited["invitation"])
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("The same password again").fill(PASSWORD)
        page.get_by_role("button", name="Open my account").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Set up your registry")
        expect(page.get_by_role("listitem").filter(has_text="Name your organization")).to_have_count(0)
        page.get_by_role("link", name="Begin: Choose how strict the first bank is").click()
        page.get_by_label("Name of the bank").fill("elections")
        page.get_by_label("Who finds its entries?").select_option("private")
        page.get_by_role("radio", name="Careful").check()
        page.get_by_role("button", name="Save and go on").click()
        expect(page.get_by_role("status")).to_contain_text("The bank is ready.")

        page.goto("/console/")
        page.goto("/console/admin/begin")
        step = page.locator(".step.next")
        expect(step).to_contain_text("Create the first key")
        expect(page.locator(".step.done")).to_contain_text("elections")
        step.get_by_role("link").click()
        page.get_by_label("Name of the program").fill("upload check")
        page.get_by_role("button", name="Create the key").click()
        command = page.locator("#try").inner_text()
        answer = subprocess.run(command, shell=True, capture_output=True, text=True, check=True, timeout=60)  # noqa: S602 - as a reader would
        assert '"verdict":"no_match"' in answer.stdout.replace(" ", ""), answer.stdout
        page.get_by_role("link", name="I have saved it: continue").click()
        assert command not in page.content()

        page.get_by_role("link", name="Begin: Invite the first person").click()
        page.get_by_label("Name", exact=True).fill("Bea")
        page.get_by_label("Email address").fill("bea@first.example")
        page.get_by_role("button", name="Create the invitation").click()
        page.get_by_role("link", name="I have saved it: continue").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your registry is set up")
        expect(page.locator(".step.done")).to_have_count(3)
        page.get_by_role("link", name="Register the first fake").click()
        with console.api(invited["key"]) as api:
            bank = api.get("/v1/banks/elections").json()
        assert (bank["visibility"], bank["policy"]["min_confidence"]) == ("private", 0.97)
        assert bank["policy"]["known_tier"] == "reviewed"
    assert faults == []


def test_the_operator_names_the_organization_and_may_change_the_first_bank(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    operator = console.person("admin", key=console.key)
    with console.api() as api:
        mine = f"/v1/organizations/{operator.organization_id}"
        was = api.get(mine).json()["name"]
        assert api.patch(mine, json={"name": ORGANIZATION}).status_code == 200
    with console.context(browser, operator, locale="en-GB") as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/admin/begin")
        page.get_by_role("link", name="Begin: Name your organization").click()
        page.get_by_label("Name", exact=True).fill("Diario de la Costa")
        page.get_by_role("button", name="Save and go on").click()
        expect(page.locator(".step.done").first).to_contain_text("Diario de la Costa")
        page.get_by_role("link", name="Open again: Name your organization").click()
        expect(page.get_by_label("Name", exact=True)).to_have_value("Diario de la Costa")
        page.goto("/console/admin/begin/bank")
        expect(page.get_by_label("Name of the bank")).not_to_have_value("")
    with console.api() as api:
        assert api.patch(mine, json={"name": was}).status_code == 200
    assert faults == []
