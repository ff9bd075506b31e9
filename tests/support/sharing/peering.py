"""Registries that read each other: real API processes with their own databases. Workers run in the test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import httpx2

from registry.catalogue.banks.service.banks import create_bank
from registry.catalogue.fingerprints.model.document import to_document
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs import Job
from registry.jobs.service.jobs import claim_job
from registry.sharing.federation.schemas.peer import NewPeer, PeerShown
from registry.sharing.federation.service.feeds import publish_feeds
from registry.sharing.federation.service.peers import add_peer, get_peer, request_peer
from registry.sharing.sources.service.reading import fetch_exchange
from registry.sharing.webhooks.service.deliveries import deliver_messages
from registry.sharing.webhooks.service.events import dispatch_events
from registry.transparency.ledger.service.sequencing import sequence_events
from tests.support.service import api as processes
from tests.support.service.api import Api
from tests.support.service.rows import write
from tests.support.service.servers import PostgresServer
from tests.support.sharing.publishing import Publisher
from tests.support.steps import unwatched

ROLES: Final = ("lookup", "register", "review", "admin", "signals")


@dataclass(frozen=True)
class Registry:
    """A registry with an organization that publishes its bank `own` and reads other registries."""

    api: Api
    client: httpx2.Client
    token: str = field(repr=False)

    def call(self, method: str, path: str, expected: int = 200, **fields: Any) -> dict[str, Any]:
        answered = self.client.request(method, path, **fields)
        assert answered.status_code == expected, answered.text
        found: dict[str, Any] = answered.json()
        return found

    def register(self, clip: Fingerprint, **fields: Any) -> str:
        """Register an entry in the published bank, with faces in its document. Return its id."""
        body = {"bank": "own", "fakes": [to_document(clip, faces=True)], **fields}
        return str(self.call("POST", "/v1/entries", 201, json=body)["entry_id"])

    def verdict(self, clip: Fingerprint) -> str:
        payload = {"type": "document", "document": to_document(clip, faces=True)}
        return str(self.call("POST", "/v1/lookups", json=payload)["verdict"])

    def publish(self) -> None:
        """Publish the feeds, as workers do every few seconds."""
        with self.api.service() as service:
            publish_feeds(service)
            sequence_events(service)

    @property
    def feed(self) -> str:
        return str(self.call("GET", "/v1/banks/own")["bank_id"])

    @property
    def keys(self) -> list[str]:
        return [row["key"] for row in self.call("GET", "/v1/ledger")["keys"]]

    def key_for(self, name: str) -> str:
        """Return a key with the scope `peer`, of a new organization."""
        with self.api.client(self.api.key) as operator:
            payload = {"organization": name, "name": "peer", "roles": ["peer"]}
            made = operator.post("/v1/callers", json=payload)
        assert made.status_code == 201, made.text
        return str(made.json()["key"])

    def add(self, name: str, other: Registry, **fields: Any) -> dict[str, Any]:
        """Add another registry as a peer, with a bank of its name."""
        self.call("POST", "/v1/banks", 201, json={"name": name, "visibility": "private"})
        body = {
            "name": name,
            "address": other.api.url,
            "keys": other.keys,
            "feed": other.feed,
            "bank": name,
            "credential": other.key_for(f"reader {self.api.url}"),
        } | fields
        return self.call("POST", "/v1/peers", 201, json=body)

    def pull(self, name: str) -> dict[str, Any]:
        """Read a peer as a worker does, and return the peer."""
        response = self.client.post(f"/v1/peers/{name}/pull")
        assert response.status_code == 202, response.text
        with self.api.service() as service:
            with service.pool.transaction() as connection:
                row = connection.execute(
                    "SELECT job_id FROM job WHERE task = 'fetch_exchange' AND status = 'queued'"
                    " AND subject_id = %s",
                    (response.json()["peer_id"],),
                ).fetchone()
            assert row
            job = claim_job(service, row["job_id"])
            assert job
            fetch_exchange(service, job, lambda _share: None)
        return self.call("GET", f"/v1/peers/{name}")

    def tell(self) -> None:
        """Create and send messages, as workers do every second."""
        with self.api.service() as service:
            dispatch_events(service)
            for job in self._claimed(service, "deliver_messages"):
                deliver_messages(service, job, unwatched)

    def read_what_is_asked(self) -> int:
        """Read the peers whose jobs wait, as a worker does. Return how many."""
        with self.api.service() as service:
            chosen = service.settings.model_copy(update={"public_url": self.api.url})
            found = self._claimed(service, "fetch_exchange")
            for job in found:
                fetch_exchange(replace(service, settings=chosen), job, unwatched)
        return len(found)

    def _claimed(self, service: Service, task: str) -> list[Job]:
        with service.pool.transaction() as connection:
            rows = connection.execute(
                "SELECT job_id FROM job WHERE task = %s AND status = 'queued'", (task,)
            ).fetchall()
        return [job for row in rows if (job := claim_job(service, row["job_id"]))]

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Return rows of the registry's database."""
        with self.api.service() as service, service.pool.transaction() as connection:
            return connection.execute(query.encode()).fetchall()


