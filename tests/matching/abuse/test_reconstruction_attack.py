"""Nobody with the role `lookup` reconstructs a registered hash by asking, in two API processes and over a
restart; all else is answered on."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.bench.registry import reconstruct
from tests.bench.registry.reconstruct import BITS, Attempt
from tests.support.service import api as processes
from tests.support.service import servers as services
from tests.support.service.api import Api, another

pytestmark = pytest.mark.slow(28)

NEAR = 12
"""Bits by which the attacker's copy differs from the registered picture."""


@dataclass(frozen=True)
class Two:
    """Two processes on one database that watch for reconstruction, and one that does not."""

    first: Api
    second: str
    careless: str


@pytest.fixture(scope="module")
def two(
    embedded_postgres: services.PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Two]:
    folder = tmp_path_factory.mktemp("reconstruction")
    with (
        embedded_postgres.clone() as url,
        processes.running(url, folder) as one,
        another(one, "second") as second,
        another(one, "careless", FAKEPRINT_RECONSTRUCTION_BITS="0") as careless,
    ):
        yield Two(one, second, careless)


@dataclass(frozen=True)
class Target:
    """A picture that is registered, and what the attacker holds."""

    secret: int
    copy: int


def registered(two: Two, algorithm: str) -> Target:
    """A new public picture, known by one hash."""
    numbers = random.Random(str(uuid4()))  # noqa: S311
    secret = numbers.getrandbits(256)
    copy = secret
    for bit in numbers.sample(range(256), NEAR):
        copy ^= 1 << bit
    with two.first.client(two.first.key) as admin:
        # One picture decides in this bank, so that its answers to near hashes differ; those of others do not.
        policy = {"single_frame": True, "strangers_see_unreviewed": True}
        made = admin.post(
            "/v1/banks", json={"name": f"b {uuid4()}", "visibility": "public", "policy": policy}
        )
        assert made.status_code == 201, made.text
        sha256 = f"{numbers.getrandbits(256):064x}"
        fakes = [reconstruct.document(algorithm, [secret], sha256=sha256)]
        new = {"bank": made.json()["bank_id"], "title": "t", "fakes": fakes, "manipulation": "edited"}
        response = admin.post("/v1/entries", json=new)
        assert response.status_code in {200, 201}, response.text
    return Target(secret, copy)


@contextmanager
def attackers(two: Two, *urls: str) -> Iterator[list[httpx2.Client]]:
    """Two callers of one new organization, with the role `lookup` alone, at these addresses in turn."""
    with two.first.client(two.first.key) as admin:
        organization = f"o {uuid4()}"
        keys = []
        for name in ("one", "other"):
            body = {"organization": organization, "name": name, "roles": ["lookup"]}
            made = admin.post("/v1/callers", json=body)
            assert made.status_code == 201, made.text
            keys.append(made.json()["key"])
    clients = [
        httpx2.Client(
            base_url=urls[place % len(urls)],
            headers={"Authorization": f"Bearer {key}"},
            trust_env=False,
            timeout=60,
        )
        for place, key in enumerate(keys)
    ]
    try:
        yield clients
    finally:
        for client in clients:
            client.close()


def tried(two: Two, way: str, algorithm: str, *urls: str) -> tuple[Attempt, int]:
    """One attempt, and how many bits it has got right."""
    target = registered(two, algorithm)
    with attackers(two, *urls) as clients:
        if way == "hashes":
            found = reconstruct.climb(reconstruct.single(clients, algorithm), target.copy)
        elif way == "batch":
            found = reconstruct.climb(reconstruct.batches(clients[0], algorithm), target.copy, together=64)
        elif way == "stills":
            found = reconstruct.climb(reconstruct.documents(clients[0], algorithm), target.copy)
        else:
            ask = reconstruct.documents(clients[0], algorithm)
            found = reconstruct.climb(ask, target.copy, together=64)
    right = found.right(target.secret)
    print(f"{way:>9} {algorithm:>10} {len(urls)} processes: {right} of 256 bits, {found.probes} probes")
    return found, right


WAYS = ("hashes", "batch", "stills")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("algorithm", ["pdq.1", "phash256.1"])
def test_without_the_protection_every_bit_is_learned(two: Two, way: str, algorithm: str) -> None:
    found, right = tried(two, way, algorithm, two.careless)
    assert (right, found.refused) == (256, 0)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("algorithm", ["pdq.1", "phash256.1"])
