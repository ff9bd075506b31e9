"""Organizations with reviewers, used over HTTP, and their common actions."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx2

from registry.catalogue.entries.service.registration import enrol_fingerprint
from registry.catalogue.fingerprints.model.document import to_document
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.jobs.service.jobs import claim_job
from tests.support.media import drawn
from tests.support.service.api import Api
from tests.support.steps import renamed


class Organization:
    """An organization. Its administrator creates as many callers as a test needs."""

    def __init__(self, api: Api, stack: ExitStack) -> None:
        self.api, self.stack, self.name = api, stack, f"o {uuid4()}"
        with api.client(api.key) as operator:
            payload = {"organization": self.name, "name": "administrator", "roles": ["admin"]}
            made = operator.post("/v1/callers", json=payload)
        assert made.status_code == 201, made.text
        self.administrator = str(made.json()["key"])

    def client(self, *roles: str) -> httpx2.Client:
        """Return a client of a new caller with these roles; it is closed with the stack."""
        with self.api.client(self.administrator) as admin:
            made = admin.post("/v1/callers", json={"name": f"c {uuid4()}", "roles": list(roles)})
        assert made.status_code == 201, made.text
        return self.stack.enter_context(self.api.client(made.json()["key"]))


@dataclass(frozen=True)
class Filed:
    """An entry with the file of its fake: bytes and fingerprint."""

    entry_id: str
    asset_id: str
    content: bytes
    found: Fingerprint

    @property
    def sha256(self) -> str:
        return self.found.media.sha256


def file_fake(api: Api, client: httpx2.Client, *, seed: str | None = None, **fields: Any) -> Filed:
    """Register a fake as a file and do the worker's job."""
    content = uuid4().bytes
    clip = drawn.clip(seed or str(uuid4()), face="victim")
    made = client.post("/v1/entries", files={"fake": ("a.mp4", content)}, data=fields)
    assert made.status_code == 201, made.text
    asset = made.json()["assets"][0]
    found = renamed(clip, asset["sha256"])
    work(api, asset["asset_id"], found)
    return Filed(made.json()["entry_id"], asset["asset_id"], content, found)


def add_media(api: Api, client: httpx2.Client, entry_id: str, role: str, content: bytes, seed: str) -> str:
    """Add a file to an entry and do the worker's job. Return the asset's id."""
    made = client.post(f"/v1/entries/{entry_id}/assets", files={role: ("b.mp4", content)})
    assert made.status_code in {200, 201}, made.text
    asset = made.json()
    if asset["status"] == "pending":
        work(api, asset["asset_id"], renamed(drawn.clip(seed, face="victim"), asset["sha256"]))
    return str(asset["asset_id"])


def work(api: Api, asset_id: str, found: Fingerprint) -> None:
    """Do a worker's job for the file of an asset."""
    with api.service() as service:
        with service.pool.transaction() as connection:
            row = connection.execute(
                "SELECT job_id FROM job WHERE subject_id = %s AND status = 'queued'", [UUID(asset_id)]
            ).fetchone()
        assert row
        job = claim_job(service, row["job_id"])
        assert job
        enrol_fingerprint(service, job, found)


def ask(client: httpx2.Client, clip: Fingerprint) -> dict[str, Any]:
    """Look up a document and return the answer."""
    body = {"type": "document", "document": to_document(clip, faces=True)}
    answered = client.post("/v1/lookups", json=body)
    assert answered.status_code == 200, answered.text
    found: dict[str, Any] = answered.json()
    return found


def claim(client: httpx2.Client, entry_id: str) -> httpx2.Response:
    return client.post(f"/v1/reviews/{entry_id}/claim", json={})


def decide(client: httpx2.Client, entry_id: str, decision: str = "approve", **fields: Any) -> httpx2.Response:
    """Claim an entry and decide. If the decision is refused, release the claim."""
    claimed = claim(client, entry_id)
    if claimed.status_code != 200:
        return claimed
    decided = client.post(f"/v1/reviews/{entry_id}/decision", json={"decision": decision, **fields})
    if decided.status_code != 200:
        client.delete(f"/v1/reviews/{entry_id}/claim")
    return decided


def contest(client: httpx2.Client, entry_id: str, **fields: Any) -> httpx2.Response:
    body = {"kind": "satire", "standing": "author", "statement": "Es una sátira."} | fields
    return client.post(f"/v1/entries/{entry_id}/disputes", json=body)


def code(response: httpx2.Response) -> tuple[int, str]:
    """Return status and stable code of an error response."""
    return response.status_code, response.json().get("code", "")


def shown(client: httpx2.Client, entry_id: str) -> dict[str, Any]:
    found = client.get(f"/v1/reviews/{entry_id}")
    assert found.status_code == 200, found.text
    body: dict[str, Any] = found.json()
    return body


ORDER = {
    "court": "Juzgado de Instrucción n.º 2 de Melilla",
    "docket": "DP 123/2026",
    "date": "2026-01-30",
    "document_sha256": "ab" * 32,
}


class Cast:
    """Two organizations: `maker` registers and `first` and `second` review in one; `abroad` is in the
    other."""

    def __init__(self, api: Api, stack: ExitStack) -> None:
        self.api, self.stack = api, stack
        self.home, self.other = self.organization(), self.organization()
        self.maker = self.home.client("lookup", "register", "review")
        self.first = self.home.client("review")
        self.second = self.home.client("review", "admin")
        self.abroad = self.other.client("lookup", "review", "register")
        self.asker = self.organization().client("lookup")

    def organization(self) -> Organization:
        return Organization(self.api, self.stack)

    def file(self, **fields: Any) -> Filed:
        return file_fake(self.api, self.maker, **fields)


def queue(client: httpx2.Client, *, entry_id: str) -> list[dict[str, Any]]:
    """Return the queue items of an entry."""
    found: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        params = {"limit": "200"} | ({"after": after} if after else {})
        page = client.get("/v1/reviews", params=params)
        assert page.status_code == 200, page.text
        found += [item for item in page.json()["items"] if item["entry_id"] == entry_id]
        after = page.json()["next"]
        if after is None:
            return found
