"""The pages of hash lists, other registries and private cases, for administrators."""

from __future__ import annotations

from typing import Final
from uuid import uuid4

from tests.browser.shots import EVERY, Shot
from tests.support.browser.console import Console, Person
from tests.support.sharing.publishing import Publisher


def private_bank(console: Console, person: Person) -> str:
    """A bank that only the person's organization sees. Return its name."""
    name = f"list {uuid4().hex[:6]}"
    with console.api(person.key) as api:
        made = api.post("/v1/banks", json={"name": name, "visibility": "private"})
        assert made.status_code == 201, made.text
    return name


def verifier_key() -> str:
    """The public key of another registry's record."""
    return str(Publisher("north").signer.verifier)


def exchanges(console: Console, person: Person) -> str:
    """A hash list that fills a bank."""
    body = {"name": f"Partner {uuid4().hex[:6]}", "kind": "file", "address": "partner.txt"}
    with console.api(person.key) as api:
        made = api.post("/v1/exchanges", json={**body, "bank": private_bank(console, person)})
        assert made.status_code == 201, made.text
    return "/console/admin/exchanges"


def peer(console: Console, person: Person) -> str:
    """A registry that fills a bank."""
    body = {
        "name": f"Agence {uuid4().hex[:6]}",
        "address": "https://registry.example",
        "keys": [verifier_key()],
        "feed": str(uuid4()),
        "bank": private_bank(console, person),
    }
    with console.api(person.key) as api:
        made = api.post("/v1/peers", json=body)
        assert made.status_code == 201, made.text
    return f"/console/admin/peers/{made.json()['peer_id']}"


def _peers(console: Console, person: Person) -> str:
    peer(console, person)
    return "/console/admin/peers"


def _form(path: str, console: Console, person: Person) -> str:
    private_bank(console, person)
    return path


SHOTS: Final = (
    Shot("admin-exchanges", exchanges),
    Shot("admin-exchange-kinds", "/console/admin/exchanges/new"),
    Shot(
        "admin-exchange-new",
        lambda console, person: _form("/console/admin/exchanges/new?kind=ncmec", console, person),
        once=True,
    ),
    Shot("admin-peers", _peers),
    Shot("admin-peer", peer),
    Shot("admin-peer-new", lambda console, person: _form("/console/admin/peers/new", console, person)),
    Shot("admin-intake", "/console/admin/private-cases", operator=True),
    Shot("cases", "/console/cases", roles=EVERY, operator=True),
)
