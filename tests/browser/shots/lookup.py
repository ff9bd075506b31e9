"""Looking up: the page that asks, an answer in time, one that knows nothing, one that is not there yet."""

from __future__ import annotations

from typing import Any, Final

import httpx2
from playwright.sync_api import FilePayload, Page

from registry.catalogue.fingerprints.model.document import to_document
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from tests.browser.shots import EVERY, Shot, previews
from tests.support.browser.console import Console, Person
from tests.support.media import drawn


def _looked_up(client: httpx2.Client, query: Fingerprint) -> str:
    found = client.post("/v1/lookups", json={"type": "document", "document": to_document(query, faces=False)})
    assert found.status_code == 200, found.text
    return f"/console/lookup/{found.json()['lookup_id']}"


def _known(console: Console, person: Person) -> str:
    seed = f"shot {person.organization_id}"
    fakes = [to_document(drawn.clip(seed, seconds=40, file="fake"), faces=False)]
    body: dict[str, Any] = {"fakes": fakes, "title": "Candidate “resigns”", "manipulation": "lip_sync"}
    with console.api(person.key) as client:
        client.post("/v1/entries", json=body)
        query = drawn.joined(
            drawn.clip("something else", seconds=20),
            drawn.clip(seed, seconds=15, start=2),
            drawn.clip("another thing", seconds=9),
            drawn.clip(seed, seconds=12, start=25),
        )
        return _looked_up(client, query)


def _unknown(console: Console, person: Person) -> str:
    with console.api(person.key) as client:
        return _looked_up(client, drawn.clip(f"never seen {person.organization_id}", seconds=12))


def _waiting(console: Console, person: Person) -> str:
    with console.api(person.key) as client:
        files = {"file": ("clip.mp4", f"bytes of {person.organization_id}".encode())}
        sent = client.post("/v1/lookups", files=files, headers={"Prefer": "respond-async"})
        assert sent.status_code == 202, sent.text
        return f"/console/lookup/{sent.json()['lookup_id']}"


def _pictures_there(page: Page, _: Console) -> None:
    page.locator(".pictures img").first.wait_for()


def _history(console: Console, person: Person) -> str:
    _known(console, person)
    _unknown(console, person)
    return "/console/lookup/history"


def _files(page: Page, _: Console) -> None:
    """Two files that are looked up, and one that no browser reads."""
    clip = previews.clip()[0]
    page.locator("#media").set_input_files(
        [
            FilePayload(name="received in a chat.mp4", mimeType="video/mp4", buffer=clip),
            FilePayload(name="cut.mp4", mimeType="video/mp4", buffer=clip[: len(clip) * 6 // 10]),
            FilePayload(name="notes.txt", mimeType="text/plain", buffer=b"Who sent this?"),
        ]
    )
    page.locator("#go").click()
    page.locator("#files-stop").wait_for(state="hidden")
    page.evaluate("scrollTo(0, 0)")


SEES: Final = (*EVERY, "signals")
"""Roles of somebody who sees what agrees."""


def _pictured(console: Console, person: Person) -> str:
    """A known fake with its pictures: a copy that begins elsewhere, with something else before it."""
    _, asset_id = previews.registered(console, person.key)
    with console.api(person.key) as client:
        found = _looked_up(client, previews.clip()[1])
    with previews.window(console, person) as client:
        client.get(previews.strip_of(client.get(found).text))
    previews.made(console, asset_id)
    return found


SHOTS: Final = (
    Shot("lookup", "/console/lookup"),
    Shot("lookup-files", "/console/lookup", then=_files),
    Shot("lookup-known", _known, roles=SEES),
    Shot("lookup-unknown", _unknown),
    Shot("lookup-waiting", _waiting),
    Shot("lookup-pictured", _pictured, roles=SEES, then=_pictures_there),
    Shot("lookup-history", _history, roles=SEES),
    Shot("lookup-history-none", "/console/lookup/history?verdict=undecidable", once=True),
)
