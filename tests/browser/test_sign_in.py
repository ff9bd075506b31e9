"""The console in a browser: sign-in by password, passkey and provider; drafts survive; accessibility."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import watched
from tests.browser.shots import Shot, shots
from tests.support.browser.accessibility import axe, with_axe
from tests.support.browser.console import PASSWORD, Console, Person
from tests.support.browser.provider import Provider


def _sign_in(page: Page, name: str) -> None:
    page.get_by_label("Name or email address").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_in_by_password_and_out(console: Console, stranger: Page) -> None:
    person = console.person("review", "lookup", password=True)
    stranger.goto("/console/account")
    _sign_in(stranger, person.sign_in_name)
    expect(stranger).to_have_url(f"{console.url}/console/account")
    expect(stranger.get_by_role("heading", level=1)).to_have_text("My account")
    stranger.get_by_role("button", name="Sign out", exact=True).first.click()
    expect(stranger.get_by_role("status")).to_have_text("You are signed out.")
    stranger.reload()
    expect(stranger.get_by_role("status")).to_have_count(0)


def test_a_passkey_is_added_and_signs_in_alone(console: Console, stranger: Page) -> None:
    made = console.invited("lookup")
    session = stranger.context.new_cdp_session(stranger)
    session.send("WebAuthn.enable")
    options: dict[str, Any] = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    options |= {"hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}
    added = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    stranger.goto(made["invitation"])
    stranger.get_by_role("button", name="Without a password: add a passkey").click()
    stranger.get_by_label("Name of the new passkey").fill("Telefon <b>")
    stranger.get_by_role("button", name="Add a passkey").click()
    expect(stranger.get_by_role("cell", name="Telefon <b>", exact=True)).to_be_visible()
    stranger.get_by_role("button", name="Remove the passkey").click()
    expect(stranger.get_by_role("alert")).to_contain_text("last way to sign in")
    stranger.get_by_role("button", name="Sign out", exact=True).first.click()
    stranger.get_by_role("button", name="Sign in with a passkey").click()
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Your tasks")
    stranger.get_by_role("button", name="Sign out", exact=True).first.click()
    session.send(
        "WebAuthn.setUserVerified", {"authenticatorId": added["authenticatorId"], "isUserVerified": False}
    )
    stranger.get_by_role("button", name="Sign in with a passkey").click()
    expect(stranger.get_by_role("alert")).to_contain_text("No passkey was used")


def test_a_linked_account_signs_in_by_the_provider(
    console: Console, stranger: Page, provider: Provider
) -> None:
    person = console.person("lookup", password=True)
    provider.subject, provider.claims = f"sub-{person.account_id}", {}
    stranger.goto("/console/sign-in")
    stranger.get_by_role("button", name="Sign in with Example ID").click()
    expect(stranger.get_by_text("provider_unlinked")).to_be_visible()
    stranger.goto("/console/account")
    _sign_in(stranger, person.sign_in_name)
    stranger.get_by_role("button", name="Link my account").click()
    expect(stranger.get_by_role("status")).to_contain_text("linked")
    stranger.get_by_role("button", name="Sign out", exact=True).first.click()
    stranger.get_by_role("button", name="Sign in with Example ID").click()
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Your tasks")
    for wrong in ({"aud": "others"}, {"nonce": "another"}, {"exp": 1}, {"iss": "https://elsewhere.example"}):
        stranger.get_by_role("button", name="Sign out", exact=True).first.click()
        provider.claims = wrong
        stranger.get_by_role("button", name="Sign in with Example ID").click()
        expect(stranger.get_by_text("provider_refused")).to_be_visible()
        provider.claims = {}
        stranger.goto("/console/sign-in")
        stranger.get_by_role("button", name="Sign in with Example ID").click()
        expect(stranger.get_by_role("heading", level=1)).to_have_text("Your tasks")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_typed_text_survives_the_end_of_a_session(
    console: Console, browser: Browser, faults: list[str], scripts: bool
) -> None:
    person = console.person("lookup", password=True)
    with console.context(browser, person, java_script_enabled=scripts) as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/account")
        typed = "“Ñandú” & <i>العربية</i>"
        page.get_by_label("Current password").fill("not this one")
        page.get_by_label("New password").fill("x")
        page.evaluate("1") if scripts else None
        console.expire(person)
        page.get_by_label("Name of the new passkey").fill(typed)
        # As the script sends it: the form of the passkey with an answer in it.
        page.locator("form[action$='/account/passkeys']").evaluate(
            "form => { form.elements.credential.value = '{}'; }"
        )
        page.get_by_role("button", name="Add a passkey").click()
        expect(page.get_by_role("status")).to_contain_text("Your text is kept")
        _sign_in(page, person.sign_in_name)
        page.get_by_role("button", name="Show my form").click()
        expect(page.get_by_role("alert").first).to_contain_text("Your text is still here")
        assert page.get_by_label("Name of the new passkey").input_value() == typed
    assert faults == []


def test_sessions_are_seen_and_ended(console: Console, browser: Browser, stranger: Page) -> None:
    person = console.person("lookup", password=True)
    stranger.goto("/console/account")
    _sign_in(stranger, person.sign_in_name)
    expect(stranger.get_by_role("row")).to_have_count(3)
    with console.context(browser, person) as context:
        other = context.new_page()
        assert other.goto("/console/account")
        stranger.get_by_role("button", name="Sign out everywhere else").click()
        expect(stranger.get_by_role("status")).to_contain_text("signed out everywhere else")
        other.reload()
        expect(other.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_language_appearance_and_zone_are_the_readers(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    person = console.person("lookup", password=True)
    year = str(datetime.now(UTC).year).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    with console.context(browser, person, timezone_id="America/Bogota", locale="fr-FR") as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/account")
        root = page.locator("html")
        expect(root).to_have_attribute("lang", "fr")
        page.reload()
        expect(root).to_have_attribute("data-zone", "America/Bogota")
        page.get_by_role("button", name="العربية").click()
        expect(root).to_have_attribute("dir", "rtl")
        expect(page.get_by_role("heading", level=1)).to_have_text("حسابي")
        expect(page.locator("time").first).to_contain_text(year)
        page.get_by_role("button", name="داكن").click()
        expect(root).to_have_attribute("data-theme", "dark")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 23, 28)"
    assert faults == []


@dataclass(frozen=True, slots=True)
class Side:
    """From where a page is looked at: its scheme, its language, and the width of the window."""

    scheme: Literal["dark", "light"]
    language: str
    width: int

    def window(self, console: Console, browser: Browser) -> BrowserContext:
        return with_axe(
            console.context(
                browser,
                color_scheme=self.scheme,
                locale=self.language,
                viewport={"width": self.width, "height": 844},
                bypass_csp=True,
            )
        )


SIDES: Final = (Side("dark", "ar", 390), Side("light", "en", 1280))


@dataclass(frozen=True)
class Windows:
    """A page for each side, which all addresses share: a new one would begin a process and compile all
    scripts again."""

    pages: dict[Side, Page]
    faults: list[str]
    people: dict[Side, Person | None] = field(default_factory=dict)
    """Who is signed in there, and has done nothing since."""

    def cleared(self, side: Side, console: Console, shot: Shot, person: Person | None) -> Page:
        """The page as in a window in which the person is signed in, and was nobody else."""
        page = self.pages[side]
        if page.url.startswith(console.url):
            page.evaluate("localStorage.clear(); sessionStorage.clear()")
        if side not in self.people or self.people[side] is not person:
            page.goto("about:blank")  # a page that asks for more when signed out loads itself again
            page.context.clear_cookies()
            console.sign_in(page.context, person)
        self.people[side] = person
        if shot.then:
            del self.people[side]
        return page


@pytest.fixture(scope="module")
def shared(console: Console, browser: Browser) -> Iterator[Windows]:
    heard: list[str] = []
    with ExitStack() as stack:
        contexts = {side: stack.enter_context(side.window(console, browser)) for side in SIDES}
        yield Windows({side: watched(context.new_page(), heard) for side, context in contexts.items()}, heard)


@pytest.fixture
def windows(shared: Windows) -> Windows:
    shared.faults.clear()
    return shared


@pytest.mark.parametrize("shot", shots(), ids=lambda shot: str(shot.name))
def test_pages_are_accessible_and_fit_a_phone(console: Console, windows: Windows, shot: Shot) -> None:
    """Axe's rules of WCAG 2.2 AA, light and dark, from the left and from the right; nothing is wider than a
    phone; the first stop of the keyboard leads to the content."""
    made = shot.person(console)
    address = shot.address(console, made)
    person = made if shot.signed_in else None
    for side in SIDES[: 1 if shot.once else 2]:
        page = windows.cleared(side, console, shot, person)
        answered = page.goto(address)
        assert answered is not None
        assert answered.status == shot.status
        if shot.then:
            shot.then(page, console)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= side.width
        if not shot.then:
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.className") == "skip"
    assert windows.faults == []
