"""The policy of a bank in plain words, with what another would change."""

from __future__ import annotations

from typing import Final

from registry.catalogue.fingerprints.model.document import to_document
from tests.browser.shots import Shot
from tests.support.browser.console import Console, Person
from tests.support.media import drawn


def looked_up(console: Console, person: Person, count: int = 3) -> str:
    """The organization's first bank, after lookups that found its fake. Return the address of its page."""
    seed = f"policy {person.organization_id}"
    if seed not in console.things:
        fake = to_document(drawn.clip(seed, seconds=20), faces=False)
        query = to_document(drawn.clip(seed, seconds=8, start=4, file="query"), faces=False)
        with console.api(person.key) as client:
            body = {"fakes": [fake], "manipulation": "synthetic", "title": "A fake"}
            assert client.post("/v1/entries", json=body).status_code == 201
            for _ in range(count):
                found = client.post("/v1/lookups", json={"type": "document", "document": query})
                assert found.json()["verdict"] == "known_fake", found.text
            own = [item for item in client.get("/v1/banks").json()["banks"] if item["own"]]
        console.things[seed] = f"/console/admin/banks/{own[0]['bank_id']}"
    found_bank: str = console.things[seed]
    return found_bank


def _present(console: Console, person: Person) -> str:
    return f"{looked_up(console, person)}/policy"


def _preset(console: Console, person: Person) -> str:
    return f"{looked_up(console, person)}/policy?preset=careful"


SHOTS: Final = (
    Shot("admin-policy", _present, once=True),
    Shot("admin-policy-preview", _preset),
)
