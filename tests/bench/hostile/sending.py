"""How each kind of file of the corpus is sent to a running service."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import httpx2

from registry.catalogue.fingerprints.model.document import to_document
from tests.hostile import targets
from tests.hostile.corpus import Case
from tests.support.media import drawn

ROLES: Final = ("lookup", "register", "review", "takedown", "admin", "faces")
EVERY: Final = 4
"""Of this many media, one is registered too, which reads it whole, makes previews and relates it."""
BUSY: Final = frozenset({429, 503})
PATIENCE: Final = 900.0
"""Seconds after which a file that is refused because of load is given up."""
SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES: Final = {"xlsx": SHEET, "zip": "application/octet-stream"}
LOCAL: Final = frozenset({"feed", "answer", "bundle", "proof"})
"""Kinds that the service fetches, and that `fakeprint verify` reads: the function that reads them is called
here.
"""


@dataclass
class Sent:
    """`statuses`: answers by target and status. `internal`: files that met an error nobody foresaw, and what
    it was. `lookups`, `assets`: the file by the id of what it became."""

    files: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    internal: list[str] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    subjects: dict[str, Case] = field(default_factory=dict)


class Sender:
    """One caller of an organization, with a campaign that lists of addresses go to."""

    def __init__(self, url: str, admin_key: str, sent: Sent) -> None:
        self.client = organization(url, admin_key, *ROLES)
        self._sent = sent
        self._campaign = _campaign(self.client)
        self._count = 0

    def send(self, case: Case) -> None:
        """Send one file, and count what came back."""
        self._sent.files += 1
        try:
            if case.target in LOCAL:
                self._sent.statuses[
                    f"{case.target} {targets.read(case.target, case.content) or 'taken'}"
                ] += 1
            else:
                self._post(case)
        except httpx2.HTTPError as error:
            self._sent.internal.append(f"{case.name}: no answer, {type(error).__name__}")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
            self._sent.internal.append(f"{case.name}: {type(error).__name__}: {error}"[:300])

    def _post(self, case: Case) -> None:
        content, kind = case.content, case.name.rpartition(".")[2]
        if case.target in targets.DECODERS:
            self._count += 1
            part = {"file": (case.name, content, "application/octet-stream")}
            self._seen(case, self._patiently(case, "/v1/lookups", files=part, headers={"Prefer": "wait=0"}))
            if self._count % EVERY == 0:
                part = {"fake": (case.name, content, "application/octet-stream")}
                self._seen(case, self._patiently(case, "/v1/entries", files=part, data={"title": case.name}))
            return
        path, type_ = {
            "document": ("/v1/lookups", "application/vnd.fakeprint+json"),
            "hashes": ("/v1/imports", "application/octet-stream"),
            "urls": (f"/v1/campaigns/{self._campaign}/notices", TYPES.get(kind, "text/csv")),
            "mail": ("/v1/replies/mailbox", "application/mbox" if kind == "mbox" else "message/rfc822"),
            "statements": ("/v1/statements", "application/json"),
        }[case.target]
        self._seen(case, self._patiently(case, path, content=content, headers={"Content-Type": type_}))

    def _patiently(self, case: Case, path: str, **request: Any) -> httpx2.Response:
        """Post again while the service says that it is busy."""
        ends = time.monotonic() + PATIENCE
        while True:
            answered = self.client.post(path, **request)
            if answered.status_code not in BUSY:
                return answered
            if time.monotonic() > ends:
                self._sent.given_up.append(case.name)
                return answered
            time.sleep(min(5.0, float(answered.headers.get("retry-after", 1))))

    def _seen(self, case: Case, answered: httpx2.Response) -> None:
        self._sent.statuses[f"{case.target} {answered.status_code}"] += 1
        if answered.status_code >= 500 and answered.status_code not in BUSY:
            self._sent.internal.append(f"{case.name}: {answered.status_code} {answered.text[:200]}")
        elif answered.status_code < 300 and case.target in targets.DECODERS:
            body = answered.json()
            for asset in body.get("assets", ()):
                self._sent.subjects[asset["asset_id"]] = case
            if "lookup_id" in body:
                self._sent.subjects[body["lookup_id"]] = case


def organization(url: str, admin_key: str, *roles: str) -> httpx2.Client:
    """Return a client of a new organization."""
    with httpx2.Client(
        base_url=url, headers={"Authorization": f"Bearer {admin_key}"}, trust_env=False
    ) as admin:
        body = {"organization": f"o {uuid4()}", "name": "tester", "roles": list(roles)}
        key = admin.post("/v1/callers", json=body).raise_for_status().json()["key"]
    return httpx2.Client(
        base_url=url, headers={"Authorization": f"Bearer {key}"}, trust_env=False, timeout=600
    )


def _campaign(client: httpx2.Client) -> str:
    document = to_document(drawn.clip("campaign"), faces=False)
    entry = (
        client.post("/v1/entries", json={"title": "a fake", "fakes": [document]}).raise_for_status().json()
    )
    about = client.post("/v1/clients", json={"name": "c", "depicted_name": "c"}).raise_for_status().json()
    mandate = {
        "granted_by": "self",
        "document_sha256": "cd" * 32,
        "valid_from": "2026-01-01T00:00:00Z",
        "valid_until": "2035-01-01T00:00:00Z",
    }
    path = f"/v1/clients/{about['client_id']}/mandates"
    made = client.post(path, json=mandate).raise_for_status().json()
    body = {
        "title": "a campaign",
        "client_id": about["client_id"],
        "entry_ids": [entry["entry_id"]],
        "mandate_id": made["mandates"][0]["mandate_id"],
        "regimes": ["dsa16"],
    }
    return str(client.post("/v1/campaigns", json=body).raise_for_status().json()["campaign_id"])
