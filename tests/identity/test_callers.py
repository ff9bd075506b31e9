"""Callers and their keys: rotated without downtime, managed by their own organization, never left without an
administrator, and counted by replicas when they stop."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from registry.core.service import Service
from registry.identity.callers import schemas
from registry.identity.callers.model import Caller
from registry.identity.callers.service.callers import change_caller, revoke_caller
from registry.identity.callers.service.keys import add_key, create_caller, digest, record_key_use, revoke_key
from registry.identity.callers.store import callers
from tests.support.identity import expire_caller, expire_key
from tests.support.service.api import Api
from tests.support.steps import join


def made(admin: httpx2.Client, *roles: str, **fields: Any) -> dict[str, Any]:
    answered = admin.post("/v1/callers", json={"name": f"c {uuid4()}", "roles": list(roles), **fields})
    assert answered.status_code == 201, answered.text
    found: dict[str, Any] = answered.json()
    return found


def works(api: Api, key: str) -> bool:
    with api.client(key) as client:
        return client.get("/v1/callers/me").status_code == 200


def _id(caller: schemas.Caller) -> UUID:
    return UUID(caller.caller_id)


def later(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


def test_a_key_is_replaced_without_downtime(api: Api, admin: httpx2.Client) -> None:
    one = made(admin, "lookup")
    place = f"/v1/callers/{one['caller_id']}"
    new = admin.post(f"{place}/keys", json={"overlap_hours": 1}).json()
    assert new["key"].startswith(new["prefix"])
    assert works(api, one["key"])
    assert works(api, new["key"])
    old, fresh = admin.get(place).json()["keys"]
    assert (old["prefix"], fresh["expires_at"]) == (one["key"][:11], None)
    assert later(0.9) < old["expires_at"] < later(1.1)
    longer = admin.post(f"{place}/keys", json={"overlap_hours": 100}).json()
    assert admin.get(place).json()["keys"][0]["expires_at"] == old["expires_at"], "none lives longer"
    last = admin.post(f"{place}/keys", json={"overlap_hours": 0}).json()
    assert [works(api, key) for key in (one["key"], new["key"], longer["key"], last["key"])] == [
        False,
        False,
        False,
        True,
    ]
    states = [key["state"] for key in admin.get(place).json()["keys"]]
    assert states == ["revoked", "revoked", "revoked", "active"]
    assert [len(c["keys"]) for c in admin.get("/v1/callers").json()["callers"]][-1] == 1
    assert one["key"] not in admin.get(place).text


def test_a_key_stops_when_its_overlap_or_its_time_is_over(api: Api, admin: httpx2.Client) -> None:
    one = made(admin, "lookup", expires_at=later(1))
    other = admin.post(f"/v1/callers/{one['caller_id']}/keys", json={"expires_at": later(0.5)}).json()
    with api.client(other["key"]) as client:
        me = client.get("/v1/callers/me").json()
    assert me["key"]["expires_at"] == other["expires_at"] < one["expires_at"]
    with api.client(one["key"]) as client:
        assert client.get("/v1/callers/me").json()["key"]["expires_at"] == one["expires_at"]
    with api.service() as service:
        expire_key(service, other["key_id"])
    assert (works(api, one["key"]), works(api, other["key"])) == (True, False)
    place = f"/v1/callers/{one['caller_id']}"
    with api.service() as service:
        expire_caller(service, one["caller_id"])
    assert not works(api, one["key"])
    refused = admin.post(f"{place}/keys", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "caller_over")
    assert admin.patch(place, json={"expires_at": None}).json()["state"] == "active"
    assert works(api, one["key"]), "it works again"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"expires_at": "2020-01-01T00:00:00Z"}, "bad_expiry"),
        ({"expires_at": "9999-01-01T00:00:00Z"}, "bad_expiry"),
        ({"expires_at": "2027-01-01T00:00:00"}, "bad_time"),
        ({"expires_at": "soon"}, "bad_input"),
        ({"expires_at": 7}, "bad_input"),
        ({"overlap_hours": -1}, "bad_overlap"),
        ({"overlap_hours": 1e9}, "bad_overlap"),
        ({"overlap": 1}, "bad_input"),
    ],
)
def test_a_key_that_cannot_be_made(admin: httpx2.Client, body: dict[str, Any], code: str) -> None:
    answered = admin.post(f"/v1/callers/{made(admin, 'lookup')['caller_id']}/keys", json=body)
    assert (answered.status_code, answered.json()["code"]) == (400, code)


def test_changed_roles_apply_from_the_next_request(api: Api, admin: httpx2.Client) -> None:
    one = made(admin, "lookup")
    question = {"type": "sha256", "sha256": "0" * 64}
    with api.client(one["key"]) as client:
        assert client.post("/v1/lookups", json=question).status_code == 200
        changed = admin.patch(f"/v1/callers/{one['caller_id']}", json={"name": "desk", "roles": ["register"]})
        assert (changed.json()["name"], changed.json()["roles"]) == ("desk", ["register"])
        assert client.post("/v1/lookups", json=question).status_code == 403
        assert admin.delete(f"/v1/callers/{one['caller_id']}").json()["state"] == "revoked"
        assert client.get("/v1/entries").status_code == 401
    assert admin.delete(f"/v1/callers/{one['caller_id']}").status_code == 200, "twice is once"
    refused = admin.patch(f"/v1/callers/{one['caller_id']}", json={"name": "x"})
    assert refused.json()["code"] == "caller_over"


def test_lists_are_paged_and_leave_out_expired_callers(admin: httpx2.Client) -> None:
    ids = [made(admin, "lookup")["caller_id"] for _ in range(5)]
    admin.delete(f"/v1/callers/{ids[0]}")
    found: list[str] = []
    after: str | None = ""
    while after is not None:
        page = admin.get("/v1/callers", params={"limit": 2, "after": after}).json()
        found += [item["caller_id"] for item in page["callers"]]
        after = page["next"]
    assert found[1:] == ids[1:]
    everybody = admin.get("/v1/callers", params={"over": "true"}).json()["callers"]
    assert [item["caller_id"] for item in everybody][1:] == ids
    assert admin.get("/v1/callers", params={"after": "x"}).json()["code"] == "bad_cursor"


def test_the_last_administrator_cannot_be_removed(admin: httpx2.Client) -> None:
    me = admin.get("/v1/callers/me").json()
    place = f"/v1/callers/{me['caller_id']}"
    tried = [
        admin.delete(place),
        admin.patch(place, json={"roles": ["lookup"]}),
        admin.patch(place, json={"expires_at": later(5)}),
        admin.delete(f"{place}/keys/{me['key']['key_id']}"),
        admin.post(f"{place}/keys", json={"overlap_hours": 1, "expires_at": later(5)}),
    ]
    assert [item.json()["code"] for item in tried] == ["last_admin"] * 5
    assert len(admin.get(place).json()["keys"]) == 1, "nothing was changed"
    made(admin, "admin")
    assert admin.delete(place).status_code == 200


def test_two_administrators_that_revoke_each_other_leave_one(service: Service, owner: Caller) -> None:
    for number in range(5):
        first = join(service, owner, f"Pair {number}")
        made_second = create_caller(service, first, organization=None, name="b", roles=["admin"])
        with service.pool.transaction() as connection:
            second = callers.by_key(connection, digest(made_second.key))
        assert second
        codes: list[str] = []

        def revoke(item: Caller, other: Caller, codes: list[str] = codes) -> None:
            try:
                revoke_caller(service, item, other.caller_id)
                codes.append("done")
            except Exception as error:  # noqa: BLE001 - what it is, is what is asked
                codes.append(getattr(error, "code", repr(error)))

        threads = [threading.Thread(target=revoke, args=pair) for pair in ((first, second), (second, first))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(codes) == ["done", "last_admin"]


def test_ten_keys_work_at_most(service: Service, owner: Caller) -> None:
    one = create_caller(service, owner, organization=None, name="many", roles=["lookup"])
    keys = [add_key(service, owner, _id(one)) for _ in range(9)]
    with pytest.raises(Exception, match="has 10 keys") as caught:
        add_key(service, owner, _id(one))
    assert getattr(caught.value, "code", "") == "too_many_keys"
    revoke_key(service, owner, _id(one), UUID(keys[0].key_id))
    add_key(service, owner, _id(one))
    assert add_key(service, owner, _id(one), overlap_hours=0).state == "active"


def test_replicas_wait_for_revocations(service: Service, owner: Caller) -> None:
    def counted() -> int:
        with service.pool.transaction() as connection:
            row = connection.execute(
                "SELECT coalesce(sum(changes), 0) AS changes FROM change_count"
                " WHERE organization_id = '00000000-0000-0000-0000-000000000000'"
            ).fetchone()
        assert row
        return int(row["changes"])

    one = create_caller(service, owner, organization=None, name="one", roles=["lookup"])
    other = add_key(service, owner, _id(one))
    assert counted() == 0, "what is new restricts nobody"
    record_key_use(service, [digest(other.key)])
    assert counted() == 0, "nor does its use"
    add_key(service, owner, _id(one), overlap_hours=5)
    assert counted() == 1
    revoke_key(service, owner, _id(one), UUID(other.key_id))
    assert counted() == 2
    change_caller(service, owner, _id(one), expires_at=datetime.now(UTC) + timedelta(days=1))
    assert counted() == 3
    revoke_caller(service, owner, _id(one))
    assert counted() == 4


def test_every_change_is_on_record_without_names(service: Service, owner: Caller) -> None:
    one = create_caller(service, owner, organization=None, name="Secret Name", roles=["lookup"])
    add_key(service, owner, _id(one), overlap_hours=2)
    change_caller(service, owner, _id(one), name="Other Name", roles=["register"])
    revoke_key(service, owner, _id(one), UUID(one.key_id))
    revoke_caller(service, owner, _id(one))
    with service.pool.transaction() as connection:
        rows = connection.execute(
            "SELECT kind, event::text AS text FROM event WHERE subject ->> 'caller_id' = %s"
            " ORDER BY event_id",
            (one.caller_id,),
        ).fetchall()
    assert [row["kind"] for row in rows] == [
        "caller.created",
        "key.rotated",
        "caller.changed",
        "key.revoked",
        "caller.revoked",
    ]
    assert not [row for row in rows if "Name" in row["text"] or one.key[:11] in row["text"]]
