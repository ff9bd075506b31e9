"""Claims and the queue over HTTP: one reviewer at a time, for a while, and of what they may see."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.support.claims import claim_new_entries, let_claim_age
from tests.support.reviewers import Cast, claim, code, decide, queue, shown
from tests.support.service.api import Api


@pytest.fixture
def cast(api: Api) -> Iterator[Cast]:
    with ExitStack() as stack:
        yield Cast(api, stack)


def test_one_reviewer_at_a_time(cast: Cast) -> None:
    filed = cast.file()
    assert claim(cast.first, filed.entry_id).json()["claimed"]["by"] == "you"
    refused = claim(cast.abroad, filed.entry_id)
    assert code(refused) == (409, "claimed_by_another")
    assert refused.json()["lease_until"]
    response = cast.abroad.post(f"/v1/reviews/{filed.entry_id}/decision", json={"decision": "approve"})
    assert code(response) == (409, "claimed_by_another")
    assert shown(cast.abroad, filed.entry_id)["claimed"]["by"] == "another"
    place = f"/v1/reviews/{filed.entry_id}/claim"
    assert cast.abroad.delete(place).json()["released"] is False
    assert cast.first.delete(place).json()["released"] is True
    assert cast.first.delete(place).json()["released"] is False
    assert code(cast.first.post(f"/v1/reviews/{filed.entry_id}/decision", json={"decision": "approve"})) == (
        409,
        "not_claimed",
    )
    assert claim(cast.abroad, filed.entry_id).status_code == 200


def test_concurrent_claims_yield_one(cast: Cast) -> None:
    filed = cast.file()
    reviewers = [cast.other.client("review") for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda item: claim(item, filed.entry_id), reviewers))
    assert sorted(code(answer) for answer in answers) == [(200, "")] + [(409, "claimed_by_another")] * 7


def test_two_decisions_of_one_claim_at_once_are_one(cast: Cast) -> None:
    filed = cast.file()
    claim(cast.abroad, filed.entry_id)
    place = f"/v1/reviews/{filed.entry_id}/decision"
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: cast.abroad.post(place, json={"decision": "approve"}), range(4)))
    assert sorted(code(answer) for answer in answers) == [(200, "")] + [(409, "not_claimed")] * 3
    assert len(shown(cast.abroad, filed.entry_id)["decisions"]) == 1


def test_a_lease_ends_and_cannot_be_held_for_ever(cast: Cast) -> None:
    filed = cast.file()
    claim(cast.first, filed.entry_id)
    pass_time(cast.api, filed.entry_id, "31 minutes")
    assert code(cast.first.post(f"/v1/reviews/{filed.entry_id}/decision", json={"decision": "approve"})) == (
        409,
        "not_claimed",
    )
    claim(cast.first, filed.entry_id)
    pass_time(cast.api, filed.entry_id, "230 minutes", lease=False)
    again = claim(cast.first, filed.entry_id)
    assert code(again) == (409, "claim_spent"), again.text
    assert claim(cast.abroad, filed.entry_id).status_code == 200


def test_the_queue_shows_visible_banks_only(cast: Cast) -> None:
    admin = cast.home.client("admin")
    assert admin.post("/v1/banks", json={"name": "closed", "visibility": "private"}).status_code == 201
    filed = cast.file(bank="closed")
    place = f"/v1/reviews/{filed.entry_id}"
    for refused in (
        claim(cast.abroad, filed.entry_id),
        cast.abroad.get(place),
        cast.abroad.delete(f"{place}/claim"),
        cast.abroad.post(f"{place}/verification", files={"media": ("x", b"x")}),
    ):
        assert code(refused) == (404, "unknown_entry")
    assert queue(cast.abroad, entry_id=filed.entry_id) == []
    decide(cast.first, filed.entry_id)
    found = decide(cast.second, filed.entry_id).json()
    assert (found["own_tier"], found["tier"]) == ("reviewed", "unreviewed")
    assert queue(cast.home.client("review"), entry_id=filed.entry_id) == [], (
        "nobody else sees it, so it is done"
    )


@pytest.mark.slow
def test_the_queue_is_in_order_has_filters_and_a_cursor(cast: Cast) -> None:
    admin = cast.home.client("admin")
    admin.post("/v1/banks", json={"name": "quiet", "visibility": "private"})
    filed = [cast.file(bank="quiet").entry_id for _ in range(5)]
    seen: list[str] = []
    after: str | None = None
    while True:
        params = {"limit": "2", "bank": "quiet"} | ({"after": after} if after else {})
        page = cast.first.get("/v1/reviews", params=params).json()
        seen += [item["entry_id"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen == filed, "the oldest first, none twice, none left out"
    claim(cast.first, filed[2])
    mine = cast.first.get("/v1/reviews", params={"claimed": "mine", "bank": "quiet"}).json()["items"]
    assert [item["entry_id"] for item in mine] == [filed[2]]
    free = cast.second.get("/v1/reviews", params={"claimed": "none", "bank": "quiet"}).json()["items"]
    assert [item["entry_id"] for item in free] == [*filed[:2], *filed[3:]]
    others = cast.second.get("/v1/reviews", params={"claimed": "others", "bank": "quiet"}).json()["items"]
    assert [other["entry_id"] for other in others] == [filed[2]]
    assert cast.first.get("/v1/reviews", params={"bank": "quiet", "reason": "dispute"}).json()["items"] == []
    assert cast.first.get("/v1/reviews", params={"bank": "quiet", "unverified": "true"}).json()["items"] == []
    assert code(cast.first.get("/v1/reviews", params={"after": "x"})) == (400, "bad_cursor")
    assert code(cast.first.get("/v1/reviews", params={"reason": "boredom"})) == (400, "bad_input")


def test_a_reviewer_claims_twenty_at_a_time(cast: Cast) -> None:
    with cast.api.service() as service, service.pool.transaction() as connection:
        row = connection.execute(
            "SELECT c.caller_id, b.bank_id FROM caller c JOIN organization o USING (organization_id)"
            " JOIN bank b USING (organization_id) WHERE o.name = %s AND c.roles = ARRAY['review']",
            [cast.home.name],
        ).fetchone()
        assert row
        claim_new_entries(service, row["bank_id"], row["caller_id"], 20)
    filed = cast.file()
    assert code(claim(cast.first, filed.entry_id)) == (409, "too_many_claims")
    assert claim(cast.second, filed.entry_id).status_code == 200


def pass_time(api: Api, entry_id: str, span: str, *, lease: bool = True) -> None:
    """Let a claim be older; `lease`: and its lease end so much sooner."""
    with api.service() as service:
        let_claim_age(service, entry_id, span, lease=lease)