def test_with_it_the_attempt_ends_early(two: Two, way: str, algorithm: str) -> None:
    found, right = tried(two, way, algorithm, two.first.url)
    assert right <= 40
    assert found.refused >= 200


def test_two_callers_of_one_organization_at_two_processes_learn_little_more(two: Two) -> None:
    found, right = tried(two, "hashes", "pdq.1", two.first.url, two.second)
    assert right <= 80
    assert found.refused


def test_a_boundary_walk_is_stopped_early(two: Two) -> None:
    target = registered(two, "pdq.1")
    with attackers(two, two.first.url) as clients:
        ask = reconstruct.single(clients, "pdq.1")
        found = reconstruct.wander(ask, target.copy, each=12, budget=800)
    right = found.right(target.secret)
    print(f"{len(found.bases)} boundaries: {right} of 256 bits, {found.probes} probes")
    assert right <= 80
    assert found.refused


def test_it_holds_everywhere_ends_when_it_is_lifted_and_is_on_record(two: Two) -> None:
    target = registered(two, "pdq.1")
    with (
        attackers(two, two.first.url, two.second) as (one, other),
        two.first.client(two.first.key) as admin,
    ):
        me: dict[str, Any] = one.get("/v1/callers/me").json()
        place = f"/v1/organizations/{me['organization']['organization_id']}/reconstruction"
        found = reconstruct.climb(reconstruct.single([one], "pdq.1"), target.copy)
        assert found.refused
        # Before the other caller asks anything that its own process could tell.
        services.wait_until(lambda: bool(admin.get(place).json()["suspected"]), 60)
        base = _refused(one, other, found.bases[0])
        refusal = other.post("/v1/lookups", json=base)
        assert refusal.json()["code"] == "reconstruction_suspected"
        assert 3000 < int(refusal.headers["retry-after"]) <= 3600
        strange = base | {"value": uuid4().hex * 2}
        for client in (one, other):
            assert client.post("/v1/lookups", json=strange).json()["verdict"] == "no_match"
        # A process that starts afterwards knows it too.
        with (
            another(two.first, "third") as third,
            httpx2.Client(base_url=third, headers=one.headers, trust_env=False, timeout=60) as late,
        ):
            # What it had answered before it heard is answered again: it tells nothing new.
            assert _refused(late, late, found.bases[0])
        body = admin.get(place).json()
        assert body["refused_until"]
        assert [suspect["caller_id"] for suspect in body["suspected"]] == [me["caller_id"]]
        assert one.get(place).status_code == 403
        leaves = _history(two, me["organization"]["organization_id"])
        assert leaves.count("reconstruction.suspected") == 1
        lifted = admin.delete(place)
        assert (lifted.status_code, lifted.json()["refused_until"]) == (200, None)
        for client in (one, other):
            services.wait_until(partial(_answers, client, base), 60)
        assert _history(two, me["organization"]["organization_id"]).count("reconstruction.cleared") == 1
        assert "fakeprint_reconstruction_suspected_total" in admin.get("/metrics").text


def test_callers_with_the_scope_signals_are_left_alone(two: Two) -> None:
    target = registered(two, "pdq.1")
    with two.first.stranger("lookup", "signals") as client:
        found = reconstruct.climb(reconstruct.single([client], "pdq.1"), target.copy)
    assert found.refused == 0


def _refused(item: httpx2.Client, other: httpx2.Client, base: int) -> dict[str, str]:
    """A question that both processes refuse: the other does as soon as it has heard of it. It cannot come to
    it by itself, for it is asked a few hashes only; more than one, since the first that it answers it answers
    again."""
    few = [
        {"type": "hash", "algorithm": "pdq.1", "value": f"{base ^ 1 << bit:064x}"}
        for bit in range(BITS - 4, BITS)
    ]
    found: list[dict[str, str]] = []

    def refused_by_both() -> bool:
        found.extend(
            query
            for query in few
            if {client.post("/v1/lookups", json=query).status_code for client in (other, item)} == {429}
        )
        return bool(found)

    services.wait_until(refused_by_both, 60)
    return found[0]


def _answers(client: httpx2.Client, asked: dict[str, str]) -> bool:
    return client.post("/v1/lookups", json=asked).status_code == 200


def _history(two: Two, organization_id: str) -> list[str]:
    with two.first.service() as service, service.pool.transaction() as connection:
        rows = connection.execute(
            "SELECT kind FROM event WHERE organization_id = %s", (organization_id,)
        ).fetchall()
    return [row["kind"] for row in rows]
