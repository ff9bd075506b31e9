"""One console and one browser for all tests of pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.browser import provider as openid
from tests.support.browser.console import Console, Site
from tests.support.browser.provider import Provider
from tests.support.service import api as processes
from tests.support.service import servers as services
from tests.support.service.stack import Stack
from tests.support.takedown.mail import MailServer, mail_server

CHROMIUM = "/usr/bin/chromium-headless-shell"
"""Chromium without its own windows and toolbars: pages cost half the CPU time."""
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--renderer-process-limit=1")
"""The tests run as root, which Chromium's sandbox does not. Without the limit, each page that is opened by
its address begins a process and compiles all scripts again: a third of the CPU time."""
WAIT = 60_000
"""Milliseconds at most that a page waits for the service; Playwright's 5,000 are few on a busy machine."""
PATIENCE = 240_000
"""Milliseconds at most that a page waits for a worker, on a machine that is busy."""

expect.set_options(timeout=WAIT)


@pytest.fixture(scope="package")
def provider() -> Iterator[Provider]:
    """The OpenID provider of the console."""
    with openid.running() as started:
        yield started


PLATFORMS = """
[[platform]]
id = "mailed"
name = "Mailed"
hosts = ["mailed.example.net"]
channels = [{ kind = "email", address = "legal@mailed.example.net", languages = ["es"], confirmed = true }]
"""
"""A platform that is asked by mail, at the server `mailing`."""


@pytest.fixture(scope="package")
def mailing() -> Iterator[MailServer]:
    """Where the console's notices are mailed to."""
    with mail_server() as started:
        yield started


@pytest.fixture(scope="package")
def console(
    provider: Provider,
    mailing: MailServer,
    embedded_postgres: services.PostgresServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Console]:
    """The API with its console, without workers, at `localhost`: passkeys need a name."""
    folder = tmp_path_factory.mktemp("console")
    (folder / "platforms.toml").write_text(PLATFORMS)
    with (
        embedded_postgres.clone() as url,
        processes.running(
            url,
            folder,
            environment={"FAKEPRINT_PLATFORMS": str(folder / "platforms.toml")},
            smtp_url=f"smtp://127.0.0.1:{mailing.port}?tls=none",
            smtp_from="Example Legal <notices@legal.example.org>",
            lookup_wait=0,
            registration_wait=0,
            oidc_issuer=provider.url,
            oidc_client_id=openid.CLIENT,
            oidc_client_secret="a secret of tests",
            oidc_name="Example ID",
        ) as started,
    ):
        yield Console(started.url.replace("127.0.0.1", "localhost"), started.key, started)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. It ends with the last test of pages: Playwright's loop would run on in the thread of
    all tests after it."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def patient(browser: Browser) -> Iterator[Browser]:
    """For a file that asks a whole service, where pages wait for workers."""
    expect.set_options(timeout=PATIENCE)
    yield browser
    expect.set_options(timeout=WAIT)


@pytest.fixture(scope="module")
def site(private_service: Stack) -> Site:
    """The console of a whole service."""
    return Site(private_service.url, (private_service.data / "admin.key").read_text().strip())


@pytest.fixture
def faults(browser: Browser) -> list[str]:
    """What pages complained of in the console of the browser; empty at the end of every test that uses
    `opened`."""
    return []


@pytest.fixture
def stranger(console: Console, browser: Browser, faults: list[str]) -> Iterator[Page]:
    """A window in which nobody is signed in. What the browser refuses by the policy, and errors of scripts,
    fail the test."""
    with console.context(browser) as context:
        page = watched(context.new_page(), faults)
        yield page
    assert faults == []


def served(page: Page, faults: list[str]) -> Page:
    """As `watched`; what the service could not answer is a fault as well."""
    page.on(
        "response", lambda item: faults.append(f"{item.status} {item.url}") if item.status >= 500 else None
    )
    return watched(page, faults)


def watched(page: Page, faults: list[str]) -> Page:
    """The page, whose errors and refusals go into `faults`."""
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None,
    )
    return page
