"""Whoever metrics_reader is answered while the database is away, in time, and told so."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import psycopg
import pytest

from registry.app.service.sweep import sweep
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.operations.api import database_metrics
from registry.operations.api.database_metrics import Readings
from registry.operations.api.scraping import KEY_SECONDS, READING_SECONDS
from tests.support.identity import revoke_callers
from tests.support.service import api as processes
from tests.support.service import servers as services
from tests.support.service.api import Api
from tests.support.service.replication import hanging
from tests.support.service.servers import PostgresServer

pytestmark = pytest.mark.slow(36)

PROMETHEUS = 10.0
"""Seconds that it waits for an answer."""


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """One that is stopped."""
    with services.postgres() as started:
        yield started


@pytest.fixture(scope="module")
def api(server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """Two processes behind one address: each question may meet the other one."""
    folder = tmp_path_factory.mktemp("api")
    with server.clone() as url, processes.running(url, folder, "--workers", "2") as started:
        yield started


def _scraped(api: Api, key: str) -> httpx2.Response:
    """On a connection of its own."""
    with api.client(key) as client:
        return client.get("/metrics")


def _answers(api: Api) -> bool:
    metrics = _scraped(api, api.key)
    assert metrics.status_code == 200, metrics.text
    return "\nfakeprint_database_answers 1.0\n" in metrics.text


def _tells_that_it_is_away(told: httpx2.Response) -> None:
    assert told.status_code == 200, told.text
    assert "\nfakeprint_database_answers 0.0\n" in told.text
    assert "fakeprint_http_requests_total{" in told.text
    assert "fakeprint_pool_connections{" in told.text
    assert "fakeprint_jobs_open" not in told.text


def _revoked(api: Api) -> str:
    """A key that the database knew, and no more."""
    with api.stranger("lookup") as client:
        key = client.headers["authorization"].removeprefix("Bearer ")
    assert _scraped(api, key).status_code == 200
    with api.service() as service:
        revoke_callers(service, name="tester")
    assert _scraped(api, key).status_code == 401
    return key


def test_during_an_outage_known_metrics_keys_still_work(server: PostgresServer, api: Api) -> None:
    revoked = _revoked(api)
    assert _answers(api)
    server.cluster.stop()
    for _ in range(4):
        _tells_that_it_is_away(_scraped(api, api.key))
    for stranger in (revoked, "fp_nobody"):
        refused = _scraped(api, stranger)
        assert (refused.status_code, refused.json()["code"]) in {
            (503, "database_unavailable"),
            (503, "database_timeout"),
        }
    with api.client(api.key) as client:
        assert client.get("/v1/banks").status_code == 503, "it opens nothing else"
        assert client.get("/metrics", params={"x": "1"}).status_code == 200
    with api.client(None) as client:
        assert client.get("/metrics").status_code == 401
    server.cluster.start()
    services.wait_until(lambda: _answers(api), 30)
    assert _scraped(api, "fp_nobody").status_code == 401


def test_a_database_that_hangs_holds_no_scrape_up(server: PostgresServer, api: Api) -> None:
    """It is there, and says nothing; all threads but those of the metrics wait for it."""
    assert KEY_SECONDS + READING_SECONDS < PROMETHEUS
    assert _answers(api)
    with hanging(server.cluster):
        for _ in range(4):
            _tells_that_it_is_away(_scraped(api, api.key))
    services.wait_until(lambda: _answers(api), 60)


def _taken(url: str, *, most: int) -> bool:
    """Whether so many connections wait for a lock."""
    text = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name = 'fakeprint' AND wait_event_type = 'Lock'"
    )
    with psycopg.connect(url) as connection:
        return connection.execute(text).fetchone() == (most,)


def test_requests_that_hold_every_connection_do_not_make_the_database_away(
    server: PostgresServer, tmp_path: Path
) -> None:
    with (
        server.clone() as url,
        processes.running(url, tmp_path, pool_size=2) as api,
        ThreadPoolExecutor(4) as others,
        api.client(api.key) as client,
    ):
        assert _answers(api)
        with psycopg.connect(url) as connection:
            connection.execute("LOCK TABLE webhook IN ACCESS EXCLUSIVE MODE")
            requests = [others.submit(client.get, "/v1/webhooks") for _ in range(4)]
            services.wait_until(lambda: _taken(url, most=2), 20)
            began = time.monotonic()
            metrics = _scraped(api, api.key)
            assert time.monotonic() - began < PROMETHEUS
            assert _taken(url, most=2)
        assert "\nfakeprint_database_answers 1.0\n" in metrics.text
        assert "\nfakeprint_jobs_open{" in metrics.text, "it is read beside the pool"
        assert 200 in {item.result().status_code for item in requests}


def test_every_figure_is_read(service: Service) -> None:
    found: Readings = {}
    database_metrics.read(service, found, 5.0)
    assert set(found) == {"answers", *database_metrics.QUERIES}
    assert found["answers"] is True
    assert (found["swept"], found["archive"], found["stamps"].waiting) == (None, None, 0)
    sweep(service)
    database_metrics.read(service, found, 5.0)
    assert abs(found["swept"] - time.time()) < 600


def test_one_figure_that_takes_too_long_leaves_the_others_be(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(connection: Connection) -> None:
        connection.execute("SET LOCAL statement_timeout = 50")
        connection.execute("SELECT pg_sleep(60)")

    monkeypatch.setattr(database_metrics, "QUERIES", {"slow": slow, **database_metrics.QUERIES})
    found: Readings = {}
    database_metrics.read(service, found, 5.0)
    assert set(found) == {"answers", *database_metrics.QUERIES} - {"slow"}
    assert found["answers"] is True
