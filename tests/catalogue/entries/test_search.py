"""Entries are searched by parts of words in any script, within one organization, by an index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import httpx2
import psycopg
import pytest

from registry.catalogue.entries.model.entry import Order
from registry.catalogue.entries.service.search import (
    search_details,
    search_entries,
    search_entries_by_digest,
)
from registry.catalogue.entries.store import entries as pages
from registry.catalogue.entries.store import search as store
from registry.catalogue.entries.store.entries import EntryQuery
from registry.catalogue.fingerprints.model.document import to_document
from registry.core.errors import Forbidden
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate
from tests.support.entries import fill_bank
from tests.support.media import drawn
from tests.support.service.api import Api

TITLES = {
    "council": ("Concejala, cara cambiada en Melilla", "El vídeo dice mostrar a María Núñez."),
    "minister": ("وزيرُ الداخليّة يُعلن استقالته", "الفيديو مُركَّب من مقابلة قديمة في مليلية"),
    "mayor": ("Le maire de Łódź démissionne à l’antenne", None),
    "street": ("Straßenumfrage mit dem Bürgermeister", "100 % erfunden_"),
}


@pytest.fixture(scope="module")
def entries(api: Api) -> Iterator[dict[str, Any]]:
    """The titles, registered by one organization."""
    with api.stranger("register", "lookup", "admin") as client:
        made = {
            name: register(client, name, title=title, claim=claim) for name, (title, claim) in TITLES.items()
        }
        yield {"client": client, **made}


def register(client: httpx2.Client, seed: str, **fields: Any) -> str:
    body = {"fakes": [to_document(drawn.clip(f"search {seed}"), faces=False)], **fields}
    made = client.post("/v1/entries", json={name: value for name, value in body.items() if value})
    assert made.status_code == 201, made.text
    return str(made.json()["entry_id"])


@contextmanager
def signed(api: Api, client: httpx2.Client) -> Iterator[tuple[Service, Caller]]:
    with api.service() as service:
        yield service, authenticate(service, client.headers["authorization"].removeprefix("Bearer "))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("melilla", ["council"]),
        ("MELI cambi", ["council"]),
        ("nunez", ["council"]),
        ("Núñez", ["council"]),
        ("ca", ["council"]),
        ("jala", ["council"]),
        ("داخلية", ["minister"]),
        ("الداخلية وزير", ["minister"]),
        ("أستقالته", ["minister"]),
        ("مليليه", ["minister"]),
        ("lodz", ["mayor"]),
        ("l'antenne", ["mayor"]),
        ("strasse", ["street"]),
        ("STRASSEN", ["street"]),
        ("100 %", ["street"]),
        ("erfunden_", ["street"]),
        ("melilla lodz", []),
        ("%", []),
        ("", []),
        ("nothing of the kind", []),
    ],
)
def test_each_word_is_found_as_a_part_of_a_word(
    api: Api, entries: dict[str, Any], text: str, found: list[str]
) -> None:
    with signed(api, entries["client"]) as (service, caller):
        ids = [str(entry.entry_id) for entry in search_entries(service, caller, text)]
    assert ids == [entries[name] for name in found]


def test_titles_come_before_claims_and_then_the_newest(api: Api) -> None:
    with api.stranger("register", "admin") as client:
        first = register(client, "order 1", title="Discurso en Ceuta")
        second = register(client, "order 2", title="Entrevista", claim="Discurso en Ceuta")
        third = register(client, "order 3", title="Otro discurso")
        with signed(api, client) as (service, caller):
            ids = [str(entry.entry_id) for entry in search_entries(service, caller, "discurso")]
            assert ids == [third, first, second]
            assert len(search_entries(service, caller, "discurso", limit=1)) == 1
            changed = client.patch(f"/v1/entries/{first}", json={"title": "Mitin"})
            assert changed.status_code == 200
            ids = [str(entry.entry_id) for entry in search_entries(service, caller, "discurso")]
            assert ids == [third, second], "a changed title is found by its new words alone"


def test_nothing_is_found_of_another_organization(api: Api) -> None:
    described = {
        "title": "Solo nuestro",
        "depicted": [{"name": "Dolores Ibáñez", "public": True}],
        "seen": [{"url": "https://video.example/only-ours"}],
    }
    with api.stranger("register", "admin") as ours, api.stranger("register", "review", "admin") as theirs:
        entry_id = register(ours, "ours", **described)
        asset = ours.get(f"/v1/entries/{entry_id}").json()["assets"][0]
        digest = bytes.fromhex(asset["sha256"])
        for client, found in ((ours, [entry_id]), (theirs, [])):
            with signed(api, client) as (service, caller):
                by_text = search_entries(service, caller, "nuestro")
                by_digest = search_entries_by_digest(service, caller, digest)
                people = search_details(service, caller, "ibanez").people
                places = search_details(service, caller, "http://www.video.example/only-ours").places
            assert [str(entry.entry_id) for entry in by_text] == found
            assert [str(entry.entry_id) for entry in by_digest] == found
            assert [(str(entry.entry_id), name) for entry, name in people] == [
                (entry_id, "Dolores Ibáñez") for entry_id in found
            ]
            assert [str(entry.entry_id) for entry, _ in places] == found


def test_who_only_looks_up_may_not_search(api: Api) -> None:
    with api.stranger("lookup") as client, signed(api, client) as (service, caller):
        for search in (search_entries, search_details):
            with pytest.raises(Forbidden):
                search(service, caller, "melilla")


def test_erased_details_are_not_found(api: Api) -> None:
    with api.stranger("register", "admin") as client:
        entry_id = register(client, "erased", title="T", depicted=[{"name": "Carmen Vidal"}])
        with signed(api, client) as (service, caller):
            assert search_details(service, caller, "carmen").people
            client.delete(f"/v1/entries/{entry_id}/details")
            assert not search_details(service, caller, "carmen").people


def test_the_search_reads_an_index(api: Api, entries: dict[str, Any]) -> None:
    """Among some thousand entries, in a transaction that is rolled back."""
    with psycopg.connect(api.settings.database_url) as connection:
        fill_bank(connection, entries["council"], 3000)
        row = connection.execute(
            "SELECT b.organization_id FROM entry e JOIN bank b USING (bank_id) WHERE e.entry_id = %s",
            [entries["council"]],
        ).fetchone()
        assert row
        parameters = {"organization_id": row[0], "text": "melilla", "cases": True, "most": 10, "limit": 10}
        plan = connection.execute("EXPLAIN (COSTS OFF) " + store._SQL["by_text"], parameters).fetchall()
        connection.rollback()
    assert "Bitmap Index Scan on entry_search" in "\n".join(line[0] for line in plan)


@pytest.mark.parametrize("order", ["newest", "oldest", "title"])
def test_a_page_of_the_list_reads_an_index_of_each_bank(
    api: Api, entries: dict[str, Any], order: Order
) -> None:
    """Not every entry of all banks, whatever the order, also after a page. Without bitmap scans, which
    PostgreSQL prefers or not by how many banks other tests made in this database."""
    with psycopg.connect(api.settings.database_url) as connection:
        fill_bank(connection, entries["council"], 3000)
        connection.execute("ANALYZE entry")
        connection.execute("SET LOCAL enable_seqscan = off")
        connection.execute("SET LOCAL enable_bitmapscan = off")
        row = connection.execute(
            "SELECT b.organization_id, e.created_at FROM entry e JOIN bank b USING (bank_id) "
            "WHERE e.entry_id = %s",
            [entries["council"]],
        ).fetchone()
        assert row
        after = {"after_at": row[1], "after_id": entries["council"], "limit": 50, "words": None}
        query = asdict(EntryQuery(cases=True, bank_id=None, listed=True, order=order))
        parameters = query | {"organization_id": row[0]} | after
        plan = connection.execute("EXPLAIN (COSTS OFF) " + pages._ORDERED[order], parameters).fetchall()
        connection.rollback()
    shown = "\n".join(line[0] for line in plan)
    assert re.search(r"Index Scan (Backward )?using entry_(bank|title) on entry e", shown), shown
    assert "Seq Scan on entry" not in shown
