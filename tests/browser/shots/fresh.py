"""Pages of an organization in which nothing was done yet, and of people whose names do not end."""

from __future__ import annotations

from typing import Final
from uuid import uuid4

from registry.catalogue.fingerprints.model.document import to_document
from tests.browser.shots import FRESH, LONG, Shot
from tests.support.browser.console import Console, Person
from tests.support.media import drawn


def _long(console: Console, person: Person) -> str:
    """An entry of which every word is long."""
    payload = {
        "title": f"{LONG} {'x' * 60} {LONG}"[:300],
        "claim": "الفيديو يُظهر عضو المجلس في فندق في مليلية. " * 4 + "W" * 200,
        "language": "ar",
        "depicted": [{"name": LONG, "role": "concejala", "public": True}],
        "references": [
            {"url": "https://verifica.example.org/" + "a" * 300, "title": LONG, "publisher": LONG}
        ],
        "seen": [{"url": "https://video.example/" + "b" * 300, "note": LONG}],
        "evidence": LONG,
    }
    key = f"long {person.organization_id}"
    if key not in console.things:
        with console.api(person.key) as client:
            fake = to_document(drawn.clip(str(uuid4())), faces=False)
            made = client.post("/v1/entries", json={"fakes": [fake], **payload})
            assert made.status_code == 201, made.text
        console.things[key] = made.json()["entry_id"]
    return f"/console/entries/{console.things[key]}"


SHOTS: Final = (
    Shot("new-home", "/console/", roles=FRESH),
    Shot("new-entries", "/console/entries", roles=FRESH, once=True),
    Shot("new-review", "/console/review", roles=FRESH, once=True),
    Shot("new-disputes", "/console/disputes", roles=FRESH, once=True),
    Shot("new-takedown", "/console/takedown", roles=FRESH, once=True),
    Shot("new-clients", "/console/takedown/clients", roles=FRESH, once=True),
    Shot("new-replies", "/console/takedown/replies", roles=FRESH, once=True),
    Shot("new-figures", "/console/takedown/figures", roles=FRESH, once=True),
    Shot("new-webhooks", "/console/admin/webhooks", roles=FRESH, once=True),
    Shot("long-home", "/console/", long=True),
    Shot("long-account", "/console/account", long=True, once=True),
    Shot("long-people", "/console/admin/accounts", long=True, once=True),
    Shot("long-entry", _long, long=True),
    Shot("long-entries", lambda console, person: _long(console, person) and "/console/entries", long=True),
    Shot("long-review", lambda console, person: _long(console, person) and "/console/review", long=True),
)
