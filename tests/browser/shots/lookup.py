"""Looking up: the page that asks, an answer in time, one that knows nothing, one that is not there yet."""

from __future__ import annotations

from typing import Any, Final

import httpx

from registry.catalogue.fingerprints.model.document import to_document
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from tests.browser.shots import Shot
from tests.support.browser.console import Console, Person
from tests.support.media import drawn


def _looked_up(client: httpx.Client, query: Fingerprint) -> str:
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


SHOTS: Final = (
    Shot("lookup", "/console/lookup"),
    Shot("lookup-known", _known),
    Shot("lookup-unknown", _unknown),
    Shot("lookup-waiting", _waiting),
)
