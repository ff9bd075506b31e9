"""Erasure by the command line, and the record of searches over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import httpx2
import pytest

from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate
from registry.jobs.service.jobs import claim_job
from registry.matching.lookups.service.files import ReadFile, answer_file
from registry.matching.lookups.service.records import queue_lookup
from tests.support import persons as protected
from tests.support import steps
from tests.support.service.api import Api, variables
from tests.support.service.stack import within


@pytest.fixture
def service(api: Api) -> Iterator[Service]:
    with api.service() as opened:
        yield opened


@pytest.fixture
def client(api: Api) -> Iterator[httpx2.Client]:
    """A key that may search faces and review, alone in its organization."""
    with api.stranger("lookup", "review", "faces") as made:
        yield made


def key_of(client: httpx2.Client) -> str:
    return client.headers["Authorization"].removeprefix("Bearer ")


@pytest.fixture
def desk(service: Service, client: httpx2.Client) -> Caller:
    return authenticate(service, key_of(client))


def searched(service: Service, caller: Caller, face: str) -> UUID:
    """A file looked up that shows `face`, as a worker answers it."""
    media = steps.upload(service, str(uuid4()).encode())
    lookup_id = queue_lookup(service, caller, media)
    with service.pool.transaction() as connection:
        row = connection.execute("SELECT job_id FROM job WHERE subject_id = %s", (lookup_id,)).fetchone()
    job = claim_job(service, row["job_id"]) if row else None
    assert job
    answer_file(service, job, ReadFile(steps.fingerprint_of(media, str(lookup_id), face), 1.0))
    return lookup_id


def test_a_person_is_erased_by_id_and_again(
    api: Api, service: Service, client: httpx2.Client, desk: Caller
) -> None:
    person_id = protected.enrol(service, desk, "ada")
    lookup_id = searched(service, desk, "ada")
    place = {"FAKEPRINT_URL": api.url, "FAKEPRINT_KEY": key_of(client)}
    assert client.get(f"/v1/lookups/{lookup_id}").json()["verdict"] == "related"
    for _ in range(2):
        done = within("erase", "person", str(person_id), "--json", **place)
        assert (done.status, done.line["state"]) == (0, "erased"), done.stderr
        assert done.line["erased_at"]
    assert service.keys.find(person_id) is None
    assert client.get(f"/v1/lookups/{lookup_id}").json()["verdict"] == "no_match"
    unknown = within("erase", "person", str(uuid4()), "--json", **place)
    assert (unknown.status, unknown.line["error"]["code"]) == (1, "unknown_person")


def test_persons_restored_by_a_backup_are_erased_again(api: Api, service: Service, desk: Caller) -> None:
    person_id = protected.enrol(service, desk, "ada")
    service.keys.destroy(person_id)  # as after a restore: the row is there, the key is not
    place = {name: value for name, value in variables(api.settings).items() if name.startswith("FAKEPRINT_")}
    done = within("erase", "replay", "--json", **place)
    assert (done.status, done.line) == (0, {"erased": 1}), done.stderr
    assert within("erase", "replay", **place).stdout == "nobody to erase\n"
    with service.pool.transaction() as connection:
        row = connection.execute("SELECT state FROM person WHERE person_id = %s", (person_id,)).fetchone()
    assert row == {"state": "erased"}


def test_the_record_of_searches_is_read_page_by_page(
    api: Api, service: Service, client: httpx2.Client, desk: Caller
) -> None:
    ada = protected.enrol(service, desk, "ada")
    lookups = [searched(service, desk, face) for face in ("ada", "bob", "ada")]
    first = client.get("/v1/face-searches", params={"limit": 2}).json()
    rest = client.get("/v1/face-searches", params={"limit": 2, "after": first["next"]}).json()
    found = [*first["searches"], *rest["searches"]]
    assert rest["next"] is None
    assert [item["lookup_id"] for item in found] == [str(lookup) for lookup in reversed(lookups)]
    assert [item["matched"] for item in found] == [[str(ada)], [], [str(ada)]]
    assert all(item["caller_id"] == str(desk.caller_id) and item["persons"] == 1 for item in found)
    refused = client.get("/v1/face-searches", params={"after": "nonsense"})
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_cursor")
    with api.stranger("lookup", "review", "faces") as stranger:
        assert stranger.get("/v1/face-searches").json() == {"searches": [], "next": None}
    with api.stranger("lookup", "review") as blind:
        assert blind.get("/v1/face-searches").status_code == 403


def test_a_banks_policy_is_changed_by_the_command_line(api: Api) -> None:
    with api.stranger("admin") as boss:
        place = {"FAKEPRINT_URL": api.url, "FAKEPRINT_KEY": key_of(boss)}
        done = within(
            "admin", "bank", "set", "default", "face_retention_days=30", "single_frame=true", **place
        )
        assert (done.status, done.stdout) == (
            0,
            "bank “default”: face_retention_days=30, single_frame=true\n",
        )
        done = within("admin", "bank", "set", "default", "single_frame=default", "--json", **place)
        assert done.line["policy"] == {"face_retention_days": 30}
        assert boss.get("/v1/banks").json()["banks"][0]["policy"] == {"face_retention_days": 30}
        assert within("admin", "bank", "set", "default", "single_frame", **place).status == 2
        refused = boss.patch("/v1/banks/default", json={"policy": {"single_frame": 3}})
        assert (refused.status_code, refused.json()["code"]) == (400, "bad_policy")
