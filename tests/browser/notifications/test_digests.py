"""Mails of notifications: chosen on their page, and stopped by the link in each mail without signing in."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, expect

from registry.app.service.digests import send_due_digests
from registry.sharing.webhooks.service.events import dispatch_events
from tests.browser.conftest import watched
from tests.browser.shots.review import disputed
from tests.support.browser.console import Console
from tests.support.service import api as processes
from tests.support.service import servers as services
from tests.support.service.api import NOBODY
from tests.support.takedown.mail import MailServer

LATER = datetime.now(UTC) + timedelta(days=2)


@pytest.fixture
def public(
    mailing: MailServer, embedded_postgres: services.PostgresServer, tmp_path: Path
) -> Iterator[Console]:
    """A console that knows its public address, so that mails can name it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (
        embedded_postgres.clone() as url,
        processes.running(
            url,
            tmp_path,
            "--port",
            str(port),
            smtp_url=f"smtp://127.0.0.1:{mailing.port}?tls=none",
            smtp_from="registry@legal.example.org",
            public_url=f"http://localhost:{port}",
        ) as started,
    ):
        yield Console(f"http://localhost:{port}", started.key, started)


def test_mails_are_chosen_and_stopped_by_their_link(
    public: Console, browser: Browser, faults: list[str], mailing: MailServer
) -> None:
    person = public.person("register", key=public.organization())
    with public.context(browser, person, locale="es", timezone_id="Europe/Madrid") as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/")  # from the next page on the service knows the zone
        page.goto("/console/notifications")
        expect(page.get_by_role("radio", name="Nunca")).to_be_checked()
        page.get_by_role("radio", name=re.compile("^Cada día")).check()
        expect(page.get_by_text("Europe/Madrid").first).to_be_visible()
        page.get_by_role("button", name="Guardar").click()
        expect(page.get_by_role("radio", name=re.compile("^Cada día"))).to_be_checked()
    disputed(public, person.key)
    with public.started.service() as service:
        while dispatch_events(service):
            pass
        assert send_due_digests(service, LATER) == 1
    message = mailing.taken[-1].message
    assert "Alguien impugna una entrada." in message.get_content()
    link = message["List-Unsubscribe"].strip("<>")
    with public.context(browser, locale="es") as context:
        page = watched(context.new_page(), faults)
        page.goto(link)
        page.get_by_role("button", name="Dejar de recibirlos").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Ya no recibirá avisos por correo")
    with httpx2.Client(trust_env=False, verify=NOBODY) as program:
        stopped = program.post(link, data={"List-Unsubscribe": "One-Click"})
        assert (stopped.status_code, program.post(f"{link[:-4]}AAAA").status_code) == (200, 404)
    with public.context(browser, person, locale="es") as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/notifications")
        expect(page.get_by_role("radio", name="Nunca")).to_be_checked()
    assert faults == []