@contextmanager
def registries(
    server: PostgresServer, folder: Path, *names: str, licence: str = "CC-BY-4.0", **settings: Any
) -> Iterator[list[Registry]]:
    """Run one registry for each name, with a published bank and a signed ledger of that name."""
    with ExitStack() as stack:
        found = []
        for name in names:
            database = stack.enter_context(server.clone())
            home = folder / name
            home.mkdir()
            api = stack.enter_context(
                processes.running(
                    database,
                    home,
                    ledger_origin=f"{name}/ledger",
                    exchange_private=True,
                    webhook_private=True,
                    **settings,
                )
            )
            client = stack.enter_context(api.stranger(*ROLES))
            made = Registry(api, client, client.headers["Authorization"].removeprefix("Bearer "))
            payload = {"name": "own", "policy": {"published": True, "licence": licence}}
            made.call("POST", "/v1/banks", 201, json=payload)
            made.publish()
            found.append(made)
        yield found


def add_published(
    service: Service, owner: Caller, publisher: Publisher, name: str = "", **fields: Any
) -> None:
    """Add a publisher as a peer of the organization, with a bank of its name."""
    name = name or publisher.name
    create_bank(service, owner, name=name, visibility="private")
    add_peer(
        service, owner, peer_of(publisher, name=name, bank=name, **{"credential": "fp_secret", **fields})
    )


def peer_of(publisher: Publisher, **fields: Any) -> NewPeer:
    """Return a publisher as a peer to add. `said`: other fields than its own."""
    payload = {
        "address": publisher.url,
        "keys": [str(publisher.signer.verifier)],
        "feed": str(publisher.bank),
    }
    return NewPeer(**payload | fields)


def pull_published(service: Service, owner: Caller, publisher: Publisher, name: str = "") -> PeerShown:
    """Read a publisher as a worker does, and return the peer."""
    requested = request_peer(service, owner, name or publisher.name)
    with service.pool.transaction() as connection:
        row = connection.execute(
            "SELECT job_id FROM job WHERE subject_id = %s AND status = 'queued'", (requested.peer_id,)
        ).fetchone()
    assert row
    job = claim_job(service, row["job_id"])
    assert job
    fetch_exchange(service, job, lambda _share: None)
    return get_peer(service, owner, name or publisher.name)


def let_checkpoints_age(service: Service) -> None:
    """Let the checkpoints that other registries told of have been told 10 minutes earlier."""
    write(service, "UPDATE peer_heard SET heard_at = heard_at - interval '10 minutes'")


def let_missing_entries_age(service: Service) -> None:
    """Let entries that a peer holds back have been awaited for 10 minutes longer."""
    write(service, "UPDATE peer_awaited SET since = since - interval '10 minutes'")


def forget_listings(service: Service) -> None:
    """Let nobody have read a peer: delete what peers listed."""
    for table in ("listing_source", "foreign_entry", "listing"):
        write(service, f"DELETE FROM {table}")  # noqa: S608 - names above
