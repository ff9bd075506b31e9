"""Banks over HTTP and on the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.support.service.api import Api
from tests.support.service.stack import Ran, within


@pytest.fixture
def friend(api: Api) -> Iterator[httpx2.Client]:
    """An administrator of another organization."""
    with api.stranger("lookup", "register", "admin") as client:
        yield client


def organization(client: httpx2.Client) -> str:
    return str(client.get("/v1/callers/me").json()["organization"]["organization_id"])


def opened(client: httpx2.Client, **fields: Any) -> str:
    made = client.post("/v1/banks", json={"name": f"bank {uuid4().hex[:8]}", **fields})
    assert made.status_code == 201, made.text
    return str(made.json()["bank_id"])


def refused(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def test_a_bank_is_shared_overlaid_and_taken_away(admin: httpx2.Client, friend: httpx2.Client) -> None:
    bank = f"/v1/banks/{opened(admin, visibility='private')}"
    share = f"{bank}/shares/{organization(friend)}"
    assert refused(friend.get(bank)) == (404, "unknown_bank")
    assert [item["overlaid"] for item in admin.put(share).json()["shares"]] == [False]
    assert admin.put(share).json() == admin.get(f"{bank}/shares").json()
    shown = friend.get(bank).json()
    assert (shown["own"], shown["shared"], shown["visibility"]) == (False, True, "shared")
    assert {shown[name] for name in ("shares", "entries", "holds", "limits")} == {None}
    policy = {"policy": {"min_confidence": 0.95, "known_fake_action": "review"}}
    assert friend.put(f"{bank}/overlay", json=policy).json()["overlay"] == policy["policy"]
    assert admin.get(f"{bank}/shares").json()["shares"][0]["overlaid"]
    assert refused(friend.get(f"{bank}/entries")) == (403, "not_listed")
    assert admin.patch(bank, json={"policy": {"subscribers_list": True}}).status_code == 200
    assert friend.get(f"{bank}/entries").json() == {"entries": [], "next": None}
    assert refused(friend.put(share)) == (403, "foreign_bank")
    assert refused(friend.delete(bank)) == (403, "foreign_bank")
    assert admin.delete(share).json()["shares"] == []
    assert refused(admin.delete(share)) == (404, "not_shared")
    assert refused(friend.get(bank)) == (404, "unknown_bank")
    assert admin.delete(bank).json()["withdrawn"] == 0
    assert refused(admin.get(bank)) == (404, "unknown_bank")


def test_invalid_settings_get_an_error(admin: httpx2.Client, friend: httpx2.Client) -> None:
    negative = f"/v1/banks/{opened(admin, kind='negative')}"
    public = f"/v1/banks/{opened(admin)}"
    other = organization(friend)
    assert refused(admin.put(f"{negative}/shares/{other}")) == (409, "negative_bank")
    assert refused(admin.patch(negative, json={"visibility": "public"})) == (400, "bad_visibility")
    assert refused(admin.put(f"{public}/shares/nobody")) == (404, "unknown_organization")
    assert refused(admin.put(f"{public}/shares/{organization(admin)}")) == (400, "own_organization")
    assert refused(friend.put(f"{public}/overlay", json={"policy": {"min_confidence": 0.1}})) == (
        400,
        "beyond_policy",
    )
    assert refused(friend.put(f"{public}/overlay", json={"policy": {"rollout": 0.1}})) == (400, "bad_policy")
    assert refused(friend.put(f"{public}/overlay", json={})) == (400, "bad_input")
    assert refused(admin.put(f"{public}/overlay", json={"policy": {}})) == (409, "own_bank")
    assert refused(admin.put(f"{public}/limits", json={"entries": 1})) == (403, "not_operator")
    assert refused(admin.patch(public, json={"visibility": "secret"})) == (400, "bad_input")
    assert refused(admin.patch(public, json={"policy": {"rollout": 2}})) == (400, "bad_policy")
    assert refused(admin.patch(public, json={"kind": "negative"})) == (400, "bad_input")
    assert refused(admin.post("/v1/banks", json={"name": "x", "kind": "odd"})) == (400, "bad_input")
    assert refused(admin.get(f"{public}/entries", params={"after": "nonsense"})) == (400, "bad_cursor")
    assert refused(admin.get("/v1/banks/%00")) == (404, "unknown_bank")
    assert refused(admin.put(f"{public}/shares/%00")) == (404, "unknown_organization")


def test_the_role_lookup_lists_nothing(api: Api, admin: httpx2.Client) -> None:
    bank = opened(admin)
    with api.stranger("lookup", "signals") as asker:
        assert asker.get(f"/v1/banks/{bank}").status_code == 200
        assert refused(asker.get(f"/v1/banks/{bank}/entries")) == (403, "forbidden")


def test_the_operator_limits_any_bank(api: Api, admin: httpx2.Client) -> None:
    bank = opened(admin, visibility="private")
    with api.client(api.key) as operator:
        assert refused(operator.get(f"/v1/banks/{bank}")) == (404, "unknown_bank")
        limited = operator.put(f"/v1/banks/{bank}/limits", json={"entries": 3, "bytes": 10})
        assert limited.json()["limits"] == {"entries": 3, "media": None, "bytes": 10}
        assert refused(operator.put(f"/v1/banks/{bank}/limits", json={"entries": -1})) == (400, "bad_input")
        assert refused(operator.put(f"/v1/banks/{uuid4()}/limits", json={})) == (404, "unknown_bank")
    assert admin.get(f"/v1/banks/{bank}").json()["limits"]["entries"] == 3


@pytest.mark.slow
def test_the_command_line_does_it_all(api: Api, admin: httpx2.Client, friend: httpx2.Client) -> None:
    def run(client: httpx2.Client, *words: str) -> Ran:
        key = client.headers["Authorization"].removeprefix("Bearer ")
        return within("admin", "bank", *words, FAKEPRINT_URL=api.url, FAKEPRINT_KEY=key)

    name = f"cli-{uuid4().hex[:8]}"
    other = organization(friend)
    assert (
        run(admin, "add", name, "--visibility", "private").stdout == f"bank “{name}” is created (private)\n"
    )
    assert "negative" in run(admin, "add", f"{name}-n", "--negative").stdout
    assert "(shared) is shared with: o " in run(admin, "share", name, other).stdout
    done = run(admin, "set", name, "known_fake_action=block", "rollout=0.5", "visibility=private")
    assert done.stdout == f'bank “{name}” (private): known_fake_action="block", rollout=0.5\n'
    assert "visibility=shared" in run(admin, "share", name, other).stderr
    assert run(admin, "set", name, "visibility=shared").status == 0
    bank_id = json.loads(run(admin, "show", name, "--json").stdout)["bank_id"]
    done = run(friend, "overlay", bank_id, "known_fake_action=review")
    assert done.stdout.endswith('for you: known_fake_action="review"\n')
    shown = run(admin, "show", name).stdout
    assert "holds: entries 0, media 0, bytes 0" in shown
    assert "shared with o " in shown
    assert "known_fake_action=review" in run(friend, "show", bank_id).stdout
    assert name in run(friend, "list").stdout
    assert run(friend, "overlay", bank_id, "--clear").status == 0
    assert run(friend, "overlay", bank_id).status == 2
    assert run(admin, "unshare", name, other).stdout.endswith("is shared with: nobody\n")
    wrong = run(admin, "unshare", name, other, "--json")
    assert (wrong.status, json.loads(wrong.stdout)["error"]["code"]) == (1, "not_shared")
    assert run(admin, "set", name, "Previews").status == 2
    assert "not_operator" in run(admin, "limit", name, "entries=5", "--json").stdout
    assert run(admin, "delete", name).stdout == f"bank “{name}” is deleted; entries withdrawn: 0\n"
    assert run(admin, "show", name).status == 1
