"""Only reviewers read what a person wrote in a private case. No list, entry or lookup shows it to others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

import httpx2
import pytest

from registry.catalogue.fingerprints.model.document import to_document
from registry.identity.callers.model import ROLES, SCOPES
from tests.bench.registry import calls, things
from tests.support.media import drawn
from tests.support.service import api as processes
from tests.support.service import servers as services
from tests.support.service.api import Api

WRITTEN: Final = ("ana-7788@example.org", "videos.example/watch/kitchen", "Kitchenlab")
"""What the person wrote: how to reach them, and where it was seen."""
OTHERS: Final = sorted((ROLES | SCOPES) - {"review"})
MET: Final = frozenset({"showLookup", "listOpinions", "openDispute", "listDisputes", "showDispute"})
"""What is about lookups that met an entry, and disputes of whoever met it: by its id, without a word of what
was written."""
SAID: Final = ("title", "claim", "references", "seen", "evidence", "assets", "variant_of", "tier")


@dataclass(frozen=True)
class Case:
    """An open private case, and another entry with its footage that everybody of the organization sees."""

    entry_id: str
    near_id: str
    bank: str
    document: dict[str, Any]


@pytest.fixture(scope="module")
def api(
    embedded_postgres: services.PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    """A registry of these tests alone: what they open counts against its limits."""
    folder = tmp_path_factory.mktemp("cases")
    with (
        embedded_postgres.clone() as url,
        processes.running(url, folder, lookup_wait=0, registration_wait=0) as made,
    ):
        yield made


@pytest.fixture
def clients(api: Api) -> Iterator[dict[str, httpx2.Client]]:
    """Callers of the organization that takes the cases: reviewers, and whoever has all roles but that."""
    with ExitStack() as stack:
        operator = stack.enter_context(api.client(api.key))
        made = {"operator": operator}
        for name, roles in (("reviewer", ["lookup", "review"]), ("others", OTHERS)):
            answered = operator.post("/v1/callers", json={"name": f"{name} {uuid4()}", "roles": roles})
            assert answered.status_code == 201, answered.text
            made[name] = stack.enter_context(api.client(answered.json()["key"]))
        yield made


@pytest.fixture
def case(api: Api, clients: dict[str, httpx2.Client]) -> Iterator[Case]:
    operator = clients["operator"]
    bank = f"cases {uuid4()}"
    payload = {"name": bank, "visibility": "shared", "policy": {"known_tier": "reviewed"}}
    assert operator.post("/v1/banks", json=payload).status_code == 201
    assert operator.put("/v1/private-cases/intake", json={"bank": bank}).json()["open"]
    document = to_document(drawn.clip(f"case {uuid4()}", seconds=12), faces=False)
    body = {"documents": [document], "standing": "depicted", "intimate": True, "adult": True, "true": True}
    body |= {"note": f"Write to {WRITTEN[0]}"}
    body |= {"seen": [{"url": f"https://{WRITTEN[1]}"}, {"platform": WRITTEN[2]}]}
    with api.client(None) as nobody:
        assert nobody.post("/v1/private-cases", json=body).status_code == 201
    (item,) = [
        item for item in clients["reviewer"].get("/v1/reviews").json()["items"] if item["bank"] == bank
    ]
    near = clients["others"].post("/v1/entries", json={"fakes": [document], "title": "Seen twice"})
    assert near.status_code in {201, 202}, near.text
    assert near.json()["duplicates"] == []
    yield Case(item["entry_id"], near.json()["entry_id"], bank, document)
    operator.put("/v1/private-cases/intake", json={"bank": None})


def test_only_reviewers_read_the_persons_texts(clients: dict[str, httpx2.Client], case: Case) -> None:
    read = clients["reviewer"].get(f"/v1/entries/{case.entry_id}")
    assert all(word in read.text for word in WRITTEN)
    assert case.entry_id in clients["reviewer"].get("/v1/entries").text
    assert case.entry_id in clients["reviewer"].get("/v1/private-cases").text
    for path in ("/v1/entries", f"/v1/banks/{case.bank}/entries", f"/v1/banks/{case.bank}/export"):
        answered = clients["others"].get(path)
        assert (answered.status_code, case.entry_id in answered.text) == (200, False)
    assert clients["others"].get("/v1/private-cases").status_code == 403
    assert clients["others"].get(f"/v1/entries/{case.entry_id}").json()["code"] == "unknown_entry"


@pytest.mark.slow
def test_no_other_operation_reveals_a_private_case(clients: dict[str, httpx2.Client], case: Case) -> None:
    """Call every operation with every role but `review`: by the case's id, which gets the answer of an
    unknown id. Also by the id of an entry with the same footage, by its bank, and in lists. No answer
    contains a word of the case."""
    before = clients["reviewer"].get(f"/v1/entries/{case.entry_id}").json()
    for operation in calls.operations(clients["operator"].get("/openapi.json").json()):
        if not operation.door["key"]:
            continue
        by_id = operation.call(clients["others"], {"entry_id": case.entry_id}, optional=True)
        if "{entry_id}" in operation.path and operation.name not in MET:
            nobodys = operation.call(clients["others"], {"entry_id": things.ABSENT}, optional=True)
            assert by_id.status_code == nobodys.status_code, (operation.name, by_id.text[:300])
        answers = [by_id]
        if operation.method == "GET":
            queries: tuple[dict[str, str], ...] = ({"entry_id": case.near_id}, {"bank": case.bank}, {})
            answers += [operation.call(clients["others"], row, optional=True) for row in queries]
        for answered in answers:
            assert not any(word in answered.text for word in WRITTEN), operation.name
            if answered is not by_id and operation.name not in MET:
                assert case.entry_id not in answered.text, (operation.name, answered.text[:300])
    after = clients["reviewer"].get(f"/v1/entries/{case.entry_id}").json()
    assert {name: after[name] for name in SAID} == {name: before[name] for name in SAID}


def test_a_lookup_that_meets_a_case_answers_as_ever(clients: dict[str, httpx2.Client], case: Case) -> None:
    payload = {"type": "document", "document": case.document}
    answers = [clients[who].post("/v1/lookups", json=payload) for who in ("others", "reviewer")]
    met = [
        [match for match in answer.json()["matches"] if match["entry_id"] == case.entry_id]
        for answer in answers
    ]
    assert [answer[0]["title"] for answer in met] == ["Private case"] * 2
    assert not any(word in answer.text for answer in answers for word in WRITTEN)


@pytest.mark.slow
def test_a_matched_case_can_be_disputed_and_only_reviewers_see_the_reason(
    api: Api, clients: dict[str, httpx2.Client], case: Case
) -> None:
    with api.stranger("lookup") as stranger:
        whose = stranger.get("/v1/callers/me").json()["organization"]["organization_id"]
        clients["operator"].put(f"/v1/banks/{case.bank}/shares/{whose}").raise_for_status()
        met = stranger.post("/v1/lookups", json={"type": "document", "document": case.document}).json()
        assert case.entry_id in [match["entry_id"] for match in met["matches"]]
        assert stranger.get(f"/v1/entries/{case.entry_id}").json()["code"] == "unknown_entry"
        payload = {"kind": "mistaken", "standing": "other", "statement": "It shows somebody else."}
        opened = stranger.post(f"/v1/entries/{case.entry_id}/disputes", json=payload)
        assert opened.status_code in {200, 201}, opened.text
        path = f"/v1/disputes/{opened.json()['dispute_id']}"
        seen = [client.get(path).status_code for client in (stranger, *clients.values())]
        assert seen == [200, 200, 200, 404]
        assert opened.json()["dispute_id"] not in clients["others"].get("/v1/disputes").text
