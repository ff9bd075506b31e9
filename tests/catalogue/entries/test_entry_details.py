"""Details of an entry by a fact-checker, over HTTP: encrypted, shown, changed, joined, erased."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import psycopg
import pytest

from registry.app.service.closing import close_organization, sweep_closed
from registry.catalogue.entries.service.details import erase_details
from registry.catalogue.entries.service.entries import change_entry, get_claim_review, show_entry
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.model.document import to_document
from registry.core.errors import NotFound, Unavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate, create_caller
from registry.identity.organizations.service.closing import Entries
from tests.support.entries import restore_details
from tests.support.media import drawn
from tests.support.service.api import Api

SAID: dict[str, Any] = {
    "language": "es",
    "depicted": [
        {"name": "Dolores Ibáñez", "url": "https://council.example/d"},
        {"name": "Mayor", "public": True},
    ],
    "seen": [{"platform": "Telegram", "channel": "messaging", "at": "2026-01-30T22:10:00+01:00"}],
    "evidence": "The footage is a 2024 interview.",
}


def _registered(client: httpx2.Client, seed: str, **fields: Any) -> dict[str, Any]:
    body = {"title": f"T {seed}", "fakes": [to_document(drawn.clip(seed), faces=False)], **fields}
    made = client.post("/v1/entries", json=body)
    assert made.status_code == 201, made.text
    found = client.get(f"/v1/entries/{made.json()['entry_id']}")
    return dict(found.json())


@pytest.fixture
def checker(api: Api) -> Iterator[httpx2.Client]:
    """A fact-checker with an organization of its own."""
    with api.stranger("register", "lookup", "admin") as client:
        yield client


def test_details_are_encrypted_and_visible_to_their_owner_only(api: Api, checker: httpx2.Client) -> None:
    entry = _registered(checker, "details", **SAID)
    assert {name: entry[name] for name in SAID} == SAID
    with api.stranger("lookup") as other:
        seen = other.get(f"/v1/entries/{entry['entry_id']}").json()
        page = other.get(f"/v1/entries/{entry['entry_id']}/claim-review")
    assert (seen["depicted"], seen["seen"], seen["evidence"]) == ([SAID["depicted"][1]], [], None)
    assert page.headers["content-type"] == "application/ld+json"
    assert "Telegram" not in page.text
    assert "interview" not in page.text
    with psycopg.connect(api.settings.database_url) as connection:
        row = connection.execute(
            "SELECT sealed FROM entry_detail WHERE entry_id = %s", [entry["entry_id"]]
        ).fetchone()
    assert row
    assert b"Dolores" not in row[0]


def test_details_change_and_are_erased(api: Api, checker: httpx2.Client) -> None:
    entry = _registered(checker, "changed details", **SAID)
    path = f"/v1/entries/{entry['entry_id']}"
    changed = checker.patch(path, json={"title": "Otro", "evidence": None, "claim": "Dimite"}).json()
    assert (changed["title"], changed["claim"], changed["evidence"]) == ("Otro", "Dimite", None)
    assert changed["depicted"] == SAID["depicted"]
    assert checker.patch(path, json={"claim": None, "language": None}).json()["claim"] is None
    assert checker.patch(path, json={"depicted": []}).json()["depicted"] == []
    keys = {key for key in (api.settings.data / "keys").glob("*") if not key.name.endswith(".destroyed")}
    assert checker.delete(f"{path}/details").json() == {"entry_id": entry["entry_id"], "erased": True}
    assert checker.delete(f"{path}/details").json()["erased"] is False
    after = checker.get(path).json()
    assert (after["depicted"], after["seen"], after["evidence"]) == ([], [], None)
    assert len([key for key in keys if not key.exists()]) == 1
    said_again = checker.patch(path, json={"evidence": "New."}).json()
    assert (said_again["evidence"], said_again["seen"]) == ("New.", [])
    with api.stranger("register") as other:
        assert other.patch(path, json={"title": "Mine"}).status_code == 403
        assert other.delete(f"{path}/details").status_code == 403
    wrong = checker.patch(path, json={"manipulation": "edited"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "bad_input")


def test_a_review_page_fills_in_missing_fields(checker: httpx2.Client) -> None:
    page = {
        "@type": "ClaimReview",
        "url": "https://checker.example/1",
        "claimReviewed": "La alcaldesa dimite",
        "inLanguage": "es",
        "itemReviewed": {"@type": "Claim", "appearance": "https://video.example/1"},
    }
    entry = _registered(checker, "by review", claim_review=page, claim="Mine")
    assert (entry["claim"], entry["language"]) == ("Mine", "es")
    assert [reference["url"] for reference in entry["references"]] == ["https://checker.example/1"]
    assert entry["seen"] == [{"url": "https://video.example/1", "channel": "public"}]
    path = f"/v1/entries/{entry['entry_id']}"
    out = checker.get(f"{path}/claim-review").json()
    again = _registered(checker, "by review again", claim_review=out)
    assert (again["claim"], again["language"], again["seen"]) == ("Mine", "es", entry["seen"])
    page_of_entry = f"{checker.base_url}/console/entries/{entry['entry_id']}"
    urls = [reference["url"] for reference in again["references"]]
    assert urls == [page_of_entry, "https://checker.example/1"]
    assert checker.post(f"{path}/withdraw", json={"reason_code": "mistaken"}).status_code == 200
    refused = checker.get(f"{path}/claim-review")
    assert (refused.status_code, refused.json()["code"]) == (409, "entry_withdrawn")
    body = {"fakes": [to_document(drawn.clip("no fake"), faces=False)]}
    for wrong, code in (({"@type": "Article"}, "bad_claim_review"), ([], "bad_claim_review")):
        refused = checker.post("/v1/entries", json={**body, "claim_review": wrong})
        assert (refused.status_code, refused.json()["code"]) == (400, code)


def test_the_same_by_form(checker: httpx2.Client) -> None:
    document = json.dumps(to_document(drawn.clip("by form"), faces=False))
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in SAID.items()}
    files = {"fake_document": ("d.json", document, "application/vnd.fakeprint+json")}
    made = checker.post("/v1/entries", data=texts, files=files)
    assert made.status_code == 201, made.text
    entry = checker.get(f"/v1/entries/{made.json()['entry_id']}").json()
    assert {name: entry[name] for name in SAID} == SAID
    for name, value in (("depicted", "{"), ("seen", "[1]"), ("variant_of", "x"), ("claim_review", "<html>")):
        refused = checker.post("/v1/entries", data={name: value}, files=files)
        assert refused.status_code in {400, 404}, (name, refused.text)


def test_variants_are_families_of_one_level(api: Api, checker: httpx2.Client) -> None:
    first, second, third = (_registered(checker, f"variant {n}") for n in range(3))
    joined = checker.patch(f"/v1/entries/{second['entry_id']}", json={"variant_of": first["entry_id"]})
    assert joined.status_code == 200, joined.text
    assert joined.json()["variant_of"] == first["entry_id"]
    by_second = checker.patch(
        f"/v1/entries/{third['entry_id']}", json={"variant_of": second["entry_id"]}
    ).json()
    assert by_second["variant_of"] == first["entry_id"]
    assert [variant["entry_id"] for variant in by_second["variants"]] == [
        first["entry_id"],
        second["entry_id"],
    ]
    shown = checker.get(f"/v1/entries/{first['entry_id']}").json()
    assert shown["variant_of"] is None
    assert {variant["entry_id"] for variant in shown["variants"]} == {second["entry_id"], third["entry_id"]}
    ring = checker.patch(f"/v1/entries/{first['entry_id']}", json={"variant_of": third["entry_id"]})
    assert (ring.status_code, ring.json()["code"]) == (409, "own_variant")
    absent = checker.patch(f"/v1/entries/{first['entry_id']}", json={"variant_of": str(uuid4())})
    assert (absent.status_code, absent.json()["code"]) == (404, "unknown_entry")
    alone = checker.patch(f"/v1/entries/{third['entry_id']}", json={"variant_of": None}).json()
    assert (alone["variant_of"], alone["variants"]) == (None, [])
    fourth = _registered(checker, "variant 4", variant_of=third["entry_id"])
    assert fourth["variant_of"] == third["entry_id"]
    moved = checker.patch(f"/v1/entries/{third['entry_id']}", json={"variant_of": first["entry_id"]}).json()
    assert {variant["entry_id"] for variant in moved["variants"]} == {
        *(item["entry_id"] for item in (first, second, fourth))
    }


def test_a_key_that_is_gone_shows_nothing(api: Api, checker: httpx2.Client, tmp_path: Path) -> None:
    entry = _registered(checker, "lost key", **SAID)
    with psycopg.connect(api.settings.database_url) as connection:
        row = connection.execute(
            "SELECT key_id FROM entry_detail WHERE entry_id = %s", [entry["entry_id"]]
        ).fetchone()
    assert row
    path = api.settings.data / "keys" / str(row[0])
    path.rename(tmp_path / "key")
    assert checker.get(f"/v1/entries/{entry['entry_id']}").json()["depicted"] == []
    (tmp_path / "key").rename(path)
    assert checker.get(f"/v1/entries/{entry['entry_id']}").json()["depicted"] == SAID["depicted"]


def _key_of(service: Service, entry_id: str) -> tuple[UUID | None, bytes | None]:
    with service.pool.transaction() as connection:
        row = connection.execute(
            "SELECT key_id, sealed FROM entry_detail WHERE entry_id = %s", [UUID(entry_id)]
        ).fetchone()
    assert row
    return row["key_id"], row["sealed"]


def _registered_details(service: Service, caller: Caller, seed: str) -> str:
    made = register_entry(
        service, caller, Registration(fakes=[drawn.clip(seed)], evidence="Known.", depicted=[{"name": "A"}])
    )
    return str(made.entry_id)


def test_details_that_cannot_be_decrypted_are_not_overwritten(service: Service, owner: Caller) -> None:
    entry_id = _registered_details(service, owner, "away")
    key_id, _ = _key_of(service, entry_id)
    path = service.keys.folder / str(key_id)
    path.rename(path.with_suffix(".away"))
    with pytest.raises(Unavailable) as caught:
        change_entry(service, owner, UUID(entry_id), {"evidence": "New."})
    assert caught.value.code == "keys_unavailable"
    assert change_entry(service, owner, UUID(entry_id), {"title": "T"}).title == "T"
    path.with_suffix(".away").rename(path)
    changed = change_entry(service, owner, UUID(entry_id), {"evidence": "New."})
    assert (changed.evidence, changed.depicted) == ("New.", [{"name": "A"}])


def test_a_backup_from_before_an_erasure_reveals_nothing_and_gets_a_new_key(
    service: Service, owner: Caller
) -> None:
    entry_id = _registered_details(service, owner, "backup")
    before = _key_of(service, entry_id)
    erase_details(service, owner, UUID(entry_id))
    restore_details(service, UUID(entry_id), *before)
    changed = change_entry(service, owner, UUID(entry_id), {"evidence": "Said anew."})
    assert (changed.evidence, changed.depicted) == ("Said anew.", [])
    assert _key_of(service, entry_id)[0] != before[0]


def test_changes_at_the_same_time_lose_nothing(service: Service, owner: Caller) -> None:
    entry_id = UUID(_registered_details(service, owner, "at once"))
    erase_details(service, owner, entry_id)
    changes: list[dict[str, Any]] = [
        {"evidence": "E"},
        {"depicted": [{"name": "B"}]},
        {"seen": [{"platform": "Telegram", "channel": "messaging"}]},
    ]
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda item: change_entry(service, owner, entry_id, item), changes))
    shown = show_entry(service, owner, entry_id)
    assert (shown.evidence, shown.depicted) == ("E", [{"name": "B"}])
    assert shown.seen == changes[2]["seen"]
    assert len(service.keys.held()) == 1


def test_a_registration_that_fails_leaves_no_key(service: Service, owner: Caller) -> None:
    held = service.keys.held()
    with pytest.raises(NotFound):
        register_entry(
            service, owner, Registration(fakes=[drawn.clip("no key")], evidence="Known.", variant_of=uuid4())
        )
    assert service.keys.held() == held


@pytest.mark.parametrize("entries", ["withdraw", "keep"])
def test_details_of_a_closed_organization_are_erased(
    service: Service, owner: Caller, entries: Entries
) -> None:
    made = create_caller(service, owner, organization="Leaving", name="x", roles=["register"])
    leaving = authenticate(service, made.key)
    entry_id = _registered_details(service, leaving, "leaving")
    kept = _registered_details(service, owner, "staying")
    key_id, _ = _key_of(service, entry_id)
    close_organization(service, owner, leaving.organization_id, entries=entries)
    assert _key_of(service, entry_id) == (None, None)
    assert key_id in service.keys.destroyed()
    assert show_entry(service, owner, UUID(kept)).evidence == "Known."
    with service.pool.transaction() as connection:
        rows = connection.execute(
            "SELECT 1 FROM event WHERE kind = 'entry.details_erased' AND entry_id = %s", [UUID(entry_id)]
        ).fetchall()
    assert len(rows) == 1
    sweep_closed(service)
    assert _key_of(service, kept)[0] in service.keys.held()


def test_lookup_keys_see_no_encrypted_details(service: Service, owner: Caller) -> None:
    entry_id = UUID(_registered_details(service, owner, "lookup only"))
    key = create_caller(
        service, owner, organization=None, name="uploads", roles=["lookup", "signals", "hma"]
    ).key
    asking = authenticate(service, key)
    shown = show_entry(service, asking, entry_id)
    assert (shown.depicted, shown.seen, shown.evidence) == ([], [], None)
    assert "Known." not in json.dumps(get_claim_review(service, asking, entry_id, "https://f.example"))
    assert "Known." in json.dumps(get_claim_review(service, owner, entry_id, "https://f.example"))


def test_encrypted_details_are_in_no_log_event_or_list(api: Api, checker: httpx2.Client) -> None:
    secret = f"sealed{uuid4().hex}"
    payload = {**SAID, "evidence": secret, "depicted": [{"name": secret}]}
    entry = _registered(checker, "nowhere else", **payload)
    checker.patch(f"/v1/entries/{entry['entry_id']}", json={"evidence": f"{secret} again"})
    assert secret not in api.log.read_text(encoding="utf-8")
    with psycopg.connect(api.settings.database_url) as connection:
        tables = connection.execute(
            "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')"
        ).fetchall()
        for (table,) in tables:
            query = f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s"  # noqa: S608 - of the catalogue
            found = connection.execute(query.encode(), [f"%{secret}%"]).fetchone()
            assert found == (0,), table
