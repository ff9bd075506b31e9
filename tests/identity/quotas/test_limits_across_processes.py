"""Limits that are set hold for two API processes together: neither answers what the other has answered."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2
import pytest

from registry.identity.quotas.model.rate_limit import BURST
from tests.support.service import api as processes
from tests.support.service import servers as services
from tests.support.service.api import Api

pytestmark = pytest.mark.slow

QUESTION = {"type": "hash", "algorithm": "pdq.1", "value": "0" * 64}
RATE = 5.0
PATIENCE = 240.0


@dataclass(frozen=True)
class Two:
    """Two processes on one database."""

    first: Api
    urls: tuple[str, str]

    def limited(self, **limits: Any) -> tuple[str, UUID]:
        """The key of a new caller with these limits, in an organization of its own, and which that is."""
        with self.first.client(self.first.key) as operator, self.first.stranger("lookup") as client:
            me = client.get("/v1/callers/me").json()
            response = operator.put(f"/v1/callers/{me['caller_id']}/limits", json=limits)
            assert response.status_code == 200, response.text
            key = client.headers["authorization"].removeprefix("Bearer ")
            return key, UUID(me["organization"]["organization_id"])


@pytest.fixture(scope="module")
def two(
    embedded_postgres: services.PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Two]:
    folder = tmp_path_factory.mktemp("two")
    with (
        embedded_postgres.clone() as url,
        processes.running(url, folder) as one,
        processes.another(one, "other") as other,
    ):
        yield Two(one, (one.url, other))


def hammer(two: Two, key: str, *, until: Any, threads: int = 3) -> dict[str, Counter[str]]:
    """Ask both at once until `until()`, or for minutes; what each process has answered: `200`, or the code
    of a refusal."""
    over = time.monotonic() + PATIENCE
    seen: dict[str, Counter[str]] = {url: Counter() for url in two.urls}

    def ask(url: str) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        with httpx2.Client(base_url=url, headers=headers, trust_env=False, timeout=60) as client:
            while not until(seen) and time.monotonic() < over:
                answered = client.post("/v1/lookups", json=QUESTION)
                code = "200" if answered.status_code == 200 else answered.json()["code"]
                seen[url][code] += 1
                if code != "200":
                    assert answered.status_code == 429
                    assert int(answered.headers["retry-after"]) >= 1

    workers = [threading.Thread(target=ask, args=(url,)) for url in two.urls for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return seen


def answered(seen: dict[str, Counter[str]]) -> int:
    return sum(counted["200"] for counted in seen.values())


def test_a_rate_is_that_of_both_processes_together(two: Two) -> None:
    key, _ = two.limited(rate=RATE)

    def until(seen: dict[str, Counter[str]]) -> bool:
        each = all(counted["200"] and counted["rate_limited"] > 20 for counted in seen.values())
        return each and answered(seen) > RATE * BURST

    began = time.monotonic()
    seen = hammer(two, key, until=until)
    elapsed = time.monotonic() - began
    assert RATE * BURST <= answered(seen) <= RATE * (elapsed + BURST) + 1
    assert all(counted["200"] and counted["rate_limited"] for counted in seen.values())


def test_a_quota_is_answered_to_the_last_lookup_and_no_further(two: Two) -> None:
    """What a process has borrowed and not used comes back within a tick or two."""
    key, _ = two.limited(monthly=150)

    def until(seen: dict[str, Counter[str]]) -> bool:
        refused = min(counted["quota_exhausted"] for counted in seen.values())
        return answered(seen) >= 150 and refused > 20

    seen = hammer(two, key, until=until)
    assert answered(seen) == 150
    assert set().union(*seen.values()) == {"200", "quota_exhausted"}
    with two.first.client(key) as client:
        me = client.get("/v1/callers/me").json()
        refused = client.post("/v1/lookups", json=QUESTION)
        batch = client.post(
            "/v1/lookups:batch", content=b"{}", headers={"Content-Type": "application/x-ndjson"}
        )
    assert (me["limits"]["monthly"], me["used"]["month"]) == (150, 150)
    assert (refused.json()["code"], batch.json()["code"]) == ("quota_exhausted", "quota_exhausted")
    assert int(refused.headers["retry-after"]) > 0


def test_an_organizations_limit_is_that_of_its_callers_together(two: Two) -> None:
    key, organization_id = two.limited(rate=1000)
    with two.first.client(two.first.key) as operator:
        changed = operator.patch(f"/v1/organizations/{organization_id}", json={"limits": {"monthly": 90}})
        assert changed.json()["limits"] == {"rate": None, "daily": None, "monthly": 90}
        name = changed.json()["name"]
        second = operator.post(
            "/v1/callers", json={"organization": name, "name": "second", "roles": ["lookup"]}
        ).json()["key"]
    first = answered(hammer(two, key, until=lambda seen: answered(seen) >= 40, threads=1))
    assert 40 <= first < 90

    def until(seen: dict[str, Counter[str]]) -> bool:
        """What was granted to the first caller and not used comes back while the other is refused already."""
        refused = min(counted["quota_exhausted"] for counted in seen.values())
        return first + answered(seen) >= 90 and refused > 20

    assert first + answered(hammer(two, second, until=until, threads=1)) == 90


def test_a_batch_stops_at_the_quota_and_keeps_its_answers(two: Two) -> None:
    key, _ = two.limited(monthly=25)
    lines = b"".join(b'{"type":"hash","algorithm":"pdq.1","value":"%064x"}\n' % n for n in range(60))
    with two.first.client(key) as client:
        sent = client.post(
            "/v1/lookups:batch", content=lines, headers={"Content-Type": "application/x-ndjson"}
        )
    answers = [httpx2.Response(200, text=line).json() for line in sent.text.splitlines()]
    assert answers[-1]["error"]["code"] == "quota_exhausted"
    assert len(answers) - 1 <= 25
    assert [line["line"] for line in answers] == list(range(1, len(answers) + 1))


def test_a_limit_is_taken_back(two: Two) -> None:
    key, _ = two.limited(monthly=1)
    with two.first.client(key) as client, two.first.client(two.first.key) as operator:
        codes = [client.post("/v1/lookups", json=QUESTION).status_code for _ in range(3)]
        assert codes == [200, 429, 429]
        me = client.get("/v1/callers/me").json()
        operator.put(f"/v1/callers/{me['caller_id']}/limits", json={})
        services.wait_until(lambda: client.post("/v1/lookups", json=QUESTION).status_code == 200, 30)


def test_a_long_question_counts_by_its_length(two: Two) -> None:
    key, _ = two.limited(monthly=10)
    with two.first.client(key) as client:
        long = {**QUESTION, "value": "0" * (140 << 10)}
        assert client.post("/v1/lookups", json=long).status_code == 400, "asked, and no hash"
        codes = [client.post("/v1/lookups", json=QUESTION).status_code for _ in range(2)]
        assert codes == [200, 429], "it was nine of ten"


@pytest.mark.parametrize("limits", [{"rate": 0}, {"monthly": 1e3}, {"rate": "x"}, {"hourly": 1}])
def test_limits_that_cannot_be_set(two: Two, limits: dict[str, Any]) -> None:
    with two.first.stranger("admin") as client, two.first.client(two.first.key) as operator:
        place = f"/v1/callers/{client.get('/v1/callers/me').json()['caller_id']}/limits"
        answered = operator.put(place, json=limits)
        assert (answered.status_code, answered.json()["code"] in {"bad_limits", "bad_input"}) == (400, True)
        assert client.put(place, json={"rate": 1}).json()["code"] == "not_operator"
