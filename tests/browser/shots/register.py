"""The form of a registration."""

from __future__ import annotations

import json
from typing import Any, Final

from playwright.sync_api import FilePayload, Page

from registry.catalogue.fingerprints.model.document import to_document
from tests.browser.shots import Shot
from tests.support.browser.console import Console, Person
from tests.support.media import drawn

SEED: Final = "the same scene"


def _document(face: str) -> dict[str, Any]:
    return to_document(drawn.clip(SEED, face=face), faces=True)


def _known(console: Console, person: Person) -> str:
    """Something is registered that is near what is chosen in `_near`."""
    with console.api(person.key) as client:
        client.post("/v1/entries", json={"fakes": [_document("victim")], "title": "Concejala en un hotel"})
    return "/console/register"


def _near(page: Page, _: Console) -> None:
    file = FilePayload(name="b.json", mimeType="application/json", buffer=json.dumps(_document("b")).encode())
    page.locator("[name=fake]").set_input_files(file)
    page.locator("[name=title]").fill("Misma escena, otra cara")
    page.locator("#register button.primary").click()
    page.locator(".near li").first.wait_for()


SHOTS: Final = (
    Shot("register", "/console/register"),
    Shot("register-near", _known, then=_near),
)
